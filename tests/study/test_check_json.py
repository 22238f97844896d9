"""The JSON of a check."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glutarium.study.check_json import record_of, to_json
from glutarium.study.parse import read_studies
from glutarium.study.verdict import Verdict

if TYPE_CHECKING:
    from glutarium.names import Vocabulary
    from glutarium.study.check_json import Record

VARIED = Path(__file__).parent / "studies" / "varied.yaml"
VERDICT = Verdict("fails", 0.5, 0.75, "up in 1")


@pytest.fixture(scope="module")
def records(vocabulary: Vocabulary) -> list[Record]:
    studies = read_studies([VARIED], vocabulary)
    return [record_of(s, e, VERDICT) for s in studies for e in s.expectations]


def test_the_keys_are_those_of_the_format(records: list[Record]) -> None:
    items = json.loads(to_json(records))
    assert len(items) == len(records) == 11
    assert items[0] == {
        "study": "knock-out",
        "claims": ["T-001", "T-002"],
        "system": "cell",
        "observable": "tumour.pool.glutamate",
        "arm": "off",
        "versus": "wild_type",
        "is": "down",
        "hard": False,
        "fold": 0.5,
        "agreement": 0.75,
        "verdict": "fails",
        "reason": "up in 1",
    }


def test_pairs_are_lists_and_rescues_are_set_against_the_insult(records: list[Record]) -> None:
    items = json.loads(to_json(records))
    assert (items[2]["arm"], items[2]["versus"]) == (["both", "one"], ["two", "none"])
    assert (items[3]["arm"], items[3]["versus"]) == ("fed", "insult")
    assert items[5]["versus"] is None  # a value


def test_numbers_that_json_has_not_are_null(vocabulary: Vocabulary) -> None:
    study = read_studies([VARIED], vocabulary)[0]
    verdict = Verdict("holds", math.inf, math.nan)
    record = record_of(study, study.expectations[0], verdict)
    (item,) = json.loads(to_json([record]))
    assert (item["fold"], item["agreement"]) == (None, None)


def test_the_rule_is_recorded_beside_the_verdict(records: list[Record]) -> None:
    assert [record.rule for record in records] == [not record.hard for record in records]
