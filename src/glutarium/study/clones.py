"""What every clone of a cell took, made of it and came to, for every arm and member of a study.

A clone has its own states; the cell of the result is the mean of its clones. The whole is that of the cell:
what the clones took adds up to what the cell took.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glutarium.simulate.niche.accounts import accounted
from glutarium.simulate.plan import clone_name
from glutarium.study.fates import as_arrays, in_sinks, trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.named import Data

__all__ = ["Parts", "clone_account", "clone_fates", "with_clones"]

MASS = "mass"
DISTINCT = ("arm", "member", "clone")


def clone_account(
    model: CellModel,
    lanes: Mapping[str, Mapping[str, Sequence[Lane]]],
    clones: Sequence[tuple[str, str]],
    n_times: int,
) -> Array:
    """Uptake of every clone since the start, and its dry mass.

    Parameters
    ----------
    model
        The model that ran.
    lanes
        Arm → cell → one lane per member.
    clones
        Cell and clone, in the order of the rows.
    n_times
        How many times the runs have.

    Returns
    -------
    Array
        Shape ``(n_arms, n_members, n_times, n_clones, n_nutrients + 1)``, dry mass last, gDW per litre of
        the start; NaN where an arm does not hold a clone and from where a run stopped.
    """
    members = len(next(iter(next(iter(lanes.values())).values())))
    shape = len(lanes), members, n_times, len(clones), len(accounted(model)) + 1
    found = np.full(shape, np.nan)
    for a, dishes in enumerate(lanes.values()):
        for c, (cell, clone) in enumerate(clones):
            for m, lane in enumerate(dishes.get(cell, ())):
                course = lane.course
                if course is None or clone not in lane.clones:
                    continue
                kinds, parts = np.array(course.cells), np.array(course.clones)
                own = (kinds == cell) & (parts == clone)
                reached = len(course.times)
                found[a, m, :reached, c, :-1] = course.taken[:, own].sum(axis=1)
                found[a, m, :reached, c, -1] = course.weights[:, own].sum(axis=1)
    return found


def clone_fates(
    lanes: Mapping[str, Mapping[str, Sequence[Lane]]],
    clones: Sequence[tuple[str, str]],
    members: int,
) -> tuple[Array, Array]:
    """What became of the glutamine of every clone; see :func:`glutarium.study.fates.as_arrays`."""
    fates = []
    for dishes in lanes.values():
        rows = []
        for cell, clone in clones:
            own = [lane.clones.get(clone) for lane in dishes.get(cell, ())]
            there = [lane for lane in own if lane is not None]
            rows.append(trace(there) if len(there) == len(own) else [None] * len(own))
        fates.append(rows)
    return as_arrays(fates, members)


class Parts(NamedTuple):
    """What all arms and members say of clones.

    Attributes
    ----------
    account
        As :func:`clone_account` returns it.
    shares, uptake
        As :func:`clone_fates` returns them.
    """

    account: Array
    shares: Array
    uptake: Array


def with_clones(
    dataset: Data, parts: Parts, clones: Sequence[tuple[str, str]], model: CellModel
) -> Data:
    """The dataset with what clones did.

    Parameters
    ----------
    dataset
        A result's dataset, with its accounts and fates.
    parts
        Of all arms and members.
    clones
        Cell and clone; none, nothing to add.
    model
        The model that ran.
    """
    if not clones or "account_course" not in dataset:
        return dataset
    units = dataset["account_course"].attrs
    course, mass = parts.account[..., :-1], parts.account[..., -1]
    names = [clone_name(cell, clone) for cell, clone in clones]
    whole = dataset.assign_coords(clone=names, nutrient=list(accounted(model))).assign(
        clone_account=((*DISTINCT, "nutrient"), course[:, :, -1], units),
        clone_account_course=(("arm", "member", "time", "clone", "nutrient"), course, units),
        clone_mass=(
            ("arm", "member", "time", "clone"),
            mass,
            {"units": "gDW per litre of the start"},
        ),
    )
    if "fate" not in dataset:
        return whole
    merged = in_sinks(parts.shares, parts.uptake, [str(s) for s in dataset["sink"].values])
    return whole.assign(
        clone_fate=((*DISTINCT, "element", "sink"), merged, dataset["fate"].attrs),
        clone_glutamine_atoms=(
            (*DISTINCT, "element"),
            parts.uptake,
            dataset["glutamine_atoms"].attrs,
        ),
    )
