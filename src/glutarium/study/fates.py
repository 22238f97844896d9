"""What became of the glutamine, for every arm and member of a study."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.transfers import load_transfers
from glutarium.simulate.fate import Course, merge_small
from glutarium.simulate.provenance import Tracing
from glutarium.study.execute import run_member, shared_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.fate import Fate
    from glutarium.simulate.plan import ArmPlan

__all__ = ["run_and_trace", "with_fates"]

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


def run_and_trace(plans: Sequence[ArmPlan], member: int) -> tuple[list[Lane], list[Fate | None]]:
    """Lanes of one member and what became of the glutamine in each."""
    lanes = run_member(plans, member)
    return lanes, [_fate(plan, lane) for plan, lane in zip(plans, lanes, strict=True)]


def _fate(plan: ArmPlan, lane: Lane) -> Fate | None:
    model = shared_model()
    chosen = _samples(len(lane.times))
    if len(chosen) < SMALLEST:
        return None
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
    return _tracing().fate(replace(course, fresh=fresh, added=added))


def _samples(count: int) -> list[int]:
    return sorted({*range(0, count, STRIDE), count - 1} - {-1})


def with_fates(dataset: xr.Dataset, fates: Mapping[str, Sequence[Fate | None]]) -> xr.Dataset:
    """The dataset with ``fate`` (arm, member, element, sink) and ``glutamine_atoms`` beside it.

    Parameters
    ----------
    dataset
        A result's dataset.
    fates
        Arm → one fate per member, None where a run was too short.
    """
    known = next((f for rows in fates.values() for f in rows if f is not None), None)
    if known is None:
        return dataset
    nothing = np.full_like(known.shares, np.nan)
    shares = np.array(
        [[nothing if f is None else f.shares for f in rows] for rows in fates.values()]
    )
    empty = np.full_like(known.uptake, np.nan)
    uptake = np.array([[empty if f is None else f.uptake for f in rows] for rows in fates.values()])
    shares[uptake < NOTHING * np.nanmax(uptake)] = np.nan
    merged, sinks = merge_small(shares, known.sinks, LEAST)
    return dataset.assign_coords(element=list(known.elements), sink=list(sinks)).assign(
        fate=(("arm", "member", "element", "sink"), merged, {"units": "share of atoms taken up"}),
        glutamine_atoms=(("arm", "member", "element"), uptake, {"units": "mmol/gDW at time zero"}),
    )
