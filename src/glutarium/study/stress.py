"""The whole stress screen: everything that can be blocked, raised, taken away or inhibited, for 72 h.

A balanced, stable network can still pile up a pool a thousandfold when one enzyme is blocked. Each run is
looked through for pools far above their reference, lost energy, moieties that are locked up in one form
and runs that stop. Accumulations that are real stand in ``expected.tsv`` with their source; they are
shown and not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.kernel import ResultCode
from glutarium.model.calibrate.draw import Draw
from glutarium.model.ensemble import REFERENCE_MEDIUM
from glutarium.model.member import calibrate
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.model import load_model, medium_of
from glutarium.study.build_ensemble import base_model, with_members
from glutarium.study.stress_alarms import Watch
from glutarium.study.stress_conditions import conditions, stress_plan, undosed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.study.stress_alarms import Alarm
    from glutarium.study.stress_conditions import StressCondition

__all__ = ["Stress", "StressRun", "recorded_model", "run_stress", "stress_model"]

# Runs that go through the solver together; more would only make the progress bar rougher.
_TOGETHER = 64
ENERGY = "conc.atp_c"


@dataclass(frozen=True, slots=True)
class StressRun:
    """One condition on one member.

    Attributes
    ----------
    condition
        What was done.
    member
        Row of the ensemble, from 1.
    alarms
        What counts against the model.
    expected
        What would, but is known to be real.
    lowest_atp
        Lowest cytosolic ATP, mM; zero for a run that did not start.
    growth_fold
        Dry mass at the end over that at the start.
    """

    condition: StressCondition
    member: int
    alarms: tuple[Alarm, ...]
    expected: tuple[Alarm, ...]
    lowest_atp: float
    growth_fold: float


@dataclass(frozen=True, slots=True)
class Stress:
    """All runs.

    Attributes
    ----------
    runs
        In the order of members and conditions.
    undosed
        Drugs that were left out because no potency gives them a dose.
    enough
        Share of its runs that a good member passes.
    """

    runs: tuple[StressRun, ...]
    undosed: tuple[str, ...]
    enough: float

    def share_without_alarm(self, half: str, member: int | None = None) -> float:
        """Share of the runs of a half, of one member or of all, that have no alarm; one for none."""
        chosen = [r for r in self.runs if r.condition.half == half and member in {None, r.member}]
        return sum(not r.alarms for r in chosen) / len(chosen) if chosen else 1.0


def recorded_model() -> CellModel:
    """The model with one member: the recorded values.

    Raises
    ------
    ModelError
        No balanced state has the recorded values.
    """
    plain = base_model()
    medium = medium_of(plain.base, plain.network, REFERENCE_MEDIUM)
    found = calibrate(plain.spec, plain.network, medium, Draw(None))
    return with_members(plain, found)


def stress_model(members: int | None) -> CellModel:
    """The model to put under stress: the first members of the ensemble, or the recorded values."""
    return recorded_model() if members is None else load_model(members)


def run_stress(
    model: CellModel,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    chosen: Sequence[StressCondition] | None = None,
) -> Stress:
    """Run every condition on every member.

    Parameters
    ----------
    model
        The model with its members.
    progress
        Called with what goes on, how many runs are done and how many there are.
    chosen
        Only these conditions.
    """
    asked = conditions(model) if chosen is None else chosen
    jobs = [(c, m) for m in range(len(model.ensemble)) for c in asked]
    watch, cache = Watch.of(model), RestCache()
    runs: list[StressRun] = []
    for start in range(0, len(jobs), _TOGETHER):
        progress("runs under stress", start, len(jobs))
        part = jobs[start : start + _TOGETHER]
        lanes = run_lanes(model, [(stress_plan(model, c), m) for c, m in part], cache)
        runs += [_judge(model, watch, *job, lane) for job, lane in zip(part, lanes, strict=True)]
    enough = model.network.constants["screen.share"].value
    return Stress(tuple(runs), undosed(model), enough)


def _judge(
    model: CellModel, watch: Watch, condition: StressCondition, member: int, lane: Lane
) -> StressRun:
    found = watch.look(lane, condition.blocks)
    started = len(lane.times) > 0
    at = model.observable_index
    return StressRun(
        condition,
        member + 1,
        tuple(a for a in found if not a.source),
        tuple(a for a in found if a.source),
        float(lane.observed[:, at[ENERGY]].min()) if started else 0.0,
        float(lane.observed[-1, at["mass"]]) if lane.code is ResultCode.SUCCESS else 1.0,
    )
