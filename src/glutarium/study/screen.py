"""The stress screen: whether a member of the ensemble stays physiological when pushed hard.

Local stability says little: a balanced, stable model can still pile up a pool a thousandfold when one
enzyme is blocked. The screen blocks single reactions, takes nutrients away and lowers oxygen
(``screen.tsv``), and looks for runs that do not finish, pools far above their reference and lost ATP.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.model.ensemble import REFERENCE_MEDIUM
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.model import medium_of
from glutarium.simulate.plan import ArmPlan, Phase, RestPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.knowledge.records import ScreenCondition
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

__all__ = ["HOURS", "Outcome", "halves", "plan_of", "reference_plan", "screen_member"]

HOURS = 72.0
SAMPLES = 25
ENERGY = "conc.atp_c"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one condition did to one member.

    Attributes
    ----------
    condition
        Name of the condition.
    finished
        Whether the run reached its end.
    worst_pool, worst_fold
        The pool that rose most above its reference, and by how much.
    lowest_atp
        Lowest cytosolic ATP, mM.
    growth_fold
        Dry mass at the end over that at the start.
    detail
        Why the run stopped early.
    """

    condition: str
    finished: bool
    worst_pool: str
    worst_fold: float
    lowest_atp: float
    growth_fold: float
    detail: str = ""

    def physiological(self, model: CellModel) -> bool:
        """Whether the run finished without a pool above the recorded fold."""
        return self.finished and self.worst_fold <= model.network.constants["screen.fold"].value

    def alive(self, model: CellModel) -> bool:
        """Whether ATP stayed above the recorded floor."""
        return self.lowest_atp >= model.network.constants["screen.atp"].value


def halves(
    conditions: Sequence[ScreenCondition],
) -> tuple[list[ScreenCondition], list[ScreenCondition]]:
    """Split conditions by hash of their name: one half selects members, the other judges them."""
    ranked = sorted(conditions, key=lambda c: hashlib.sha256(c.condition.encode()).hexdigest())
    middle = len(ranked) // 2
    return ranked[:middle], ranked[middle:]


def reference_plan(model: CellModel, name: str = "reference") -> ArmPlan:
    """A dish of reference medium in which nothing is done."""
    medium = medium_of(model.base, model.network, REFERENCE_MEDIUM)
    times = tuple(np.linspace(0.0, HOURS, SAMPLES).tolist())
    return ArmPlan(name, RestPlan(medium=medium), (Phase(0.0, medium=medium),), times)


def plan_of(model: CellModel, condition: ScreenCondition) -> ArmPlan:
    """The plan of one condition of the screen, starting from the reference state."""
    plain = reference_plan(model, condition.condition)
    medium = dict(plain.phases[0].medium)
    parameters: dict[str, float] = {}
    factors: dict[str, float] = {}
    if condition.kind == "reaction":
        factors |= {f"vmax.{target}": condition.value for target in condition.target}
    elif condition.kind == "medium":
        medium |= dict.fromkeys(condition.target, condition.value)
    elif condition.kind == "oxygen":
        parameters["gas.o2"] = condition.value * _solubility(model)
        medium["o2_e"] = parameters["gas.o2"]
    phase = Phase(0.0, parameters, medium, factors=factors)
    return ArmPlan(condition.condition, plain.rest, (phase,), plain.times)


def _solubility(model: CellModel) -> float:
    return model.network.constants["gas.oxygen_solubility"].value


def screen_member(
    model: CellModel, member: int, conditions: Sequence[ScreenCondition]
) -> list[Outcome]:
    """Run conditions on one member, each for :data:`HOURS` in a closed dish."""
    lanes = run_lanes(model, [(plan_of(model, c), member) for c in conditions], RestCache())
    return [_outcome(model, c, lane) for c, lane in zip(conditions, lanes, strict=True)]


def _outcome(model: CellModel, condition: ScreenCondition, lane: Lane) -> Outcome:
    if not len(lane.times):
        return Outcome(
            condition.condition,
            finished=False,
            worst_pool="",
            worst_fold=np.inf,
            lowest_atp=0.0,
            growth_fold=1.0,
            detail=lane.detail,
        )
    watched = _watched(model, condition, lane)
    folds = lane.observed[:, watched].max(axis=0) / lane.at_rest[watched]
    worst = int(np.argmax(folds))
    name = model.kernel.observable_names[watched[worst]].removeprefix("conc.")
    atp = lane.observed[:, model.observable_index[ENERGY]]
    mass = lane.observed[:, model.observable_index["mass"]]
    return Outcome(
        condition.condition,
        lane.code is ResultCode.SUCCESS,
        name,
        float(folds[worst]),
        float(atp.min()),
        float(mass[-1]),
        lane.detail,
    )


def _watched(model: CellModel, condition: ScreenCondition, lane: Lane) -> Array:
    """Positions of the pools that are large enough at rest for a fold to matter.

    What cells without an enzyme are known to fill up with is recorded as expected and not watched.
    """
    smallest = model.network.constants["screen.pool"].value
    expected = {e.species for e in model.base.expected if e.reaction in condition.target}
    species = [s for s in model.network.in_compartment("c", "m") if s not in expected]
    pools = [model.observable_index[f"conc.{s}"] for s in species]
    return np.array([i for i in pools if lane.at_rest[i] > smallest])
