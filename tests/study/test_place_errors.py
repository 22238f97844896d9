"""What is wrong about cells that share a place is named: what was read, what was expected, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.errors import GlutariumError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study


def read(folder: Path, system: str, setup: str, arms: str = "{a: {}}") -> Study:
    path = folder / "place.yaml"
    path.write_text(f"study: s\nsystem: {system}\nsetup: {setup}\narms: {arms}\n")
    (found,) = read_studies([path], vocabulary())
    return found


@pytest.mark.parametrize(
    ("setup", "words", "line"),
    [
        (
            "{cells: {tumour: {fraction: 0.7}, tam: {fraction: 0.7}}}",
            "tumour 0.7, tam 0.7 are 1.4",
            3,
        ),
        ("{cells: {tumour: {fraction: 0.3}, tam: {fraction: 0.3}}}", "are 0.6 together", 3),
        ("{cells: {tumour: {density: -0.1}}}", "tumour.density: '-0.1'.*zero or more", 3),
        ("{cells: [tumor_cellz]}", "Unknown cell or organ 'tumor_cellz'; did you mean tumour", 3),
        (
            "{cells: [tumour], clones: {MYC: 0.5, none: 0.7}}",
            "MYC 0.5, none 0.7 are 1.2 together",
            4,
        ),
        ("{cells: [tumour], clones: {MYC: 0.2}}", "MYC 0.2 are 0.2 together.*add up to 1", 4),
        (
            "{cells: [tumour], clones: {MYC: -0.5, none: 1.5}}",
            "clones.MYC: -0.5 is not between 0",
            3,
        ),
        ("{cells: [tumour], clones: {MYCC: 1.0}}", "Unknown genotype 'MYCC'", 3),
        ("{cells: [tumour], spheroid: -5}", "spheroid: '-5'.*more than zero", 3),
        ("{cells: [tumour], spheroid: 5 h}", "'h' is not a unit of length", 3),
        ("{cells: [tumour], gene: {tumour.number: -1}}", "tumour.number: '-1'.*zero or more", 3),
    ],
)
def test_what_cannot_be_read_is_refused(setup: str, words: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(GlutariumError, match=words) as caught:
        read(tmp_path, "coculture", setup)
    assert f"place.yaml, line {line}" in str(caught.value)


def test_clones_of_setup_and_arm_count_together(tmp_path: Path) -> None:
    with pytest.raises(GlutariumError, match=r"none 1, MYC 0.5 are 1.5 together"):
        read(
            tmp_path,
            "tissue",
            "{cells: [tumour], clones: {none: 1.0}}",
            "{a: {clones: {MYC: 0.5}}}",
        )
    found = read(
        tmp_path,
        "tissue",
        "{cells: [tumour], clones: {none: 1.0}}",
        "{a: {clones: {none: 0.5, MYC: 0.5}}}",
    )
    assert found.merged("a").clones == {"none": 0.5, "MYC": 0.5}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (("tissue", "{cells: {tumour: {fraction: 1.0}, tam: {}}}", "{a: {}}"), "left nothing of 1"),
        (
            ("tissue", "{cells: {tumour: {density: 0.1}, tam: {}}}", "{a: {}}"),
            "density of tumour.*fraction",
        ),
        (
            ("coculture", "{cells: [tam], clones: {none: 1}}", "{a: {}}"),
            "none of the cells has any; tumour",
        ),
        (
            ("coculture", "{cells: [tumour]}", "{a: {gene: {tam.number: 2}}}"),
            "tam.*not in the dish",
        ),
        (("cell", "{cells: [tumour], clones: {none: 1}}", "{a: {}}"), "clones"),
        (
            (
                "coculture",
                "{cells: [tumour], clones: {none: 1}}",
                "{a: {at: [{time: 3 h, clones: {MYC: 1}}]}}",
            ),
            "clones.*not from a time on",
        ),
        (
            ("coculture", "{cells: [tumour]}", "{a: {at: [{time: 3 h, add_cells: [tam]}]}}"),
            "add_cells.*not from a time on",
        ),
    ],
)
def test_what_cannot_be_run_is_not_supported_and_says_why(
    text: tuple[str, str, str], words: str, tmp_path: Path, model: CellModel
) -> None:
    _, lacking = Translator(model).plans(read(tmp_path, *text))
    assert lacking
    with pytest.raises(AssertionError, match=words):
        raise AssertionError("; ".join(map(str, lacking)))
