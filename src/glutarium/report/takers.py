"""Who took what out of a shared medium, and what became of it: the arrays behind figure and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.readings import spread
from glutarium.report.tables import Cell, Table, rows_csv
from glutarium.report.words import number
from glutarium.study.accounts import net_shares

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.report.readings import Readings
    from glutarium.simulate.named import AnyData

__all__ = ["Takers", "read_takers", "takers_csv", "takers_table"]

RELEASED_AGAIN = "secreted glutamine"


@dataclass(frozen=True, slots=True)
class Takers:
    """Accounts of a shared place; NaN stands for a run that failed and a cell that is not there.

    Attributes
    ----------
    cells, nutrients, entries, sinks
        Names on the axes; a cell that has clones stands for itself only in arms without them.
    taken
        Net uptake over the run, mmol per litre of the start, shape
        ``(n_arms, n_members, n_cells, n_nutrients)``.
    place
        What came from outside, what the medium holds and what its own reactions used up, at the times of
        the run, shape ``(n_arms, n_members, n_times, n_entries, n_nutrients)``.
    course
        Net uptake since the start, shape ``(n_arms, n_members, n_times, n_cells, n_nutrients)``.
    fate
        Share of the carbon of glutamine in every sink, shape ``(n_arms, n_members, n_cells, n_sinks)``.
    fed
        Whether blood feeds the place.
    """

    cells: tuple[str, ...]
    nutrients: tuple[str, ...]
    entries: tuple[str, ...]
    sinks: tuple[str, ...]
    taken: Array
    place: Array
    course: Array
    fate: Array
    fed: bool

    @property
    def shares(self) -> Array:
        """Shares of the cells in what is taken, shape ``(n_arms, n_members, n_nutrients, n_cells)``."""
        return net_shares(np.moveaxis(self.taken, -1, -2))

    def entry(self, name: str, time: int = -1) -> Array:
        """An entry at a time, shape ``(n_arms, n_members, n_nutrients)``."""
        return np.asarray(self.place[:, :, time, self.entries.index(name)])

    @property
    def drawn(self) -> Array:
        """What the medium lost over the run, less what it gained; shape as of :meth:`entry`."""
        return self.entry("held", 0) - self.entry("held")

    @property
    def residual(self) -> Array:
        """What supply and stock gave and no account names; shape as of :meth:`entry`."""
        used = np.nansum(self.taken, axis=2) + self.entry("medium")
        return np.asarray(self.entry("supply") + self.drawn - used)


def read_takers(dataset: AnyData, readings: Readings) -> Takers | None:
    """Take the accounts out of a result; None where it has none."""
    if "account" not in dataset or not readings.finished.any():
        return None
    place = dataset["account_place"].transpose("arm", "member", "time", "entry", "nutrient")
    cells, amounts = _parted(dataset, "account", ("arm", "member"))
    course = _finished(_parted(dataset, "account_course", ("arm", "member", "time"))[1], readings)
    taken = _finished(amounts, readings)
    sinks, fate = _fates(dataset, readings, taken.shape[:3])
    return Takers(
        cells=cells,
        nutrients=tuple(str(n) for n in dataset["nutrient"].values),
        entries=tuple(str(e) for e in dataset["entry"].values),
        sinks=sinks,
        taken=taken,
        place=_finished(place.values, readings),
        course=course,
        fate=fate,
        fed=dataset.attrs.get("system") == "tissue",
    )


def _parted(
    dataset: AnyData, name: str, first: tuple[str, ...], **at: str
) -> tuple[tuple[str, ...], Array]:
    """Names of cells and clones, and a variable with both on the axis before the last one.

    Where there are no cells, one stands for all.
    """
    held = dataset[name].sel(at)
    last = next(str(d) for d in held.dims[::-1] if d not in {*first, "cell"})
    several = ["cell"] if "cell" in held.dims else []
    whole = np.asarray(held.transpose(*first, *several, last).values, dtype=np.float64)
    whole = whole if several else whole[..., None, :]
    cells = [str(c) for c in dataset["cell"].values] if "cell" in dataset.coords else [""]
    if f"clone_{name}" not in dataset:
        return tuple(cells), whole
    clones = [str(c) for c in dataset["clone"].values]
    parts = dataset[f"clone_{name}"].sel(at).transpose(*first, "clone", last).values
    parted = np.asarray(parts, dtype=np.float64)
    names: list[str] = []
    rows: list[Array] = []
    for i, cell in enumerate(cells):
        own = [j for j, clone in enumerate(clones) if clone.partition("[")[0] == cell]
        there = _with_clones(dataset, own)
        alone = np.where(there.reshape(-1, *(1,) * (whole.ndim - 2)), np.nan, whole[..., i, :])
        if not there.all():
            names, rows = [*names, cell], [*rows, alone]
        names += [clones[j] for j in own]
        rows += [parted[..., j, :] for j in own]
    return tuple(names), np.stack(rows, axis=-2)


def _with_clones(dataset: AnyData, own: list[int]) -> Array:
    """In which arms some clones are there, shape ``(n_arms,)``."""
    mass = dataset["clone_mass"].transpose("arm", "member", "time", "clone").values[..., own]
    return np.asarray(np.isfinite(mass).any(axis=(1, 2, 3)))


def _finished(values: Array, readings: Readings) -> Array:
    mask = readings.finished.reshape(readings.finished.shape + (1,) * (values.ndim - 2))
    return np.where(mask, np.asarray(values, dtype=np.float64), np.nan)


def _fates(
    dataset: AnyData, readings: Readings, shape: tuple[int, ...]
) -> tuple[tuple[str, ...], Array]:
    """Shares of carbon without what is let out again as glutamine; the rest adds up to one."""
    if "fate" not in dataset or "carbon" not in dataset["element"].values:
        return (), np.empty((*shape, 0))
    parted = _parted(dataset, "fate", ("arm", "member"), element="carbon")
    values = _finished(parted[1], readings)
    names = [str(s) for s in dataset["sink"].values]
    kept = [i for i, name in enumerate(names) if name != RELEASED_AGAIN]
    ended = np.maximum(
        values[..., kept], 0.0
    )  # a pool that drains gives; it has no band of its own
    whole = ended.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(whole > 0.0, ended / whole, np.nan)
    return tuple(names[i] for i in kept), shares


def takers_table(takers: Takers, readings: Readings, caption: str) -> Table:
    """Shares in per cent with the amounts under them: one row per nutrient and cell, then the balance."""
    rows = []
    for n, nutrient in enumerate(takers.nutrients):
        for c, cell in enumerate(takers.cells):
            words = [_share_cell(takers, a, n, c) for a in range(len(readings.arms))]
            rows.append((Cell(cell, nutrient), *words))
        for label, values in _entries(takers):
            words = [
                Cell(number(spread(values[a, :, n]).median)) for a in range(len(readings.arms))
            ]
            rows.append((Cell(label, nutrient), *words))
    return Table(caption, ("", *readings.arms), tuple(rows))


def _share_cell(takers: Takers, arm: int, nutrient: int, cell: int) -> Cell:
    share = spread(takers.shares[arm, :, nutrient, cell])
    if not share:
        return Cell("–")
    amount = spread(takers.taken[arm, :, cell, nutrient])
    return Cell(f"{number(100 * share.median, 2)} %", f"{number(amount.median)} mmol/L")


def _entries(takers: Takers) -> list[tuple[str, Array]]:
    return [
        ("supplied", takers.entry("supply")),
        ("drawn from the medium", takers.drawn),
        ("used by the medium", takers.entry("medium")),
        ("residual", takers.residual),
    ]


def takers_csv(takers: Takers, readings: Readings) -> bytes:
    """Amounts and shares, one row per arm, nutrient and cell; the balance stands below the cells."""
    rows: list[tuple[object, ...]] = []
    shares = takers.shares
    for a, arm in enumerate(readings.arms):
        for n, nutrient in enumerate(takers.nutrients):
            parts = [
                (cell, takers.taken[a, :, c, n], shares[a, :, n, c])
                for c, cell in enumerate(takers.cells)
            ]
            none = np.full(len(readings.members), np.nan)
            parts += [(label, values[a, :, n], none) for label, values in _entries(takers)]
            for name, amounts, part in parts:
                amount, share = spread(amounts), spread(part)
                numbers = (
                    amount.median,
                    amount.low,
                    amount.high,
                    share.median,
                    share.low,
                    share.high,
                )
                rows.append((arm, nutrient, name, *numbers, amount.count))
    head = ("arm", "nutrient", "taker", "mmol_per_litre", "p10", "p90")
    return rows_csv((*head, "share", "share_p10", "share_p90", "members"), rows)
