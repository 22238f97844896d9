"""Measured isotopologues from a table and from mzTab-M: what is read, and what is named with its line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from glutarium.errors import KnowledgeError, Location, MissingExtraError
from glutarium.study.read_isotopologues import read_isotopologues

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "metabolite\tisotopologue\tvalue\terror\tarm\thours"
TABLE = [
    "glycine\tM0\t0.6\t0.01\tvehicle\t24",
    "glycine\tM+1\t0.3\t\tvehicle\t24",
    "glycine\t2\t0.1\t0.01\tvehicle\t24",
]
MZTAB = """MTD\tmzTab-version\t2.0.0-M
MTD\tmzTab-ID\t1
MTD\tassay[1]\ta
MTD\tassay[2]\tb
MTD\tassay[3]\tc
MTD\tstudy_variable[1]\tvehicle
MTD\tstudy_variable[1]-assay_refs\tassay[1]| assay[2]
MTD\tstudy_variable[2]\tcb839
MTD\tstudy_variable[2]-assay_refs\tassay[3]

SMH\tSML_ID\tSMF_ID_REFS\tchemical_name\tchemical_formula\tabundance_assay[1]
SML\t1\t1|2|3\tglycine\tC2H5NO2\tnull

SFH\tSMF_ID\tSME_ID_REFS\tisotopomer\tabundance_assay[1]\tabundance_assay[2]\tabundance_assay[3]
SMF\t1\tnull\tnull\t60\t58\t90
SMF\t2\tnull\t[MS, MS:1002957, isotopomer MS peak, +1]\t30\t32\t10
SMF\t3\tnull\t[MS, MS:1002957, isotopomer MS peak, +2]\t10\t10\tnull
"""


def table(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "labels.tsv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def mztab(folder: Path, text: str = MZTAB) -> Path:
    path = folder / "labels.mztab"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_read(tmp_path: Path) -> None:
    path = table(tmp_path, *TABLE)
    (found,) = read_isotopologues(path)
    assert (found.metabolite, found.arm, found.hours) == ("glycine", "vehicle", 24.0)
    assert found.values == pytest.approx([0.6, 0.3, 0.1])
    assert found.errors[0] == 0.01
    assert math.isnan(found.errors[1])
    assert found.location == Location(path, 2)


@pytest.mark.parametrize(
    ("row", "line", "word"),
    [
        ("glycine\tM1\t0.3\t\tvehicle\t24", 5, "M1 stands twice"),
        ("glycine\theavy\t0.3\t\tvehicle\t24", 5, "is no isotopologue"),
        ("glycine\tM3\tmuch\t\tvehicle\t24", 5, "value is 'much'"),
        ("glycine\tM3\t\t\tvehicle\t24", 5, "has no value"),
        ("glycine\tM3\t0.5\t\tvehicle\t24", 2, "add up to 1.5"),
        ("glycine\tM4\t0.0\t\tvehicle\t24", 2, "M3 is missing.*or is M4 the wrong number"),
    ],
)
def test_bad_rows_are_named_with_their_line(tmp_path: Path, row: str, line: int, word: str) -> None:
    path = table(tmp_path, *TABLE, row)
    with pytest.raises(KnowledgeError, match=word) as caught:
        read_isotopologues(path)
    assert caught.value.location == Location(path, line)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = table(tmp_path, "glycine\tM0\t1", head="metabolite\tisotopologue\tvalue")
    with pytest.raises(KnowledgeError, match="no column 'error'") as caught:
        read_isotopologues(path)
    assert caught.value.location == Location(path, 1)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="is not there"):
        read_isotopologues(tmp_path / "none.tsv")


def test_mztab_needs_its_library(tmp_path: Path) -> None:
    try:
        import pyteomics  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtraError, match="pyteomics"):
            read_isotopologues(mztab(tmp_path))


def test_mztab_is_read_by_study_variable(tmp_path: Path) -> None:
    pytest.importorskip("pyteomics")
    vehicle, drug = read_isotopologues(mztab(tmp_path))
    assert (vehicle.metabolite, vehicle.arm, drug.arm) == ("glycine", "vehicle", "cb839")
    assert vehicle.values == pytest.approx([0.59, 0.31, 0.10])
    assert vehicle.errors == pytest.approx([0.01, 0.01, 0.0])
    assert drug.values == pytest.approx([0.9, 0.1, 0.0])
    assert vehicle.location.line == 12


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("peak, +2]", "peak, +1]", 17, "are both isotopologue M1"),
        ("peak, +2]", "peak, heavy]", 17, "must be a number of heavy atoms"),
        ("1|2|3", "1|2|9", 12, "no such SMF row"),
        ("C2H5NO2", "C3H7NO2", 12, "M3 is missing"),
        ("2.0.0-M", "1.0.0", None, "read from mzTab-M"),
    ],
)
def test_bad_features_are_named_with_their_line(
    tmp_path: Path, old: str, new: str, line: int | None, word: str
) -> None:
    pytest.importorskip("pyteomics")
    path = mztab(tmp_path, MZTAB.replace(old, new))
    with pytest.raises(KnowledgeError, match=word) as caught:
        read_isotopologues(path)
    assert caught.value.location == Location(path, line)
