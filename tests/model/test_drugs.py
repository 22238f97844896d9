"""Drugs as terms of the model: limits of occupancy, competition, disputed targets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.knowledge.drug_rules import EXPRESSION_MODES
from glutarium.model import drugs
from glutarium.model.alternatives import alternatives
from glutarium.model.assemble import assemble
from glutarium.model.drugs import (
    Target,
    activated,
    competition,
    competitors,
    concentration,
    expressed,
    occupancy_rate,
    remaining,
    shielded,
)
from glutarium.model.expr import Number, evaluate, symbols
from glutarium.model.genes import rule_genes
from glutarium.model.laws import reaction_rate
from glutarium.model.member import nominal_values
from glutarium.model.network import load_network
from glutarium.model.ranges import Range
from glutarium.units import convert

if TYPE_CHECKING:
    from tests.model.conftest import Kit, Tables

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec

DOSES = st.floats(0.0, 1e4)
SHARES = st.floats(0.0, 1.0)


def target(
    mode: str, gene: str = "G", *, drug: str = "D", against: str = "", **constants: float
) -> Target:
    ranges = {k: Range(v, v, v) for k, v in constants.items()}
    return Target(drug, "", gene, mode, ranges, against)


def values(t: Target, dose: float, occupied: float = 0.0, **more: float) -> dict[str, float]:
    constants = {f"{t.id}.{name}": r.value for name, r in t.constants.items()}
    return {f"drug.{t.drug}": dose, f"state:occupancy.{t.id}": occupied} | constants | more


REVERSIBLE = target("reversible", ki=2.0, max_inhibition=0.9)
SLOW = target("slow_reversible", ki=2.0, koff=0.5, max_inhibition=0.9)
COVALENT = target("covalent", KI=2.0, kinact=6.0)
COMPETITIVE = target("competitive", ki=2.0, against="a_c")


# ---------------------------------------------------------------------------------- fast reversible


@given(dose=DOSES)
def test_a_reversible_block_saturates_at_its_maximum(dose: float) -> None:
    left = evaluate(remaining("G", [REVERSIBLE]), values(REVERSIBLE, dose))
    assert left == pytest.approx(1.0 - 0.9 * dose / (2.0 + dose))
    assert 0.1 <= left <= 1.0


def test_the_inhibition_constant_is_the_dose_of_half_the_effect() -> None:
    left = evaluate(remaining("G", [REVERSIBLE]), values(REVERSIBLE, 2.0))
    assert 1.0 - left == pytest.approx(0.45)


@given(a=DOSES, b=DOSES)
def test_two_drugs_on_one_protein_act_independently(a: float, b: float) -> None:
    other = target("reversible", drug="E", ki=7.0, max_inhibition=0.5)
    both = evaluate(remaining("G", [REVERSIBLE, other]), values(REVERSIBLE, a) | values(other, b))
    alone = [evaluate(remaining("G", [t]), values(t, x)) for t, x in ((REVERSIBLE, a), (other, b))]
    assert both == pytest.approx(alone[0] * alone[1])


def test_a_drug_leaves_other_proteins_alone() -> None:
    everything = [REVERSIBLE, SLOW, COVALENT, COMPETITIVE]
    assert remaining("H", everything) == Number(1.0)


def test_without_a_recorded_maximum_a_block_can_be_complete() -> None:
    full = target("reversible", ki=2.0)
    assert evaluate(remaining("G", [full]), values(full, 1e12)) == pytest.approx(0.0, abs=1e-9)


# ------------------------------------------------------------------------------------ slow binding


@given(dose=DOSES)
def test_slow_binding_ends_where_fast_binding_is_at_once(dose: float) -> None:
    settled = dose / (2.0 + dose)
    assert evaluate(occupancy_rate(SLOW), values(SLOW, dose, settled)) == pytest.approx(
        0.0, abs=1e-9
    )
    slow = evaluate(remaining("G", [SLOW]), values(SLOW, dose, settled))
    fast = evaluate(remaining("G", [REVERSIBLE]), values(REVERSIBLE, dose))
    assert slow == pytest.approx(fast)


@given(occupied=SHARES)
def test_a_washed_out_drug_leaves_with_its_rate_constant(occupied: float) -> None:
    found = evaluate(occupancy_rate(SLOW), values(SLOW, 0.0, occupied))
    assert found == pytest.approx(-0.5 * occupied)


def test_a_slow_drug_does_nothing_before_it_has_bound() -> None:
    assert evaluate(remaining("G", [SLOW]), values(SLOW, 1e3, 0.0)) == 1.0


# ---------------------------------------------------------------------------------------- covalent


@given(dose=st.floats(1e-3, 1e4), occupied=SHARES)
def test_covalent_block_grows_with_dose_and_is_lost_with_the_protein(
    dose: float, occupied: float
) -> None:
    found = evaluate(
        occupancy_rate(COVALENT), values(COVALENT, dose, occupied, **{"protein.turnover": 0.1})
    )
    assert found == pytest.approx(6.0 * dose / (2.0 + dose) * (1 - occupied) - 0.1 * occupied)


def test_covalent_block_has_a_fastest_rate_and_outlasts_the_drug() -> None:
    turnover = {"protein.turnover": 0.1}
    fastest = evaluate(occupancy_rate(COVALENT), values(COVALENT, 1e12, 0.0, **turnover))
    lost = evaluate(occupancy_rate(COVALENT), values(COVALENT, 0.0, 0.8, **turnover))
    assert fastest == pytest.approx(6.0)
    assert lost == pytest.approx(-0.1 * 0.8)
    assert evaluate(remaining("G", [COVALENT]), values(COVALENT, 0.0, 0.8)) == pytest.approx(0.2)


@given(dose=DOSES, a=st.floats(1e-3, 1e3))
def test_a_substrate_shields_its_site_from_a_covalent_drug(kit: Kit, dose: float, a: float) -> None:
    at_site = replace(COVALENT, against="a_c")
    network = kit.network(kit.reaction("a_c -> b_c", {"km:a_c": 0.5}, genes="G"))
    known = values(COVALENT, dose, 0.0, **{"protein.turnover": 0.1, "km.R.a_c": 0.5, "a_c": a})
    found = evaluate(occupancy_rate(at_site, shielded(at_site, network)), known)
    assert found == pytest.approx(6.0 * dose / (2.0 * (1 + a / 0.5) + dose))
    assert evaluate(shielded(COVALENT, network), known) == 1.0


@given(dose=DOSES, enzyme=st.floats(0.0, 1e3))
def test_a_cell_sees_of_a_prodrug_what_is_free_and_what_its_enzyme_sets_free(
    dose: float, enzyme: float
) -> None:
    prodrug = replace(COVALENT, activator="E")
    known = values(prodrug, dose, 0.0, **{f"{prodrug.drug}.E.free": 0.1, "available.E": enzyme})
    seen = evaluate(concentration(prodrug), known)
    assert seen == pytest.approx(dose * (0.1 + 0.9 * enzyme))
    assert evaluate(concentration(prodrug), known | {"available.E": 1.0}) == pytest.approx(dose)


@given(dose=DOSES)
@pytest.mark.parametrize("t", [SLOW, COVALENT], ids=["slow", "covalent"])
def test_occupancy_stays_between_nothing_and_everything(t: Target, dose: float) -> None:
    turnover = {"protein.turnover": 0.1}
    assert evaluate(occupancy_rate(t), values(t, dose, 0.0, **turnover)) >= 0.0
    assert evaluate(occupancy_rate(t), values(t, dose, 1.0, **turnover)) <= 0.0


# ------------------------------------------------------------------------------------- competitive


@given(dose=DOSES, a=st.floats(1e-3, 1e3))
def test_a_competitive_drug_can_be_outcompeted(kit: Kit, dose: float, a: float) -> None:
    reaction = kit.reaction("a_c -> b_c", {"km:a_c": 0.5}, genes="G")
    factors = competition("G", [COMPETITIVE])
    rate = reaction_rate(reaction, kit.network(reaction), factors)
    known = values(COMPETITIVE, dose) | {"vmax.R": 1.0, "km.R.a_c": 0.5, "available.G": 1.0}
    assert evaluate(rate, known | {"a_c": a}) == pytest.approx(a / (0.5 * (1 + dose / 2.0) + a))
    assert evaluate(rate, known | {"a_c": 1e12}) == pytest.approx(1.0)


def test_competition_needs_the_protein_in_the_reaction() -> None:
    assert competition("H", [COMPETITIVE]) == {}
    assert competition("G", [REVERSIBLE, SLOW, COVALENT]) == {}


@given(a=DOSES, b=DOSES)
def test_competitors_for_one_site_add_up(a: float, b: float) -> None:
    other = target("competitive", "G", drug="E", ki=5.0, against="a_c")
    factor = competition("G", [COMPETITIVE, other])["a_c"]
    found = evaluate(factor, values(COMPETITIVE, a) | values(other, b))
    assert found == pytest.approx(1 + a / 2.0 + b / 5.0)


@given(dose=DOSES, share=st.floats(0.01, 0.99))
def test_a_competitor_counts_by_the_isozymes_that_it_hits(dose: float, share: float) -> None:
    rule = f"G:{share!r}|H:{1.0 - share!r}"
    factor = competition(rule, [COMPETITIVE])["a_c"]
    assert evaluate(factor, values(COMPETITIVE, dose)) == pytest.approx(1 + share * dose / 2.0)


def test_a_competitor_keeps_out_whatever_its_carrier_carries(kit: Kit) -> None:
    """One site on each side: a drug measured against one compound holds off the others, there only."""
    outside = target("competitive", "G", ki=2.0, against="a_e")
    carried = {"km:b_e": 0.5, "km:d_e": 0.5, "km:d_c": 0.5}
    reaction = kit.reaction("b_e + d_c -> b_c + d_e", carried, genes="G")
    factors = competitors(reaction, [outside])
    assert set(factors) == {"b_e", "d_e"}
    assert evaluate(factors["b_e"], values(outside, 3.0)) == pytest.approx(1 + 3.0 / 2.0)
    own = kit.reaction("a_e + d_c -> a_c + d_e", {"km:a_e": 0.5, "km:d_e": 0.5}, genes="G")
    assert set(competitors(own, [outside])) == {"a_e"}


# --------------------------------------------------------------------------------- disputed targets


def test_only_the_chosen_alternative_acts() -> None:
    ki = {"ki": Range(2.0, 2.0, 2.0)}
    first = Target("D", "site:one", "G", "reversible", ki)
    second = Target("D", "site:two", "H", "reversible", ki)
    assert alternatives([first, second]) == {"site": ("one", "two")}
    chosen = {"alternative.site.one": 0.0, "alternative.site.two": 1.0}
    assert evaluate(remaining("G", [first]), values(first, 10.0) | chosen) == 1.0
    assert evaluate(remaining("H", [second]), values(second, 10.0) | chosen) < 0.5


# ------------------------------------------------------------------------- less of a protein, agonists

LOWERING = {
    "silences": "transcription",
    "interferes": "mrna_stability",
    "degrades": "stability",
}


@pytest.mark.parametrize(("mode", "process"), LOWERING.items())
@given(dose=DOSES)
def test_a_drug_that_lowers_expression_acts_on_its_own_process_alone(
    mode: str, process: str, dose: float
) -> None:
    t = target(mode, ki=2.0, max_inhibition=0.9)
    left = evaluate(expressed("G", process, [t]), values(t, dose))
    assert left == pytest.approx(1.0 - 0.9 * dose / (2.0 + dose))
    others = {*LOWERING.values(), "translation"} - {process}
    assert all(expressed("G", other, [t]) == Number(1.0) for other in others)
    assert remaining("G", [t]) == Number(1.0)


@pytest.mark.parametrize("mode", LOWERING)
def test_without_the_drug_expression_is_exactly_what_it_was(mode: str) -> None:
    t = target(mode, ki=2.0, max_inhibition=0.9, hill=2.0)
    assert evaluate(expressed("G", LOWERING[mode], [t]), values(t, 0.0)) == 1.0


@pytest.mark.parametrize("mode", LOWERING)
def test_a_saturating_dose_leaves_what_its_maximum_leaves(mode: str) -> None:
    t = target(mode, ki=2.0, max_inhibition=0.9)
    left = evaluate(expressed("G", LOWERING[mode], [t]), values(t, 1e12))
    assert left == pytest.approx(0.1)


@given(dose=DOSES)
def test_an_agonist_raises_what_its_target_does_up_to_its_maximum(dose: float) -> None:
    t = target("activates", ec50=2.0, max=3.0)
    assert evaluate(activated("G", [t]), values(t, dose)) == pytest.approx(
        1 + 3 * dose / (2 + dose)
    )
    assert evaluate(activated("G", [t]), values(t, 0.0)) == 1.0
    assert activated("H", [t]) == Number(1.0)


def test_a_drug_may_block_a_protein_and_degrade_it_with_constants_of_its_own() -> None:
    both = [target("reversible", ki=1.0), target("degrades", ki=9.0)]
    assert len({t.id for t in both}) == 2


# ------------------------------------------------------------------------------------- from tables

ROW = {"drug": "D", "target": "G1", "unit": "uM", "value": "3"}


def test_targets_are_read_with_their_constants_in_the_units_of_equations(tables: Tables) -> None:
    tables.write(
        "drug_targets",
        [
            {**ROW, "mode": "covalent", "parameter": "KI", "unit": "nM", "low": "1", "high": "9"},
            {**ROW, "mode": "covalent", "parameter": "kinact", "unit": "1/min"},
            {**ROW, "target": "ABSENT", "mode": "reversible", "parameter": "ki"},
        ],
    )
    base = tables.base()
    (found,) = drugs.load_targets(base, load_network(base))
    assert (found.id, found.occupancy) == ("D.G1", "occupancy.D.G1")
    assert found.constants["kinact"].value == pytest.approx(180.0)
    ki = found.constants["KI"]
    assert (ki.value, ki.low, ki.high) == pytest.approx((3e-3, 1e-3, 9e-3))


def test_a_competitive_target_knows_what_it_competes_with(tables: Tables) -> None:
    row = {**ROW, "mode": "competitive", "parameter": "ki:a_e"}
    tables.write("drug_targets", [row])
    base = tables.base()
    (found,) = drugs.load_targets(base, load_network(base))
    assert found.against == "a_e"


def test_further_constants_do_not_hide_what_a_drug_competes_with(tables: Tables) -> None:
    rows = [{"parameter": "ki:a_e"}, {"parameter": "hill", "value": "1", "unit": "1"}]
    tables.write("drug_targets", [{**ROW, "mode": "competitive", **row} for row in rows])
    base = tables.base()
    (found,) = drugs.load_targets(base, load_network(base))
    assert found.against == "a_e"


# --------------------------------------------------------------------------------- the packaged ones


def with_drug(
    spec: ModelSpec, t: Target, dose: float = 1e6, occupied: float = 0.5
) -> dict[str, float]:
    chosen = {}
    if t.alternative:
        question, _, answer = t.alternative.partition(":")
        others = {p.id: 0.0 for p in spec.parameters if p.id.startswith(f"alternative.{question}.")}
        chosen = others | {f"alternative.{question}.{answer}": 1.0}
    state = {t.occupancy: occupied} if t.occupancy else {}
    return nominal_values(spec, {f"drug.{t.drug}": dose} | chosen, state)


def test_drugs_that_are_not_given_change_nothing(spec: ModelSpec) -> None:
    known = nominal_values(spec, {}, {})
    sensing = {o[4:] for o, _ in spec.assignments if o.startswith("raw.")}
    for p in spec.parameters:
        if p.id.startswith("level.") and p.id.removeprefix("level.") not in sensing:
            assert known[f"available.{p.id.removeprefix('level.')}"] == known[p.id], p.id


def test_every_blocking_drug_takes_protein_away_from_its_target(
    base: KnowledgeBase, network: Network, spec: ModelSpec
) -> None:
    for t in drugs.load_targets(base, network):
        if t.mode in {"reversible", "slow_reversible", "covalent"}:
            assert 0.0 <= with_drug(spec, t)[f"available.{t.target}"] < 1.0, t.id


def test_every_drug_that_lowers_expression_moves_a_state_and_what_it_settles_at(
    base: KnowledgeBase, network: Network, spec: ModelSpec
) -> None:
    states = {s.id: s for s in spec.states}
    seen = {o.id: o.expr for o in spec.observables}
    for t in drugs.load_targets(base, network):
        if t.mode not in EXPRESSION_MODES:
            continue
        product = "protein" if t.mode == "degrades" else "mrna"
        known = with_drug(spec, t)
        assert evaluate(states[f"{product}.{t.target}"].direct, known) < 0.0, t.id
        left = 1.0 - t.constants["max_inhibition"].value
        settled = evaluate(seen[f"settled.{t.target}"], known)
        assert settled == pytest.approx(left, rel=1e-4), t.id


def test_every_occupancy_is_a_state_that_moves_when_the_drug_is_given(
    base: KnowledgeBase, network: Network, spec: ModelSpec
) -> None:
    states = {s.id: s for s in spec.states}
    for t in drugs.load_targets(base, network):
        if t.occupancy:
            moved = evaluate(states[t.occupancy].direct, with_drug(spec, t, occupied=0.0))
            assert moved > 0.0, t.id


def test_every_competitive_drug_enters_a_rate_law(
    base: KnowledgeBase, network: Network, spec: ModelSpec
) -> None:
    rates = dict(spec.assignments)
    for t in drugs.load_targets(base, network):
        if t.mode == "competitive":
            touched = [
                r.id
                for r in network.reactions.values()
                if t.target in rule_genes(r.genes) and r.km(t.against) is not None
            ]
            assert touched, f"{t.id} competes with {t.against!r}, which no reaction of it binds"
            assert all(f"drug.{t.drug}" in symbols(rates[f"rate.{r}"]) for r in touched), t.id


def test_an_enzyme_turns_over_its_own_amount_times_kcat(
    base: KnowledgeBase, network: Network, spec: ModelSpec
) -> None:
    """1 uM of a saturated enzyme with kcat per hour makes kcat uM per hour."""
    for t in drugs.load_targets(base, network):
        if t.mode != "hydrolysis":
            continue
        known = with_drug(spec, t, dose=1.0)
        (reaction,) = (
            r
            for r in network.reactions.values()
            if r.law == "medium_enzyme" and t.target in r.substrates
        )
        row = base.drug_targets[t.drug, t.alternative, t.target, t.mode, "kcat"]
        kcat = convert(row.value, row.unit, "1/h")
        found = known[f"hydrolysis.{reaction.id}.speed"]
        assert found == pytest.approx(convert(kcat, "uM/h", "mM/h")), t.id


def test_a_source_holds_its_species_in_the_medium(
    base: KnowledgeBase, network: Network, spec: ModelSpec
) -> None:
    for t in drugs.load_targets(base, network):
        if t.mode == "source":
            assert with_drug(spec, t, dose=50.0)[t.target] == pytest.approx(
                convert(50.0, "uM", "mM")
            )


def test_a_network_without_targets_has_no_drugs(tables: Tables) -> None:
    base = tables.base()
    network = load_network(base)
    assert drugs.load_targets(base, network) == ()
    assert not [p for p in assemble(base, network).parameters if p.id.startswith("drug.")]
