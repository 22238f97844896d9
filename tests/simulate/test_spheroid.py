"""Balls of cells in a dish: geometry, limits, matter that is kept, and gradients that follow."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.errors import ModelError
from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.calibrate.draw import Draw
from glutarium.model.spheroid import Spheroid, load_spheroid
from glutarium.names import Observable
from glutarium.simulate.cell import RestCache
from glutarium.simulate.niche.run import run_places
from glutarium.simulate.readout import Missing, reading_of, series
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.reading import Missing as Lacking

SHAPE = Spheroid(radius=250.0, depth=100.0, fluid=0.35, diffusion={"solute": 1.0})
KEPT = 1e-12
SETUP = "system: coculture\nduration: 24 h\nsetup: {cells: [tumour, fibroblast]}\n"


def test_flow_between_radii_is_that_of_a_sphere() -> None:
    """A ball with a source per volume in its core: the flow through the rim is 4 pi D dc / (1/a - 1/b)."""
    core = SHAPE.core_share
    assert core == pytest.approx(0.6**3)
    outer, inner = SHAPE.ways(1.0, core)
    radii = [250.0 * x ** (1.0 / 3.0) for x in (1.0, (1.0 + core) / 2.0, core / 2.0)]
    volume = 4.0 / 3.0 * np.pi * 250.0**3
    for way, near, far in ((outer, radii[0], radii[1]), (inner, radii[1], radii[2])):
        assert way * volume == pytest.approx(4.0 * np.pi / (1.0 / far - 1.0 / near))


def test_large_balls_exchange_less_of_their_volume() -> None:
    found = [
        Spheroid(r, 100.0, 0.35, {}).ways(1.0, (1.0 - 100.0 / r) ** 3) for r in (150, 250, 500)
    ]
    assert found == sorted(found, reverse=True)


def test_a_ball_without_a_core_is_refused(model: CellModel) -> None:
    with pytest.raises(ModelError, match=r"150 um has no core: its rim is 100 um deep.*200 um"):
        load_spheroid(model.base, Draw(), 150.0)


def _plans(text: str, tmp_path: Path, model: CellModel) -> tuple[dict[str, object], list[Lacking]]:
    file = tmp_path / "study.yaml"
    file.write_text(f"study: s\ntitle: t\n{text}")
    return Translator(model).plans(read_studies([file], vocabulary())[0])  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("system: coculture\nsetup: {cells: [tumour], spheroid: 150}", "no core"),
        ("system: tissue\nsetup: {cells: [tumour], spheroid: 500 um}", "coculture"),
        ("system: cell\nsetup: {cells: [tumour], spheroid: 500 um}", "does not know it"),
    ],
)
def test_balls_that_cannot_be_are_named(
    text: str, word: str, tmp_path: Path, model: CellModel
) -> None:
    _, lacking = _plans(f"{text}\narms: {{a: {{}}}}\n", tmp_path, model)
    assert any(word in str(lack) for lack in lacking)


@pytest.fixture(scope="module")
def lanes(model: CellModel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lane]:
    arms = "arms: {dish: {}, ball: {spheroid: 0.5 mm}, large: {spheroid: 800, tracer: U-13C-glucose}}\n"
    plans, lacking = _plans(SETUP + arms, tmp_path_factory.mktemp("balls"), model)
    assert not lacking
    found = run_places(model, [(plan, 0) for plan in plans.values()], RestCache())  # type: ignore[misc]
    assert all(lane.code is ResultCode.SUCCESS for lane in found), [lane.detail for lane in found]
    return dict(zip(plans, found, strict=True))


def test_matter_is_kept(lanes: dict[str, Lane]) -> None:
    for arm in ("ball", "large"):
        course = lanes[arm].course
        assert course is not None
        for element in ("C", "N"):
            total = course.values[f"total.{element}"] - course.values[f"ledger.{element}"]
            assert np.abs(total / total[0] - 1.0).max() < KEPT
        # Nothing but gas leaves a closed dish; cells that become core change by what the two differ.
        nitrogen = course.values["ledger.N"][-1] / course.values["total.N"][0]
        assert abs(nitrogen) < 1e-3


def test_all_is_scarcer_further_inside_and_waste_is_not(lanes: dict[str, Lane]) -> None:
    for arm in ("ball", "large"):
        course = lanes[arm].course
        assert course is not None
        values = [
            {s: course.values[f"{place}.{s}"][-1] for s in ("o2_e", "glc_e", "gln_e", "lac_e")}
            for place in ("medium", "edge", "core")
        ]
        for outer, inner in itertools.pairwise(values):
            assert inner["lac_e"] > outer["lac_e"]
            assert all(inner[s] < outer[s] for s in ("o2_e", "glc_e", "gln_e"))
    small, large = lanes["ball"].course, lanes["large"].course
    assert small is not None
    assert large is not None
    assert large.values["core.o2_e"][-1] < small.values["core.o2_e"][-1]


def test_the_rim_keeps_its_depth(lanes: dict[str, Lane]) -> None:
    course = lanes["ball"].course
    assert course is not None
    share, mass = course.values["core_fraction.tumour"], course.values["mass.tumour"]
    assert share[0] == pytest.approx(0.6**3, rel=1e-6)
    assert (np.diff(share) > 0.0).all()
    whole = mass + course.values["mass.fibroblast"]
    radius = 250.0 * (whole / whole[0]) ** (1.0 / 3.0)
    np.testing.assert_allclose(share, (1.0 - 100.0 / radius) ** 3, rtol=0.05)


def test_a_ball_grows_less_than_the_dish(lanes: dict[str, Lane]) -> None:
    mass = [lanes[arm].course.values["mass.tumour"][-1] for arm in ("dish", "ball", "large")]  # type: ignore[union-attr]
    assert mass == sorted(mass, reverse=True)
    assert mass[2] < 0.98 * mass[0]


def test_labels_diffuse_into_a_ball(lanes: dict[str, Lane], model: CellModel) -> None:
    def read(name: str) -> np.ndarray:
        found = reading_of(Observable.parse(name, vocabulary()), model, vocabulary())
        assert not isinstance(found, Missing)
        return series(found, lanes["large"], model)

    whole = sum(read(f"tumour.label.lactate_M{n}") for n in range(4))
    np.testing.assert_allclose(whole, 1.0, atol=1e-10)
    assert read("tumour.label.lactate_M3")[-1] > 0.5
    assert read("medium.label.glucose_M6")[0] == pytest.approx(1.0)
