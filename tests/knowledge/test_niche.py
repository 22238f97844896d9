"""Tables of the niche: rules by themselves, and what the packaged tables must obey."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.knowledge.conftest import EVIDENCE, GROUNDS, tabbed

from glutarium.knowledge.base import KnowledgeBase, load
from glutarium.knowledge.check import check
from glutarium.knowledge.niche_records import Messenger, NicheEdge, NicheNode

if TYPE_CHECKING:
    from pathlib import Path

    from tests.knowledge.conftest import Spoil

_NODES = "nodes.tsv"
_WHY = "assumed | Own2026 | C | |"
_ONE = f"1 | {_WHY}"
_TIMES = "mrna_half_life | protein_half_life | response_time"
_REGULATION = f"""
    node | name | kind | rest | {_TIMES} | measure | basal | {EVIDENCE}
    IFNG | gamma | gene | | 1 | 2 | | secretion | 1e-6 | fmol/cell/h | {_WHY}
    heard | gamma met | input | 0 | | | | | | {_ONE}
    growth | growth factors | input | 1 | | | | | | {_ONE}
    plenty | glutamine plenty | sensor | | | | | | | {_ONE}
"""
_FACTS = EVIDENCE.replace("|", ";")
_OWN = "assumed ; Own2026 ; C"
_HALF = "input ; half ; half_low ; half_high ; search ; search_low ; search_high"
_SIZE = "absent ; saturated ; low ; high ; hill ; threshold"
_NICHE = {
    "messengers": f"""
        messenger ; name ; kind ; node ; cells ; amount ; low ; high ; half_life ; {_HALF} ; {_FACTS}
        IFNG ; gamma ; secreted ; IFNG ; tumour ; ; ; ; 1 ; heard ; 0.1;0.03;0.3;;;; nM ; {_OWN} ; S0-001 ;
        touch ; touch ; contact ; GLS ; tumour|kin ; 1;0.5;2 ; ; heard ; 1 ; ; ; 0.1;0.05;0.2 ; 1 ; {_OWN} ; ;
        gel ; gel ; matrix ; GLS ; ; 2 ; 1 ; 4 ; 24 ; ; ; ; ; ; ; ; 1 ; {_OWN} ; ;
        pressed ; pressed ; packing ; ; ; ; ; ; ; heard ; 50 ; ; ; ; ; ; gDW/L ; {_OWN} ; ;
    """,
    "nodes": f"""
        node ; name ; kind ; response_time ; basal ; {_FACTS}
        vessels ; vessels ; bed ; 72 ; ; 1 ; {_OWN} ; ;
        recruitment.kin ; entry ; recruitment ; 6 ; 0.01 ; 1/h ; {_OWN} ; ;
    """,
    "edges": f"""
        regulator ; target ; process ; {_SIZE} ; alternative ; {GROUNDS.replace("|", ";")}
        IFNG ; recruitment.kin ; signal ; 1 ; 4 ; 2 ; 8 ; 1 ; 0.5 ; ; {_OWN} ; ;
        gel ; vessels ; signal ; 1.5 ; 0.2 ; 0.1 ; 0.5 ; 1 ; ; ; {_OWN} ; ;
        gln_e ; gel ; removal ; 1 ; 3 ; 2 ; 4 ; 1 ; 2 ; ; {_OWN} ; ;
        cell:tumour ; IFNG ; removal ; 1 ; 3 ; 2 ; 4 ; 1 ; 0.2 ; ; {_OWN} ; ;
    """,
}


def _written(spoil: Spoil, table: str = "", old: str = "", new: str = "") -> KnowledgeBase:
    """Small tables with a niche, one text of one table replaced; semicolons part the cells."""
    folder = spoil().folder
    (folder / _NODES).write_text(tabbed(_REGULATION), encoding="utf-8")
    groups = folder / "groups.tsv"
    groups.write_text(groups.read_text(encoding="utf-8") + "lineage\tkin\ttumour\t\n", "utf-8")
    (folder / "niche").mkdir()
    for name, text in _NICHE.items():
        lines = (line.split(";") for line in text.strip().splitlines())
        rows = ["\t".join(cell.strip() for cell in cells) + "\n" for cells in lines]
        whole = "".join(rows)
        if name == table:
            before, after = (x.replace(";", "\t") for x in (old, new))
            assert before in whole
            whole = whole.replace(before, after, 1)
        (folder / "niche" / f"{name}.tsv").write_text(whole, encoding="utf-8")
    return KnowledgeBase(folder)


def test_a_sound_niche_has_no_findings(spoil: Spoil) -> None:
    assert check(_written(spoil)) == []


@pytest.mark.parametrize(
    ("table", "old", "new", "line", "what"),
    [
        ("messengers", "secreted", "sent", 2, "kind 'sent' is none of"),
        ("messengers", "IFNG;tumour", "IFNX;tumour", 2, "'IFNX' is no node"),
        ("messengers", "IFNG;tumour", "IFNG;tumor", 2, "'tumor' is neither a cell"),
        ("messengers", "tumour|kin", "tumour|kith", 3, "'kith' is neither a cell"),
        ("messengers", "tumour;;;;1", "tumour;2;;;1", 2, "keep one"),
        ("messengers", "kin;1;0.5", "kin;-1;-2", 3, "negative"),
        ("messengers", "kin;1;0.5;2;", "kin;;;;", 3, "'amount' may be empty only"),
        ("messengers", "kin;1;0.5;2;;", "kin;1;0.5;2;5;", 3, "a contact has no half_life"),
        ("messengers", "4;24;", "4;;", 4, "matrix needs a half_life"),
        ("messengers", "1;heard;", "1;growth;", 2, "rests at 0"),
        ("messengers", "1;heard;", "1;herd;", 2, "must be a node of kind input"),
        ("messengers", "heard;0.1;", "heard;;", 2, "'half'"),
        ("messengers", "0.1;0.03;0.3", "0.1;0.3;0.3", 2, "must rise"),
        ("messengers", "0.1;0.05;0.2", "0.1;0.15;0.2", 3, "search_low"),
        ("messengers", "0.3;;;;nM", "0.3;0.1;;;nM", 2, "is secreted is not looked for"),
        ("messengers", "50;;;;;;gDW/L", "50;;;0.1;;;gDW/L", 5, "is packing is not looked for"),
        ("messengers", "C;S0-001", "C;S9-999", 2, "claim 'S9-999'"),
        ("messengers", "4;24;;;", "4;24;;7;", 4, "without an input"),
        ("messengers", "packing;;", "packing;GLS;", 5, "leave 'node' empty"),
        ("messengers", "packing;;;", "packing;;tumour;", 5, "leave 'cells' empty"),
        ("messengers", "heard;50;", ";;", 5, "that no 'input' reads"),
        ("edges", "gel;removal", "pressed;removal", 4, "secreted or matrix, not 'pressed'"),
        ("nodes", "bed", "bad", 2, "kind 'bad' is none of"),
        ("nodes", "bed;72", "bed;-1", 2, "above zero"),
        ("nodes", "recruitment.kin", "recruitment.kith", 3, "'kith' is neither a cell"),
        ("nodes", "recruitment.kin", "entry.kin", 3, "is called recruitment."),
        ("nodes", "6;0.01", "6;", 3, "needs its rate"),
        ("edges", "IFNG;rec", "IFNX;rec", 2, "'IFNX' is no messenger"),
        ("edges", "recruitment.kin;signal", "vessel;signal", 2, "needs a node of niche"),
        ("edges", "gel;removal", "touch;removal", 4, "secreted or matrix, not 'touch'"),
        ("edges", "signal;1;4;2;8;1;0.5", "signal;1;4;2;8;1;", 2, "'threshold' above zero"),
        ("edges", "signal;1;4", "signal;0.5;4", 2, "'absent' must be 1"),
        ("edges", "1.5;0.2;0.1;0.5;1;", "1.5;0.2;0.1;0.5;1;3", 3, "the threshold follows"),
        ("edges", "1.5;0.2", "0.5;0.2", 3, "either side of 1"),
        ("edges", "cell:tumour", "cell:tumor", 5, "no cell:<cell>"),
        ("edges", "gln_e;gel", "gla_e;gel", 4, "'gla_e' is no messenger"),
        ("edges", "IFNG;removal", "IFNG;leaving", 5, "process 'leaving' is none"),
    ],
)
def test_a_fault_is_found_where_it_is(  # noqa: PLR0917  (a fault has so many parts)
    spoil: Spoil, table: str, old: str, new: str, line: int, what: str
) -> None:
    findings = check(_written(spoil, table, old, new))
    where = f"{table}.tsv, line {line}"
    assert any(where in str(f) and what in str(f) for f in findings), [str(f) for f in findings]


def test_a_folder_may_be_without_a_niche(tmp_path: Path) -> None:
    base = KnowledgeBase(tmp_path)
    assert (len(base.messengers), len(base.niche_nodes), len(base.niche_edges)) == (0, 0, 0)


def test_the_packaged_niche_is_sound() -> None:
    assert check(load(), (Messenger, NicheNode, NicheEdge)) == []


def test_every_input_that_cells_read_from_others_is_read() -> None:
    """What a cell meets must do something in it."""
    base = load()
    inputs = {row.input for row in base.messengers if row.input}
    read = {edge.regulator for edge in base.edges}
    assert inputs <= read


def test_a_cell_is_recruited_in_one_way() -> None:
    """No cell belongs to two lineages with an entry of their own, unless it has one itself."""
    base = load()
    own = {row.about for row in base.niche_nodes if row.kind == "recruitment"}
    lineages = [g for g in base.groups.where("kind", "lineage") if g.name in own]
    twice = Counter(cell for group in lineages for cell in group.members if cell not in own)
    assert {cell: n for cell, n in twice.items() if n > 1} == {}


def test_makers_are_read_as_cells() -> None:
    assert set(load().messengers["cytotoxicity"].makers) >= {"cd8_effector", "nk"}


@pytest.mark.parametrize(
    ("table", "rows", "message"),
    [
        ("markers", "stranger\tCD68\t100\t\t\t1\tassumed\tOwn2026\tC\t\t", "no cell or lineage"),
        ("markers", "tumour\tEPCAM\t0\t\t\t1\tassumed\tOwn2026\tC\t\t", "above zero"),
        ("labels", "odd\tstranger\t", "no cell or lineage"),
    ],
)
def test_markers_and_labels_are_about_cells(
    spoil: Spoil, table: str, rows: str, message: str
) -> None:
    base = _written(spoil)
    heads = {
        "markers": "cell\tgene\tvalue\tlow\thigh\tunit\tbasis\tsource\tconfidence\tclaims\tnote",
        "labels": "label\tcells\tnote",
    }
    path = base.folder / "niche" / f"{table}.tsv"
    path.write_text(f"{heads[table]}\n{rows}\n", encoding="utf-8")
    (finding,) = check(KnowledgeBase(base.folder))
    assert message in finding.message
