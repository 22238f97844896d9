"""The checks of a specification: silent on a sound model, and each finds what was planted for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glutarium.model.assemble import assemble
from glutarium.model.check import Finding, check_spec
from glutarium.model.expr import Number, Symbol
from glutarium.model.network import load_network
from glutarium.model.ranges import Range
from glutarium.model.spec import Flux, ModelSpec, Observable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.model.conftest import Tables

    from glutarium.model.expr import Expr
    from glutarium.model.network import Network, Reaction


def changed(network: Network, name: str, **changes: object) -> Network:
    """A network with one reaction replaced."""
    reaction = replace(network.reactions[name], **changes)  # type: ignore[arg-type]
    return replace(network, reactions={**network.reactions, name: reaction})


def assigned(spec: ModelSpec, name: str, make: Callable[[Expr], Expr]) -> ModelSpec:
    """A specification with one assignment replaced by something made of it."""
    rows = tuple((n, make(e) if n == name else e) for n, e in spec.assignments)
    return replace(spec, assignments=rows)


def flux(spec: ModelSpec, name: str, **changes: object) -> ModelSpec:
    fluxes = tuple(replace(f, **changes) if f.id == name else f for f in spec.fluxes)  # type: ignore[arg-type]
    return replace(spec, fluxes=fluxes)


def found(findings: list[Finding], check: str) -> list[str]:
    """Subjects of one check; all other checks must be silent."""
    assert {f.check for f in findings} <= {check}, [str(f) for f in findings]
    return [f.subject for f in findings]


@pytest.fixture
def small(tables: Tables) -> tuple[ModelSpec, Network]:
    base = tables.base()
    network = load_network(base)
    return assemble(base, network), network


# ------------------------------------------------------------------------------------- sound models


@pytest.mark.parametrize("seed", [0, 7])
def test_the_packaged_model_is_sound(spec: ModelSpec, network: Network, seed: int) -> None:
    assert [str(f) for f in check_spec(spec, network, seed=seed)] == []


def test_the_calibrated_model_is_sound(cell: ModelSpec, network: Network) -> None:
    assert [str(f) for f in check_spec(cell, network, seed=1)] == []


def test_the_small_model_is_sound(small: tuple[ModelSpec, Network]) -> None:
    assert [str(f) for f in check_spec(*small)] == []


# -------------------------------------------------------------------------------------------- balance


def test_atoms_and_charge_out_of_nothing_are_found_with_their_amount(
    small: tuple[ModelSpec, Network],
) -> None:
    spec, network = small
    more = {"a_c": -1.0, "h_c": -1.0, "b_m": 1.0, "h_m": 3.0}
    findings = check_spec(spec, changed(network, "IN", stoichiometry=more))
    assert found(findings, "balance") == ["IN H", "IN charge"]
    assert "+2 atoms of H" in findings[0].message
    assert "+2 elementary charges" in findings[1].message


def test_rounding_of_a_coefficient_is_no_imbalance(small: tuple[ModelSpec, Network]) -> None:
    spec, network = small
    nearly = {"a_c": -1.0, "h_c": -1.0, "b_m": 1.0, "h_m": 1.0 + 1e-11}
    assert check_spec(spec, changed(network, "IN", stoichiometry=nearly)) == []


# ------------------------------------------------------------------------------------------ moieties


def with_moiety(network: Network, *members: str) -> Network:
    """Declare that MAKE keeps the sum of some species."""
    kept = {f"moiety:{s}": Range(1.0, 1.0, 1.0) for s in members}
    constants = {**network.reactions["MAKE"].constants, **kept}
    return changed(network, "MAKE", constants=constants)


def test_a_reaction_that_changes_a_moiety_is_found(small: tuple[ModelSpec, Network]) -> None:
    spec, network = small
    findings = check_spec(spec, with_moiety(network, "b_m", "prot_b"))
    assert found(findings, "moiety") == ["IN MAKE", "OUT MAKE"]
    assert "changes b_m + prot_b by +1" in findings[0].message


def test_a_moiety_must_be_made_one_copy_at_a_time(small: tuple[ModelSpec, Network]) -> None:
    spec, network = small
    assert check_spec(spec, with_moiety(network, "prot_b")) == []
    twice = {"a_c": -2.0, "prot_b": 2.0}
    double = changed(with_moiety(network, "prot_b"), "MAKE", stoichiometry=twice)
    assert found(check_spec(spec, double), "moiety") == ["MAKE MAKE"]


# ------------------------------------------------------------------------------------------- symbols


def test_undefined_symbols_are_listed(small: tuple[ModelSpec, Network]) -> None:
    spec, network = small
    more = (*spec.observables, Observable("o", Symbol("ghost") + Symbol("spirit"), "1"))
    findings = check_spec(replace(spec, observables=more), network)
    assert found(findings, "symbols") == ["ghost", "spirit"]


# --------------------------------------------------------------------------------------- equilibrium


def test_a_rate_that_does_not_rest_at_equilibrium_is_found(
    small: tuple[ModelSpec, Network],
) -> None:
    spec, network = small
    pushed = assigned(spec, "rate.UP", lambda rate: rate + 1e-3 * Symbol("a_e"))
    findings = check_spec(pushed, network)
    assert found(findings, "equilibrium") == ["UP"]
    assert "where Q = Keq" in findings[0].message


def test_a_rate_that_runs_uphill_is_found(small: tuple[ModelSpec, Network]) -> None:
    spec, network = small
    findings = check_spec(assigned(spec, "rate.UP", lambda rate: -rate), network)
    assert found(findings, "equilibrium") == ["UP"]
    assert "does not run towards equilibrium" in findings[0].message


def test_a_rate_that_ignores_the_potential_is_found(small: tuple[ModelSpec, Network]) -> None:
    """``IN`` carries no net charge; counted as if it did, its law lacks the potential."""
    spec, network = small
    assert found(check_spec(spec, changed(network, "IN", charge_into_matrix=1.0)), "equilibrium")


def test_the_potential_counts_in_the_packaged_model(spec: ModelSpec, network: Network) -> None:
    driven = [r.id for r in network.reactions.values() if r.reversible and r.charge_into_matrix]
    assert driven
    sound = check_spec(spec, network, points=1)
    for name in driven:
        halved = network.reactions[name].charge_into_matrix / 2.0
        findings = check_spec(spec, changed(network, name, charge_into_matrix=halved), points=1)
        new = [f for f in findings if f.subject not in {s.subject for s in sound}]
        assert found(new, "equilibrium") == [name]


@pytest.mark.parametrize("equation", ["o2_g <-> o2_e", "o2_e <-> o2_g"])
def test_gas_rests_at_saturation(tables: Tables, equation: str) -> None:
    rows = [{"id": "AIR", "equation": equation, "law": "gas"}]
    tables.write("reactions", [*(r for r in tables.reactions if r["id"] != "AIR"), *rows])
    base = tables.base()
    network = load_network(base)
    spec = assemble(base, network)
    assert check_spec(spec, network) == []
    findings = check_spec(assigned(spec, "rate.AIR", lambda rate: rate + 1.0), network)
    assert found(findings, "equilibrium") == ["AIR"]


def test_a_reversible_reaction_needs_an_equilibrium_constant(
    small: tuple[ModelSpec, Network],
) -> None:
    spec, network = small
    findings = check_spec(spec, changed(network, "OUT", reversible=True))
    assert found(findings, "equilibrium") == ["OUT"]
    assert "no equilibrium constant" in findings[0].message


# -------------------------------------------------------------------------------------- conservation


def test_matter_from_nowhere_is_found_in_the_equations(small: tuple[ModelSpec, Network]) -> None:
    """The network is balanced, but the specification does not follow it."""
    spec, network = small
    assert found(check_spec(flux(spec, "OUT", stoichiometry={"b_e": 1.0}), network), "conservation")


def test_a_wrong_scale_is_found(small: tuple[ModelSpec, Network]) -> None:
    spec, network = small
    states = tuple(replace(s, scale=2.0 * s.scale) if s.id == "b_m" else s for s in spec.states)
    assert "C" in found(check_spec(replace(spec, states=states), network), "conservation")


def test_an_extra_source_is_found_in_the_packaged_model(spec: ModelSpec, network: Network) -> None:
    source = Flux("LEAKY", Number(1.0), Number(1.0), {"gln_c": 1.0})
    findings = check_spec(replace(spec, fluxes=(*spec.fluxes, source)), network, points=1)
    found_elements = [f.subject for f in findings if f.check == "conservation"]
    assert {"C", "N"} <= set(found_elements)
    assert not {"H", "O"} & set(found_elements)  # water is buffered


# ------------------------------------------------------------------------------------------ findings


def test_findings_are_repeatable_and_come_once(small: tuple[ModelSpec, Network]) -> None:
    spec, network = small
    broken = assigned(spec, "rate.UP", lambda rate: -rate)
    first, again = (check_spec(broken, network, seed=5, points=4) for _ in range(2))
    assert first == again
    assert len(first) == 1


def test_a_finding_reads_as_a_sentence() -> None:
    assert str(Finding("balance", "GLS N", "one atom lost")) == "GLS N: one atom lost (balance)"


def test_a_reaction_is_judged_by_its_own_records(small: tuple[ModelSpec, Network]) -> None:
    spec, network = small
    reaction: Reaction = network.reactions["UP"]
    assert reaction.reversible
    parameters = tuple(replace(p, value=1000.0) if p.id == "keq.UP" else p for p in spec.parameters)
    assert check_spec(replace(spec, parameters=parameters), network) == []
