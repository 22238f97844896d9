"""Labels in shared media: what one cell lets out is in the medium of all, and none is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.atom_steps import Donor, Step
from glutarium.model.atommaps import AtomMaps
from glutarium.model.emu import Emu, decompose, flux_index
from glutarium.names import Observable
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.label_mix import mixed
from glutarium.simulate.label_pools import SiteLayout
from glutarium.simulate.label_request import LabelRequest
from glutarium.simulate.label_run import source_pool
from glutarium.simulate.label_site import site_maps, site_reactions
from glutarium.simulate.label_solver import LabelSolver, Piece
from glutarium.simulate.labels import labels_of
from glutarium.simulate.niche.run import run_places
from glutarium.simulate.readout import Missing, Reading, reading_of, series
from glutarium.solve.lanes import LaneOptions
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

CHAIN = (("TAKE", "a_e", "a_c"), ("TURN", "a_c", "b_c"), ("GIVE", "b_c", "b_e"))
EXACT = 1e-12


def _steps() -> tuple[Step, ...]:
    """A chain that runs both ways and turns the molecule of two carbons round on its way."""
    found = []
    for name, first, last in CHAIN:
        order = (1, 0) if name == "TURN" else (0, 1)
        for forward, give, get in ((True, first, last), (False, last, first)):
            donors = tuple(Donor(give, atom, 0) for atom in order)
            found.append(Step(name, forward, get, 1.0, donors))
    return tuple(found)


def test_cells_that_feed_each_other_lose_no_label() -> None:
    """One lane eats a and gives b, the other eats b and gives a: the sum of all label stays to rounding."""
    pools = ("a_e", "b_e", "a_c", "b_c")
    maps = AtomMaps(dict.fromkeys(pools, "CC"), dict.fromkeys(pools, 1.0), _steps())
    layout = SiteLayout((0, 0), flowing=False, shared=("a_e", "b_e"))
    site = site_maps(maps, maps.steps, layout)
    assert set(site.elements) == {"zone0:a_e", "zone0:b_e", "0:a_c", "0:b_c", "1:a_c", "1:b_c"}
    reactions = site_reactions(layout, [name for name, _, _ in CHAIN])
    wanted = [Emu(pool, (atom,)) for pool in site.elements for atom in (0, 1)]
    solver = LabelSolver(decompose(site.steps, wanted, flux_index(reactions)))
    size = {"zone0:a_e": 5.0, "zone0:b_e": 0.5, "0:a_c": 0.1, "0:b_c": 0.02, "1:a_c": 0.3}
    amounts = np.array([size.get(emu.pool, 0.07) for emu in solver.emus])
    flux = np.zeros(2 * len(reactions))
    for i, name in enumerate(reactions):
        net = 0.8 if name.startswith("0") else 0.0  # one lane runs forward, the other backward
        flux[2 * i], flux[2 * i + 1] = 0.3 + net, 0.3 + (0.8 - net)
    heavy = [0.0, 1.0]
    state = solver.start(
        lambda emu: np.array(heavy if emu == Emu("zone0:a_e", (0,)) else heavy[::-1])
    )
    whole = amounts @ state[:, 1]
    for _ in range(40):
        state = solver.advance(state, Piece(0.05, amounts, flux))
        assert amounts @ state[:, 1] == pytest.approx(whole, rel=EXACT)
    taken = state[solver.at[Emu("1:b_c", (1,))], 1]  # by way of the first cell and the medium alone
    assert 0.5 < taken < 1.0
    assert all(source_pool(emu.pool) == emu.pool for emu in solver.emus)


@pytest.fixture(scope="module")
def rests() -> RestCache:
    return RestCache()


def _lanes(
    text: str, tmp_path: Path, model: CellModel, rests: RestCache, samples: int = 24
) -> dict[str, Lane]:
    file = tmp_path / "study.yaml"
    file.write_text(f"study: s\ntitle: t\n{text}")
    plans, lacking = Translator(model).plans(read_studies([file], vocabulary())[0])
    assert not lacking
    end = next(iter(plans.values())).times[-1]
    times = tuple(np.linspace(0.0, end, samples + 1).tolist())
    jobs = [(replace(plan, times=times), 0) for plan in plans.values()]
    shared = jobs[0][0].place is not None
    lanes = (run_places if shared else run_lanes)(model, jobs, rests)
    assert all(lane.code is ResultCode.SUCCESS for lane in lanes), [lane.detail for lane in lanes]
    return dict(zip(plans, lanes, strict=True))


def _read(lane: Lane, name: str, model: CellModel) -> Array:
    found = reading_of(Observable.parse(name, vocabulary()), model, vocabulary())
    assert not isinstance(found, Missing), found
    return series(found, lane, model)


TWO = (
    "system: coculture\nduration: 24 h\nsetup: {cells: [tumour, fibroblast], medium: {glutamine: 2.0}, "
    "tracer: U-13C15N-glutamine}\narms: {a: {}}\n"
)


@pytest.fixture(scope="module")
def two(
    model: CellModel, rests: RestCache, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Lane]:
    return _lanes(TWO, tmp_path_factory.mktemp("two"), model, rests, 48)


def _amount(lane: Lane, element: str, model: CellModel) -> Array:
    """Labelled atoms of all pools of cells and medium, per gram of dry mass at the start."""
    labels, trace = labels_of(model), lane.trace
    assert trace is not None
    inner = tuple(p for p in labels.maps.elements if p.partition("/")[0] not in model.shared)
    outer = tuple(p for p in labels.maps.elements if p.partition("/")[0] in model.shared)
    found = np.zeros(len(lane.times))
    for where, pools in (("sample", inner), ("medium", outer)):
        request = LabelRequest(pools, (), None, element, where=where)
        atoms = sum(
            trace.course.amounts[p] * labels.scope(lane).maps.elements[p].count(element)
            for p in trace.local(request).pools
        )
        found += labels.series(request, lane) * atoms
    return found


@pytest.mark.parametrize(("element", "kept"), [("N", 1e-3), ("C", 1e-4)])
def test_label_is_kept(two: dict[str, Lane], model: CellModel, element: str, kept: float) -> None:
    """In cells, dead or alive, medium and gas; the rest is how coarsely the run was sampled."""
    lane = two["a"]
    labels, trace = labels_of(model), lane.trace
    assert trace is not None
    lost = np.zeros(len(lane.times))
    if element == "C":
        reactions = list(model.network.reactions)
        gas = 2 * reactions.index("CO2GAS")
        share = labels.series(LabelRequest(("co2_e",), (), None, "C", where="medium"), lane)
        rate = share * sum(
            trace.course.flux[:, gas + 2 * i * len(reactions)] for i in range(len(two))
        )
        steps = np.diff(lane.times) * (rate[1:] + rate[:-1]) / 2.0
        lost = np.concatenate([[0.0], np.cumsum(steps)])
    whole = _amount(lane, element, model) + lost
    assert np.abs(whole / whole[0] - 1.0).max() < kept


def test_a_sample_weighs_cells_by_what_they_hold(two: dict[str, Lane], model: CellModel) -> None:
    labels, rows, amounts = labels_of(model), [], []
    for lane, cell in zip(two.values(), ("tumour", "fibroblast"), strict=True):
        names = [f"{cell}.label.glutamate_C{n}" for n in range(6)]
        rows.append(np.stack([_read(lane, name, model) for name in names], axis=1))
        found = reading_of(Observable.parse(names[0], vocabulary()), model, vocabulary())
        assert isinstance(found, Reading)
        assert found.label is not None
        amounts.append(labels.amount(found.label, lane))
    wanted = mixed(rows, amounts)
    for n in range(6):
        sample = _read(two["a"], f"sample.label.glutamate_C{n}", model)
        np.testing.assert_allclose(sample, wanted[:, n], atol=1e-12)
    apart = np.abs(rows[0][-1] - rows[1][-1]).max()
    assert apart > 0.01  # the two differ, so that a sample shows neither


def test_label_comes_out_into_the_medium(two: dict[str, Lane], model: CellModel) -> None:
    lane = two["a"]
    whole = sum(_read(lane, f"medium.label.glutamate_C{n}", model) for n in range(6))
    np.testing.assert_allclose(whole, 1.0, atol=1e-10)
    heavy = _read(lane, "medium.label.glutamate_C5", model)
    assert heavy[0] == 0.0
    assert heavy[-1] > 0.05
    assert _read(lane, "medium.label.glutamine_C5", model)[0] == pytest.approx(1.0)
    same = _read(two["a"], "medium.label.lactate_C3", model)
    other = _read(list(two.values())[1], "medium.label.lactate_C3", model)
    np.testing.assert_array_equal(same, other)


def test_a_cell_alone_in_a_coculture_is_labelled_as_the_cell_alone(
    model: CellModel, rests: RestCache, tmp_path: Path
) -> None:
    tight = replace(model)
    tight.__dict__["engine"] = replace(model.engine, options=LaneOptions(rtol=1e-9))  # type: ignore[type-var]
    rest = (
        "duration: 24 h\nsetup: {cells: [tumour], medium: {glutamine: 0.5}, tracer: U-13C-glutamine}\n"
        "arms: {a: {at: [{time: 12.3 h, supplement: {glutamine: 0.5}}]}}\n"
    )
    alone = _lanes("system: cell\n" + rest, tmp_path, tight, rests)["a"]
    shared = _lanes("system: coculture\n" + rest, tmp_path, tight, rests)["a"]
    for name in ("glutamate_M5", "citrate_M4", "malate_M3", "biomass_from_glutamine"):
        one, other = (_read(lane, f"tumour.label.{name}", tight) for lane in (alone, shared))
        np.testing.assert_allclose(other, one, atol=2e-4, err_msg=name)


def test_clones_are_labelled_apart(model: CellModel, rests: RestCache, tmp_path: Path) -> None:
    text = TWO.replace("fibroblast]", "tam], clones: {MYC: 0.5, none: 0.5}").replace("24 h", "6 h")
    lane = _lanes(text, tmp_path, model, rests, 12)["a"]
    own = [_read(lane.clones[name], "tumour.label.malate_C4", model) for name in ("MYC", "none")]
    both = _read(lane, "tumour.label.malate_C4", model)
    assert np.abs(own[0] - own[1]).max() > 1e-3
    assert (both >= np.minimum(*own) - 1e-12).all()
    assert (both <= np.maximum(*own) + 1e-12).all()


def test_blood_brings_the_label_to_a_tissue(
    model: CellModel, rests: RestCache, tmp_path: Path
) -> None:
    text = (
        "system: tissue\nduration: 24 h\nsetup: {cells: [tumour, tam], tracer: U-13C-glucose}\n"
        "arms: {a: {}}\n"
    )
    lane = _lanes(text, tmp_path, model, rests)["a"]
    around = _read(lane, "tissue.label.glucose_M6", model)
    assert around[0] == 0.0
    assert 0.5 < around[-1] < 1.0 + 1e-9
    within = sum(_read(lane, f"tumour.label.lactate_M{n}", model) for n in range(4))
    np.testing.assert_allclose(within, 1.0, atol=1e-10)
    assert _read(lane, "tumour.label.lactate_M3", model)[-1] > 0.2
