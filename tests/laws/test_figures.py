"""What the model promises of its recorded values; `glutarium figures` asks the same of all members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.study.dishes import conserved_totals, grid, run_dishes
from glutarium.study.steadiness import (
    fastest_change,
    free_pools,
    moiety_pools,
    pulses,
    slowest_mode,
)

if TYPE_CHECKING:
    from glutarium.simulate.model import CellModel
    from glutarium.study.dishes import DishRun


@pytest.fixture(scope="module")
def dishes(model: CellModel) -> list[DishRun]:
    """Starved and flooded of glutamine, glucose and oxygen in all combinations."""
    return run_dishes(model, 0, grid(corners=True))


def test_the_reference_state_stands_still(model: CellModel) -> None:
    fastest, where = fastest_change(model, 0)
    assert fastest < 1e-6, where


def test_a_state_beside_it_does_not(model: CellModel) -> None:
    start = model.ensemble.initial[0, model.state_index["gln_c"]]
    try:
        model.ensemble.initial[0, model.state_index["gln_c"]] = 1.01 * start
        assert fastest_change(model, 0)[0] > 1e-3
    finally:
        model.ensemble.initial[0, model.state_index["gln_c"]] = start


def test_every_mode_of_the_reference_state_decays(model: CellModel) -> None:
    assert slowest_mode(model, 0) < 0.0


def test_the_cell_forgets_a_pulse_of_any_pool(model: CellModel) -> None:
    found = pulses(model, 0)
    assert len(found) == 2 * len(free_pools(model.network))
    assert [str(pulse) for pulse in found if not pulse.deviation <= 0.2] == []


def test_a_conserved_moiety_that_is_pulsed_is_not_forgotten(model: CellModel) -> None:
    pools = moiety_pools(model.network)
    assert {"nad_c", "coa_m", "q_m"} <= set(pools)
    assert not set(pools) & set(free_pools(model.network))
    # Its total comes back only as fast as the cell grows: e^(-0.03 * 72) of the pulse is left.
    left = max(pulse.deviation for pulse in pulses(model, 0, ["nad_c"]))
    assert left > 0.02


def test_every_dish_reaches_its_end(dishes: list[DishRun]) -> None:
    assert len(dishes) == 8
    assert [run.detail for run in dishes if not run.finished] == []


def test_no_pool_is_ever_negative(dishes: list[DishRun]) -> None:
    assert [f"{run.lowest_pool} at {run.dish}" for run in dishes if run.lowest < 0.0] == []


@pytest.mark.parametrize(
    ("kind", "allowed"), [("total", 1e-9), ("carbon", 1e-8), ("nitrogen", 1e-8)]
)
def test_what_is_conserved_is_kept(dishes: list[DishRun], kind: str, allowed: float) -> None:
    drifts = {str(run.dish): run.drifts[kind] for run in dishes}
    assert {dish: drift for dish, drift in drifts.items() if not drift[0] <= allowed} == {}


def test_all_matter_counts(model: CellModel) -> None:
    totals = conserved_totals(model, 0)
    for kind, element in (("carbon", "C"), ("nitrogen", "N")):
        (total,) = (t for t in totals if t.kind == kind)
        holds = np.array([s.formula.get(element, 0.0) > 0.0 for s in model.spec.states])
        assert np.array_equal(total.weights > 0.0, holds)
        places = {model.spec.states[i].compartment for i in np.flatnonzero(total.weights)}
        assert {"e", "c", "m", "b", "g"} >= places >= {"e", "c", "m", "b"}


def test_every_moiety_is_among_the_totals(model: CellModel) -> None:
    names = [t.name for t in conserved_totals(model, 0)]
    copies = [species for name in names for species in name.split(" + ")]
    assert [s for s in moiety_pools(model.network) if s not in copies] == []


def test_a_leak_would_be_seen(model: CellModel) -> None:
    """A millionth of the glutamine of the medium that vanishes is above what is allowed."""
    start = model.ensemble.initial[0]
    later = start.copy()
    later[model.state_index["gln_e"]] *= 1.0 - 1e-6
    for total in conserved_totals(model, 0):
        if total.weights[model.state_index["gln_e"]] != 0.0:
            allowed = 1e-9 if total.kind == "total" else 1e-8
            assert total.drift(np.array([start, later])) > allowed, total.name
