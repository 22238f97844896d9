"""What immune cells do, seen from outside: each study fails without the mechanism that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.study.check import CheckOptions, check_studies

if TYPE_CHECKING:
    from pathlib import Path

STUDIES = {
    "perforin lets granzymes in": """
        system: cell
        setup: {cells: [cd8_effector], stimulus: {TCR: 1.0}}
        arms: {a: {}, b: {gene: {cd8_effector.PRF1: 0.0}}}
        expect: [{observable: cd8_effector.killing, arm: b, versus: a, is: down, factor: [0, 0.5]}]
    """,
    "CD8 cells that get less glutamine make the carrier that is left, ATF4 or not": """
        system: cell
        setup: {cells: [cd8_effector], stimulus: {TCR: 1.0}, gene: {cd8_effector.ATF4: 0.0}}
        arms: {a: {medium: {glutamine: 2.0}}, b: {medium: {glutamine: 0.3}}}
        expect: [{observable: cd8_effector.expression.SLC6A14, arm: b, versus: a, is: up}]
    """,
    "suppressor cells die without glutaminolysis": """
        system: cell
        setup: {cells: [mdsc]}
        arms: {a: {}, b: {gene: {mdsc.GLS: 0.0, mdsc.GLS2: 0.0}}}
        expect: [{observable: mdsc.expression.BAX, arm: b, versus: a, is: up, factor: [1.15, 5]}]
    """,
    "killers need little of the receptor's signal": """
        system: cell
        setup: {cells: [cd8_effector]}
        arms: {a: {}, b: {stimulus: {TCR: 0.05}}}
        expect: [{observable: cd8_effector.killing, arm: b, versus: a, is: up, factor: [3, 30]}]
    """,
    "T cells without glutathione do not raise MYC": """
        system: cell
        setup: {cells: [naive_t], stimulus: {TCR: 1.0}}
        arms: {a: {}, b: {gene: {naive_t.GCLC: 0.0}}}
        expect: [{observable: naive_t.expression.MYC, arm: b, versus: a, is: down, factor: [0, 0.7]}]
    """,
    "glutamate outside weakens what engages T cells": """
        system: cell
        setup: {cells: [cd4_t], stimulus: {TCR: 1.0}}
        arms: {a: {medium: {glutamate: 0.05}}, b: {medium: {glutamate: 1.0}}}
        expect: [{observable: cd4_t.activation, arm: b, versus: a, is: down}]
    """,
    "B cells that do not burn glutamine make less antibody": """
        system: cell
        setup: {cells: [b_cell], stimulus: {BCR: 1.0}}
        arms: {a: {}, b: {gene: {b_cell.GLS: 0.2}}}
        expect: [{observable: b_cell.secretion.IgG, arm: b, versus: a, is: down}]
    """,
    "suppressor cells without nucleotides lose what guards them": """
        system: cell
        duration: 48 h
        setup: {cells: [mdsc]}
        arms: {a: {}, b: {drug: {JHU083: 10.0}}}
        expect: [{observable: mdsc.expression.MCL1, arm: b, versus: a, is: down}]
    """,
    "few dendritic cells costimulate many T cells": """
        system: tissue
        duration: 48 h
        setup: {cells: [dendritic_cdc1, cd4_t, normal_cell]}
        arms: {a: {}, b: {gene: {dendritic_cdc1.CD86: 0.0}}}
        expect: [{observable: cd4_t.activity.CTLA4_signal, arm: b, versus: a, is: down, factor: [0, 0.2]}]
    """,
}


@pytest.mark.parametrize("title", STUDIES)
def test_it_comes_out(title: str, tmp_path: Path) -> None:
    text = "\n".join(line.removeprefix(" " * 8) for line in STUDIES[title].splitlines())
    file = tmp_path / "study.yaml"
    file.write_text(f"study: s\ntitle: {title}\n{text.strip()}\n")
    (record,) = check_studies([file], options=CheckOptions(members=1, workers=1))
    assert record.outcome == "holds", record
