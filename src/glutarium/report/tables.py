"""Tables: the CSV files beside the page and the tables beside its figures."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.kernel import ResultCode
from glutarium.report.change import change
from glutarium.report.chosen import reaction_name, title
from glutarium.report.readings import split_name
from glutarium.report.words import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.report.balance import Balance
    from glutarium.report.change import Change
    from glutarium.report.readings import Readings, Spread

__all__ = [
    "Cell",
    "Table",
    "balance_csv",
    "balance_table",
    "change_table",
    "courses_csv",
    "end_table",
    "ends_csv",
    "failures",
    "flux_table",
    "rows_csv",
]

_SPREAD_COLUMNS = ("median", "p10", "p90", "members")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table on the page: words, a remark under them, a colour class (or None)."""

    text: str
    note: str = ""
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table on the page; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def rows_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file in UTF-8; six significant digits, lists with semicolons, line feeds at line ends."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_plain(value) for value in row])
    return buffer.getvalue().encode("utf-8")


def _plain(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else ""
    if isinstance(value, (list, tuple)):
        return ";".join(str(item) for item in value)
    return value


def _numbers(read: Spread) -> tuple[object, ...]:
    return read.median, read.low, read.high, read.count


def courses_csv(readings: Readings, observables: Sequence[str]) -> bytes:
    """Time courses in long form: median, 10 % and 90 % of the members that finished."""
    rows: list[tuple[object, ...]] = []
    for name in observables:
        for arm, label in enumerate(readings.arms):
            low, median, high = readings.course(name, arm)
            count = int(readings.finished[arm].sum())
            rows += [
                (label, name, readings.units[name], float(t), float(m), float(a), float(b), count)
                for t, m, a, b in zip(readings.time, median, low, high, strict=True)
            ]
    return rows_csv(("arm", "observable", "unit", "time_h", *_SPREAD_COLUMNS), rows)


def ends_csv(readings: Readings, observables: Iterable[str]) -> bytes:
    """End values and changes against the first arm, one row per observable and arm."""
    head = (
        "observable",
        "unit",
        "arm",
        *_SPREAD_COLUMNS,
        "fold_median",
        "fold_p10",
        "fold_p90",
        "direction",
        "agree",
    )
    rows: list[tuple[object, ...]] = []
    for name in observables:
        for arm, label in enumerate(readings.arms):
            found = change(readings, name, arm)
            fold = found.fold
            rows.append(
                (
                    name,
                    readings.units[name],
                    label,
                    *_numbers(found.value),
                    fold.median,
                    fold.low,
                    fold.high,
                    found.direction,
                    found.agree,
                )
            )
    return rows_csv(head, rows)


def balance_csv(balance: Balance, readings: Readings) -> bytes:
    """Shares of the glutamine atoms, one row per arm, element and sink."""
    rows = [
        (arm, element, sink, float(balance.mean(a, e)[s]), *_numbers(balance.spread(a, e, s)))
        for a, arm in enumerate(readings.arms)
        for e, element in enumerate(balance.elements)
        for s, sink in enumerate(balance.sinks)
    ]
    return rows_csv(("arm", "element", "sink", "mean", *_SPREAD_COLUMNS), rows)


def end_table(readings: Readings, observables: Sequence[str], caption: str) -> Table:
    """End values: one row per observable, one column per arm."""
    rows = tuple(
        (_named(readings, name), *(Cell(number(s.median), _range(s)) for s in readings.ends(name)))
        for name in observables
    )
    return Table(caption, ("", *readings.arms), rows)


def _range(read: Spread) -> str:
    return f"{number(read.low)} – {number(read.high)}" if read.count > 1 else ""


def change_table(readings: Readings, observables: Sequence[str], caption: str) -> Table:
    """Changes against the first arm: one row per observable, one coloured column per arm."""
    arms = range(1, len(readings.arms))
    rows = []
    for name in observables:
        first = readings.ends(name)[0]
        cells = [_change_cell(change(readings, name, arm)) for arm in arms]
        rows.append((_named(readings, name), Cell(number(first.median), _range(first)), *cells))
    return Table(caption, ("", *readings.arms), tuple(rows))


def _named(readings: Readings, name: str) -> Cell:
    unit = readings.units[name]
    return Cell(title(name), "" if unit == "1" else unit)


_SIGNS = {"up": "↑", "down": "↓", "same": "=", "none": ""}


def _change_cell(found: Change) -> Cell:
    if found.count == 0:
        return Cell("–", "no run finished")
    return Cell(found.text, f"{_SIGNS[found.direction]} {found.agree}/{found.count}", found.step)


def flux_table(readings: Readings, cell: str, reactions: Sequence[str], caption: str) -> Table:
    """Fluxes of the drawn reactions: one row per reaction, one column per arm."""
    names = [f"{cell}.reaction.{r}" for r in reactions if f"{cell}.reaction.{r}" in readings.units]
    rows = tuple(
        (
            Cell(split_name(name)[2], reaction_name(split_name(name)[2])),
            *(_flux_cell(readings, name, arm) for arm in range(len(readings.arms))),
        )
        for name in names
    )
    return Table(caption, ("", *readings.arms), rows)


def _flux_cell(readings: Readings, name: str, arm: int) -> Cell:
    found = change(readings, name, arm)
    if arm == 0:
        return Cell(number(found.value.median), _range(found.value))
    return Cell(number(found.value.median), found.text if found.count else "", found.step)


def balance_table(balance: Balance, readings: Readings, caption: str) -> Table:
    """Shares in per cent, median and range: one row per element and sink, one column per arm."""
    rows = []
    for e, element in enumerate(balance.elements):
        for s, sink in enumerate(balance.sinks):
            reads = [balance.spread(a, e, s) for a in range(len(readings.arms))]
            if not any(r.high for r in reads if r):
                continue  # lactate holds no nitrogen, ammonia no carbon
            shares = [
                Cell(_percent(r.median), f"{_percent(r.low)} – {_percent(r.high)}" if r else "")
                for r in reads
            ]
            rows.append((Cell(sink, element), *shares))
    return Table(caption, ("% of what was taken up", *readings.arms), tuple(rows))


def _percent(share: float) -> str:
    return number(share * 100, 2) if share >= 0.01 else number(round(share * 100, 2), 2)  # noqa: PLR2004


def failures(readings: Readings) -> list[dict[str, str]]:
    """Runs that failed: arm, member, code, advice and detail; equal reasons are not merged."""
    advice: Mapping[str, str] = {code.name: code.value for code in ResultCode}
    return [
        {
            "arm": arm,
            "member": str(member),
            "code": readings.codes[a][m],
            "advice": advice.get(readings.codes[a][m], "unknown reason"),
            "detail": readings.details[a][m],
        }
        for a, arm in enumerate(readings.arms)
        for m, member in enumerate(readings.members)
        if not readings.finished[a, m]
    ]
