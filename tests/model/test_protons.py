"""The pH as a state: what moves it, by how much, and that it starts where it is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.model.expr import evaluate
from glutarium.model.member import nominal_values
from glutarium.model.protons import compartments, protons_at

if TYPE_CHECKING:
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec


def test_a_unit_of_ph_is_a_factor_of_ten() -> None:
    assert protons_at(7.0) == pytest.approx(1e-4)
    assert protons_at(6.0) / protons_at(7.0) == pytest.approx(10.0)


def test_medium_and_cytosol_have_a_ph(network: Network) -> None:
    assert compartments(network) == ("e", "c")


def test_protons_follow_from_the_ph(network: Network, cell: ModelSpec) -> None:
    values = _values(cell)
    for c in compartments(network):
        assert values[f"h_{c}"] == pytest.approx(protons_at(network.constants[f"pH.{c}"].value))


def test_the_cytosol_is_in_balance_at_reference(cell: ModelSpec) -> None:
    """What reactions release of protons the carriers remove, to the precision of the balance."""
    state = next(s for s in cell.states if s.id == "pH_c")
    assert evaluate(state.direct, _values(cell)) == pytest.approx(0.0, abs=1e-9)


def test_the_buffer_says_how_far_the_medium_moves(network: Network, cell: ModelSpec) -> None:
    state = next(s for s in cell.states if s.id == "pH_e")
    values = _values(cell)
    released = sum(
        r.stoichiometry["h_e"] * values[f"rate.{r.id}"]
        for r in network.reactions.values()
        if "h_e" in r.stoichiometry
    )
    assert released > 0.0
    expected = -released * values["dish.density"] * values["mass"] / values["buffer.e"]
    assert evaluate(state.direct, values) == pytest.approx(expected)
    assert evaluate(state.direct, values | {"per_mass": 1.0}) == 0.0


def _values(cell: ModelSpec) -> dict[str, float]:
    return nominal_values(
        cell, {p.id: p.value for p in cell.parameters}, {s.id: s.initial for s in cell.states}
    )
