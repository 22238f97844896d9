"""What became of the glutamine, for every arm and member of a study."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kept import kept, program
from glutarium.model.assemble import dish_level
from glutarium.model.transfers import load_transfers
from glutarium.simulate.fate import Course, merge_small
from glutarium.simulate.provenance import Tracing
from glutarium.study.execute import shared_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.fate import Fate
    from glutarium.simulate.named import Data

__all__ = ["as_arrays", "in_sinks", "trace", "with_fates"]

# Every third sample is enough for the trapezoid rule: fluxes change over hours.
STRIDE = 3
LEAST = 0.03
# Shares of less than this part of the largest uptake of the study say nothing.
NOTHING = 0.01
# Dry mass, gDW/L, of a cell in a medium that it does not change.
ALONE = 1e-9
# An integral needs two samples.
SMALLEST = 2


@cache
def _tracing() -> Tracing:
    model = shared_model()
    ways = kept("transfers", program(), lambda: load_transfers(model.base, model.network))
    return Tracing(model.network, ways)


def trace(lanes: Sequence[Lane]) -> list[Fate | None]:
    """What became of the glutamine of the runs of one cell of an arm; None where a run was too short."""
    fates: list[Fate | None] = [None] * len(lanes)
    alike: dict[int, list[int]] = {}
    for place, lane in enumerate(lanes):
        if len(_samples(len(lane.times))) >= SMALLEST:
            alike.setdefault(len(lane.times), []).append(place)  # only a run that failed is shorter
    for places in alike.values():
        found = _tracing().fates([_course(lanes[place]) for place in places])
        for place, fate in zip(places, found, strict=True):
            fates[place] = fate
    return fates


def _course(lane: Lane) -> Course:
    model, plan = shared_model(), lane.plan
    assert plan is not None  # every lane of a study has one
    chosen = _samples(len(lane.times))
    density = lane.end_parameters[model.parameter_index["dish.density"]]
    course = Course.from_observed(
        model.network,
        lane.times[chosen],
        lane.observed[chosen],
        model.kernel.observable_names,
        float(density),
    )
    if plan.place is not None:
        return _shared(course)
    fresh = tuple(phase.start_h for phase in plan.phases[1:] if "gln_e" in phase.medium)
    position = {s: i for i, s in enumerate(model.network.dynamic)}
    added = tuple((f.start_h, tuple(position[s] for s in f.added)) for f in plan.phases[1:])
    return replace(course, fresh=fresh, added=added)


def _shared(course: Course) -> Course:
    """The cell alone: what it lets out belongs to others, and what others let out is not its own.

    Reactions of the medium are nobody's, and the medium is so large that nothing comes back.
    """
    network = shared_model().network
    around = np.array([dish_level(r) for r in network.reactions.values()])
    return replace(course, rates=np.where(around, 0.0, course.rates), density=ALONE)


def as_arrays(
    fates: Sequence[Sequence[Sequence[Fate | None]]], members: int
) -> tuple[Array, Array]:
    """Shares ``(n_arms, n_members, n_cells, n_elements, n_sinks)`` and atoms taken up, one axis less.

    Parameters
    ----------
    fates
        For every arm and cell one per member, or none where the arm does not hold the cell; NaN stands for
        that and for a run that was too short.
    members
        How many members.
    """
    elements, sinks = len(_tracing().elements), len(_tracing().sinks)
    shares = np.full((len(fates), members, len(fates[0]), elements, sinks), np.nan)
    uptake = np.full(shares.shape[:-1], np.nan)
    for a, cells in enumerate(fates):
        for c, lanes in enumerate(cells):
            for m, fate in enumerate(lanes):
                if fate is not None:
                    shares[a, m, c], uptake[a, m, c] = fate.shares, fate.uptake
    return shares, uptake


def in_sinks(shares: Array, uptake: Array, sinks: Sequence[str]) -> Array:
    """Shares in the sinks that a result names; all others are in its last one.

    Parameters
    ----------
    shares, uptake
        As :func:`as_arrays` returns them.
    sinks
        Names, the last one for what has none.
    """
    names = _tracing().sinks
    kept = [names.index(name) for name in sinks[:-1]]
    rest = [i for i in range(len(names)) if i not in kept]
    whole = np.concatenate(
        [shares[..., kept], shares[..., rest].sum(axis=-1, keepdims=True)], axis=-1
    )
    small = uptake < NOTHING * np.nanmax(uptake, initial=0.0)
    return np.where(small[..., None], np.nan, whole)


def _samples(count: int) -> list[int]:
    return sorted({*range(0, count, STRIDE), count - 1} - {-1})


def with_fates(dataset: Data, shares: Array, uptake: Array, cells: Sequence[str]) -> Data:
    """The dataset with ``fate`` (arm, member, element, sink) and ``glutamine_atoms`` beside it.

    Parameters
    ----------
    dataset
        A result's dataset.
    shares, uptake
        Of all arms and members, as :func:`as_arrays` returns them; no run, no fate.
    cells
        Cells of all arms; where there are several, both variables have the dimension ``cell`` too.
    """
    if not np.isfinite(uptake).any():
        return dataset
    small = uptake < NOTHING * np.nanmax(uptake)
    shown = np.where(small[..., None], np.nan, shares)
    merged, sinks = merge_small(shown, _tracing().sinks, LEAST)
    dimensions: tuple[str, ...] = ("arm", "member", "cell", "element")
    coordinates = {"element": list(_tracing().elements), "sink": list(sinks)}
    if len(cells) == 1:
        dimensions, merged, uptake = ("arm", "member", "element"), merged[:, :, 0], uptake[:, :, 0]
    else:
        coordinates["cell"] = list(cells)
    return dataset.assign_coords(coordinates).assign(
        fate=((*dimensions, "sink"), merged, {"units": "share of atoms taken up"}),
        glutamine_atoms=(dimensions, uptake, {"units": "mmol/gDW at time zero"}),
    )
