"""System ``cell``: one kind of cell in its own closed dish.

:func:`run_lanes` runs arms for members of the ensemble, all side by side: rest in fresh medium, an optional
pre-treatment, then the phases of the arm; :func:`run_states` does the same and keeps raw states instead of
observables. A run that fails is returned with its reason and whatever was reached.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from glutarium.kernel import ResultCode, Statistics, Trajectory
from glutarium.model.regulation.equations import VIABILITY
from glutarium.simulate.model import PER_MASS
from glutarium.simulate.setpoint import PATIENT, Settled, rests, settle
from glutarium.solve.batch import Batch, Change, Edit, System
from glutarium.solve.rest import Rest, RestOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.label_pools import SiteTrace
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan, Phase
    from glutarium.simulate.site_course import SiteCourse
    from glutarium.solve.batch import BatchResult

__all__ = [
    "Job",
    "Lane",
    "RestCache",
    "at_rest",
    "parameters_of",
    "run_lane",
    "run_lanes",
    "run_states",
    "started",
]

Job = tuple["ArmPlan", int]
"""A plan and the row of the ensemble that it is run for."""

Key = TypeVar("Key", bound="Hashable")


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
    plan
        What was done.
    phases
        Start, h, and parameters of every phase.
    memo
        What was derived from the lane and is needed again.
    course
        What the cells share with others; None: they stood alone.
    clones
        Name of a clone → its own lane; the lane itself is the mean of them by dry mass.
    trace
        Pools and gross fluxes of all cells that share its place, where a tracer is followed.
    """

    times: Array
    observed: Array
    at_rest: Array
    rest_parameters: Array
    end_parameters: Array
    code: ResultCode
    detail: str
    plan: ArmPlan | None = None
    phases: tuple[tuple[float, Array], ...] = ()
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    course: SiteCourse | None = None
    clones: Mapping[str, Lane] = field(default_factory=dict, repr=False)
    trace: SiteTrace | None = field(default=None, repr=False)


@dataclass
class RestCache:
    """States of rest and set points by plan and member; arms that start alike share theirs.

    Attributes
    ----------
    options
        How long a cell may take to come to rest.
    found, settled
        What was found.
    """

    options: RestOptions = PATIENT
    found: dict[tuple[object, int], Rest] = field(default_factory=dict)
    settled: dict[tuple[object, int], Settled] = field(default_factory=dict)

    def of(self, plan: ArmPlan, member: int) -> Settled | None:
        """Set point of a plan's profile, if it has one."""
        point = plan.rest.profile
        return None if point is None else self.settled[point.key, member]

    def reason(self, plan: ArmPlan, member: int) -> Settled | None:
        """The set point that was not found, if that is so."""
        settled = self.of(plan, member)
        failed = settled is not None and settled.code is not ResultCode.SUCCESS
        return settled if failed else None


@dataclass(frozen=True)
class _Start:
    """Where a run begins, or why it does not."""

    y: Array
    code: ResultCode = ResultCode.SUCCESS
    detail: str = ""


def run_lane(model: CellModel, plan: ArmPlan, member: int, cache: RestCache) -> Lane:
    """Run one member of one arm; see :func:`run_lanes`."""
    return run_lanes(model, [(plan, member)], cache)[0]


def run_lanes(model: CellModel, jobs: Sequence[Job], cache: RestCache) -> list[Lane]:
    """Run members of arms side by side.

    Parameters
    ----------
    model
        The compiled model.
    jobs
        Plans with the member that each is run for.
    cache
        Where states of rest are kept.

    Returns
    -------
    list of Lane
        One per job. It does not depend on the other jobs.
    """
    runs = _run(model, jobs, cache, observables=True)
    return [_lane(model, job, run, cache) for job, run in zip(jobs, runs, strict=True)]


def run_states(model: CellModel, jobs: Sequence[Job], cache: RestCache) -> list[Trajectory]:
    """Run members of arms and keep raw states, in which matter adds up linearly.

    Parameters
    ----------
    model, jobs, cache
        As of :func:`run_lanes`.

    Returns
    -------
    list of Trajectory
        States at the times that were reached, shape ``(n, n_states)``; none where the cells did not
        come to rest or the pre-treatment failed.
    """
    return _run(model, jobs, cache, observables=False)


def _run(
    model: CellModel, jobs: Sequence[Job], cache: RestCache, *, observables: bool
) -> list[Trajectory]:
    starts = started(model, jobs, cache)
    names = model.kernel.observable_names if observables else model.kernel.state_names
    empty = np.empty(0), np.empty((0, len(names)))
    runs = [Trajectory(*empty, start.code, start.detail) for start in starts]
    able = [i for i, start in enumerate(starts) if start.code is ResultCode.SUCCESS]
    for times, group in _grouped(able, lambda i: jobs[i][0].times):
        batch = Batch.of(
            (_system(model, jobs[i], starts[i].y, cache) for i in group), np.array(times)
        )
        result = model.engine.run(batch, observables=observables)
        for place, i in enumerate(group):
            runs[i] = _trajectory(result, place)
    return runs


def _grouped(items: Iterable[int], key: Callable[[int], Key]) -> Iterable[tuple[Key, list[int]]]:
    groups: dict[Key, list[int]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups.items()


def _trajectory(result: BatchResult, i: int) -> Trajectory:
    n = int(result.reached[i])
    cost = Statistics(int(result.steps[i]), int(result.rejected[i]))
    return Trajectory(result.times[:n], result.y[i, :n], result.codes[i], result.details[i], cost)


def _rested(model: CellModel, jobs: Sequence[Job], cache: RestCache) -> list[Rest]:
    """States of rest of all jobs; those not in the cache are looked for together."""
    _settle(model, jobs, cache)
    wanted = {(plan.rest.key, member): (plan, member) for plan, member in jobs}
    missing = {key: job for key, job in wanted.items() if key not in cache.found}
    able = {key: job for key, job in missing.items() if cache.reason(*job) is None}
    found = rests(model, [_resting(model, job, cache) for job in able.values()], cache.options)
    cache.found.update(zip(able, found, strict=True))
    for key, job in missing.items():
        if key not in able:
            cache.found[key] = _restless(cache.reason(*job))
    return [cache.found[plan.rest.key, member] for plan, member in jobs]


def _settle(model: CellModel, jobs: Sequence[Job], cache: RestCache) -> None:
    """Set points of the profiles of all jobs; those not in the cache are looked for together."""
    points = [(plan.rest.profile, member) for plan, member in jobs]
    wanted = {(point.key, member): (point, member) for point, member in points if point}
    missing = {key: job for key, job in wanted.items() if key not in cache.settled}
    if missing:
        found = settle(model, list(missing.values()), cache.options)
        cache.settled.update(zip(missing, found, strict=True))


def _restless(settled: Settled | None) -> Rest:
    assert settled is not None  # only such jobs are passed
    return Rest(settled.y, math.inf, settled.code, settled.detail, 0.0)


def _resting(model: CellModel, job: Job, cache: RestCache) -> System:
    plan, member = job
    settled = cache.of(plan, member)
    start = model.ensemble.initial[member] if settled is None else settled.y
    p = parameters_of(model, job, {**plan.rest.parameters, **PER_MASS}, None, cache)
    return System(model.with_medium(start, plan.rest.medium), p)


def parameters_of(
    model: CellModel,
    job: Job,
    changes: Mapping[str, float],
    factors: Mapping[str, float] | None,
    cache: RestCache,
) -> Array:
    """Parameters of a member; levels stand at the set point of the cell's profile."""
    plan, member = job
    p = model.parameters(member, changes, factors)
    settled = cache.of(plan, member)
    return p if settled is None else settled.scaled(p)


def started(model: CellModel, jobs: Sequence[Job], cache: RestCache) -> list[_Start]:
    """States of the cells at time zero, per their own mass."""
    starts = [_Start(r.y, r.code, r.detail) for r in _rested(model, jobs, cache)]
    treated = [
        i
        for i, (plan, _) in enumerate(jobs)
        if plan.before is not None and starts[i].code is ResultCode.SUCCESS
    ]
    for hours, group in _grouped(treated, lambda i: jobs[i][0].before_h):
        systems = [_treated(model, jobs[i], starts[i].y, cache) for i in group]
        result = model.engine.run(Batch.of(systems, np.array([0.0, hours])), observables=False)
        for place, i in enumerate(group):
            if result.codes[place] is not ResultCode.SUCCESS:
                detail = f"pre-treatment: {result.details[place]}"
                starts[i] = _Start(starts[i].y, result.codes[place], detail)
                continue
            end = result.end[place].copy()
            end[model.in_cell] /= float(model.mass_weights(systems[place].p) @ end)
            starts[i] = _Start(end)
    return starts


def _treated(model: CellModel, job: Job, y: Array, cache: RestCache) -> System:
    plan, _ = job
    assert plan.before is not None  # only such jobs are pre-treated
    before = plan.before
    p = parameters_of(model, job, before.parameters, before.factors, cache)
    return System(model.with_added(model.with_medium(y, before.medium), before.added), p)


def _system(model: CellModel, job: Job, start: Array, cache: RestCache) -> System:
    """The phases of an arm as changes at their times."""
    plan, _ = job
    ledger = {s.id: 0.0 for s in model.spec.states if s.compartment == "g"}
    ledger |= {VIABILITY: 1.0} if VIABILITY in model.state_index else {}
    changes = [_change(model, phase, job, cache) for phase in plan.phases]
    assert changes[0].p is not None  # every phase sets its parameters
    return System(model.with_medium(start, ledger), changes[0].p, changes)


def _change(model: CellModel, phase: Phase, job: Job, cache: RestCache) -> Change:
    at = model.state_index
    states = {at[s]: (0.0, value) for s, value in phase.medium.items()}
    for species, amount in phase.added.items():
        factor, set_to = states.get(at[species], (1.0, 0.0))
        states[at[species]] = factor, set_to + amount
    p = parameters_of(model, job, phase.parameters, phase.factors, cache)
    return Change(phase.start_h, p, Edit(states) if states else None)


def _lane(model: CellModel, job: Job, run: Trajectory, cache: RestCache) -> Lane:
    plan, _ = job
    rest_parameters, resting = at_rest(model, job, cache)
    p = rest_parameters
    if len(run.t):
        starts = np.array([phase.start_h for phase in plan.phases])
        phase = plan.phases[max(int(np.searchsorted(starts, run.t[-1], side="left")) - 1, 0)]
        p = parameters_of(model, job, phase.parameters, phase.factors, cache)
    phases = _phases(model, job, cache) if any(phase.tracer for phase in plan.phases) else ()
    ends = rest_parameters, p, run.code, run.detail
    return Lane(run.t, run.y, resting, *ends, plan, phases)


def at_rest(model: CellModel, job: Job, cache: RestCache) -> tuple[Array, Array]:
    """Parameters and kernel observables of a cell at its rest, which has been looked for."""
    plan, member = job
    p = parameters_of(model, job, plan.rest.parameters, None, cache)
    observed = np.empty(len(model.kernel.observable_names))
    model.kernel.observe(0.0, cache.found[plan.rest.key, member].y, p, observed)
    return p, observed


def _phases(model: CellModel, job: Job, cache: RestCache) -> tuple[tuple[float, Array], ...]:
    """Parameters of every phase; labels need them."""
    return tuple(
        (phase.start_h, parameters_of(model, job, phase.parameters, phase.factors, cache))
        for phase in job[0].phases
    )
