"""System ``cell``: one kind of cell in its own closed dish.

:func:`run_lane` runs one member of one arm: rest in fresh medium, an optional pre-treatment, then the
phases of the arm; :func:`run_states` does the same and keeps raw states instead of observables. A run
that fails is returned with its reason and whatever was reached.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode, Trajectory
from glutarium.solve.integrate import Options, integrate
from glutarium.solve.rest import Rest, RestOptions, rest
from glutarium.solve.segments import Segment, integrate_segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan, Phase, RestPlan

__all__ = ["Lane", "RestCache", "run_lane", "run_states"]

OPTIONS = Options()


@dataclass(frozen=True)
class Lane:
    """One member of one arm.

    Attributes
    ----------
    times
        Times that were reached, h, shape ``(n,)``.
    observed
        Kernel observables at these times, shape ``(n, n_observables)``.
    at_rest
        Kernel observables at rest, shape ``(n_observables,)``.
    rest_parameters, end_parameters
        Parameters at rest and in the last phase that was reached.
    code, detail
        How the run ended.
    """

    times: Array
    observed: Array
    at_rest: Array
    rest_parameters: Array
    end_parameters: Array
    code: ResultCode
    detail: str


@dataclass
class RestCache:
    """States of rest by plan and member; arms of a study share theirs."""

    found: dict[tuple[object, int], Rest] = field(default_factory=dict)

    def get(self, key: tuple[object, int], make: Callable[[], Rest]) -> Rest:
        """Return a state of rest, looking for it at most once."""
        if key not in self.found:
            self.found[key] = make()
        return self.found[key]


def run_lane(model: CellModel, plan: ArmPlan, member: int, cache: RestCache) -> Lane:
    """Run one member of one arm.

    Parameters
    ----------
    model
        The compiled model.
    plan
        What is done.
    member
        Row of the ensemble.
    cache
        Where states of rest are kept.
    """
    rest_parameters = model.parameters(member, plan.rest.parameters)
    found = _rest_of(model, plan, member, cache)
    at_rest = _observe(model, 0.0, found.y, rest_parameters)
    run = _from_rest(model, plan, member, found)
    return _lane(model, plan, member, run, (at_rest, rest_parameters))


def run_states(model: CellModel, plan: ArmPlan, member: int, cache: RestCache) -> Trajectory:
    """Run one member of one arm and keep its raw states, in which matter adds up linearly.

    Parameters
    ----------
    model, plan, member, cache
        As of :func:`run_lane`.

    Returns
    -------
    Trajectory
        States at the times that were reached, shape ``(n, n_states)``; none where the cells did not
        come to rest or the pre-treatment failed.
    """
    return _from_rest(model, plan, member, _rest_of(model, plan, member, cache))


def _rest_of(model: CellModel, plan: ArmPlan, member: int, cache: RestCache) -> Rest:
    p = model.parameters(member, plan.rest.parameters)
    return cache.get((plan.rest.key, member), lambda: _come_to_rest(model, plan.rest, member, p))


def _from_rest(model: CellModel, plan: ArmPlan, member: int, found: Rest) -> Trajectory:
    """Pre-treatment and phases; empty where there is nothing to start from."""
    nothing = np.empty(0), np.empty((0, len(found.y)))
    if found.code is not ResultCode.SUCCESS:
        return Trajectory(*nothing, found.code, found.detail)
    start, failure = _pre_treated(model, plan, member, found.y)
    if failure is not None:
        return Trajectory(*nothing, failure.code, f"pre-treatment: {failure.detail}")
    return _run_phases(model, plan, member, start)


def _come_to_rest(model: CellModel, plan: RestPlan, member: int, p: Array) -> Rest:
    start = model.with_medium(model.ensemble.initial[member], plan.medium)
    options = RestOptions(integration=OPTIONS, atol=model.atol)
    return rest(model.kernel, start, p, model.balance(p), positive=model.positive, options=options)


def _pre_treated(
    model: CellModel, plan: ArmPlan, member: int, y: Array
) -> tuple[Array, Trajectory | None]:
    """State of the cells at time zero, per their own mass."""
    if plan.before is None:
        return y, None
    p = model.parameters(member, plan.before.parameters, plan.before.factors)
    start = model.with_medium(y, plan.before.medium)
    run = integrate(
        model.kernel,
        start,
        p,
        np.array([0.0, plan.before_h]),
        options=OPTIONS,
        atol=model.atol,
        positive=model.positive,
    )
    if run.code is not ResultCode.SUCCESS:
        return y, run
    end = run.y[-1].copy()
    end[model.in_cell] /= float(model.balance(p).weights @ end)
    return end, None


def _run_phases(model: CellModel, plan: ArmPlan, member: int, start: Array) -> Trajectory:
    segments = [_segment(model, phase, member) for phase in plan.phases]
    ledger = {s.id: 0.0 for s in model.spec.states if s.compartment == "g"}
    return integrate_segments(
        model.kernel,
        model.with_medium(start, ledger),
        segments,
        np.array(plan.times),
        options=OPTIONS,
        atol=model.atol,
        positive=model.positive,
    )


def _segment(model: CellModel, phase: Phase, member: int) -> Segment:
    p = model.parameters(member, phase.parameters, phase.factors)
    if not phase.medium and not phase.added:
        return Segment(phase.start_h, p)
    return Segment(
        phase.start_h,
        p,
        lambda y: model.with_added(model.with_medium(y, phase.medium), phase.added),
    )


def _lane(
    model: CellModel, plan: ArmPlan, member: int, run: Trajectory, rest_: tuple[Array, Array]
) -> Lane:
    starts = np.array([phase.start_h for phase in plan.phases])
    by_phase = [model.parameters(member, f.parameters, f.factors) for f in plan.phases]
    rows = []
    p = rest_[1]
    for t, y in zip(run.t, run.y, strict=True):
        p = by_phase[max(int(np.searchsorted(starts, t, side="left")) - 1, 0)]
        rows.append(_observe(model, float(t), y, p))
    observed = np.array(rows).reshape(len(rows), len(model.kernel.observable_names))
    return Lane(run.t, observed, rest_[0], rest_[1], p, run.code, run.detail)


def _observe(model: CellModel, t: float, y: Array, p: Array) -> Array:
    out = np.empty(len(model.kernel.observable_names))
    model.kernel.observe(t, np.ascontiguousarray(y), p, out)
    return out
