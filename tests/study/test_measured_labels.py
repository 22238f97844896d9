"""Measured isotopologues: what is no distribution is named, with its file and line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glutarium.errors import KnowledgeError, Location
from glutarium.study.measured_labels import HCT116, check_distribution, read_labels
from glutarium.study.validate_labels import LabelRow, natural_matrix, summarise

HERE = Location(Path("table.tsv"), 7)


def test_a_distribution_comes_back_in_order() -> None:
    found = check_distribution({1: 0.3, 0: 0.7}, 1, HERE, "formate")
    assert found == pytest.approx([0.7, 0.3])


@pytest.mark.parametrize(
    ("fractions", "word"),
    [
        ({0: 0.5, 1: 0.4}, "add up to 0.9"),
        ({0: 1.2, 1: -0.2}, "nothing below 0"),
        ({0: 1.0}, "M1 is missing"),
        ({0: 0.5, 1: 0.25, 2: 0.25}, "M2 is more than the molecule has"),
    ],
)
def test_what_is_no_distribution_is_named(fractions: dict[int, float], word: str) -> None:
    with pytest.raises(KnowledgeError, match=word) as caught:
        check_distribution(fractions, 1, HERE, "formate")
    assert caught.value.location == HERE


@pytest.mark.parametrize(
    ("isotopologue", "word"), [("heavy", "is no isotopologue"), ("4", "M4 stands twice")]
)
def test_mixed_up_isotopologues_are_named(tmp_path: Path, isotopologue: str, word: str) -> None:
    table = tmp_path / HCT116
    table.parent.mkdir(parents=True)
    fibroblast = "method\ttracer\toxygen\ttreatment\tmetabolite\ttime\tisotope\tmean\tse\n"
    import gzip

    name = tmp_path / "04_isotope_tracing" / "copeland2023_lf_mids_mfa_input.tsv.gz"
    name.write_bytes(gzip.compress(fibroblast.encode()))
    rows = [f"(S)-malate(2-)\t{n}\t1\t1\t1" for n in ("0", "1", "2", "3", "4", isotopologue)]
    header = "metabolite\tisotopologue\tDMSO-1\tDMSO-2\tDMSO-3"
    table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=word) as caught:
        read_labels(tmp_path)
    assert caught.value.location == Location(table, 7)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="is not there"):
        read_labels(tmp_path)


def test_natural_abundance_keeps_sums_and_moves_up() -> None:
    matrix = natural_matrix(6)
    assert matrix.sum(axis=0) == pytest.approx(np.ones(7))
    assert np.allclose(matrix, np.tril(matrix))
    assert matrix[1, 0] == pytest.approx(6 * 0.0107 * (1 - 0.0107) ** 5, rel=1e-6)


def test_a_summary_counts_what_is_shown() -> None:
    def row(
        data: float, model: float, *, change: bool | None = None, clear: bool = True
    ) -> LabelRow:
        return LabelRow("x", "malate", 1, data, 0.01, model, model, model, 0.0, change, clear)

    rows = [row(0.5, 0.55, change=True), row(0.2, 0.5, change=False), row(0.01, 0.02)]
    found = summarise(rows)
    assert (found.count, found.changes, found.changes_right) == (2, 2, 1)
    more = summarise([*rows, row(0.3, 0.3, change=False, clear=False)])
    assert (more.changes, more.changes_right) == (2, 1)
    assert (more.all_changes, more.all_right) == (3, 1)
    assert found.mean_error == pytest.approx(0.175)
    assert found.near == pytest.approx(0.5)
