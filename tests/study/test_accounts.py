"""Accounts of a shared place add up: what came and was there is what the cells took and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.niche.accounts import NUTRIENTS, accounted
from glutarium.simulate.niche.course import ENTRIES
from glutarium.simulate.niche.run import run_places
from glutarium.study.accounts import account_of, headline, net_shares, with_account
from glutarium.study.fates import as_arrays, trace, with_fates
from glutarium.study.job import make_job
from glutarium.study.translate import Translator
from glutarium.study.values import ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study
    from glutarium.study.values import Question

COCULTURE = """
study: dish
system: coculture
duration: 12 h
setup: {cells: [tumour, tam], medium: {base: RPMI-1640}}
arms:
  plain: {}
  alone: {cells: [tumour]}
  fed: {at: [{time: 6 h, medium: {glutamine: 4.0}}]}
expect:
  - {observable: tumour.density, arm: alone, versus: plain, is: unchanged}
"""
TISSUE = """
study: organ
system: tissue
duration: 24 h
setup: {cells: [tumour, tam]}
arms: {plain: {}, enzyme: {drug: {L-asparaginase: 0.01}}}
expect:
  - {observable: tissue.glutamine, arm: enzyme, versus: plain, is: unchanged}
"""
SUPPLY, HELD, MEDIUM = (ENTRIES.index(name) for name in ENTRIES)


class Ran:
    """A study of a shared place, run for the recorded values."""

    def __init__(self, study: Study, model: CellModel) -> None:
        names = vocabulary()
        self.model = model
        self.question: Question = ask(study, model, names, Translator(model))
        found = run_places(model, [(plan, 0) for plan in self.question.plans], RestCache())
        by_name = {plan.name: lane for plan, lane in zip(self.question.plans, found, strict=True)}
        self.lanes: dict[str, dict[str, list[Lane]]] = {arm: {} for arm in study.arms}
        for (arm, cell), name in self.question.dishes.items():
            self.lanes[arm][cell] = [by_name[name]]
        times = self.question.plans[0].times
        self.account: Array = account_of(model, self.lanes, self.question.cells, len(times))[:, 0]

    def sides(self, arm: int) -> tuple[Array, Array, Array]:
        """What was given and what was used, and how much was turned over, at all times."""
        n = len(self.question.cells)
        cells, place = np.nan_to_num(self.account[arm, :, :n]), self.account[arm, :, n:]
        given = place[:, SUPPLY] + place[0, HELD] - place[:, HELD]
        turned = np.abs(cells).sum(axis=1) + np.abs(place[:, MEDIUM])
        return given, cells.sum(axis=1) + place[:, MEDIUM], turned


@pytest.fixture(scope="module")
def dish(ask_for: Callable[[str], Study], model: CellModel) -> Ran:
    return Ran(ask_for(COCULTURE), model)


@pytest.fixture(scope="module")
def organ(ask_for: Callable[[str], Study], model: CellModel) -> Ran:
    return Ran(ask_for(TISSUE), model)


def test_a_dish_keeps_its_books(dish: Ran) -> None:
    for arm in range(3):
        given, used, turned = dish.sides(arm)
        np.testing.assert_allclose(given, used, rtol=0.0, atol=1e-3 * turned.max(axis=0).max())
        assert (np.abs(given - used)[-1] <= 0.02 * turned[-1] + 1e-9).all()


def test_a_tissue_keeps_its_books(organ: Ran) -> None:
    for arm in range(2):
        given, used, turned = organ.sides(arm)
        assert (np.abs(given - used)[-1] <= 0.02 * turned[-1]).all()


def test_what_is_taken_is_rate_times_mass(dish: Ran) -> None:
    (lane,) = dish.lanes["alone"]["tumour"]
    assert lane.course is not None
    model, at = dish.model, list(accounted(dish.model)).index("glutamine")
    rates = sum(
        -n * lane.observed[:, model.observable_index[f"rate.{r.id}"]]
        for r in model.network.reactions.values()
        if r.subsystem != "medium" and (n := r.stoichiometry.get("gln_e", 0.0))
    )
    wanted = np.trapezoid(rates * lane.course.weights.sum(axis=1), lane.times)
    cell = dish.question.cells.index("tumour")
    assert dish.account[1, -1, cell, at] == pytest.approx(wanted, rel=0.02)


def test_fresh_medium_is_a_supply_and_a_closed_dish_has_none(dish: Ran) -> None:
    at = list(accounted(dish.model)).index("glutamine")
    supply = dish.account[:, -1, len(dish.question.cells) + SUPPLY, at]
    assert supply[:2] == pytest.approx(0.0, abs=1e-12)
    assert supply[2] > 1.0


def test_enzymes_of_the_medium_are_nobody(organ: Ran) -> None:
    at = list(accounted(organ.model)).index("glutamine")
    used = organ.account[:, -1, len(organ.question.cells) + MEDIUM, at]
    assert used[0] == pytest.approx(0.0, abs=1e-12)
    assert used[1] > 0.0


def test_a_cell_that_an_arm_does_not_hold_has_no_account(dish: Ran) -> None:
    cell = dish.question.cells.index("tam")
    assert np.isnan(dish.account[1, :, cell]).all()
    assert np.isfinite(dish.account[0, :, cell]).all()


def test_cells_alone_have_no_accounts(ask_for: Callable[[str], Study], model: CellModel) -> None:
    text = COCULTURE.replace("coculture", "cell").replace("12 h", "2 h").replace("6 h", "1 h")
    question = ask(ask_for(text), model, vocabulary(), Translator(model))
    plan = question.plans[0]
    lane = run_lanes(model, [(plan, 0)], RestCache())[0]
    found = account_of(model, {"plain": {"tumour": [lane]}}, ("tumour",), len(plan.times))
    assert found.size == 0
    plain = xr.Dataset()
    assert with_account(plain, found, ("tumour",), model) is plain
    assert not headline(plain)


def test_every_cell_has_its_own_fate_and_loses_nothing(dish: Ran) -> None:
    cells = dish.question.cells
    fates = [[trace(dishes.get(c, ())) for c in cells] for dishes in dish.lanes.values()]
    shares, uptake = as_arrays(fates, 1)
    assert np.nansum(shares, axis=-1)[np.isfinite(uptake)] == pytest.approx(1.0)
    assert np.isnan(uptake[1, 0, cells.index("tam")]).all()
    found = with_fates(_dataset(dish), shares, uptake, cells)
    assert found["fate"].dims == ("arm", "member", "cell", "element", "sink")
    first = with_fates(_dataset(dish), shares[:, :, :1], uptake[:, :, :1], cells[:1])
    assert first["fate"].dims == ("arm", "member", "element", "sink")


def test_the_dataset_holds_the_account_and_says_it_in_a_line(dish: Ran) -> None:
    whole = with_account(_dataset(dish), dish.account[:, None], dish.question.cells, dish.model)
    assert list(whole["nutrient"].values) == list(NUTRIENTS)
    assert whole["account"].dims == ("arm", "member", "cell", "nutrient")
    np.testing.assert_array_equal(whole["account"], whole["account_course"].isel(time=-1))
    line = headline(whole)
    assert line.startswith("who takes the glutamine in plain: ")
    assert line.endswith("(one member)")
    assert all(f"{cell} " in line for cell in dish.question.cells)
    failed = whole.assign(code=(("arm", "member"), [[ResultCode.MAX_STEPS.name]] * 3))
    assert not headline(failed)


def _dataset(ran: Ran) -> xr.Dataset:
    arms = list(ran.lanes)
    return xr.Dataset(
        {"code": (("arm", "member"), [["SUCCESS"]] * len(arms))},
        coords={"arm": arms, "member": [0], "time": list(ran.question.plans[0].times)},
    )


def test_shares_add_up_over_those_that_take() -> None:
    shares = net_shares(np.array([[3.0, 1.0, -1.0], [0.0, 0.0, -2.0], [1.0, np.nan, 3.0]]))
    np.testing.assert_allclose(shares[0], [0.75, 0.25, -0.25])
    assert np.isnan(shares[1]).all()  # nobody takes anything
    np.testing.assert_allclose(shares[2], [0.25, np.nan, 0.75])


def test_a_tissue_is_read_in_any_case(organ: Ran, tmp_path: Path) -> None:
    job = make_job(organ.question.study, organ.question, organ.model, tmp_path, 1)
    usual = {"tissue.glutamine", "tissue.pH", "tissue.tumour_volume", "tissue.oxygen"}
    assert usual | {"tam.infiltration", "tam.density", "tumour.core_fraction"} <= set(job.readings)


def test_density_among_others_is_what_there_is(organ: Ran, tmp_path: Path) -> None:
    from glutarium.simulate.readout import series

    job = make_job(organ.question.study, organ.question, organ.model, tmp_path, 1)
    (lane,) = organ.lanes["plain"]["tam"]
    assert lane.course is not None
    own = np.array(lane.course.cells) == "tam"
    read = series(job.readings["tam.density"], lane, organ.model)
    np.testing.assert_allclose(read, lane.course.weights[:, own].sum(axis=1))
