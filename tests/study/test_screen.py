"""The stress screen: its halves, its plans and how a run is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.simulate import setpoint
from glutarium.solve.lanes import LaneOptions
from glutarium.solve.rest import find_rest
from glutarium.study.screen import (
    HOURS,
    Outcome,
    halves,
    plan_of,
    reference_plan,
    screen_member,
)

if TYPE_CHECKING:
    from glutarium.knowledge.records import ScreenCondition
    from glutarium.simulate.model import CellModel
    from glutarium.solve.rest import Rest


@pytest.fixture
def conditions(model: CellModel) -> dict[str, ScreenCondition]:
    return {c.condition: c for c in model.base.screen}


def test_the_screen_is_what_was_promised(conditions: dict[str, ScreenCondition]) -> None:
    kinds = [c.kind for c in conditions.values()]
    assert {k: kinds.count(k) for k in kinds} == {"reaction": 21, "medium": 3, "oxygen": 3}
    assert {c.value for c in conditions.values() if c.kind == "reaction"} == {0.02}
    assert {c.value for c in conditions.values() if c.kind == "medium"} == {0.0}


def test_the_halves_share_nothing_and_leave_nothing(conditions: dict[str, ScreenCondition]) -> None:
    chosen, judged = halves(tuple(conditions.values()))
    names = [c.condition for c in (*chosen, *judged)]
    assert sorted(names) == sorted(conditions)
    assert abs(len(chosen) - len(judged)) <= 1


def test_the_halves_do_not_depend_on_the_order(conditions: dict[str, ScreenCondition]) -> None:
    forward = halves(tuple(conditions.values()))
    backward = halves(tuple(reversed(conditions.values())))
    assert forward == backward


def test_a_block_leaves_a_share_of_the_members_own_capacity(
    model: CellModel, conditions: dict[str, ScreenCondition]
) -> None:
    plan = plan_of(model, conditions["block GLS"])
    (phase,) = plan.phases
    assert dict(phase.factors) == {"vmax.GLS": 0.02}
    assert plan.rest == reference_plan(model).rest
    assert plan.times[-1] == HOURS == 72.0


def test_a_nutrient_is_taken_away_and_oxygen_lowered(
    model: CellModel, conditions: dict[str, ScreenCondition]
) -> None:
    plain = reference_plan(model).phases[0]
    starved = plan_of(model, conditions["no gln_e"]).phases[0]
    assert starved.medium["gln_e"] == 0.0
    assert {s for s, x in starved.medium.items() if x != plain.medium[s]} == {"gln_e"}
    hypoxic = plan_of(model, conditions["oxygen 1 %"]).phases[0]
    assert hypoxic.medium["o2_e"] == hypoxic.parameters["gas.o2"]
    assert hypoxic.medium["o2_e"] == pytest.approx(plain.medium["o2_e"] / 21.0, rel=0.01)


def test_a_run_is_read_by_its_worst_pool_and_lowest_energy(
    model: CellModel, conditions: dict[str, ScreenCondition]
) -> None:
    chosen = [conditions["no gln_e"], conditions["block SDH"]]
    starved, blocked = screen_member(model, 0, chosen)
    assert (starved.condition, starved.finished, starved.detail) == ("no gln_e", True, "")
    assert starved.growth_fold < blocked.growth_fold
    assert blocked.worst_fold > 1.0
    assert f"conc.{blocked.worst_pool}" in model.observable_index
    assert 0.0 < starved.lowest_atp <= model.ensemble.initial[0, model.state_index["atp_c"]]


def test_thresholds_are_those_of_the_table(model: CellModel) -> None:
    fold = model.network.constants["screen.fold"].value
    floor = model.network.constants["screen.atp"].value
    outcome = Outcome(
        "x", finished=True, worst_pool="suc_m", worst_fold=fold, lowest_atp=floor, growth_fold=1.0
    )
    assert outcome.physiological(model)
    assert outcome.alive(model)
    assert not replace(outcome, worst_fold=1.01 * fold).physiological(model)
    assert not replace(outcome, lowest_atp=0.99 * floor).alive(model)
    assert not replace(outcome, finished=False).physiological(model)


def test_a_run_that_stops_is_not_physiological(
    model: CellModel,
    conditions: dict[str, ScreenCondition],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(model.engine, "options", LaneOptions(max_steps=40))
    (outcome,) = screen_member(model, 0, [conditions["no gln_e"]])
    assert not outcome.finished
    assert not outcome.physiological(model)
    assert "40 steps" in outcome.detail


def test_a_cell_without_rest_fails_the_screen(
    model: CellModel,
    conditions: dict[str, ScreenCondition],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def restless(*args: Any, **named: Any) -> list[Rest]:  # noqa: ANN401 - as find_rest takes them
        found = find_rest(*args, **named)
        return [replace(r, code=ResultCode.NO_STEADY_STATE, detail="drifts") for r in found]

    monkeypatch.setattr(setpoint, "find_rest", restless)
    (outcome,) = screen_member(model, 0, [conditions["no gln_e"]])
    assert (outcome.finished, outcome.detail) == (False, "drifts")
    assert outcome.worst_fold == np.inf
    assert not outcome.alive(model)
