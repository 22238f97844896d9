"""Verdicts at and around the thresholds of the format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.names import Observable
from glutarium.study.study import Expectation
from glutarium.study.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.study.study import Verb
    from glutarium.study.verdict import Verdict

GROWTH = Observable("tumour.growth_rate", "cell", "tumour", "growth_rate")
POOL = Observable("tumour.pool.glutamate", "cell", "tumour", "pool", "glutamate")
UP = Expectation(POOL, "up", ("arm",), ("versus",))
RESCUED = Expectation(GROWTH, "rescued", ("arm",), baseline="baseline", insult="insult")
SYNERGY = Expectation(GROWTH, "synergy", ("both",), ("none",), a="a", b="b")


def _judge(expectation: Expectation, values: Mapping[str, Sequence[float]]) -> Verdict:
    return judge(expectation, {(arm, expectation.observable.name): v for arm, v in values.items()})


def _members(agreeing: int, total: int, good: float, bad: float) -> list[float]:
    return [good] * agreeing + [bad] * (total - agreeing)


@given(total=st.integers(1, 60), data=st.data())
def test_eighty_percent_are_enough_and_less_are_not(total: int, data: st.DataObject) -> None:
    agreeing = data.draw(st.integers(0, total))
    verdict = _judge(UP, {"arm": _members(agreeing, total, 2, 1), "versus": [1] * total})
    assert verdict.outcome == ("holds" if 10 * agreeing >= 8 * total else "fails")
    assert verdict.agreement == pytest.approx(agreeing / total)


@pytest.mark.parametrize(("agreeing", "outcome"), [(8, "holds"), (7, "fails")])
@pytest.mark.parametrize("verb", ["up", "down", "unchanged"])
def test_exactly_eighty_percent(verb: Verb, agreeing: int, outcome: str) -> None:
    good, bad = {"up": (2.0, 1.0), "down": (0.5, 1.0), "unchanged": (1.0, 2.0)}[verb]
    values = {"arm": _members(agreeing, 10, good, bad), "versus": [1.0] * 10}
    assert _judge(replace(UP, verb=verb), values).outcome == outcome


@pytest.mark.parametrize(
    ("verb", "ratio", "outcome"),
    [
        ("up", 1.05, "holds"),
        ("up", 1.049, "fails"),
        ("up", 0.5, "fails"),
        ("down", 0.95, "holds"),
        ("down", 0.951, "fails"),
        ("unchanged", 1.149, "holds"),
        ("unchanged", 1.15, "fails"),
        ("unchanged", 0.851, "holds"),
        ("unchanged", 0.85, "fails"),
    ],
)
@pytest.mark.parametrize("scale", [1e-5, 0.3, 7.0])
def test_how_much_is_a_change(verb: Verb, ratio: float, outcome: str, scale: float) -> None:
    values = {"arm": [ratio * scale] * 3, "versus": [scale] * 3}
    assert _judge(replace(UP, verb=verb), values).outcome == outcome


@given(values=st.lists(st.floats(-5, 5), min_size=1, max_size=8))
def test_equal_arms_are_unchanged_and_neither_up_nor_down(values: list[float]) -> None:
    same = {"arm": values, "versus": values}
    assert _judge(replace(UP, verb="unchanged"), same).outcome == "holds"
    assert _judge(UP, same).outcome == "fails"
    assert _judge(replace(UP, verb="down"), same).outcome == "fails"


def test_the_median_fold_must_lie_in_the_factor() -> None:
    values = {"arm": [3.0, 3.0, 3.0], "versus": [1.0, 1.0, 1.0]}
    assert _judge(replace(UP, factor=(2, None)), values).outcome == "holds"
    verdict = _judge(replace(UP, factor=(None, 2)), values)
    assert verdict.outcome == "fails"
    assert verdict.fold == pytest.approx(3)
    assert "median fold 3 is outside [-inf, 2]" in verdict.reason


def test_a_fall_to_nothing_lies_within_any_factor_from_zero() -> None:
    values = {"arm": [-0.01, 0.0], "versus": [0.03, 0.03]}
    expectation = replace(UP, observable=GROWTH, verb="down", factor=(0.0, 0.6))
    assert _judge(expectation, values).outcome == "holds"


def test_an_infinite_fold_is_not_reported_as_a_number() -> None:
    verdict = _judge(UP, {"arm": [1.0], "versus": [0.0]})
    assert (verdict.outcome, verdict.fold) == ("holds", None)


def test_a_failure_says_what_the_members_did() -> None:
    verdict = _judge(UP, {"arm": [2.0, 0.5, 1.0], "versus": [1.0, 1.0, 1.0]})
    assert verdict.reason == "up in 1, down in 1, changed by less than 5 % in 1 members"


@pytest.mark.parametrize(
    ("arm", "rescued", "not_rescued"),
    [(1.0, "holds", "fails"), (0.5, "holds", "fails"), (0.49, "fails", "fails"),
     (0.2, "fails", "fails"), (0.19, "fails", "holds"), (-0.5, "fails", "holds")],
)  # fmt: skip
@pytest.mark.parametrize("sign", [1, -1])
def test_rescue_in_either_direction(arm: float, rescued: str, not_rescued: str, sign: int) -> None:
    # Baseline 1, insult 0 (or the other way round): `arm` is the share that is undone.
    values = {
        "baseline": [2.0 + sign] * 5,
        "insult": [2.0] * 5,
        "arm": [2.0 + sign * arm] * 5,
    }
    assert _judge(RESCUED, values).outcome == rescued
    assert _judge(replace(RESCUED, verb="not_rescued"), values).outcome == not_rescued


@pytest.mark.parametrize("verb", ["rescued", "not_rescued"])
def test_there_is_nothing_to_rescue_without_an_insult(verb: Verb) -> None:
    values = {"baseline": [1.0] * 5, "insult": [0.99] * 5, "arm": [1.0] * 5}
    verdict = _judge(replace(RESCUED, verb=verb), values)
    assert verdict.outcome == "fails"
    assert "only 0 of 5" in verdict.reason


@pytest.mark.parametrize(
    ("both", "outcome"), [(0.2, "holds"), (0.25, "fails"), (0.4, "fails"), (-0.1, "holds")]
)
def test_synergy_is_more_than_bliss(both: float, outcome: str) -> None:
    values = {"none": [2.0] * 5, "a": [1.0] * 5, "b": [1.0] * 5, "both": [2 * both] * 5}
    assert _judge(SYNERGY, values).outcome == outcome


def test_synergy_needs_a_loss_and_a_living_control() -> None:
    gain = {"none": [1.0], "a": [1.5], "b": [1.5], "both": [1.8]}
    assert _judge(SYNERGY, gain).outcome == "fails"
    dead = {"none": [0.0], "a": [-1.0], "b": [-1.0], "both": [-9.0]}
    assert _judge(SYNERGY, dead).outcome == "fails"
    # Two killing drugs: the product of two negative shares is no growth.
    killed = {"none": [1.0], "a": [-1.0], "b": [-1.0], "both": [0.5]}
    assert _judge(SYNERGY, killed).outcome == "fails"


@pytest.mark.parametrize(
    ("factor", "outcome"),
    [((1.0, 3.0), "holds"), ((2.0, 2.0), "holds"), ((None, 1.9), "fails"), ((2.1, None), "fails")],
)
def test_a_value_is_judged_by_its_median(
    factor: tuple[float | None, float | None], outcome: str
) -> None:
    expectation = Expectation(POOL, "value", ("arm",), factor=factor)
    verdict = _judge(expectation, {"arm": [1.0, 2.0, 9.0]})
    assert (verdict.outcome, verdict.fold) == (outcome, 2.0)


def test_a_pair_stands_for_its_ratio() -> None:
    expectation = Expectation(POOL, "down", ("x", "y"), ("v", "w"))
    values = {"x": [1.0] * 4, "y": [4.0] * 4, "v": [3.0] * 4, "w": [6.0] * 4}
    verdict = _judge(expectation, values)
    assert verdict.outcome == "holds"
    assert verdict.fold == pytest.approx(0.5)
    # Two arms that fall alike differ in nothing.
    values["x"] = [2.0] * 4
    assert _judge(expectation, values).outcome == "fails"


def test_a_cell_that_shrinks_when_left_alone_has_no_sensitivity() -> None:
    expectation = Expectation(GROWTH, "down", ("x", "y"), ("v", "w"))
    values = {"x": [0.01], "y": [-0.02], "v": [0.01], "w": [0.02]}
    for verb in ("up", "down", "unchanged"):
        assert _judge(replace(expectation, verb=verb), values).outcome == "fails"


def test_another_observable_in_versus() -> None:
    expectation = replace(UP, versus=("arm",), versus_observable=GROWTH)
    values = {("arm", POOL.name): [3.0], ("arm", GROWTH.name): [1.0]}
    assert judge(expectation, values).outcome == "holds"
    # Each side has the floor of its own family: both are as good as nothing here.
    values = {("arm", POOL.name): [1e-7], ("arm", GROWTH.name): [5e-5]}
    assert judge(replace(expectation, verb="unchanged"), values).outcome == "holds"


def test_a_failed_run_makes_no_verdict() -> None:
    values = {("arm", POOL.name): [1.0, 2.0], ("versus", POOL.name): [1.0, np.nan]}
    verdict = judge(UP, values)
    assert (verdict.outcome, verdict.fold, verdict.agreement) == ("no verdict", None, None)
    assert "1 of 2 members" in verdict.reason
    named = judge(UP, values, failures={"versus": "member 1: step size too small"})
    assert named.reason == "a run of arm 'versus' failed: member 1: step size too small"
    elsewhere = judge(UP, {**values, ("versus", POOL.name): [1.0, 1.0]}, failures={"other": "x"})
    assert elsewhere.outcome == "fails"


def test_a_missing_value_makes_no_verdict() -> None:
    verdict = judge(UP, {("arm", POOL.name): [1.0]})
    assert verdict.outcome == "no verdict"
    assert "'versus' has no value of tumour.pool.glutamate" in verdict.reason
    assert judge(UP, {("arm", POOL.name): [], ("versus", POOL.name): []}).outcome == "no verdict"


def test_what_is_missing_in_the_model_is_passed_on() -> None:
    verdict = judge(UP, {}, missing="drug 'DON'")
    assert (verdict.outcome, verdict.reason) == ("not supported", "drug 'DON'")
