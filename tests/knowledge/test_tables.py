"""Tables: what a row must have, and that a bad one is named with file, line and what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import KnowledgeError
from glutarium.knowledge.evidence import Evidence, Record
from glutarium.knowledge.records import RECORDS, Constant, Metabolite, Pool
from glutarium.knowledge.tables import columns, parse_table, read_table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.knowledge.conftest import Spoil

HEADER = "id\tvalue\tlow\thigh\tunit\tbasis\tsource\tconfidence\tclaims\tnote\n"


def test_rows_become_records_with_file_and_line(spoil: Spoil) -> None:
    base = spoil()
    first, second = read_table(base.path("pools"), Pool)
    assert (first.species, first.value, first.low, first.high) == ("gln_c", 4.0, 1.0, 20.0)
    assert (first.source, first.claims) == (("Own2026",), ("S0-001",))
    assert (second.location.path, second.location.line) == (base.path("pools"), 3)
    assert second.span == (4.7, 5.8, 7.0)


def test_lists_and_empty_numbers_are_read(spoil: Spoil) -> None:
    base = spoil()
    km, keq = base.kinetics
    assert km.source == ("Own2026", "Muir2017")
    assert (keq.low, keq.high, keq.claims) == (None, None, ())


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "constants.tsv"
    path.write_text(
        "note\tid\tunit\tvalue\tbasis\tsource\tlow\thigh\tclaims\tconfidence\n"
        "a note\tx\tmM\t2\tassumed\tOwn\t\t\t\tC\n"
    )
    (row,) = read_table(path, Constant)
    assert (row.id, row.value, row.unit, row.note) == ("x", 2.0, "mM", "a note")


def test_whole_columns_read_as_rows_do(spoil: Spoil) -> None:
    base = spoil()
    whole = read_table(base.path("pools"), Pool)
    text = base.path("pools").read_text().rstrip("\n")
    base.path("pools").write_text(f"{text}\nbad\n")  # one bad row: all are read one by one
    single, errors = parse_table(base.path("pools"), Pool)
    assert single == whole
    assert len(errors) == 1


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("4|1|20", "four|1|20", ["'value' of 'gln_c' is 'four'", "finite number"]),
        ("4|1|20", "nan|1|20", ["'nan'", "finite number"]),
        ("4|1|20", "1_0|1|20", ["'1_0'"]),
        ("4|1|20", "|1|20", ["'value'", "''"]),
        ("4|1|20", "0.5|1|20", ["low 1.0, value 0.5, high 20.0", "low <= value <= high"]),
        ("4|1|20", "21|1|20", ["low <= value <= high"]),
        ("4|1|20", "4||3", ["low <= value <= high"]),
        ("mM|measured", "|measured", ["'unit' of 'gln_c' is empty"]),
        ("mM|measured", "mM|", ["'basis' of 'gln_c' is empty"]),
        ("mM|measured", "mM|guessed", ["'guessed'", "measured, fitted, borrowed, assumed"]),
        ("measured|Own2026", "measured|", ["'source' of 'gln_c' is empty"]),
        ("measured|Own2026", "measured| ; ", ["'source' of 'gln_c' is empty"]),
        ("Own2026|B|S0-001", "Own2026|D|S0-001", ["'confidence'", "'D'", "A, B, C"]),
        ("gln_c|4", "|4", ["'species'", "is empty"]),
        ("gln_c|4", "gln_c||4", ["11 cells instead of 10"]),
    ],
)
def test_a_bad_row_is_named_with_file_and_line(
    spoil: Spoil, old: str, new: str, parts: list[str]
) -> None:
    base = spoil("pools", old, new)
    with pytest.raises(KnowledgeError) as caught:
        read_table(base.path("pools"), Pool)
    for part in [*parts, "pools.tsv, line 2"]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("species|value", "name|value", "unknown column 'name'"),
        ("species|value|low", "species|value", "missing column 'low'"),
        ("species|value|low", "species|value|value|low", "repeated column 'value'"),
    ],
)
def test_wrong_columns_are_named_with_the_right_ones(
    spoil: Spoil, old: str, new: str, complaint: str
) -> None:
    base = spoil("pools", old, new)
    with pytest.raises(KnowledgeError) as caught:
        read_table(base.path("pools"), Pool)
    assert complaint in str(caught.value)
    assert "species, value, low, high, unit, basis, source, confidence, claims" in str(caught.value)


def test_a_missing_empty_or_foreign_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "pools.tsv"
    with pytest.raises(KnowledgeError, match=r"'pools\.tsv' is missing"):
        read_table(path, Pool)
    path.write_text("")
    with pytest.raises(KnowledgeError, match="missing column"):
        read_table(path, Pool)
    path.write_bytes(b"species\xff")
    with pytest.raises(KnowledgeError, match="not UTF-8"):
        read_table(path, Pool)


def test_all_bad_rows_are_gathered_and_good_ones_kept(spoil: Spoil) -> None:
    base = spoil("pools", "gln_c|4", "gln_c|x")
    records, errors = parse_table(base.path("pools"), Pool)
    assert [row.species for row in records] == ["psi_x"]
    assert [error.location.line for error in errors if error.location] == [2]


def test_lines_may_end_as_on_windows(spoil: Spoil) -> None:
    path = spoil().path("metabolites")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert [row.id for row in read_table(path, Metabolite)][:2] == ["gln", "glu"]


@pytest.mark.parametrize("record_type", RECORDS)
def test_every_class_states_its_table_key_and_amount(record_type: type[Record]) -> None:
    names = tuple(columns(record_type))
    assert record_type.TABLE
    assert record_type.KEY
    assert set(record_type.KEY) | set(record_type.REQUIRED) <= set(names)
    if issubclass(record_type, Evidence):
        assert {*record_type.AMOUNT, "unit", "basis", "source"} <= set(names)


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_being_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, value: float
) -> None:
    path = tmp_path_factory.mktemp("t") / "constants.tsv"
    path.write_text(f"{HEADER}x\t{value!r}\t\t\t1\tassumed\tOwn\tC\t\t\n")
    assert read_table(path, Constant)[0].value == value


def test_a_table_is_read_from_its_own_file_and_from_those_of_the_pathways(spoil: Spoil) -> None:
    base = spoil()
    own = base.path("pools")
    rows = own.read_text(encoding="utf-8").splitlines(keepends=True)
    folder = base.folder / "pathways" / "glutaminolysis"
    folder.mkdir(parents=True)
    own.write_text("".join(rows[:2]), encoding="utf-8")
    (folder / "pools.tsv").write_text("".join([rows[0], *rows[2:]]), encoding="utf-8")
    assert base.paths("pools") == (own, folder / "pools.tsv")
    assert len(base.pools) == len(rows) - 1
    assert [pool.location.path for pool in base.pools][-1] == folder / "pools.tsv"
    own.unlink()
    assert base.paths("pools") == (folder / "pools.tsv",)
