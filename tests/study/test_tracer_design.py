"""Tracers ranked by how far they set two arms apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.errors import GlutariumError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.parse import read_studies
from glutarium.study.tracer_design import Design, rank_tracers

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.study.study import Study

STUDY = """
study: reductive
title: Without the enzymes of reductive carboxylation
system: cell
duration: 6 h
setup: {cells: [tumour], oxygen: 0.01}
arms: {control: {}, ko: {gene: {IDH1: 0, IDH2: 0}}}
"""
ARMS = ("control", "ko")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return read_studies([path], vocabulary())[0]


def test_carbon_of_glutamine_shows_reductive_carboxylation_best(study: Study) -> None:
    tracers = ("amide-15N-glutamine", "U-13C-glutamine")
    design = Design(tracers, ("citrate", "alanine"))
    found = rank_tracers(study, ARMS, design, members=1, workers=1)
    assert [row.tracer for row in found] == ["U-13C-glutamine", "amide-15N-glutamine"]
    assert found[0].product == "citrate"
    assert found[0].separation > 5.0 > found[1].separation


@pytest.mark.parametrize(
    ("arms", "design", "word"),
    [
        (("control", "other"), Design(), "no arm 'other'"),
        (ARMS, Design(("8-13C-glutamine",)), "labels carbon 8"),
        (ARMS, Design(products=("biomass",)), "no isotopologues"),
    ],
)
def test_what_cannot_be_ranked_is_named(
    study: Study, arms: tuple[str, str], design: Design, word: str
) -> None:
    with pytest.raises(GlutariumError, match=word):
        rank_tracers(study, arms, design, members=1, workers=1)
