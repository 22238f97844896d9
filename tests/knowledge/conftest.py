"""A knowledge base of a few rows, written to a folder, that a test may spoil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from glutarium.knowledge.base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

EVIDENCE = "unit | basis | source | confidence | claims | note"
GROUNDS = "basis | source | confidence | claims | note"
TIMES = "mrna_half_life | protein_half_life | response_time"
SHAPE = "hill | threshold | group | alternative | context"
AMOUNT = f"value | low | high | {EVIDENCE}"

TABLES = {
    "metabolites": """
        id | name | formula | charge | chebi | kegg | bigg | kind | synonyms | source | note
        gln | glutamine | C5H10N2O3 | 0 | CHEBI:58359 | C00064 | | metabolite | Gln | Own2026 |
        glu | glutamate | C5H8NO4 | -1 | | C00025 | | metabolite | Glu;L-glutamate | Own2026 |
        nh4 | ammonia | H4N | 1 | | | | metabolite | NH3 | Own2026 |
        h2o | water | H2O | 0 | | | | buffered | H2O | Own2026 |
        psi | potential | | 0 | | | | tag | | Own2026 |
    """,
    "genes": """
        symbol | hgnc | name | synonyms | source | note
        GLS | HGNC:4331 | glutaminase | GLS1;KGA | Own2026 |
        SLC1A5 | HGNC:10943 | solute carrier | ASCT2 | Own2026 |
    """,
    "reactions": """
        id | name | equation | genes | ec | law | subsystem | source | claims | note
        GLS | deamidation | gln_m + h2o_m -> glu_m + nh4_m | GLS | 3.5.1.2 | modular | core | Own2026 | |
        GLNM | import | gln_c <-> gln_m | SLC1A5 | | modular | core | Own2026 | S0-001 |
    """,
    "pools": f"""
        species | {AMOUNT}
        gln_c | 4 | 1 | 20 | mM | measured | Own2026 | B | S0-001 |
        psi_x | 5.8 | 4.7 | 7 | RT/F | borrowed | Own2026 | B | |
    """,
    "fluxes": f"""
        reaction | {AMOUNT}
        GLS | 0.13 | 0.09 | 0.19 | mmol/gDW/h | fitted | Own2026 | C | |
    """,
    "kinetics": f"""
        reaction | parameter | {AMOUNT}
        GLS | km:gln_m | 2.5 | 1.5 | 4 | mM | borrowed | Own2026;Muir2017 | B | |
        GLNM | keq | 1 | | | 1 | assumed | Own2026 | C | |
    """,
    "modifiers": f"""
        reaction | effector | kind | k | k_low | k_high | n | floor | {EVIDENCE}
        GLS | glu_m/gln_m | inhibit | 3 | 1 | 9 | 1 | 0 | 1 | assumed | Own2026 | C | |
    """,
    "processes": """
        process | reaction | weight | note
        glutaminolysis | GLS | 1 |
    """,
    "groups": """
        kind | name | members | note
        pool | amino_acids | gln;glu |
        gene | carriers | SLC1A5 |
    """,
    "ratios": """
        ratio | top | bottom | note
        glutamate_secretion_per_glutamine_uptake | secretion.glutamate | uptake.glutamine |
    """,
    "screen": """
        condition | kind | target | value | unit | note
        block GLS | reaction | GLS | 0.02 | 1 |
        no gln_e | medium | gln_e | 0 | mM |
    """,
    "stress": f"""
        level | kind | target | {AMOUNT}
        block | block | | 0.02 | | | 1 | assumed | Own2026 | C | |
    """,
    "expected": """
        reaction | species | source | claims | note
        GLS | gln_m | Own2026 | |
    """,
    "membranes": """
        one | other | name | note
        c | m | inner mitochondrial membrane |
    """,
    "media": f"""
        medium | species | {AMOUNT}
        RPMI-1640 | gln_e | 2 | | | mM | measured | Muir2017 | A | |
    """,
    "media_names": """
        medium | name | synonyms | note
        RPMI-1640 | RPMI 1640 | RPMI |
    """,
    "drugs": """
        drug | synonyms | chebi | description | source | claims
        CB-839 | telaglenastat | | blocks glutaminase | Own2026 | S0-002
    """,
    "drug_targets": f"""
        drug | alternative | target | mode | parameter | {AMOUNT}
        CB-839 | | GLS | reversible | ki | 0.024 | 0.02 | 0.03 | uM | measured | Own2026 | B | S0-002 |
    """,
    "alterations": f"""
        alteration | gene | fold | low | high | {EVIDENCE}
        MYC | GLS | 3 | 2 | 5 | fold | borrowed | Own2026 | C | |
    """,
    "profiles": f"""
        profile | samples | {AMOUNT}
        tumour | | 1 | 0.5 | 1.5 | fold | assumed | Own2026 | C | |
    """,
    "dry_masses": f"""
        profile | {AMOUNT}
        tumour | 400 | 300 | 500 | pg/cell | borrowed | Own2026 | C | |
    """,
    "expression": f"""
        profile | gene | fold | low | high | {EVIDENCE}
        tumour | GLS | 2 | 1 | 4 | fold | borrowed | Own2026 | C | |
    """,
    "expression_reference": f"""
        gene | {AMOUNT}
        GLS | 20 | 10 | 40 | 1 | borrowed | Own2026 | C | |
    """,
    "nodes": f"""
        node | name | kind | rest | {TIMES} | measure | basal | {EVIDENCE}
        growth | growth factors | input | 1 | | | | | | 1 | assumed | Own2026 | C | |
        plenty | glutamine plenty | sensor | | | | | | | 1 | assumed | Own2026 | C | |
    """,
    "sensors": f"""
        node | effector | kind | k | k_low | k_high | n | combine | {EVIDENCE}
        plenty | gln_c | activate | 0.1 | 0.05 | 0.2 | 1 | product | mM | assumed | Own2026 | C | |
    """,
    "edges": f"""
        regulator | target | process | absent | saturated | low | high | {SHAPE} | {GROUNDS}
        growth | GLS | transcription | 0.5 | 2 | 1.5 | 3 | 1 | | | | | assumed | Own2026 | C | |
        plenty | GLS | stability | 2 | 0.5 | 0.4 | 0.8 | 1 | | | | | assumed | Own2026 | C | |
    """,
    "physiology": f"""
        id | observable | {AMOUNT}
        growth | tumour.growth_rate | 0.03 | 0.01 | 0.05 | 1/h | measured | Own2026 | B | |
    """,
    "folds": f"""
        id | setup | arm | observable | hours | {AMOUNT}
        air | | {{{{oxygen: 0.1}}}} | tumour.growth_rate | 9 | 2 | 1 | 4 | 1 | assumed | Own2026 | C | |
    """,
    "constants": f"""
        id | {AMOUNT}
        volume.c | 4 | 3 | 5 | mL/gDW | borrowed | Own2026 | C | |
    """,
    "names": """
        name | kind | synonyms | note
        tumour | cell | tumor | transformed cell
        MYC | genotype | | raised MYC
        glutaminolysis | process | | use of glutamine
    """,
    "claims": """
        id | review | layer | statement | subject | relation | object
        S0-001 | Muir2017 | body | The GLSX protein is something else. | GLSX | is | other
        S0-002 | Muir2017 | therapy | CB-839 blocks GLS1. | CB-839 | inhibits | enzyme
        S0-003 | Muir2017 | metabolism | Glutaminase makes glutamate. | gls | makes | glutamate
    """,
}

BIBLIOGRAPHY = """
@article{Muir2017,
  author = {Muir, Alexander and M{\\"u}ller, J. P. and others},
  title = {{Environmental {cystine}}},
  journal = {eLife},
  year = {2017},
  volume = {6},
  pages = {e27713--e27714},
  DOI = {10.7554/eLife.27713},
}

@misc{Own2026,
  author = {{The developers}},
  title = {Own estimate},
  year = {2026},
}
"""


class Spoil(Protocol):
    """Writes the tables with one text of one table replaced and returns their knowledge base."""

    def __call__(self, table: str = "", old: str = "", new: str = "") -> KnowledgeBase: ...


def tabbed(text: str) -> str:
    lines = (line.split("|") for line in text.strip().splitlines())
    return "".join("\t".join(cell.strip() for cell in cells) + "\n" for cells in lines)


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """Give a function that writes the tables; bars in what it replaces stand for tabs."""

    def write(table: str = "", old: str = "", new: str = "") -> KnowledgeBase:
        for name, text in TABLES.items():
            (tmp_path / f"{name}.tsv").write_text(tabbed(text), encoding="utf-8")
        (tmp_path / "sources.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
        if table:
            path = next(tmp_path.glob(f"{table}.*"))
            text = path.read_text(encoding="utf-8")
            before, after = old.replace("|", "\t"), new.replace("|", "\t")
            assert before in text, f"{old!r} is not in {path.name}"
            path.write_text(text.replace(before, after, 1), encoding="utf-8")
        return KnowledgeBase(tmp_path)

    return write
