"""From lanes to the numbers that expectations need, and to verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.simulate.cell import RestCache, run_lane
from glutarium.study.translate import Translator, starved_name
from glutarium.study.values import MemberValues, ask, judge_all, read_member

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study
    from glutarium.study.values import Question

STUDY = """
study: asked
system: cell
duration: 4 h
setup: {cells: [tumour]}
arms:
  vehicle: {}
  treated: {drug: {CB-839: 1}}
  unread: {oxygen: 0.05}
readouts: [tumour.pool.citrate, tumour.core_fraction]
expect:
  - {observable: tumour.flux.GLS, arm: treated, versus: vehicle, is: down}
  - {observable: tumour.pool.glutamate, arm: treated, versus: vehicle, is: down, at: 1 h}
  - {observable: tumour.core_fraction, arm: treated, versus: vehicle, is: down}
  - {observable: tumour.glutamine_dependence, arm: treated, versus: vehicle, is: down}
"""
UNSUPPORTED = STUDY.replace("oxygen: 0.05", "drug: {EVAx: 1}")


def put(model: CellModel, study: Study) -> Question:
    return ask(study, model, vocabulary(), Translator(model))


@pytest.fixture(scope="module")
def question(model: CellModel, ask_for: Callable[[str], Study]) -> Question:
    return put(model, ask_for(STUDY))


@pytest.fixture(scope="module")
def ran(model: CellModel, question: Question) -> tuple[Lane, ...]:
    cache = RestCache()
    return tuple(run_lane(model, plan, 0, cache) for plan in question.plans)


@pytest.fixture
def lanes(ran: tuple[Lane, ...]) -> list[Lane]:
    """What ran, in a list that a test may spoil."""
    return list(ran)


def test_a_question_plans_all_arms_and_the_twins_that_a_dependence_needs(
    question: Question,
) -> None:
    names = [plan.name for plan in question.plans]
    assert names == [
        "vehicle",
        "treated",
        "unread",
        starved_name("vehicle"),
        starved_name("treated"),
    ]
    assert question.runs
    assert question.answerable


def test_a_question_reads_what_it_can_and_names_the_rest(question: Question) -> None:
    assert {"tumour.flux.GLS", "tumour.pool.citrate"} <= set(question.readings)
    assert {i: m.name for i, m in question.missing.items()} == {2: "core_fraction"}


def test_an_arm_that_cannot_be_run_leaves_nothing_to_run(
    model: CellModel, ask_for: Callable[[str], Study]
) -> None:
    question = put(model, ask_for(UNSUPPORTED))
    assert not question.runs
    assert not question.answerable
    assert [m.name for m in question.lacking] == ["EVAx"]
    verdicts = judge_all(question, [])
    assert [v.outcome for v in verdicts] == ["not supported"] * 4
    assert all("EVAx" in v.reason for v in verdicts)


def test_a_question_of_which_nothing_can_be_read_is_not_worth_a_run(
    model: CellModel, ask_for: Callable[[str], Study]
) -> None:
    lines = [line for line in STUDY.splitlines() if "expect" not in line and " is: " not in line]
    text = "\n".join(lines)
    one = (
        "\nexpect: [{observable: tumour.core_fraction, arm: treated, versus: vehicle, is: down}]\n"
    )
    question = put(model, ask_for(text + one))
    assert question.runs
    assert not question.answerable


def test_members_give_numbers_at_the_time_that_was_asked(
    model: CellModel, question: Question, lanes: list[Lane]
) -> None:
    found = read_member(question, model, lanes)
    assert found.failures == {}
    at_one = found.values["treated", "tumour.pool.glutamate", 1.0]
    lane = lanes[1]
    volumes = {x: model.network.constants[f"volume.{x}"].value for x in "cm"}
    whole = sum(
        volumes[x] * lane.observed[:, model.observable_index[f"conc.glu_{x}"]] for x in "cm"
    ) / sum(volumes.values())
    assert at_one == pytest.approx(np.interp(1.0, lane.times, whole))
    assert ("treated", "tumour.pool.glutamate", None) not in found.values
    assert ("unread", "tumour.flux.GLS", None) not in found.values


def test_dependence_is_the_share_of_growth_that_glutamine_carries(
    model: CellModel, question: Question, lanes: list[Lane]
) -> None:
    found = read_member(question, model, lanes)
    share = found.values["vehicle", "tumour.glutamine_dependence", None]
    growth = [
        lanes[i].observed[lanes[i].times > 3.6, model.observable_index["net_growth"]].mean()
        for i in (0, 3)
    ]
    assert share > 0.0
    assert share == pytest.approx(1.0 - growth[1] / growth[0], rel=0.02)


def test_verdicts_come_in_the_order_of_the_expectations(
    model: CellModel, question: Question, lanes: list[Lane]
) -> None:
    member = read_member(question, model, lanes)
    outcomes = [v.outcome for v in judge_all(question, [member, member])]
    assert outcomes[:3] == ["holds", "holds", "not supported"]
    assert outcomes[3] in {"holds", "fails"}


def test_a_run_that_failed_is_no_verdict_and_never_a_value(
    model: CellModel, question: Question, lanes: list[Lane]
) -> None:
    sound = read_member(question, model, lanes)
    lanes[1] = replace(lanes[1], code=ResultCode.NEGATIVE_POOL, detail="gln_c fell below -1e-6")
    broken = read_member(question, model, lanes)
    assert np.isnan(broken.values["treated", "tumour.flux.GLS", None])
    verdicts = judge_all(question, [sound, broken])
    assert verdicts[0].outcome == "no verdict"
    assert "treated" in verdicts[0].reason
    assert "member 1" in verdicts[0].reason
    assert "gln_c fell below -1e-6" in verdicts[0].reason
    assert verdicts[2].outcome == "not supported"


def test_a_twin_that_failed_is_no_verdict_on_the_dependence_only(
    model: CellModel, question: Question, lanes: list[Lane]
) -> None:
    lanes[3] = replace(lanes[3], code=ResultCode.MAX_STEPS, detail="too many steps")
    verdicts = judge_all(question, [read_member(question, model, lanes)])
    assert [v.outcome for v in verdicts][:2] == ["holds", "holds"]
    assert verdicts[3].outcome == "no verdict"


def test_an_arm_may_be_called_like_anything(
    model: CellModel, ask_for: Callable[[str], Study]
) -> None:
    """A dependence needs twins of arms; they must not take the place of an arm."""
    text = STUDY.replace("unread:", "vehicle without glutamine:")
    question = put(model, ask_for(text))
    names = [plan.name for plan in question.plans]
    assert len(set(names)) == len(names)


def test_members_start_empty() -> None:
    assert MemberValues() == MemberValues({}, {})
