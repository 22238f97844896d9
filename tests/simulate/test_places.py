"""Coculture and tissue: limits, balance of matter, and what passes between cells."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.calibrate.draw import Draw
from glutarium.model.niche import Influence, load_niche
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.niche.run import run_places
from glutarium.solve.lanes import LaneOptions
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

LIMIT = 1e-6
KEPT = 1e-8


@pytest.fixture(scope="module")
def rests() -> RestCache:
    return RestCache()


def _lanes(text: str, tmp_path: Path, model: CellModel, rests: RestCache) -> dict[str, Lane]:
    """Lanes of the first member by plan."""
    file = tmp_path / "study.yaml"
    file.write_text(f"study: s\ntitle: t\n{text}")
    plans, lacking = Translator(model).plans(read_studies([file], vocabulary())[0])
    assert not lacking
    jobs = [(plan, 0) for plan in plans.values()]
    shared = jobs[0][0].place is not None
    lanes = (run_places if shared else run_lanes)(model, jobs, rests)
    assert all(lane.code is ResultCode.SUCCESS for lane in lanes), [lane.detail for lane in lanes]
    return dict(zip(plans, lanes, strict=True))


def test_a_cell_alone_in_a_coculture_is_the_cell_alone(
    model: CellModel,
    rests: RestCache,
    tmp_path: Path,
    tight: Callable[[CellModel], CellModel],
) -> None:
    model = tight(model)  # pH alone may be off by 1e-5 otherwise
    model.engine.options = LaneOptions(rtol=1e-9)  # type: ignore[misc]
    rest = "duration: 24 h\nsetup: {cells: [tumour], medium: {glutamine: 0.5}}\narms: {a: {}}\n"
    alone = _lanes("system: cell\n" + rest, tmp_path, model, rests)["a"]
    shared = _lanes("system: coculture\n" + rest, tmp_path, model, rests)["a"]
    names = [f"conc.{s}" for s in model.network.dynamic] + ["mass", "growth_rate"]
    columns = [model.observable_index[n] for n in names]
    size = np.abs(alone.observed[:, columns]).max(axis=0) + 1e-6
    off = np.abs(shared.observed[:, columns] - alone.observed[:, columns])[-1] / size
    assert off.max() < LIMIT, names[int(off.argmax())]


@pytest.mark.parametrize(
    "system", ["coculture\nduration: 24 h", "tissue\nduration: 24 h"], ids=["coculture", "tissue"]
)
def test_matter_is_kept(system: str, model: CellModel, rests: RestCache, tmp_path: Path) -> None:
    setup = "setup: {cells: [tumour, cd8_effector, tam], medium: {glutamine: 0.5}}"
    lanes = _lanes(f"system: {system}\n{setup}\narms: {{a: {{}}}}\n", tmp_path, model, rests)
    course = lanes["a"].course
    assert course is not None
    for element in ("C", "N"):
        total = course.values[f"total.{element}"] - course.values[f"ledger.{element}"]
        assert np.abs(total / total[0] - 1.0).max() < KEPT


def test_a_tumour_that_dies_away_has_a_place_to_the_end(
    model: CellModel, rests: RestCache, tmp_path: Path
) -> None:
    """T cells that live on push what is left of the core into a rim that is thicker than the ball."""
    text = (
        "system: tissue\nduration: 31 d\nsetup: {cells: [tumour, cd8_effector]}\n"
        "arms: {a: {drug: {anti-PD-1: 0.1, anti-PD-L1: 0.1}, gene: {tumour.BCL2L1: 0, tumour.MCL1: 0}}}\n"
    )
    lane = _lanes(text, tmp_path, model, rests)["a"]
    course = lane.course
    assert course is not None
    for element in ("C", "N"):
        total = course.values[f"total.{element}"] - course.values[f"ledger.{element}"]
        assert np.abs(total / total[0] - 1.0).max() < KEPT


def test_a_change_of_medium_is_counted(model: CellModel, rests: RestCache, tmp_path: Path) -> None:
    text = (
        "system: coculture\nduration: 12 h\nsetup: {cells: [tumour, cd8_effector]}\n"
        "arms: {a: {at: [{time: 6 h, medium: {glutamine: 0.1}}]}}\n"
    )
    course = _lanes(text, tmp_path, model, rests)["a"].course
    assert course is not None
    total = course.values["total.N"] - course.values["ledger.N"]
    assert np.abs(total / total[0] - 1.0).max() < KEPT
    before, after = course.values["medium.gln_e"][[0, -1]]
    assert after <= 0.1 < before


def test_a_cell_that_is_not_there_changes_nothing(
    model: CellModel, rests: RestCache, tmp_path: Path
) -> None:
    setup = "system: tissue\nduration: 24 h\nsetup: {cells: [tumour], medium: {glutamine: 0.5}}\n"
    arms = "arms: {a: {}, b: {add_cells: [tam], gene: {tam.number: 0}}}\n"
    lanes = _lanes(setup + arms, tmp_path, model, rests)
    columns = [model.observable_index[f"conc.{s}"] for s in ("gln_c", "atp_c", "glu_m")]
    one, two = (lanes[arm].observed[:, columns] for arm in ("a", "b"))
    np.testing.assert_allclose(two, one, rtol=5e-3)  # each within 1e-3 per step of its own


def test_tumour_cells_starve_their_neighbours(
    model: CellModel, rests: RestCache, tmp_path: Path
) -> None:
    setup = (
        "system: tissue\nduration: 48 h\nsetup: {cells: [cd8_effector], medium: {glutamine: 0.5}}\n"
    )
    lanes = _lanes(
        setup + "arms: {alone: {}, with: {add_cells: [tumour]}}\n", tmp_path, model, rests
    )
    alone, beside = (lanes[arm].course for arm in ("alone", "with"))
    assert alone is not None
    assert beside is not None
    assert beside.values["medium.gln_e"][-1] < 0.8 * alone.values["medium.gln_e"][-1]
    assert beside.values["core.gln_e"][-1] < beside.values["edge.gln_e"][-1]


def test_cells_of_a_tissue_are_packed_and_those_of_a_dish_are_not(
    model: CellModel, rests: RestCache, tmp_path: Path
) -> None:
    """What presses on a cell is all dry mass around it, its own kind included."""
    level = {}
    for system in ("coculture", "tissue"):
        text = f"system: {system}\nduration: 2 h\nsetup: {{cells: [tumour]}}\narms: {{a: {{}}}}\n"
        lane = _lanes(text, tmp_path, model, rests)["a"]
        crowding = model.parameter_index["signal.crowding"]
        assert lane.course is not None
        level[system] = lane.course.values["level.packing"], lane.end_parameters[crowding]
    pressure, crowding = level["tissue"]
    constant = {c.id: c.value for c in model.base.tissue}["cell_mass"]
    half = load_niche(model.base, Draw(None)).messengers["packing"].half
    assert pressure[0] == pytest.approx(constant, rel=0.2)
    assert crowding == pytest.approx(pressure[-1] / (pressure[-1] + half), rel=1e-6)
    assert (level["coculture"][0] == 0.0).all()
    assert level["coculture"][1] == 0.0


@pytest.mark.parametrize("fraction", [0.9, 0.3, 0.02])
def test_cells_that_look_for_their_targets_find_rare_ones(
    fraction: float, model: CellModel, rests: RestCache, tmp_path: Path
) -> None:
    """Contact follows the share of time with a target: all of it where there is nothing else."""
    setup = f"{{tumour: {{fraction: {fraction}}}, cd8_effector: {{fraction: {1 - fraction}}}}}"
    text = f"system: coculture\nduration: 1 h\nsetup: {{cells: {setup}}}\narms: {{a: {{}}}}\n"
    course = _lanes(text, tmp_path, model, rests)["a"].course
    antigen = load_niche(model.base, Draw(None)).messengers["antigen_of_tumour"]
    assert course is not None
    assert antigen.search is not None
    assert antigen.amount is not None
    met = fraction * (1.0 + antigen.search) / (antigen.search + fraction)
    mean = antigen.amount * met * (1.0 - fraction)
    assert course.values["level.antigen_of_tumour"][0] == pytest.approx(mean, rel=0.05)


def test_clones_add_up_to_the_tumour(model: CellModel, rests: RestCache, tmp_path: Path) -> None:
    setup = "system: tissue\nduration: 24 h\nsetup: {cells: [tumour]}\n"
    arms = "arms: {one: {}, two: {clones: {none: 0.3, none2: 0.7}}}\n".replace("none2", "MYC")
    lanes = _lanes(setup + arms, tmp_path, model, rests)
    course = lanes["two"].course
    assert course is not None
    parts = course.values["fraction.none"] + course.values["fraction.MYC"]
    np.testing.assert_allclose(parts, 1.0, rtol=1e-12)
    assert course.values["fraction.none"][0] == pytest.approx(0.3)


def test_factors_of_the_niche_are_one_at_rest(model: CellModel) -> None:
    """Edges without a threshold leave normal tissue as it is, as do messengers that are not there."""
    for seed in (None, 1, 2):
        niche = load_niche(model.base, Draw(seed))
        for influence in niche.influences:
            matrix = niche.messengers.get(influence.regulator)
            there = influence.regulator in niche.nodes or (matrix and matrix.kind == "matrix")
            assert influence.factor(1.0 if there else 0.0) == pytest.approx(1.0)


def test_a_factor_spans_absent_to_saturated() -> None:
    influence = Influence("a", "b", "signal", 0.2, 3.0, 2.0, 2.0)
    assert influence.factor(0.0) == 0.2
    assert influence.factor(1e9) == pytest.approx(3.0)
    assert influence.factor(math.sqrt(2.0)) == pytest.approx(1.6)


def test_the_first_answer_of_a_dispute_holds_until_another_is_chosen(model: CellModel) -> None:
    disputed = [e for e in model.base.niche_edges if e.alternative]
    for edge in disputed:
        question, _, answer = edge.alternative.partition(":")
        chosen = load_niche(model.base, Draw(), {question: answer})
        assert any(i.target == edge.target for i in chosen.influences)


def test_shares_of_a_place_are_said_by_the_study(model: CellModel, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(
        "study: s\ntitle: t\nsystem: coculture\n"
        "setup: {cells: {tumour: {density: 0.1}, cd8_effector: {fraction: 0.25}, tam: {}}}\n"
        "arms: {a: {gene: {tam.number: 2}}}\n"
    )
    plans, _ = Translator(model).plans(read_studies([file], vocabulary())[0])
    shares = {p.cell: p.place.share for p in plans.values() if p.place is not None}
    dish = model.network.constants["dish.density"].value
    assert shares == pytest.approx({"tumour": 0.1, "cd8_effector": 0.75 * dish, "tam": 2 * dish})


def test_the_reference_solver_says_that_it_knows_no_shared_media(
    model: CellModel, tmp_path: Path
) -> None:
    file = tmp_path / "study.yaml"
    file.write_text("study: s\ntitle: t\nsystem: tissue\nsetup: {cells: [tumour]}\narms: {a: {}}\n")
    other = replace(model, solver="reference")
    _, lacking = Translator(other).plans(read_studies([file], vocabulary())[0])
    assert "batched solver" in str(lacking[0])
