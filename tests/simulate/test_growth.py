"""How a tissue grows: the ball of a tumour, vessels, and cells that contact stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.niche import population
from glutarium.simulate.cell import RestCache
from glutarium.simulate.niche.hands import ANCHORED, MALIGNANT
from glutarium.simulate.niche.run import run_places
from glutarium.simulate.niche.shape import Ball
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.simulate.model import CellModel
    from glutarium.simulate.site_course import SiteCourse

SHARES = st.floats(0.01, 0.9)
VOLUMES = st.floats(1.0, 1e6)


@given(share=SHARES)
def test_a_ball_starts_as_it_is_said_to(share: float) -> None:
    ball = Ball(share)
    assert ball.core(1.0) == pytest.approx(share)
    assert ball.contact(share) == pytest.approx(1.0)
    assert ball.reach(share) == pytest.approx(1.0)


@given(share=SHARES, volume=VOLUMES)
def test_the_rim_keeps_its_depth(share: float, volume: float) -> None:
    ball = Ball(share)
    depth = volume ** (1.0 / 3.0) - ball.core(volume) ** (1.0 / 3.0)
    assert depth == pytest.approx(ball.depth, rel=1e-6)


@given(share=SHARES, volume=VOLUMES)
def test_a_larger_core_is_reached_worse(share: float, volume: float) -> None:
    ball = Ball(share)
    core = ball.core(volume)
    assert core >= share * (1.0 - 1e-9)
    assert ball.reach(core) <= 1.0 + 1e-9
    assert ball.reach(2.0 * core) < ball.reach(core)


@given(share=SHARES, volume=st.floats(1e-12, 1.0))
def test_a_ball_thinner_than_its_rim_keeps_a_place_for_its_core(
    share: float, volume: float
) -> None:
    ball = Ball(share, 0.01)
    assert 0.0 < ball.core(volume) < volume
    assert ball.core(volume) >= 0.99e-6 * volume
    assert ball.core(volume) >= Ball(share).core(volume)


def test_a_cell_is_held_by_one_thing(model: CellModel) -> None:
    base = model.base
    growing, held = population(base, MALIGNANT), population(base, ANCHORED)
    assert growing
    assert held
    assert not growing & held
    assert not population(base, "nothing")


def _course(text: str, tmp_path: Path, model: CellModel) -> SiteCourse:
    file = tmp_path / "study.yaml"
    file.write_text(f"study: s\ntitle: t\nsystem: tissue\n{text}")
    plans, lacking = Translator(model).plans(read_studies([file], vocabulary())[0])
    assert not lacking
    lane = run_places(model, [(plan, 0) for plan in plans.values()], RestCache())[0]
    assert lane.course is not None
    return lane.course


def test_a_tumour_slows_as_it_grows(model: CellModel, tmp_path: Path) -> None:
    course = _course("duration: 21 d\nsetup: {cells: [tumour]}\narms: {a: {}}\n", tmp_path, model)
    t, size = course.times, course.values["tumour_volume"]
    at = {day: float(size[t.searchsorted(24.0 * day)]) for day in (2, 7, 14, 21)}
    early, late = ((at[b] / at[a]) ** (1.0 / (b - a)) for a, b in ((2, 7), (14, 21)))
    assert 1.0 < late < early
    assert course.values["core_fraction.tumour"][-1] > course.values["core_fraction.tumour"][0]
    assert course.values["core.o2_e"][-1] < course.values["edge.o2_e"][-1]


def test_normal_tissue_neither_grows_nor_has_a_core(model: CellModel, tmp_path: Path) -> None:
    course = _course(
        "duration: 7 d\nsetup: {cells: [normal_cell]}\narms: {a: {}}\n", tmp_path, model
    )
    assert course.values["volume"][-1] < 1.05
    assert course.values["density.normal_cell"][-1] > 0.8 * course.values["density.normal_cell"][0]
    assert course.values["core.o2_e"][-1] == pytest.approx(course.values["edge.o2_e"][-1], rel=1e-3)
