"""The rule without a model, on questions to which its answer is plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.knowledge.base import load
from glutarium.study.modelfree import Background, background_of, predict, rule_holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.study.study import Study

    Reader = Callable[[str], list[Study]]

BACKGROUND = Background(
    media={"RPMI-1640": {"glutamine": 2.0, "glucose": 11.0, "leucine": 0.4}},
    groups={"amino_acids": frozenset({"glutamine", "leucine"})},
)
SETUP = (
    "cells: [tumour], genotype: [KRAS], drug: {rapamycin: 0.1}, gene: {GLS: 0.5}, "
    "medium: {glucose: 5, amino_acids: 0.5}, stimulus: {TCR: 0.5}, tracer: U-13C-glutamine"
)


def _study(read: Reader, arm: str, versus: str = "{}", verb: str = "is: up") -> Study:
    (study,) = read(
        f"study: s\nsystem: cell\nsetup: {{{SETUP}}}\narms: {{arm: {arm}, versus: {versus}}}\n"
        f"expect: [{{observable: tumour.growth_rate, arm: arm, versus: versus, {verb}}}]\n"
    )
    return study


def _predict(study: Study) -> str | None:
    return predict(study, study.expectations[0], BACKGROUND)


@pytest.mark.parametrize(
    ("arm", "prediction"),
    [
        ("{gene: {GLUL: 3}}", "up"),
        ("{gene: {GLUL: 0}}", "down"),
        ("{gene: {GLS: 0.7}}", "up"),  # half in the setup
        ("{gene: {tumour.GLS: 0.5}}", None),  # as it was
        ("{medium: {glucose: 4}}", "down"),
        ("{medium: {glutamine: 1.5}}", "up"),  # the group halves the base medium's 2 mM
        ("{medium: {amino_acids: 0.1}}", "down"),
        ("{medium: {lactate: 1}}", "up"),  # not in the medium before
        ("{medium: {pH: 6.5}}", None),  # not an amount
        ("{medium: {base: DMEM}}", None),
        ("{supplement: {aspartate: 10}}", "up"),
        ("{drug: {CB-839: 1}}", "down"),
        ("{drug: {rapamycin: 0}}", "up"),
        ("{drug: {DON: {dose: 1 mg, route: iv}}}", "down"),
        ("{oxygen: 0.01}", "down"),
        ("{oxygen: 0.21}", None),
        ("{stimulus: {IL2: 1}}", "up"),
        ("{stimulus: {TCR: 0}}", "down"),
        ("{add_cells: [tam]}", "up"),
        ("{add_cells: [tumour]}", None),
        ("{genotype: [KRAS, MYC]}", "up"),
        ("{genotype: [KRAS, PTEN]}", "down"),
        ("{genotype: []}", "down"),
        ("{genotype: [KRAS, IDH1_mut]}", "up"),
        ("{tracer: U-13C-glucose}", None),
        ("{tracer: U-13C-glutamine, gene: {GLUL: 0}}", "down"),
        ("{clones: {MYC: 1}}", None),
        ("{gene: {GLUL: 0}, oxygen: 0.01}", "down"),  # both take away
        ("{gene: {GLUL: 3}, oxygen: 0.01}", None),  # both ways
    ],
)
def test_more_gives_more_and_less_gives_less(
    read: Reader, arm: str, prediction: str | None
) -> None:
    assert _predict(_study(read, arm)) == prediction


def test_an_arm_that_adds_has_more_than_one_that_takes_away(read: Reader) -> None:
    assert _predict(_study(read, "{gene: {GLUL: 3}}", "{gene: {GLS: 0}}")) == "up"
    assert _predict(_study(read, "{gene: {GLS: 0}}", "{gene: {GLUL: 3}}")) == "down"


def test_two_arms_that_both_take_away_cannot_be_told_apart(read: Reader) -> None:
    assert _predict(_study(read, "{gene: {GLUL: 0, GLS: 0}}", "{gene: {GLUL: 0}}")) is None


@pytest.mark.parametrize(
    "verb",
    [
        "is: up, factor: [1.5, null]",
        "is: up, versus_observable: tumour.viability",
        "is: synergy, a: arm, b: arm",
        "is: value, factor: [0, 1]",
    ],
)
def test_what_is_beyond_the_rule(read: Reader, verb: str) -> None:
    assert _predict(_study(read, "{gene: {GLUL: 3}}", verb=verb)) is None


def test_unchanged_is_never_what_the_rule_says(read: Reader) -> None:
    study = _study(read, "{gene: {GLUL: 3}}", verb="is: unchanged")
    assert _predict(study) == "up"
    assert not rule_holds(study, study.expectations[0], BACKGROUND)


@pytest.mark.parametrize(("verb", "right"), [("rescued", True), ("not_rescued", False)])
def test_whatever_is_added_to_an_insult_rescues(read: Reader, verb: str, *, right: bool) -> None:
    study = _study(read, "{}", verb=f"is: {verb}, baseline: arm, insult: versus")
    assert rule_holds(study, study.expectations[0], BACKGROUND) is right


def test_without_a_medium_only_nothing_is_less(read: Reader) -> None:
    for value, prediction in ((0, "down"), (1, None)):
        study = _study(read, f"{{medium: {{lactate: {value}}}}}")
        assert predict(study, study.expectations[0], Background()) == prediction


def test_the_tables_say_what_is_in_a_medium() -> None:
    media = background_of(load()).media
    assert media["DMEM"]["glucose"] > media["RPMI-1640"]["glucose"] > media["plasma"]["glucose"]
    assert media["plasma"]["glutamine"] < 1
