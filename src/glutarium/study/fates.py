"""What became of the glutamine, for every arm and member of a study."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.transfers import load_transfers
from glutarium.simulate.fate import Course, merge_small
from glutarium.simulate.provenance import Tracing
from glutarium.study.execute import shared_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.fate import Fate
    from glutarium.simulate.plan import ArmPlan

__all__ = ["as_arrays", "trace", "with_fates"]

# Every third sample is enough for the trapezoid rule: fluxes change over hours.
STRIDE = 3
LEAST = 0.03
# Shares of less than this part of the largest uptake of the study say nothing.
NOTHING = 0.01
# An integral needs two samples.
SMALLEST = 2


@cache
def _tracing() -> Tracing:
    model = shared_model()
    return Tracing(model.network, load_transfers(model.base, model.network))


def trace(plan: ArmPlan, lanes: Sequence[Lane]) -> list[Fate | None]:
    """What became of the glutamine of the runs of one arm; None where a run was too short."""
    fates: list[Fate | None] = [None] * len(lanes)
    alike: dict[int, list[int]] = {}
    for place, lane in enumerate(lanes):
        if len(_samples(len(lane.times))) >= SMALLEST:
            alike.setdefault(len(lane.times), []).append(place)  # only a run that failed is shorter
    for places in alike.values():
        found = _tracing().fates([_course(plan, lanes[place]) for place in places])
        for place, fate in zip(places, found, strict=True):
            fates[place] = fate
    return fates


def _course(plan: ArmPlan, lane: Lane) -> Course:
    model = shared_model()
    chosen = _samples(len(lane.times))
    density = lane.end_parameters[model.parameter_index["dish.density"]]
    course = Course.from_observed(
        model.network,
        lane.times[chosen],
        lane.observed[chosen],
        model.kernel.observable_names,
        float(density),
    )
    fresh = tuple(phase.start_h for phase in plan.phases[1:] if "gln_e" in phase.medium)
    position = {s: i for i, s in enumerate(model.network.dynamic)}
    added = tuple((f.start_h, tuple(position[s] for s in f.added)) for f in plan.phases[1:])
    return replace(course, fresh=fresh, added=added)


def as_arrays(fates: Sequence[Sequence[Fate | None]]) -> tuple[Array, Array]:
    """Shares ``(n_arms, n_members, n_elements, n_sinks)`` and atoms taken up, one axis less.

    Parameters
    ----------
    fates
        For every arm one per member; NaN stands for a run that was too short.
    """
    elements, sinks = len(_tracing().elements), len(_tracing().sinks)
    shares = np.full((len(fates), len(fates[0]), elements, sinks), np.nan)
    uptake = np.full(shares.shape[:-1], np.nan)
    for a, members in enumerate(fates):
        for m, fate in enumerate(members):
            if fate is not None:
                shares[a, m], uptake[a, m] = fate.shares, fate.uptake
    return shares, uptake


def _samples(count: int) -> list[int]:
    return sorted({*range(0, count, STRIDE), count - 1} - {-1})


def with_fates(dataset: xr.Dataset, shares: Array, uptake: Array) -> xr.Dataset:
    """The dataset with ``fate`` (arm, member, element, sink) and ``glutamine_atoms`` beside it.

    Parameters
    ----------
    dataset
        A result's dataset.
    shares, uptake
        Of all arms and members, as :func:`as_arrays` returns them; no run, no fate.
    """
    if not np.isfinite(uptake).any():
        return dataset
    small = uptake < NOTHING * np.nanmax(uptake)
    shown = np.where(small[..., None], np.nan, shares)
    merged, sinks = merge_small(shown, _tracing().sinks, LEAST)
    elements = list(_tracing().elements)
    return dataset.assign_coords(element=elements, sink=list(sinks)).assign(
        fate=(("arm", "member", "element", "sink"), merged, {"units": "share of atoms taken up"}),
        glutamine_atoms=(("arm", "member", "element"), uptake, {"units": "mmol/gDW at time zero"}),
    )
