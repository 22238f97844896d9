"""Tables of expression: known genes become folds, unknown ones are named, bad ones are refused."""

from __future__ import annotations

import gzip
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glutarium.errors import StudyError
from glutarium.knowledge.base import load
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.expression_table import Personal, read_profile, write_profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASE = load()
REFERENCE = BASE.expression_reference["GLS"].value


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Personal]:
    def _read(text: str, **how: str) -> Personal:
        path = tmp_path / "line.tsv"
        path.write_text(text, encoding="utf-8")
        return read_profile(path, BASE, vocabulary(), **how)

    return _read


def test_amounts_are_put_against_the_generic_cell(read: Callable[..., Personal]) -> None:
    found = read(f"gene\tTPM\nGLS\t{REFERENCE}\n").profile
    assert found.folds == pytest.approx({"GLS": 1.0})
    assert found.name == "line.tsv"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tpm=st.floats(0.0, 1e5))
def test_the_scale_does_not_matter(read: Callable[..., Personal], tpm: float) -> None:
    plain = read(f"gene\tTPM\nGLS\t{tpm!r}\n").profile.folds["GLS"]
    logs = read(f"gene\tlog2 TPM+1\nGLS\t{math.log2(tpm + 1.0)!r}\n").profile.folds["GLS"]
    remark = read(f"# log2(TPM+1)\ngene\tvalue\nGLS\t{math.log2(tpm + 1.0)!r}\n").profile.folds
    assert plain == pytest.approx(logs)
    assert remark["GLS"] == logs


def test_genes_go_by_many_names(read: Callable[..., Personal]) -> None:
    found = read("gene\tfold\nASCT2\t2\nENSG00000115419.13\t3\nHGNC:2026\t1.5\n")
    assert found.profile.folds["SLC1A5"] == 2.0
    assert found.profile.folds["GLS"] == 3.0


def test_unknown_genes_are_named_and_the_rest_is_used(read: Callable[..., Personal]) -> None:
    found = read("gene\tTPM\nFOO1\t2\nGLS\t20\nATF4\t9\n")
    assert found.unknown == ("FOO1",)
    assert found.without_reference == ("ATF4",)
    assert set(found.profile.folds) == {"GLS"}


def test_an_old_name_that_is_another_gene_does_not_count(read: Callable[..., Personal]) -> None:
    """AK6 was AK3 once and is a gene of its own today."""
    found = read("gene\tfold\nAK6\t7\nAK3\t2\n")
    assert found.profile.folds == {"AK3": 2.0}
    assert found.unknown == ("AK6",)


def test_transcripts_of_several_rows_add_up(read: Callable[..., Personal]) -> None:
    once = read("gene\tTPM\nGLS\t30\n").profile.folds["GLS"]
    twice = read("gene\tTPM\nGLS\t10\nGLS\t20\n")
    logs = read(f"gene\tlog2 TPM+1\nGLS\t{math.log2(11)}\nENSG00000115419\t{math.log2(21)}\n")
    assert twice.profile.folds["GLS"] == once
    assert twice.repeated == ("GLS",)
    assert logs.profile.folds["GLS"] == pytest.approx(once)


@pytest.mark.parametrize(
    ("text", "how", "what"),
    [
        ("gene\tTPM\nGLS\tmuch\n", {}, r"'GLS' is 'much'.*line 2"),
        ("gene\tTPM\nGLS\t1\nPC\t-2\n", {}, r"'PC' is -2.*0 or above.*line 3"),
        ("# TPM\ngene\tTPM\nGLS\tnan\n", {}, r"'GLS' is nan.*line 3"),
        ("gene\tfold\nGLS\t0\n", {}, "above 0"),
        ("gene\tlog2 TPM+1\nGLS\t4000\n", {}, "plain TPM"),
        ("gene\tfold\nGLS\t1\nENSG00000115419\t2\n", {}, r"'GLS', which stands above.*line 3"),
        ("gene\tTPM\nGLS\n", {}, r"1 cells.*line 2"),
        ("gene TPM\nGLS 3\n", {}, "part gene and value by a tab"),
        ("gene\tvalue\nGLS\t3\n", {}, "does not say what the numbers are"),
        ("gene\tTPM\nGLS\t3\n", {"scale": "counts"}, "'counts' is no scale"),
        ("gene\tTPM a\tTPM b\nGLS\t3\t4\n", {}, r"several samples \(TPM a, TPM b\)"),
        ("gene\tTPM a\tTPM b\nGLS\t3\t4\n", {"column": "TPM c"}, "no column 'TPM c'"),
        ("gene\tTPM\nFOO1\t3\n", {}, "no gene is known"),
        ("gene\tTPM\n", {}, "no rows"),
    ],
)
def test_a_bad_table_is_refused_with_the_line(
    read: Callable[..., Personal], text: str, how: dict[str, str], what: str
) -> None:
    with pytest.raises(StudyError, match=what):
        read(text, **how)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"absent\.tsv cannot be read"):
        read_profile(tmp_path / "absent.tsv", BASE, vocabulary())


def test_what_is_written_is_read_again(read: Callable[..., Personal], tmp_path: Path) -> None:
    found = read("gene\tA\tB\nGLS\t3\t30\nMKI67\t4\t400\n", column="B", scale="TPM").profile
    path = tmp_path / "profile.tsv"
    write_profile(path, found, BASE)
    again = read_profile(path, BASE, vocabulary()).profile
    assert again.folds == pytest.approx(found.folds, rel=1e-5)
    assert again.signal == pytest.approx(found.signal, rel=1e-4)
    assert found.signal > 1.0


def test_a_table_may_be_compressed(tmp_path: Path) -> None:
    path = tmp_path / "line.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("gene\tfold\nGLS\t2\n")
    assert read_profile(path, BASE, vocabulary()).profile.folds == {"GLS": 2.0}
