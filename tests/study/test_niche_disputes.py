"""A dispute about what passes between cells: chosen by a study, tried for both sides, refused if unknown."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glutarium.knowledge.base import Table
from glutarium.model.calibrate.draw import Draw
from glutarium.model.niche import load_niche
from glutarium.study.disputes import disputed_edges, tries
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study

STUDY = """
study: disputed
system: coculture
disputed_with: [X-1]
setup: {{cells: [tumour, tam]{more}}}
arms: {{a: {{}}}}
expect:
  - {{observable: tumour.growth_rate, arm: a, is: value, factor: [0, 1]}}
"""


@pytest.fixture
def disputed(model: CellModel) -> CellModel:
    """The model, with two answers to what the first edge of the niche does."""
    base = copy.copy(model.base)
    first, *others = model.base.niche_edges
    halved = replace(first, saturated=(first.absent + first.saturated) / 2.0, low=None, high=None)
    sides = (replace(first, alternative="who:one"), replace(halved, alternative="who:two"))
    base.__dict__["niche_edges"] = Table("niche/edges", (*sides, *others))
    return replace(model, base=base)


def test_a_study_chooses_what_passes_between_cells(
    disputed: CellModel, ask_for: Callable[[str], Study]
) -> None:
    study = ask_for(STUDY.format(more=", alternatives: {who: two}"))
    plans, lacking = Translator(disputed).plans(study)
    assert not lacking
    place = plans["a"].place
    assert place is not None
    assert place.alternatives == (("who", "two"),)
    first, second = list(disputed.base.niche_edges)[:2]
    for chosen, edge in ((dict(place.alternatives), second), ({}, first)):
        niche = load_niche(disputed.base, Draw(), chosen)
        found = niche.onto(edge.target, edge.process)
        own = [i for i in found if i.regulator == edge.regulator]
        assert [i.saturated for i in own] == [edge.saturated]


def test_an_unknown_answer_is_named(disputed: CellModel, ask_for: Callable[[str], Study]) -> None:
    _, lacking = Translator(disputed).plans(
        ask_for(STUDY.format(more=", alternatives: {who: six}"))
    )
    assert "who: six" in str(lacking[0])


def test_both_sides_are_tried_where_cells_share_a_place(
    disputed: CellModel, ask_for: Callable[[str], Study]
) -> None:
    edges = disputed_edges(disputed, "coculture")
    assert edges["who"] == ("one", "two")
    assert "who" not in disputed_edges(disputed, "cell")
    sides = tries(ask_for(STUDY.format(more="")), (), edges)
    assert any((s.setup.alternatives or {}).get("who") == "two" for s in sides)
