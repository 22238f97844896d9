"""An arm with a grid of doses is written out into arms; what is wrong with it is named with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glutarium.errors import GlutariumError
from glutarium.study.parse import read_studies

if TYPE_CHECKING:
    from glutarium.names import Vocabulary
    from glutarium.study.study import Study

TOP = "study: s\nsystem: cell\nsetup: {cells: [tumour]}\narms:\n"


def _read(text: str, folder: Path, vocabulary: Vocabulary) -> Study:
    path = folder / "s.yaml"
    path.write_text(TOP + text, encoding="utf-8")
    return read_studies([path], vocabulary)[0]


def _drugs(study: Study, arm: str) -> dict[str, object]:
    return dict(study.merged(arm).drug or {})


def test_one_grid_makes_a_curve_with_an_arm_without_drug(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    study = _read("  a: {drug: {CB-839: {grid: [0.01, 1], points: 3}}}\n", tmp_path, vocabulary)
    assert list(study.arms) == ["a CB-839 0", "a CB-839 0.01", "a CB-839 0.1", "a CB-839 1"]
    doses = [_drugs(study, arm)["CB-839"] for arm in study.arms]
    assert doses == [0.0, pytest.approx(0.01), pytest.approx(0.1), pytest.approx(1.0)]
    assert study.grids[0].arms == tuple(study.arms)


def test_two_grids_make_a_surface_and_keep_what_else_the_arm_says(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    study = _read(
        "  c: {}\n"
        "  a: {gene: {GLS: 2}, drug: {DON: 1,\n"
        "      telaglenastat: {grid: [1 nM, 1 uM], points: 2},\n"
        "      rapamycin: {grid: [0.1, 1], points: 3}}}\n",
        tmp_path,
        vocabulary,
    )
    assert len(study.arms) == 1 + 3 * 4
    grid = study.grids[0]
    assert grid.drugs == ("CB-839", "rapamycin")
    assert grid.doses == ((0.0, 0.001, 1.0), (0.0, 0.1, 0.316228, 1.0))
    last = study.merged(grid.arms[-1])
    assert last.drug == {"DON": 1.0, "CB-839": 1.0, "rapamycin": 1.0}
    assert {target.name: fold for target, fold in (last.gene or {}).items()} == {"tumour.GLS": 2.0}


@pytest.mark.parametrize(
    ("drug", "line", "words"),
    [
        ("{CB-839: {grid: [1, 0.1]}}", 5, "not below"),
        ("{CB-839: {grid: [0, 1]}}", 5, "drug.CB-839.grid"),
        ("{CB-839: {grid: [1]}}", 5, "lowest and the highest"),
        ("{CB-839: {grid: [0.1, 1], points: 2.5}}", 5, "whole number from 2 to 25"),
        ("{CB-839: {grid: [0.1, 1], points: 1}}", 5, "whole number from 2 to 25"),
        ("{CB-839: {grid: [0.1, 1], steps: 3}}", 5, "Unknown key 'steps'"),
        ("{CB-839: {grid: [0.1 mg, 1]}}", 5, "drug.CB-839.grid"),
        ("{nonsense: {grid: [0.1, 1]}}", 5, "nonsense"),
        (
            "{CB-839: {grid: [1, 2]}, DON: {grid: [1, 2]}, rapamycin: {grid: [1, 2]}}",
            5,
            "at most 2 drugs",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(
    drug: str, line: int, words: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    with pytest.raises(GlutariumError) as caught:
        _read(f"  a: {{drug: {drug}}}\n", tmp_path, vocabulary)
    assert words in str(caught.value)
    assert caught.value.location is not None
    where = caught.value.location
    assert (Path(where.path).name, where.line) == ("s.yaml", line)


def test_a_grid_in_the_setup_is_refused(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "study: s\nsystem: cell\nsetup: {cells: [tumour], drug: {DON: {grid: [1, 2]}}}\narms: {a: {}}\n",
        encoding="utf-8",
    )
    with pytest.raises(GlutariumError, match="stands in an arm"):
        read_studies([path], vocabulary)


def test_a_grid_may_not_make_an_arm_that_is_there(tmp_path: Path, vocabulary: Vocabulary) -> None:
    with pytest.raises(GlutariumError, match="rename one"):
        _read(
            "  a DON 0: {}\n  a: {drug: {DON: {grid: [1, 2]}}}\n",
            tmp_path,
            vocabulary,
        )
