"""Clones of a tumour: populations with states of their own, whose accounts add up to those of the tumour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from glutarium.errors import UnknownNameError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.names import Observable
from glutarium.simulate.cell import RestCache
from glutarium.simulate.niche.accounts import accounted
from glutarium.simulate.niche.run import run_places
from glutarium.simulate.reading import series
from glutarium.study.accounts import account_of, headline, with_account
from glutarium.study.clones import Parts, clone_account, clone_fates, with_clones
from glutarium.study.fates import as_arrays, trace, with_fates
from glutarium.study.translate import Translator
from glutarium.study.values import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study
    from glutarium.study.values import Question

STUDY = """
study: rivals
system: coculture
duration: 8 h
setup: {cells: [tumour, tam], medium: {glutamine: 0.5}}
arms:
  plain: {}
  parted: {clones: {none: 0.4, MYC: 0.6}}
  alike: {clones: {none: 1.0}}
  fed: {clones: {none: 0.4, MYC: 0.6}, at: [{time: 4 h, medium: {glutamine: 4.0}}]}
expect:
  - {observable: "tumour[MYC].growth_rate", arm: parted, versus: fed, is: unchanged}
  - {observable: "tumour[MYC].growth_rate", arm: plain, versus: fed, is: unchanged}
"""
MYC, NONE = 1, 0


class Ran:
    """The study, run for the recorded values."""

    def __init__(self, study: Study, model: CellModel) -> None:
        self.model = model
        self.question: Question = ask(study, model, vocabulary(), Translator(model))
        found = run_places(model, [(plan, 0) for plan in self.question.plans], RestCache())
        by_name = {plan.name: lane for plan, lane in zip(self.question.plans, found, strict=True)}
        self.lanes: dict[str, dict[str, list[Lane]]] = {arm: {} for arm in study.arms}
        for (arm, cell), name in self.question.dishes.items():
            self.lanes[arm][cell] = [by_name[name]]
        times = self.question.plans[0].times
        self.account = account_of(model, self.lanes, self.question.cells, len(times))
        self.parts = clone_account(model, self.lanes, self.question.clones, len(times))

    def lane(self, arm: str, cell: str = "tumour") -> Lane:
        return self.lanes[arm][cell][0]


@pytest.fixture(scope="module")
def ran(ask_for: Callable[[str], Study], model: CellModel) -> Ran:
    return Ran(ask_for(STUDY), model)


def test_what_clones_took_adds_up_to_what_the_tumour_took(ran: Ran) -> None:
    tumour = ran.question.cells.index("tumour")
    for arm in (1, 3):
        whole = ran.account[arm, 0, :, tumour]
        np.testing.assert_allclose(
            ran.parts[arm, 0, :, :, :-1].sum(axis=1), whole, rtol=1e-12, atol=1e-15
        )
    assert np.isnan(ran.parts[0]).all()
    assert ran.question.clones == (("tumour", "none"), ("tumour", "MYC"))


def test_clones_have_states_of_their_own_and_the_tumour_is_their_mean(ran: Ran) -> None:
    lane, mass = ran.lane("parted"), ran.parts[1, 0, :, :, -1]
    at = ran.model.observable_index["growth_rate"]
    own = np.stack([lane.clones[n].observed[:, at] for n in ("none", "MYC")], axis=1)
    assert own[-1, MYC] > 1.05 * own[-1, NONE]
    mean = (own * mass).sum(axis=1) / mass.sum(axis=1)
    np.testing.assert_allclose(lane.observed[:, at], mean, rtol=1e-12)
    np.testing.assert_allclose(mass[0], mass[0].sum() * np.array([0.4, 0.6]), rtol=1e-9)


def test_the_faster_clone_spreads(ran: Ran) -> None:
    share = ran.parts[1, 0, :, MYC, -1] / ran.parts[1, 0, :, :, -1].sum(axis=1)
    assert (np.diff(share) > 0.0).all()


def test_a_clone_that_is_all_there_is_changes_nothing(ran: Ran) -> None:
    plain, alike = ran.lane("plain"), ran.lane("alike")
    np.testing.assert_allclose(alike.observed, plain.observed, rtol=1e-12, atol=1e-15)


def test_clones_meet_timed_changes(ran: Ran) -> None:
    times = ran.lane("fed").times
    level = ran.model.observable_index["conc.gln_e"]
    for name in ("none", "MYC"):
        course = ran.lane("fed").clones[name].observed[:, level]
        assert course[times > 4.0].min() > 3.0
        assert course[times < 4.0].max() < 1.0


def test_observables_of_a_clone(ran: Ran) -> None:
    reading = ran.question.readings["tumour[MYC].growth_rate"]
    lane = ran.lane("parted")
    found = series(reading, lane, ran.model)
    own = series(ran.question.readings["tumour[MYC].growth_rate"], lane, ran.model)
    np.testing.assert_array_equal(found, own)
    at = ran.model.observable_index["net_growth"]
    np.testing.assert_array_equal(found, lane.clones["MYC"].observed[:, at])
    assert np.isnan(series(reading, ran.lane("plain"), ran.model)).all()
    assert "no such clone in arm 'plain'" in str(ran.question.missing[1])
    assert 0 not in ran.question.missing


def test_a_clone_is_named_in_brackets() -> None:
    names = vocabulary()
    found = Observable.parse("tumour[myc].pool.Gln", names)
    assert (found.place, found.clone, found.item) == ("tumour", "MYC", "glutamine")
    assert found.name == "tumour[MYC].pool.glutamine"
    assert Observable.parse("tumour[none].density", names).clone == "none"
    with pytest.raises(UnknownNameError, match="MYCX"):
        Observable.parse("tumour[MYCX].density", names)
    with pytest.raises(UnknownNameError, match="genotype"):
        Observable.parse("tumour[MYC.density", names)


def test_the_result_holds_clones(ran: Ran) -> None:
    model, cells, clones = ran.model, ran.question.cells, ran.question.clones
    fates = [[trace(dishes.get(cell, ())) for cell in cells] for dishes in ran.lanes.values()]
    shares, uptake = as_arrays(fates, 1)
    arms, times = list(ran.lanes), ran.lane("plain").times
    words = [["SUCCESS"] for _ in arms]
    plain = xr.Dataset(
        {"code": (("arm", "member"), words)}, {"arm": arms, "member": [0], "time": times}
    )
    whole = with_account(with_fates(plain, shares, uptake, cells), ran.account, cells, model)
    found = with_clones(whole, Parts(ran.parts, *clone_fates(ran.lanes, clones, 1)), clones, model)
    assert list(found["clone"].values) == ["tumour[none]", "tumour[MYC]"]
    fate = found["clone_fate"].sel(arm="parted", element="carbon")
    np.testing.assert_allclose(fate.sum("sink"), 1.0, rtol=1e-9)
    at = list(accounted(model)).index("glutamine")
    np.testing.assert_array_equal(
        found["clone_account"].sel(nutrient="glutamine")[1, 0], ran.parts[1, 0, -1, :, at]
    )
    assert "tumour[MYC]" not in headline(found)
    parted = headline(found.sel(arm=["parted"]))
    assert "tumour[MYC]" in parted
    assert "tumour[none]" in parted
    assert ", tumour " not in parted
    assert with_clones(whole, Parts(ran.parts, shares, uptake), (), model) is whole
