"""Control coefficients: sums that time scaling demands, and the rest that really follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.errors import UnknownNameError
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.study.control import control_coefficients, controllable
from glutarium.study.screen import reference_plan
from glutarium.study.stress import recorded_model

if TYPE_CHECKING:
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan


@pytest.fixture(scope="module")
def recorded() -> CellModel:
    return recorded_model()


@pytest.mark.parametrize("name", ["growth_rate", "GLS", "HK", "OGDH", "PROTSYN", "XCT"])
def test_all_reactions_together_have_one_on_a_flux(recorded: CellModel, name: str) -> None:
    found = control_coefficients(recorded, name)
    assert sum(c.value for c in found) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("name", ["gln_c", "gsh_c", "atp_c", "glu_m", "suc_m"])
def test_all_reactions_together_have_none_on_a_pool(recorded: CellModel, name: str) -> None:
    found = control_coefficients(recorded, name)
    assert sum(c.value for c in found) == pytest.approx(0.0, abs=1e-4)


def test_a_coefficient_foretells_the_next_rest(recorded: CellModel) -> None:
    step = 0.02
    capacity = recorded.ensemble.parameters[0][recorded.parameter_index["vmax.GLS"]]
    plans = [_resting_with(recorded, capacity * factor) for factor in (1.0 - step, 1.0 + step)]
    less, more = run_lanes(recorded, [(plan, 0) for plan in plans], RestCache())
    for name in ("GLS", "OGDH", "PC"):
        at = recorded.observable_index[f"rate.{name}"]
        change = np.log(more.observed[0, at] / less.observed[0, at]) / (2.0 * step)
        foretold = {c.name: c.value for c in control_coefficients(recorded, name)}["GLS"]
        assert change == pytest.approx(foretold, abs=2e-3)


def _resting_with(model: CellModel, capacity: float) -> ArmPlan:
    """A reference dish whose cells come to rest with some capacity of GLS."""
    plain, changed = reference_plan(model), {"vmax.GLS": capacity}
    rest = replace(plain.rest, parameters=changed)
    return replace(plain, rest=rest, phases=(replace(plain.phases[0], parameters=changed),))


def test_genes_respond_through_what_they_make(recorded: CellModel) -> None:
    by_gene = {c.name: c for c in control_coefficients(recorded, "gsh_c", genes=True)}
    by_reaction = {c.name: c for c in control_coefficients(recorded, "gsh_c")}
    # GCLC is made by one gene, and nothing but the enzyme reads it
    assert by_gene["GCLC"].value == pytest.approx(by_reaction["GCLC"].value, rel=1e-3)
    assert by_gene["GCLC"].agreement == 1.0
    assert by_gene["GCLC"].low == by_gene["GCLC"].high == by_gene["GCLC"].value


def test_the_largest_stand_first(recorded: CellModel) -> None:
    sizes = [abs(c.value) for c in control_coefficients(recorded, "GLS")]
    assert sizes == sorted(sizes, reverse=True)


def test_what_lies_outside_is_held_and_cannot_be_asked_for(recorded: CellModel) -> None:
    assert {"growth_rate", "GLS", "gln_c"} <= set(controllable(recorded))
    with pytest.raises(UnknownNameError, match="gln_c"):
        control_coefficients(recorded, "gln_e")
