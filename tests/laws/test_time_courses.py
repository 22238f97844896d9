"""How fast signals follow nutrients: windows of the parameter rows mtor_off, atf4_time and atf4_fold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.simulate.cell import RestCache, run_lane
from glutarium.simulate.plan import Phase
from glutarium.study.screen import reference_plan

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.simulate.model import CellModel

RESTED = RestCache()
EVERY = 0.25  # h
BACK = 6.0  # h, when glutamine comes back
END = 8.0  # h


def course(model: CellModel, name: str, without: str, back: float | None = None) -> Array:
    """A node over time in a dish without one nutrient, relative to its value at rest."""
    plain = reference_plan(model)
    full = dict(plain.phases[0].medium)
    phases = [replace(plain.phases[0], medium=full | {without: 0.0})]
    if back is not None:
        phases.append(Phase(back, plain.phases[0].parameters, {without: full[without]}))
    times = tuple(np.arange(0.0, END + EVERY, EVERY).tolist())
    lane = run_lane(model, replace(plain, phases=tuple(phases), times=times), 0, RESTED)
    assert lane.code is ResultCode.SUCCESS, lane.detail
    column = model.observable_index[name]
    return np.asarray(lane.observed[:, column] / lane.at_rest[column])


def at(values: Array, hours: float) -> float:
    return float(values[round(hours / EVERY)])


def test_mtorc1_falls_within_half_an_hour_of_leucine_withdrawal(model: CellModel) -> None:
    assert at(course(model, "available.mTORC1", "leu_e"), 0.5) < 0.85


def test_alpha_ketoglutarate_that_gathers_does_not_bring_mtorc1_back(model: CellModel) -> None:
    """Growth stops without leucine and its hydroxylases work harder, yet Sestrins hold the Rag step."""
    assert at(course(model, "available.mTORC1", "leu_e"), END) < 0.58


def test_want_of_glutamine_makes_cells_drink_but_not_move(model: CellModel) -> None:
    assert at(course(model, "available.MACROPIN", "gln_e"), END) > 1.5
    assert at(course(model, "available.RAC1", "gln_e"), END) < 1.3


def test_mtorc1_falls_within_half_an_hour_of_glutamine_withdrawal(model: CellModel) -> None:
    mtorc1 = course(model, "available.mTORC1", "gln_e")
    assert at(mtorc1, 0.5) < 0.95
    assert at(mtorc1, 1.0) < 0.85


def test_the_rag_independent_branch_falls_within_half_an_hour_of_glutamine_withdrawal(
    model: CellModel,
) -> None:
    assert at(course(model, "available.ARF1", "gln_e"), 0.5) < 0.7


@pytest.fixture(scope="module")
def atf4(model: CellModel) -> Array:
    return course(model, "expressed.ATF4", "gln_e", back=BACK)


def test_atf4_peaks_one_to_six_hours_after_glutamine_withdrawal(model: CellModel) -> None:
    atf4 = course(model, "expressed.ATF4", "gln_e")
    assert 1.0 <= int(np.argmax(atf4)) * EVERY <= 6.0
    assert 4.0 < atf4.max() < 20.0


def test_atf4_halves_in_less_than_two_hours_when_glutamine_is_back(atf4: Array) -> None:
    assert at(atf4, BACK + 2.0) < 0.5 * at(atf4, BACK)
