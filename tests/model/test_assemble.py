"""From records to a specification: states, scales, growth and what each reaction depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.knowledge.equations import parse_genes
from glutarium.model.assemble import assemble, dish_level
from glutarium.model.expr import Symbol, evaluate, symbols
from glutarium.model.genes import rule_genes
from glutarium.model.member import nominal_values
from glutarium.model.network import load_network

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.model.conftest import Tables

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec

    Slopes = Callable[[ModelSpec, Mapping[str, float]], dict[str, float]]

CELL = ("c", "m", "b")


def shaken(
    spec: ModelSpec, seed: int, parameters: dict[str, float] | None = None
) -> dict[str, float]:
    """Values of all symbols at a random state."""
    random = np.random.default_rng(seed)
    states = {
        s.id: float(
            (s.initial or 0.1) * random.lognormal(0.0, 0.1 if s.compartment == "x" else 0.5)
        )
        for s in spec.states
    }
    return nominal_values(spec, parameters or {}, states)


@pytest.fixture(scope="module")
def left_over(spec: ModelSpec) -> Callable[[str, str], float]:
    """Consumption of a species that is gone, as share of the fastest at ordinary amounts."""
    values = nominal_values(spec, {}, {s.id: s.initial or 0.1 for s in spec.states})
    laws = dict(spec.assignments)

    def share(reaction: str, species: str) -> float:
        law = laws[f"rate.{reaction}"]
        gone, *there = (evaluate(law, {**values, species: x}) for x in (1e-30, 0.01, 1.0, 100.0))
        most = max(map(abs, there))
        return gone / most if most > 0.0 else 0.0

    return share


# ---------------------------------------------------------------------------------- a small network


def test_a_small_model_has_the_states_of_its_tables(tables: Tables) -> None:
    base = tables.base()
    spec = assemble(base, load_network(base))
    assert spec.state_ids == ("a_e", "a_c", "b_m", "b_e", "prot_b", "o2_g", "o2_e", "psi_x")
    assert spec.undefined() == frozenset()
    assert spec.fluxes[1].stoichiometry == {"a_c": -1.0, "b_m": 1.0}  # protons are buffered


def test_reading_the_same_tables_gives_the_same_structure(tables: Tables) -> None:
    hashes = {assemble(b, load_network(b)).structure_hash() for b in (tables.base(), tables.base())}
    assert len(hashes) == 1


def test_a_slow_drug_adds_a_state_and_its_parameters(tables: Tables) -> None:
    rows = [("ki", "2", "uM"), ("koff", "0.5", "1/h"), ("max_inhibition", "0.9", "1")]
    shared = {"drug": "D", "target": "G1", "mode": "slow_reversible"}
    tables.write(
        "drug_targets", [{**shared, "parameter": p, "value": v, "unit": u} for p, v, u in rows]
    )
    base = tables.base()
    spec = assemble(base, load_network(base))
    assert spec.states[-1].id == "occupancy.D.G1"
    assert {"drug.D", "D.G1.ki", "D.G1.koff", "D.G1.max_inhibition"} <= set(spec.parameter_ids)
    assert spec.undefined() == frozenset()


# ------------------------------------------------------------------------------------- the packaged


def test_every_symbol_is_defined(spec: ModelSpec) -> None:
    assert spec.undefined() == frozenset()


def test_names_are_given_once(spec: ModelSpec) -> None:
    names = [*spec.parameter_ids, *(name for name, _ in spec.assignments)]
    assert len(names) == len(set(names))
    assert len(spec.state_ids) == len(set(spec.state_ids))


def test_states_are_the_dynamic_species_and_what_is_no_matter(
    network: Network, spec: ModelSpec
) -> None:
    matter = [s.id for s in spec.states if s.compartment != "x"]
    assert matter == list(network.dynamic)
    assert all(not s.formula for s in spec.states if s.compartment == "x")
    assert set(spec.state_ids) <= {name for name, _ in spec.assignments}


def test_assembly_is_repeatable(base: KnowledgeBase, network: Network, spec: ModelSpec) -> None:
    assert assemble(base, network).structure_hash() == spec.structure_hash()


def test_one_unit_of_extent_moves_the_same_matter_in_every_compartment(spec: ModelSpec) -> None:
    values = {p.id: p.value for p in spec.parameters}
    for s in spec.states:
        if s.compartment != "x":
            moved = evaluate(s.scale, values) * evaluate(s.amount_per_unit, values)
            assert moved == pytest.approx(values["dish.density"]), s.id


def test_scales_depend_on_parameters_only(spec: ModelSpec) -> None:
    for s in spec.states:
        assert symbols(s.scale) | symbols(s.amount_per_unit) <= set(spec.parameter_ids), s.id


@given(mass=st.floats(0.01, 100.0))
@settings(max_examples=10)
def test_growth_dilutes_the_cell_and_not_the_medium(spec: ModelSpec, mass: float) -> None:
    small = nominal_values(spec, {}, {s.id: 1.0 for s in spec.states})
    amounts = {s.id: mass if s.compartment == "b" else 1.0 for s in spec.states}
    large = nominal_values(spec, {}, amounts)
    for s in spec.states:
        shrunk = {"c": mass, "m": mass}.get(s.compartment, 1.0)
        assert large[s.id] == pytest.approx(small[s.id] / shrunk), s.id


def test_the_reference_composition_weighs_one(spec: ModelSpec) -> None:
    assert nominal_values(spec, {}, {})["mass"] == pytest.approx(1.0)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5)
def test_growth_is_the_relative_change_of_mass(cell: ModelSpec, slopes: Slopes, seed: int) -> None:
    values = shaken(cell, seed)
    changes = slopes(cell, values)
    gained = sum(
        values[f"weight.{s.id}"] * changes[s.id] for s in cell.states if s.compartment == "b"
    )
    assert gained == pytest.approx(values["growth_rate"] * values["mass"], rel=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5)
def test_the_potential_integrates_the_charge_that_crosses(
    cell: ModelSpec, network: Network, slopes: Slopes, seed: int
) -> None:
    values = shaken(cell, seed)
    moved = sum(r.charge_into_matrix * values[f"rate.{r.id}"] for r in network.reactions.values())
    found = slopes(cell, values)["psi_x"] * values["potential.capacity"]
    assert found == pytest.approx(-moved, rel=1e-9)


def test_cells_scale_with_their_mass_and_the_dish_does_not(
    spec: ModelSpec, network: Network
) -> None:
    for f in spec.fluxes:
        in_dish = dish_level(network.reactions[f.id])
        assert ("mass" in symbols(f.extent)) != in_dish, f.id


def test_a_reaction_stops_when_all_its_proteins_are_gone(spec: ModelSpec, network: Network) -> None:
    genes = {g for r in network.reactions.values() for g in rule_genes(r.genes)}
    values = shaken(spec, 1, {f"level.{g}": 0.0 for g in genes})
    for r in network.reactions.values():
        if r.genes:
            assert values[f"rate.{r.id}"] == 0.0, r.id


def test_a_knocked_out_gene_costs_its_share_wherever_it_is_needed(
    spec: ModelSpec, network: Network
) -> None:
    before = shaken(spec, 2)
    for gene in ("GLS", "SLC1A5", "GOT1"):
        after = shaken(spec, 2, {f"level.{gene}": 0.0})
        for r in network.reactions.values():
            kept = sum(i.share for i in parse_genes(r.genes) if gene not in i.genes)
            share = kept if r.genes else 1.0
            if r.law != "accretion":
                expected = pytest.approx(share * before[f"rate.{r.id}"], rel=1e-9)
                assert after[f"rate.{r.id}"] == expected, r.id


def test_what_has_a_michaelis_constant_is_not_consumed_when_it_is_gone(
    left_over: Callable[[str, str], float], network: Network
) -> None:
    for r in network.reactions.values():
        for s in r.substrates:
            if r.km(s) is not None and not network.substances[s].buffered:
                assert left_over(r.id, s) < 1e-9, f"{r.id} consumes {s}"


def test_no_reaction_consumes_what_is_gone(
    left_over: Callable[[str, str], float], network: Network
) -> None:
    """But for what is laid down with growth and for the gas phase."""
    free = {"accretion", "gas"}
    for r in network.reactions.values():
        for s in r.substrates if r.law not in free else ():
            if not network.substances[s].buffered:
                assert left_over(r.id, s) < 1e-9, f"{r.id} consumes {s}"


def test_the_kernel_reports_concentrations_rates_growth_and_mass(
    spec: ModelSpec, network: Network
) -> None:
    found = {o.id: o.expr for o in spec.observables}
    assert {"growth_rate", "mass", "psi_x"} <= set(found)
    assert {f"rate.{r}" for r in network.reactions} <= set(found)
    assert found["conc.gln_c"] == Symbol("gln_c")


def test_tolerances_are_positive_and_far_below_the_pools(spec: ModelSpec) -> None:
    for s in spec.states:
        assert s.atol > 0.0, s.id
        assert s.initial == 0.0 or s.atol < 1e-3 * s.initial, s.id
