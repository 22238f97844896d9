"""Disputed studies are tried under every answer of the tables that concerns them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.model.drugs import Target
from glutarium.study.check import CheckOptions, check_studies
from glutarium.study.disputes import explained, most_held, tries
from glutarium.study.run import RunOptions, run_studies
from glutarium.study.totals import count
from glutarium.study.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.study.study import Study

TARGETS = (
    Target("V-9302", "v9302_target:SLC38A2", "SLC38A2", "reversible", {}),
    Target("V-9302", "v9302_target:SLC1A5", "SLC1A5", "reversible", {}),
    Target("CB-839", "cb_mode:slow", "GLS", "slow_reversible", {}),
    Target("CB-839", "cb_mode:fast", "GLS", "reversible", {}),
    Target("DON", "", "GLS", "covalent", {}),
)
STUDY = """study: {id}
claims: [{id}]
{disputed}
system: cell
duration: 1 h
setup: {{cells: [tumour], medium: {{glutamine: 0.5}}}}
arms:
  plain: {{}}
  arm: {arm}
expect:
  - {{observable: tumour.flux.SLC38A2, arm: arm, versus: plain, is: {verb}}}
"""
DRUG = "{drug: {V-9302: 25}}"


def written(arm: str = DRUG, *, disputed: str = "", verb: str = "down", name: str = "A") -> str:
    said = f"disputed_with: [{disputed}]" if disputed else ""
    return STUDY.format(id=name, arm=arm, disputed=said, verb=verb)


def answers(study: Study) -> list[dict[str, str]]:
    return [dict(s.setup.alternatives or {}) for s in tries(study, TARGETS)]


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        (DRUG, [{}, {"v9302_target": "SLC1A5"}]),
        ("{at: [{time: 0.5 h, drug: {V-9302: 25}}]}", [{}, {"v9302_target": "SLC1A5"}]),
        ("{pre_treatment: {drug: {V-9302: 25}}}", [{}, {"v9302_target": "SLC1A5"}]),
        ("{drug: {DON: 1}}", [{}]),
        ("{gene: {SLC1A5: 0}}", [{}]),
        ("{drug: {V-9302: 25}, alternatives: {v9302_target: SLC38A2}}", [{}]),
        (
            "{drug: {V-9302: 25, CB-839: 1}}",
            [
                {},
                {"v9302_target": "SLC38A2", "cb_mode": "fast"},
                {"v9302_target": "SLC1A5", "cb_mode": "slow"},
                {"v9302_target": "SLC1A5", "cb_mode": "fast"},
            ],
        ),
    ],
)
def test_only_open_questions_about_its_drugs_are_tried(
    ask_for: Callable[[str], Study], arm: str, expected: list[dict[str, str]]
) -> None:
    assert answers(ask_for(written(arm, disputed="B"))) == expected
    assert answers(ask_for(written(arm))) == [{}]


def test_the_try_of_which_most_holds_stands_and_says_so(ask_for: Callable[[str], Study]) -> None:
    holds, fails = Verdict("holds"), Verdict("fails", reason="no change")
    assert most_held([[fails, holds], [holds, holds]]) == 1
    assert most_held([[holds, fails], [fails, holds]]) == 0
    assert most_held([[]]) == 0
    plain, other = tries(ask_for(written(disputed="B")), TARGETS)
    assert explained([holds], plain, plain) == [holds]
    reasons = [v.reason for v in explained([holds, fails], other, plain)]
    assert reasons == ["under v9302_target: SLC1A5", "no change; under v9302_target: SLC1A5"]


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """One design, answered in opposite ways; the first needs the answer that is not the default."""
    path = tmp_path / "pair.yaml"
    sides = [
        written(disputed="B", verb="down", name="A"),
        written(disputed="A", verb="unchanged", name="B"),
    ]
    path.write_text("---\n".join([*sides, written(verb="down", name="C")]), encoding="utf-8")
    return path


def test_both_sides_of_a_pair_may_hold_and_count_once(pair: Path) -> None:
    records = check_studies([pair], options=CheckOptions(members=1, workers=1))
    assert [r.outcome for r in records] == ["holds", "holds", "fails"]
    assert ["under v9302_target: SLC38A2" in r.reason for r in records] == [True, False, False]
    totals = count(records)
    assert totals.by_outcome["holds"].all == 1
    assert totals.sum.all == 2


def test_a_run_keeps_the_result_of_the_try_that_stands(pair: Path, tmp_path: Path) -> None:
    ran = run_studies([pair], tmp_path / "out", options=RunOptions(members=1, workers=1))
    chosen = [r.result.dataset.attrs["alternatives"] for r in ran.runs if r.result is not None]
    assert chosen == ['{"v9302_target": "SLC38A2"}', "{}", "{}"]
    assert [r.records[0].outcome for r in ran.runs] == ["holds", "holds", "fails"]
