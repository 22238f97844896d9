"""Make the ensemble again: draw, balance, test for stability, screen, keep.

A draw is kept if a balanced reference state exists, is stable, and stays physiological in one half of the
stress screen. The other half is only reported: it says how far the selection carries.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium.errors import ModelError
from glutarium.kernel import ResultCode
from glutarium.knowledge.base import load
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.assemble import assemble
from glutarium.model.calibrate.draw import Draw
from glutarium.model.ensemble import REFERENCE_MEDIUM, Ensemble, tables_hash
from glutarium.model.member import Calibration, Member, calibrate
from glutarium.model.network import load_network
from glutarium.model.profiles import REFERENCE
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.model import PER_MASS, CellModel, medium_of
from glutarium.simulate.plan import ArmPlan, Phase, RestPlan, SetPoint
from glutarium.solve.modes import eigenvalues
from glutarium.solve.rest import RestOptions
from glutarium.study.cells import CellReader
from glutarium.study.conditions import Conditions
from glutarium.study.screen import halves, screen_member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from glutarium.knowledge.records import ScreenCondition
    from glutarium.study.screen import Outcome

__all__ = [
    "Build",
    "Candidate",
    "base_model",
    "build",
    "evaluate",
    "recorded_count",
    "tumours",
    "with_members",
]

STANDARD_MEDIUM = "RPMI-1640"
# Conditions that are run side by side before a draw may be given up.
BLOCK = 32
# Long enough for a run to exist, h: only its start is asked for.
_MOMENT = 0.01
_SWINGS = (ResultCode.MAX_STEPS, ResultCode.NO_STEADY_STATE)


@dataclass(frozen=True)
class Candidate:
    """One draw and how far it came.

    Attributes
    ----------
    seed
        Number of the draw; None for the recorded values themselves.
    stage
        ``infeasible``, ``unstable``, ``unphysiological``, ``restless`` or ``kept``.
    reason
        Why it went no further.
    member
        Its numbers, where a balanced state exists.
    selected, judged
        Share of the runs of the two halves of the screen that were physiological, and whether ATP
        was kept in all of them; of a draw that was given up, of those that were run.
    """

    seed: int | None
    stage: str
    reason: str
    member: Member | None = None
    selected: tuple[float, bool] = (0.0, False)
    judged: tuple[float, bool] = (0.0, False)


@dataclass(frozen=True)
class Build:
    """Kept members with the account of all draws."""

    kept: tuple[Candidate, ...]
    drawn: int
    stages: Counter[str]
    provenance: dict[str, Any]


@cache
def base_model() -> CellModel:
    """The compiled model with no members; one per process."""
    base = load()
    network = load_network(base)
    spec = assemble(base, network)
    empty = Ensemble(np.empty((0, len(spec.parameters))), np.empty((0, len(spec.states))), {})
    return CellModel(base, network, spec, empty)


def recorded_count() -> int:
    """How many members the shipped ensemble is to have."""
    return int(load().constants["ensemble.members"].value)


def with_members(plain: CellModel, *calibrations: Calibration) -> CellModel:
    """A compiled model with the members of some calibrations.

    Raises
    ------
    ModelError
        One of them has no member.
    """
    members: list[Member] = []
    for found in calibrations:
        if found.member is None:
            message = f"The values give no cell: {found.reason}; see pools.tsv and fluxes.tsv"
            raise ModelError(message)
        members.append(found.member)
    return plain.with_ensemble(Ensemble.from_members(plain.spec, members, {}))


def evaluate(seed: int | None) -> Candidate:
    """Draw one member and take it as far as it goes."""
    plain = base_model()
    medium = medium_of(plain.base, plain.network, REFERENCE_MEDIUM)
    found = calibrate(plain.spec, plain.network, medium, Draw(seed))
    if found.member is None:
        return Candidate(seed, "infeasible", found.reason)
    model = with_members(plain, found)
    slowest = _slowest_mode(model)
    if slowest >= 0.0:
        return Candidate(seed, "unstable", f"eigenvalue {slowest:.3g} /h", found.member)
    choose, judge = halves(tuple(model.base.screen))
    outcomes = _screened(model, choose)
    selected = _summary(model, outcomes)
    if len(outcomes) < len(choose) or not _chosen(model, selected, outcomes):
        return Candidate(seed, "unphysiological", "selection half", found.member, selected)
    restless = _restless(model, choose)
    if restless:
        return Candidate(seed, "restless", ", ".join(restless), found.member, selected)
    judged = _summary(model, screen_member(model, 0, judge))
    return Candidate(seed, "kept", "", found.member, selected, judged)


def _slowest_mode(model: CellModel) -> float:
    p, y = model.parameters(0, PER_MASS), model.ensemble.initial[0]
    weights = model.mass_weights(p)
    found = eigenvalues(model.kernel, y, p, frozen=model.outside, kept=weights)
    return float(found.real.max())


def _restless(model: CellModel, conditions: Sequence[ScreenCondition]) -> list[str]:
    """Blocks under which a cell swings for ever instead of coming to rest, and cells and genotypes that do.

    Genotypes start from the rest that they came to, so that a member which swings answers no study of
    them. Some blocks leave no living cell; what dwindles is not held against a member. Tumours have the
    time that studies give them: without PTEN they settle slowly.
    """
    medium = medium_of(model.base, model.network, REFERENCE_MEDIUM)
    plans = []
    for condition in conditions:
        if condition.kind == "reaction":
            held = _left(model, condition)
            phase = Phase(0.0, held, medium)
            plans.append(
                ArmPlan(condition.condition, RestPlan(held, medium), (phase,), (0.0, _MOMENT))
            )
    plans += _cells(model)
    asked = ((plans, RestCache(RestOptions())), (tumours(model), RestCache()))
    return [name for given, cache in asked for name in _swinging(model, given, cache)]


def _left(model: CellModel, condition: ScreenCondition) -> dict[str, float]:
    """Capacities that a block leaves."""
    names = [f"vmax.{target}" for target in condition.target]
    full = model.ensemble.parameters[0, [model.parameter_index[name] for name in names]]
    return dict(zip(names, (condition.value * full).tolist(), strict=True))


def _swinging(model: CellModel, plans: Sequence[ArmPlan], cache: RestCache) -> list[str]:
    lanes = run_lanes(model, [(plan, 0) for plan in plans], cache)
    return [p.name for p, lane in zip(plans, lanes, strict=True) if lane.code in _SWINGS]


def _cells(model: CellModel) -> list[ArmPlan]:
    """A moment of every cell that has a profile: studies of it start from its rest."""
    profiles = (row.profile for row in model.base.profiles)
    kinds = ("cell", "organ")
    cells = [name for name in profiles if vocabulary().find(name, kinds) is not None]
    return [_moment(model, name, Conditions(), name, {}) for name in cells]


def tumours(model: CellModel) -> list[ArmPlan]:
    """A moment of the tumour cells that studies begin with.

    Every cancer that has a profile with any one alteration and the tumour cell with any two, in air; each
    cancer and each alteration by itself at low oxygen.
    """
    names = vocabulary()
    profiles = [r.profile for r in model.base.profiles]
    cancers = [None, *(name for name in profiles if names.find(name, ("cancer",)) is not None)]
    altered = dict.fromkeys(row.alteration for row in model.base.alterations)
    genotypes: list[tuple[str, ...]] = [(), *((name,) for name in altered)]
    in_air = [*product(cancers, genotypes), *product([None], combinations(altered, 2))]
    short_of_it = [*product(cancers, genotypes[:1]), *product([None], genotypes[1:])]
    low = model.network.constants["ensemble.low_oxygen"].value
    gas = {"o2_e": low * model.network.constants["gas.oxygen_solubility"].value}
    plans = [_tumour(model, cancer, genotype, {}) for cancer, genotype in in_air]
    return plans + [_tumour(model, cancer, one, gas) for cancer, one in short_of_it]


def _tumour(
    model: CellModel, cancer: str | None, genotype: tuple[str, ...], gas: Mapping[str, float]
) -> ArmPlan:
    """A moment of the tumour cell of a cancer with a genotype."""
    parts = [cancer or ("" if genotype else REFERENCE), *genotype, "low oxygen" if gas else ""]
    name = " and ".join(part for part in parts if part)
    return _moment(model, name, Conditions(cancer=cancer, genotype=genotype), REFERENCE, gas)


def _moment(
    model: CellModel, name: str, conditions: Conditions, cell: str, gas: Mapping[str, float]
) -> ArmPlan:
    """A moment of a cell in the standard medium, under its own oxygen or another."""
    medium = medium_of(model.base, model.network, STANDARD_MEDIUM) | dict(gas)
    oxygen = {"gas.o2": medium["o2_e"]}
    reader = CellReader(model, lambda lacking, why: None)
    own = oxygen | reader.parameters(conditions, cell)
    plain, genes = reader.plain(conditions, cell)
    point = SetPoint(oxygen | plain, medium, genes) if genes else None
    return ArmPlan(name, RestPlan(own, medium, point), (Phase(0.0, own, medium),), (0.0, _MOMENT))


def _screened(model: CellModel, conditions: Sequence[ScreenCondition]) -> list[Outcome]:
    """Outcomes in order, no further than to the block in which a draw is lost: most are.

    A block fills the lanes of the processor; what it decides does not depend on its size.
    """
    recorded = model.network.constants
    spare = (1.0 - recorded["screen.selection_share"].value) * len(conditions)
    floor = recorded["screen.selection_atp"].value
    outcomes: list[Outcome] = []
    for start in range(0, len(conditions), BLOCK):
        outcomes += screen_member(model, 0, conditions[start : start + BLOCK])
        failed = sum(not o.physiological(model) for o in outcomes)
        if failed > spare or any(o.lowest_atp < floor for o in outcomes):
            break
    return outcomes


def _chosen(model: CellModel, selected: tuple[float, bool], outcomes: Iterable[Outcome]) -> bool:
    """Whether a member passes its half with the recorded margin."""
    recorded = model.network.constants
    lowest = min(o.lowest_atp for o in outcomes)
    return (
        selected[0] >= recorded["screen.selection_share"].value
        and lowest >= recorded["screen.selection_atp"].value
    )


def _summary(model: CellModel, outcomes: Iterable[Outcome]) -> tuple[float, bool]:
    rows = list(outcomes)
    share = sum(o.physiological(model) for o in rows) / len(rows)
    return share, all(o.alive(model) for o in rows)


def build(
    members: int,
    *,
    first_seed: int = 1,
    workers: int = 2,
    progress: Callable[[Candidate, int], None] | None = None,
) -> Build:
    """Draw until enough members are kept; the recorded values are the first candidate.

    Parameters
    ----------
    members
        How many to keep.
    first_seed
        Seeds count up from here; the result does not depend on the number of workers.
    workers
        Processes.
    progress
        Called after every draw with the candidate and the number kept so far.
    """
    kept: list[Candidate] = []
    stages: Counter[str] = Counter()
    drawn = 0
    seeds: list[int | None] = [None, *range(first_seed, first_seed + 100 * members)]
    with ProcessPoolExecutor(workers) as pool:
        for start in range(0, len(seeds), 2 * workers):
            for candidate in pool.map(evaluate, seeds[start : start + 2 * workers]):
                if len(kept) == members:
                    break
                drawn += 1
                stages[candidate.stage] += 1
                if candidate.stage == "kept":
                    kept.append(candidate)
                if progress is not None:
                    progress(candidate, len(kept))
            if len(kept) == members:
                break
    return Build(tuple(kept), drawn, stages, _provenance(kept, drawn, stages, first_seed))


def _provenance(
    kept: list[Candidate], drawn: int, stages: Counter[str], first_seed: int
) -> dict[str, Any]:
    return {
        "first_seed": first_seed,
        "drawn": drawn,
        "stages": dict(stages),
        "seeds": [c.seed for c in kept],
        "selected": [c.selected for c in kept],
        "judged": [c.judged for c in kept],
        "tables": tables_hash(base_model().base, base_model().network),
        "regulation": base_model().network.regulation.digest,
    }
