"""Which cuts an audit runs: by how far a factor swings and how far a verdict is from flipping."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glutarium.errors import ModelError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.audit_kept import read_kept
from glutarium.study.audit_screen import distance_of, likelihood
from glutarium.study.parse import read_studies
from glutarium.study.verdict import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.study.study import Expectation, Verb

STUDY = """
study: one
title: One expectation
system: cell
setup: {cells: [tumour]}
arms: {control: {}, myc: {gene: {MYC: 5}}}
expect:
  - {observable: tumour.expression.GLS, arm: myc, versus: control, is: up}
"""


@pytest.fixture
def expectation(tmp_path: Path) -> Expectation:
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return next(iter(read_studies([path], vocabulary()))).expectations[0]


@pytest.mark.parametrize(("fold", "verb"), [(1.05, "up"), (1 / 1.05, "down"), (1.15, "unchanged")])
def test_where_a_verdict_changes_the_distance_is_zero(
    expectation: Expectation, fold: float, verb: Verb
) -> None:
    asked = replace(expectation, verb=verb)
    assert distance_of(asked, Verdict("holds", fold)) == pytest.approx(0.0, abs=1e-12)
    assert distance_of(asked, Verdict("holds", 4 * fold)) > 0.0


def test_a_bound_of_the_fold_counts_as_well(expectation: Expectation) -> None:
    asked = replace(expectation, factor=(None, 2.0))
    assert distance_of(asked, Verdict("holds", 1.9)) == pytest.approx(math.log(2.0 / 1.9))


def test_what_the_fold_does_not_tell_is_always_close(expectation: Expectation) -> None:
    assert distance_of(replace(expectation, verb="synergy"), Verdict("holds", 0.3)) == 0.0
    assert distance_of(expectation, Verdict("holds", None)) == 0.0


def test_edges_that_stand_still_are_never_cut_and_larger_swings_come_first() -> None:
    swings = {"weak": 0.1, "strong": 1.0}
    assert likelihood(swings, "still", [0.0]) == 0.0
    assert likelihood(swings, "weak", [2.0]) == 0.0
    assert likelihood(swings, "strong", [0.5]) > likelihood(swings, "weak", [0.1]) > 0.0
    assert likelihood(swings, "strong", []) == 0.0


def test_kept_cuts_are_gone_on_with(tmp_path: Path) -> None:
    file = tmp_path / "cuts.jsonl"
    read_kept(file, ["a study"]).add([("edge.A.B.signal", 3)], [(True, None)])
    assert read_kept(file, ["a study"]).known == {("edge.A.B.signal", 3): (True, None)}


def test_kept_cuts_of_other_studies_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "cuts.jsonl"
    read_kept(file, ["a study"])
    with pytest.raises(ModelError, match=r"cuts\.jsonl"):
        read_kept(file, ["another study"])
