"""Totals three ways, and disputed pairs counted once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from glutarium.study.check_json import Record
from glutarium.study.totals import Count, count, count_by, once_per_dispute, render, render_outcomes
from glutarium.study.verdict import OUTCOMES, Outcome

PLAIN = Record(
    study="a",
    layer="fate",
    claims=(),
    system="cell",
    disputed_with=(),
    observable="tumour.growth_rate",
    arm=("x",),
    versus=("y",),
    verb="up",
    claim=None,
    hard=False,
    outcome="holds",
    fold=1.0,
    agreement=1.0,
    reason="",
    rule=True,
)
RECORDS = st.lists(
    st.builds(
        lambda study, layer, outcome, hard: replace(
            PLAIN, study=study, layer=layer, outcome=outcome, hard=hard, rule=not hard
        ),
        st.sampled_from("abcd"),
        st.sampled_from(["fate", "immune"]),
        st.sampled_from(OUTCOMES),
        st.booleans(),
    ),
    max_size=20,
)


def _side(study: str, other: str, *outcomes: Outcome) -> list[Record]:
    first = replace(PLAIN, study=study, claims=(f"claim-{study}",), disputed_with=(other,))
    return [replace(first, outcome=outcome) for outcome in outcomes]


@given(records=RECORDS)
def test_every_record_is_counted_once(records: list[Record]) -> None:
    totals = count(records)
    hard = sum(record.hard for record in records)
    assert totals.sum == Count(len(records), hard, len(records) - hard)
    for outcome in OUTCOMES:
        assert totals.by_outcome[outcome].all == sum(r.outcome == outcome for r in records)


@given(records=RECORDS)
def test_the_layers_add_up(records: list[Record]) -> None:
    layers = count_by(records, lambda record: record.layer)
    assert sum((totals.sum for totals in layers.values()), Count()) == count(records).sum


def test_judged_is_what_the_model_could_simulate() -> None:
    records = [replace(PLAIN, outcome=outcome) for outcome in OUTCOMES]
    assert count(records).judged.all == 2


def test_of_a_disputed_pair_the_better_side_counts() -> None:
    worse = _side("a", "b", "holds", "fails")
    better = _side("b", "claim-a", "holds")
    assert once_per_dispute([*worse, *better]) == better
    assert count([*better, *worse]).sum.all == 1


def test_between_equals_the_judged_side_counts_then_the_first() -> None:
    unsupported, failed = _side("a", "b", "not supported"), _side("b", "a", "fails")
    assert once_per_dispute([*unsupported, *failed]) == failed
    first, second = _side("a", "b", "fails"), _side("b", "a", "fails")
    assert once_per_dispute([*first, *second]) == first


def test_a_dispute_with_nobody_there_counts() -> None:
    records = _side("a", "z", "holds", "fails")
    assert once_per_dispute(records) == records


def test_a_study_that_disputes_itself_counts() -> None:
    records = _side("a", "a", "holds")
    assert once_per_dispute(records) == records


def test_the_same_id_in_two_files_is_two_studies() -> None:
    here, there = _side("a", "b", "fails"), _side("b", "a", "holds")
    elsewhere = [replace(record, layer="immune", disputed_with=()) for record in here]
    assert once_per_dispute([*here, *there, *elsewhere]) == [*there, *elsewhere]


def test_the_table_shows_all_hard_and_the_rule_side_by_side() -> None:
    records = [PLAIN, replace(PLAIN, hard=True, rule=False, outcome="fails")]
    records.append(replace(PLAIN, layer="immune", outcome="not supported"))
    table = render(count_by(records, lambda record: record.layer), "layer").splitlines()
    assert table[0].split()[:6] == ["layer", "holds", "hard", "rule", "expectations", "rule"]
    assert table[1].split() == ["fate", "1/2", "0/1", "1/2", "2", "1", "0", "0"]
    assert table[2].split() == ["immune", "0/0", "0/0", "0/0", "1", "1", "1", "0"]
    assert table[3].split() == ["all", "1/2", "0/1", "1/2", "3", "2", "1", "0"]


def test_every_outcome_has_its_line_three_ways() -> None:
    hard = replace(PLAIN, hard=True, rule=False)
    lines = render_outcomes(count([PLAIN, hard, replace(hard, outcome="fails")])).splitlines()
    assert [line.rsplit(maxsplit=3) for line in lines[1:]] == [
        ["holds", "2", "1", "1"],
        ["fails", "1", "1", "0"],
        ["not supported", "0", "0", "0"],
        ["no verdict", "0", "0", "0"],
        ["sum", "3", "2", "1"],
    ]
