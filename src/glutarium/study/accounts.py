"""Who took how much of what, for every arm and member of a study whose cells share a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.simulate.niche.accounts import accounted
from glutarium.simulate.niche.course import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.named import AnyData, Data

__all__ = ["account_of", "headline", "net_shares", "with_account"]

UNIT = "mmol per litre of the start"
GLUTAMINE = "glutamine"
SUCCESS = "SUCCESS"
SHOWN = 0.01


def account_of(
    model: CellModel,
    lanes: Mapping[str, Mapping[str, Sequence[Lane]]],
    cells: Sequence[str],
    n_times: int,
) -> Array:
    """Uptake since the start of every cell, then the entries of the place.

    Parameters
    ----------
    model
        The model that ran.
    lanes
        Arm → cell → one lane per member.
    cells
        Cells of all arms, in the order of the rows.
    n_times
        How many times the runs have.

    Returns
    -------
    Array
        Shape ``(n_arms, n_members, n_times, n_cells + n_entries, n_nutrients)``; NaN where an arm does not
        hold a cell and from where a run stopped. No arm, no member where cells stand alone.
    """
    first = [next(iter(dishes.values())) for dishes in lanes.values()]
    if all(lane.plan is None or lane.plan.place is None for lane in first[0]):
        return np.empty((0, 0, 0, 0, 0))
    rows = len(cells) + len(ENTRIES)
    found = np.full((len(first), len(first[0]), n_times, rows, len(accounted(model))), np.nan)
    for a, members in enumerate(first):
        for m, lane in enumerate(members):
            course = lane.course
            if course is None or not len(course.times):
                continue
            held = np.array(course.cells)
            reached = len(course.times)
            for c, cell in enumerate(cells):
                if cell in course.cells:
                    found[a, m, :reached, c] = course.taken[:, held == cell].sum(axis=1)
            found[a, m, :reached, len(cells) :] = course.place
    return found


def with_account(dataset: Data, account: Array, cells: Sequence[str], model: CellModel) -> Data:
    """The dataset with ``account``, ``account_course`` and ``account_place`` beside it.

    Parameters
    ----------
    dataset
        A result's dataset.
    account
        Of all arms and members, as :func:`account_of` returns it; none, no account.
    cells
        Cells of all arms.
    model
        The model that ran.
    """
    if not account.size:
        return dataset
    course, place = account[..., : len(cells), :], account[..., len(cells) :, :]
    units = {"units": UNIT}
    return dataset.assign_coords(
        cell=list(cells), nutrient=list(accounted(model)), entry=list(ENTRIES)
    ).assign(
        account=(("arm", "member", "cell", "nutrient"), course[:, :, -1], units),
        account_course=(("arm", "member", "time", "cell", "nutrient"), course, units),
        account_place=(("arm", "member", "time", "entry", "nutrient"), place, units),
    )


def net_shares(taken: Array) -> Array:
    """Share of every cell in what all cells that take something up take.

    Parameters
    ----------
    taken
        Net uptake, cells on the last axis. One that gives more than it takes has a negative share; NaN is a
        cell that is not there.

    Returns
    -------
    Array
        Same shape; NaN where no cell takes anything.
    """
    whole = np.where(taken > 0.0, taken, 0.0).sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole > 0.0, taken / whole, np.nan))


def _takers(dataset: AnyData, arm: str, nutrient: str) -> tuple[list[str], Array]:
    """Cells of an arm, or their clones, and what each took, shape ``(n_members, n_takers)``."""
    at = {"arm": arm, "nutrient": nutrient}
    whole = dataset["account"].sel(at).transpose("member", "cell")
    names = [str(c) for c in whole["cell"].values]
    columns = np.asarray(whole.values, dtype=np.float64)
    if "clone_account" not in dataset:
        return names, columns
    parts = dataset["clone_account"].sel(at).transpose("member", "clone")
    clones = [str(c) for c in parts["clone"].values]
    there = np.isfinite(np.asarray(parts.values)).any(axis=0)
    parted = {c.partition("[")[0] for c, is_there in zip(clones, there, strict=True) if is_there}
    own = [i for i, name in enumerate(names) if name not in parted]
    columns = np.concatenate([columns[:, own], parts.values], axis=1)
    return [*(names[i] for i in own), *clones], np.asarray(columns, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Taker:
    cell: str
    share: float


def _listed(takers: Sequence[_Taker]) -> str:
    """Names with shares; those that would show as nothing are counted."""
    words = [f"{t.cell} {100 * t.share:.0f} %" for t in takers if abs(t.share) >= SHOWN]
    small = len(takers) - len(words)
    return ", ".join(words + ([f"{small} more below 1 %"] if small else []))


def headline(dataset: AnyData, nutrient: str = GLUTAMINE) -> str:
    """One line: who takes a nutrient in the first arm; empty where nothing is accounted for."""
    if "account" not in dataset or nutrient not in dataset["nutrient"].values:
        return ""
    arm = str(dataset["arm"].values[0])
    names, taken = _takers(dataset, arm, nutrient)
    sound = dataset["code"].sel(arm=arm).values == SUCCESS
    shares = net_shares(np.asarray(taken, dtype=np.float64)[sound])
    there = np.isfinite(shares).any(axis=0) if len(shares) else np.zeros(0, dtype=bool)
    if not there.any():
        return ""
    takers = [_Taker(names[i], float(np.nanmedian(shares[:, i]))) for i in np.flatnonzero(there)]
    listed = _listed(sorted(takers, key=lambda t: -t.share))
    n = int(np.isfinite(shares).any(axis=1).sum())
    members = "one member" if n == 1 else f"median of {n} members"
    return f"who takes the {nutrient} in {arm}: {listed} ({members})"
