"""``check_network``: the packaged network is sound, and a user's mistakes are named with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glutarium.errors import KnowledgeError
from glutarium.knowledge.base import DATA, load
from glutarium.knowledge.own_tables import OwnTables
from glutarium.model.network_check import PARTS, NetworkReport, check_network

if TYPE_CHECKING:
    from collections.abc import Callable

REACTIONS = """\
id|name|equation|genes|ec|law|subsystem|source|claims|note
UP|uptake|glc_e <-> glc_c|SLC2A1||modular|own|Recon3D2018||
BACK|release|glc_c <-> glc_e|SLC2A1||modular|own|Recon3D2018||
HEX|hexokinase|glc_c + atp_c -> g6p_c + adp_c + h_c|HK2||modular|own|Recon3D2018||
""".replace("|", "\t")
KINETICS = """\
reaction|parameter|value|low|high|unit|basis|source|confidence|claims|note
UP|keq|1|1|1|1|measured|Recon3D2018|B||
UP|km:glc_e|1|1|1|mM|measured|Recon3D2018|B||
UP|km:glc_c|1|1|1|mM|measured|Recon3D2018|B||
BACK|keq|1|1|1|1|assumed|Glutarium2026|C||
BACK|km:glc_e|1|1|1|mM|assumed|Glutarium2026|C||
BACK|km:glc_c|1|1|1|mM|assumed|Glutarium2026|C||
HEX|km:glc_c|1|1|1|mM|measured|Recon3D2018|B||
HEX|km:atp_c|1|1|1|mM|measured|Recon3D2018|B||
""".replace("|", "\t")
FLUXES = """\
reaction|value|low|high|unit|basis|source|confidence|claims|note
UP|1|1|1|mmol/gDW/h|assumed|Glutarium2026|C||
BACK|1|1|1|mmol/gDW/h|assumed|Glutarium2026|C||
HEX|1|1|1|mmol/gDW/h|assumed|Glutarium2026|C||
""".replace("|", "\t")


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., NetworkReport]:
    """Check three reactions of glucose, with something in them replaced."""

    def run(table: str = "", old: str = "", new: str = "", pathway: str = "") -> NetworkReport:
        folder = tmp_path / pathway
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("reactions", REACTIONS), ("kinetics", KINETICS), ("fluxes", FLUXES)):
            assert name != table or old in text
            changed = text.replace(old, new) if name == table else text
            (folder / f"{name}.tsv").write_text(changed, encoding="utf-8")
        return check_network(OwnTables(tmp_path))

    return run


def said(report: NetworkReport, check: str) -> dict[str, str]:
    return {f.subject: f.message for f in report.findings if f.check == check}


def test_the_packaged_network_is_without_error_and_balanced() -> None:
    report = check_network(load())
    assert report.errors == ()
    assert [b.part for b in report.balances] == list(PARTS)
    assert all(abs(b.excess) < 1e-9 for b in report.balances)
    assert report.counts["reactions"] > 100


def test_own_tables_stand_on_the_packaged_ones(own: Callable[..., NetworkReport]) -> None:
    report = own()
    assert report.errors == ()
    assert report.counts["reactions"] == 3


def test_own_pathways_are_read_too(own: Callable[..., NetworkReport]) -> None:
    assert own(pathway="pathways/glucose").counts["reactions"] == 3


@pytest.mark.parametrize(
    ("table", "change", "line", "message"),
    [
        (
            "reactions",
            ("+ adp_c + h_c", "+ adp_c"),
            4,
            "not balanced: products less substrates H -1",
        ),
        ("reactions", ("glc_e <-> glc_c", "glx_e <-> glx_c"), 2, "there is no 'glx'"),
        ("reactions", ("glc_e <-> glc_c", "glc_q <-> glc_c"), 2, "must end in a compartment"),
        ("reactions", ("glc_c + atp_c ->", "glc_c + atp_c"), 4, "must have one arrow"),
        ("reactions", ("HK2\t", "HK9\t"), 4, "names gene 'HK9'"),
        ("kinetics", ("HEX\tkm:atp_c\t1", "HEX\tkm:atp_c\tx"), 9, "must be a finite number"),
        ("kinetics", ("HEX\tkm:atp_c", "HEY\tkm:atp_c"), 9, "'HEY', which has no row"),
        ("kinetics", ("UP\tkm:glc_c\t1\t1\t1\tmM", "UP\tkm:glc_c\t1\t1\t1\tmol"), 4, "'mol'"),
    ],
)
def test_a_mistake_in_own_tables_has_file_and_line(
    own: Callable[..., NetworkReport], table: str, change: tuple[str, str], line: int, message: str
) -> None:
    report = own(table, *change)
    found = next(f for f in report.errors if message in f.message)
    assert found.location is not None
    assert (Path(found.location.path).name, found.location.line) == (f"{table}.tsv", line)
    assert report.counts == {}  # what cannot be put together is not analysed


@pytest.mark.parametrize(
    ("table", "old", "message"),
    [
        ("kinetics", "UP\tkeq\t1\t1\t1\t1\tmeasured\tRecon3D2018\tB\t\t\n", "missing: keq"),
        ("kinetics", "UP\tkm:glc_c\t1\t1\t1\tmM\tmeasured\tRecon3D2018\tB\t\t\n", "missing: glc_c"),
        ("fluxes", "UP\t1\t1\t1\tmmol/gDW/h\tassumed\tGlutarium2026\tC\t\t\n", "fluxes.tsv"),
    ],
)
def test_a_missing_constant_is_an_error(
    own: Callable[..., NetworkReport], table: str, old: str, message: str
) -> None:
    report = own(table, old)
    assert message in said(report, "constants")["UP"]
    location = next(f.location for f in report.errors if f.subject == "UP")
    assert location is not None
    assert location.line == 2


def test_a_missing_km_of_a_substrate_is_a_warning(own: Callable[..., NetworkReport]) -> None:
    report = own("kinetics", "HEX\tkm:atp_c\t1\t1\t1\tmM\tmeasured\tRecon3D2018\tB\t\t\n")
    assert report.errors == ()
    assert "atp_c runs out" in said(report, "constants")["HEX"]


def test_a_membrane_that_no_table_knows_is_an_error(own: Callable[..., NetworkReport]) -> None:
    report = own("reactions", "g6p_c", "g6p_x")
    assert "from _c to _x, but membranes.tsv" in said(report, "compartments")["HEX"]
    assert {f.location.line for f in report.errors if f.location} == {4}


def test_evidence_is_asked_of_every_reaction(own: Callable[..., NetworkReport]) -> None:
    assert said(own(), "evidence") == {"BACK": "all 3 constants are assumed"}


def test_dead_ends_are_found_in_own_tables(own: Callable[..., NetworkReport]) -> None:
    assert set(said(own(), "dead ends")) == {"atp_c", "g6p_c", "adp_c"}


def test_a_loop_over_a_membrane_is_told_by_its_constants(
    own: Callable[..., NetworkReport],
) -> None:
    assert "admits 1" in said(own(), "loops")["+UP +BACK"]
    report = own("kinetics", "BACK\tkeq\t1\t1\t1", "BACK\tkeq\t5\t5\t5")
    assert "sodium" in said(report, "loops")["+UP +BACK"]
    assert report.errors == ()


def test_a_folder_without_reactions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"no table of reactions.*reactions\.tsv"):
        OwnTables(tmp_path)
    with pytest.raises(KnowledgeError, match="is not a folder"):
        OwnTables(tmp_path / "nowhere")


def test_only_tables_about_reactions_are_the_folders_own(
    own: Callable[..., NetworkReport], tmp_path: Path
) -> None:
    own()
    tables = OwnTables(tmp_path)
    assert tables.paths("metabolites") == (DATA / "metabolites.tsv",)
    assert tables.paths("modifiers") == ()
    assert tables.bibliography == DATA / "sources.bib"
