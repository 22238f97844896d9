"""The network joins what the tables say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.errors import ModelError
from glutarium.knowledge.effectors import parse_effector
from glutarium.model.network import load_network
from glutarium.model.ranges import Range

if TYPE_CHECKING:
    from tests.model.conftest import Kit, Tables

    from glutarium.model.network import Network

# ---------------------------------------------------------------------------------- a small network


def test_equations_become_stoichiometry(tables: Tables) -> None:
    reaction = load_network(tables.base()).reactions["IN"]
    assert reaction.stoichiometry == {"a_c": -1.0, "h_c": -1.0, "b_m": 1.0, "h_m": 1.0}
    assert reaction.substrates == ("a_c", "h_c")
    assert reaction.products == ("b_m", "h_m")
    assert reaction.reversible
    assert not load_network(tables.base()).reactions["OUT"].reversible


def test_constants_and_effects_belong_to_their_reaction(tables: Tables) -> None:
    network = load_network(tables.base())
    up, out = network.reactions["UP"], network.reactions["OUT"]
    assert up.km("a_e") == Range(0.5, 0.25, 1.0)
    assert up.km("b_e") is None
    assert up.constants["keq"].spread == pytest.approx(9.0)
    assert not up.effects
    (effect,) = out.effects
    assert (effect.effector, effect.kind, effect.n, effect.floor) == ("a_c/b_m", "activate", 2, 0.1)
    assert effect.k == Range(1.0, 0.5, 2.0)


def test_a_number_without_a_range_has_itself_as_range(tables: Tables) -> None:
    km = load_network(tables.base()).reactions["UP"].km("a_c")
    assert km == Range(2.0, 2.0, 2.0)
    assert km.spread == 1.0
    assert Range(0.0, 0.0, 5.0).spread == 1.0


def test_substances_come_once_in_order_of_use_with_their_metabolite(tables: Tables) -> None:
    substances = load_network(tables.base()).substances
    assert list(substances)[:4] == ["a_e", "a_c", "h_c", "b_m"]
    found = substances["b_m"]
    assert (found.name, found.compartment, found.charge, found.buffered) == (
        "beta",
        "m",
        -1.0,
        False,
    )
    assert found.formula == {"C": 2.0, "H": 4.0, "O": 2.0}
    assert substances["h_m"].buffered


def test_buffered_species_are_no_states(tables: Tables) -> None:
    network = load_network(tables.base())
    assert not {"h_c", "h_m"} & set(network.dynamic)
    assert set(network.dynamic) | {"h_c", "h_m"} == set(network.substances)


def test_species_are_found_by_compartment(tables: Tables) -> None:
    network = load_network(tables.base())
    assert network.in_compartment("c", "m") == ("a_c", "b_m")
    assert network.in_compartment("b") == ("prot_b",)
    assert network.in_compartment("x") == ()


@pytest.mark.parametrize(
    ("equation", "charges", "moved"),
    [
        ("a_c -> b_m", {"a": -2.0, "b": -2.0}, -2.0),
        ("a_m -> b_c", {"a": -2.0, "b": -2.0}, 2.0),
        ("a_c + 4 h_c -> b_c + 4 h_m", {"h": 1.0}, 4.0),
        ("a_m + h_m -> b_m", {"a": -1.0, "h": 1.0}, 0.0),
        ("a_e -> b_c", {"a": 1.0, "b": 1.0}, 0.0),
    ],
    ids=["in", "out", "protons", "inside", "elsewhere"],
)
def test_charge_is_counted_into_the_matrix(
    tables: Tables, equation: str, charges: dict[str, float], moved: float
) -> None:
    kinds = {"h": "buffered"}
    rows = [
        {"id": m, "name": m, "charge": str(charges.get(m, 0.0)), "kind": kinds.get(m, "metabolite")}
        for m in ("a", "b", "h")
    ]
    tables.write("metabolites", rows)
    tables.write("reactions", [{"id": "R", "equation": equation, "law": "modular"}])
    tables.write("kinetics", [])
    tables.write("modifiers", [])
    assert load_network(tables.base()).reactions["R"].charge_into_matrix == moved


def test_a_species_without_a_metabolite_is_named_with_its_reaction(tables: Tables) -> None:
    tables.add("reactions", {"id": "BAD", "equation": "a_c -> ghost_c", "law": "modular"})
    with pytest.raises(ModelError, match=r"Reaction BAD uses species 'ghost_c'.*metabolites\.tsv"):
        load_network(tables.base())


def test_the_kit_of_these_tests_counts_charge_as_the_loader_does(kit: Kit) -> None:
    assert kit.reaction("a_c -> b_m").charge_into_matrix == 0.0


# ------------------------------------------------------------------------------------ the packaged one


def test_every_pool_of_the_cell_has_a_reference_concentration(network: Network) -> None:
    missing = [s for s in network.in_compartment("c", "m", "b", "g") if s not in network.pools]
    assert not missing


def test_every_enzyme_of_the_cell_has_a_reference_flux(network: Network) -> None:
    capacity = {"modular", "synthesis", "decay"}
    laws = {r.id: r.law for r in network.reactions.values()}
    assert {r for r, law in laws.items() if law in capacity} == set(network.fluxes)


def test_constants_speak_of_species_that_take_part(network: Network) -> None:
    for reaction in network.reactions.values():
        for name in reaction.constants:
            kind, _, species = name.partition(":")
            if kind == "km" and reaction.law == "synthesis":
                # May be a carrier of energy that the equation charges to another one.
                assert species in network.substances, f"{reaction.id} {name}"
            elif kind == "km":
                assert species in reaction.stoichiometry, f"{reaction.id} {name}"
            elif kind == "moiety":
                assert species in network.substances, f"{reaction.id} {name}"


def test_effectors_are_species_proteins_or_the_potential(network: Network) -> None:
    for reaction in network.reactions.values():
        for effect in reaction.effects:
            names = set(parse_effector(effect.effector).species)
            assert names <= {*network.substances, "psi_x"}, f"{reaction.id} {effect.effector}"


def test_only_reversible_reactions_have_an_equilibrium_constant(network: Network) -> None:
    for reaction in network.reactions.values():
        if reaction.law == "modular":
            assert reaction.reversible == ("keq" in reaction.constants), reaction.id
        if "rho" in reaction.constants:
            band = reaction.constants["rho"]
            assert reaction.reversible, reaction.id
            assert 0.0 < band.low <= band.high < 1.0, reaction.id
