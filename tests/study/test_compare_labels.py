"""One's own isotopologues beside the arms of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.errors import KnowledgeError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.compare_labels import compare_labels
from glutarium.study.parse import read_studies
from glutarium.study.read_isotopologues import read_isotopologues

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.study.study import Study

STUDY = """
study: mine
title: A tracer
system: cell
setup: {cells: [tumour], tracer: U-13C-glutamine}
arms: {vehicle: {}, starved: {medium: {glucose: 1}}}
expect:
  - {observable: tumour.label.citrate_M5, arm: starved, versus: vehicle, is: up}
"""
HEAD = "metabolite\tisotopologue\tvalue\terror\tarm\thours\n"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    path = tmp_path / "mine.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return read_studies([path], vocabulary())[0]


def table(folder: Path, *rows: str) -> Path:
    path = folder / "labels.tsv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_predictions_stand_beside_the_data(tmp_path: Path, study: Study) -> None:
    shares = (0.1, 0.0, 0.1, 0.2, 0.0, 0.6)
    path = table(tmp_path, *(f"glutamate\tM{n}\t{v}\t\tvehicle\t12" for n, v in enumerate(shares)))
    rows = compare_labels(study, read_isotopologues(path), members=1, workers=1)
    assert [row.count for row in rows] == list(range(6))
    assert rows[0].condition == "mine, vehicle, 12 h"
    assert sum(row.model for row in rows) == pytest.approx(1.0, abs=1e-9)
    assert rows[5].model > 0.3


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("glutamate\tM0\t1\t\tcb839\t12", "has no arm 'cb839'"),
        ("glutamate\tM0\t1\t\tvehicle\t900", "runs for"),
        ("glutamate\tM0\t1\t\t\t12", "has no arm ''"),
    ],
)
def test_data_that_do_not_fit_the_study_are_named(
    tmp_path: Path, study: Study, row: str, word: str
) -> None:
    path = table(tmp_path, row)
    with pytest.raises(KnowledgeError, match=word) as caught:
        compare_labels(study, read_isotopologues(path), members=1)
    assert caught.value.location is not None
    assert caught.value.location.line == 2


def test_isotopologues_that_the_molecule_does_not_have_are_named(
    tmp_path: Path, study: Study
) -> None:
    rows = [f"glutamate\tM{n}\t{float(n == 0)}\t\tvehicle\t12" for n in range(9)]
    with pytest.raises(KnowledgeError, match="M8 cannot be") as caught:
        compare_labels(study, read_isotopologues(table(tmp_path, *rows)), members=1)
    assert caught.value.location is not None
    assert caught.value.location.line == 2
