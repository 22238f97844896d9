"""Measurements as text or as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measure import median_error, same_members

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Row
    from benchmarks.problem import Problem

__all__ = ["Report", "as_exact", "ensemble", "gains", "heading", "notes", "ratio"]

COLUMNS: tuple[str, ...] = (
    "simulator",
    "rtol",
    "members",
    "single ms",
    "wall ms",
    "CPU ms",
    "own clock ms",
)
COLUMNS += ("runs/s/core", "steps", "error median", "p95", "lost", "compile s")
GAINS: tuple[str, ...] = (
    "our gain over",
    "rtol",
    "CPU",
    "wall",
    "own clock",
    "single",
    "at equal error",
)
GAINS += ("error ours / theirs",)

Grid = list[tuple[str, ...]]


class Report:
    """Prints as it goes, and keeps everything as Markdown."""

    def __init__(self) -> None:
        self.markdown: list[str] = []

    def heading(self, text: str) -> None:
        self.markdown += [f"\n## {text}\n"]
        print(f"\n## {text}\n", flush=True)

    def say(self, text: str) -> None:
        self.markdown += [text + "\n"]
        print(text, flush=True)

    def grid(self, rows: Grid) -> None:
        """Columns of equal width; the first one to the left."""
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        for row in rows:
            cells = zip(row, widths, strict=True)
            text = "  ".join(c.rjust(w) if k else c.ljust(w) for k, (c, w) in enumerate(cells))
            print(text.rstrip())
        print(flush=True)
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        rule = "|---" + "|---:" * (len(rows[0]) - 1) + "|"
        self.markdown += [lines[0], rule, *lines[1:], ""]


def heading(problem: Problem) -> str:
    """Name and size of a problem."""
    s = problem.spec
    sizes = f"{len(s.states)} states, {len(s.fluxes)} reactions, {len(s.parameters)} parameters"
    return (
        f"Ensemble, {problem.name}: {sizes}; {problem.times[-1]:g} h, {len(problem.times)} outputs"
    )


def ensemble(rows: Sequence[Row]) -> Grid:
    """One line per simulator and tolerance."""
    return [COLUMNS, *(_cells(row) for row in sorted(rows, key=lambda row: row.rtol))]


def notes(rows: Sequence[Row]) -> str:
    """What there is to say about single lines, each thing once."""
    said = {f"{row.simulator}, {row.rtol:g}: {row.note}": None for row in rows if row.note}
    return "\n".join(said)


def _cells(row: Row) -> tuple[str, ...]:
    errors = sorted(row.errors.values())
    high = errors[min(len(errors) - 1, int(0.95 * len(errors)))] if errors else None
    return (
        row.simulator,
        f"{row.rtol:g}",
        str(row.members),
        _ms(row.single),
        _ms(row.wall),
        _ms(row.cpu),
        _ms(row.solver),
        _figure(1.0 / row.cpu if row.cpu else None, "#.3g"),
        _figure(row.steps, ".0f"),
        _figure(median_error(row), ".0e"),
        _figure(high, ".0e"),
        str(row.lost),
        _figure(row.compiled, ".2f"),
    )


def gains(ours: Sequence[Row], theirs: Sequence[Row]) -> Grid:
    """How much faster we are than every peer; medians of errors over the members both have."""
    lines: Grid = [GAINS]
    mine = {row.rtol: row for row in ours}
    for row in theirs:
        me = mine[row.rtol]
        if row.cpu is None:
            continue
        errors = (_figure(median_error(a, b), ".0e") for a, b in ((me, row), (row, me)))
        same = same_members(me, row)
        pairs = ((row.cpu, me.cpu), (row.wall, me.wall), (row.solver, me.cpu))
        figures = [ratio(a, b and b * same) for a, b in pairs]
        figures += [ratio(row.single, me.single), ratio(row.cpu, as_exact(ours, row))]
        texts = (_figure(v, "#.3g") for v in figures)
        lines.append((row.simulator, f"{row.rtol:g}", *texts, " / ".join(errors)))
    return lines


def as_exact(ours: Sequence[Row], row: Row) -> float | None:
    """Our least time per member among tolerances at which our median error is no larger."""
    allowed = median_error(row)
    exact = [
        me.cpu * same_members(me, row)
        for me in ours
        if _no_larger(median_error(me, row), allowed) and me.cpu
    ]
    return min(exact, default=None)


def _no_larger(mine: float | None, theirs: float | None) -> bool:
    return mine is not None and theirs is not None and mine <= theirs


def ratio(theirs: float | None, ours: float | None) -> float | None:
    """None where a figure is missing."""
    return theirs / ours if theirs and ours else None


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1e3 * seconds:#.3g}"


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
