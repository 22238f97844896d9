"""Rate laws: equilibrium, saturation, regulation and what happens when a substrate is gone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import ModelError
from glutarium.model.expr import Expr, Number, evaluate
from glutarium.model.laws import backward_rate, rate_symbol, reaction_rate
from glutarium.model.modifiers import modifier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.model.conftest import Kit

    from glutarium.model.network import Effect, Reaction

AMOUNTS = st.floats(1e-3, 1e3)
ORDERS = st.sampled_from([0.5, 1.0, 2.0, 3.0])
VMAX = {"vmax.R": 2.0}
REVERSIBLE = {"km:a_c": 0.5, "km:b_c": 3.0, "keq": 4.0}


def law(kit: Kit, reaction: Reaction, competition: Mapping[str, Expr] | None = None) -> Expr:
    return reaction_rate(reaction, kit.network(reaction), competition or {})


def speed(kit: Kit, reaction: Reaction, **values: float) -> float:
    """Rate at given concentrations and, as ``vmax``, ``psi``, …, other values."""
    names = {"psi": "psi_x", "gene": "available.G", "density": "dish.density"}
    constants = {
        f"{kind}.R{'.' + species if species else ''}": r.value
        for name, r in reaction.constants.items()
        for kind, _, species in [name.partition(":")]
    }
    effects = {f"mod.R.{e.effector}": e.k.value for e in reaction.effects}
    given_values = {names.get(k, k): v for k, v in values.items()}
    return evaluate(law(kit, reaction), VMAX | constants | effects | given_values)


def one_substrate(kit: Kit, **changes: object) -> Reaction:
    return replace(kit.reaction("a_c -> b_c", {"km:a_c": 0.5}), **changes)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------- equilibrium


@st.composite
def reversible(draw: st.DrawFn) -> tuple[dict[str, float], dict[str, float]]:
    """Stoichiometry and constants of a reversible reaction with up to three species a side."""
    left, right = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    sides = {f"s{i}_c": -draw(ORDERS) for i in range(left)}
    sides |= {f"p{i}_c": draw(ORDERS) for i in range(right)}
    constants = {f"km:{s}": draw(AMOUNTS) for s in sides}
    return sides, constants | {"keq": draw(AMOUNTS)}


def built(kit: Kit, sides: dict[str, float], constants: dict[str, float]) -> Reaction:
    reaction = kit.reaction("s0_c <-> p0_c", constants)
    return replace(reaction, stoichiometry=sides)


def poised(
    sides: dict[str, float], keq: float, ratio: float, amounts: list[float]
) -> dict[str, float]:
    """Concentrations with ``Q = ratio * keq``; the last species is moved."""
    found = dict(zip(sides, amounts, strict=False))
    last, order = list(sides.items())[-1]
    log_q = sum(n * math.log(found[s]) for s, n in sides.items() if s != last)
    return found | {last: math.exp((math.log(keq * ratio) - log_q) / order)}


@given(
    made=reversible(), ratio=st.floats(1e-3, 1e3), amounts=st.lists(AMOUNTS, min_size=6, max_size=6)
)
def test_a_reversible_law_runs_towards_equilibrium_and_rests_there(
    kit: Kit,
    made: tuple[dict[str, float], dict[str, float]],
    ratio: float,
    amounts: list[float],
) -> None:
    sides, constants = made
    reaction = built(kit, sides, constants)

    def at(q: float) -> float:
        return speed(kit, reaction, **poised(sides, constants["keq"], q, amounts))

    assert abs(at(1.0)) <= 1e-9 * max(abs(at(0.5)), abs(at(2.0)))
    if abs(ratio - 1.0) > 1e-6:
        assert math.copysign(1.0, at(ratio)) == math.copysign(1.0, 1.0 - ratio)


@given(psi=st.floats(-10.0, 10.0), charge=st.sampled_from([-2.0, -1.0, 1.0, 4.0]))
def test_the_potential_moves_the_equilibrium(kit: Kit, psi: float, charge: float) -> None:
    charged = replace(kit, charges={"a": charge, "b": charge})
    reaction = charged.reaction("a_c <-> b_m", {"km:a_c": 0.5, "km:b_m": 3.0, "keq": 4.0})
    assert reaction.charge_into_matrix == charge
    values = {"potential.reference": 5.0, "psi": psi, "a_c": 1.0}
    balance = 4.0 * math.exp(charge * (psi - 5.0))
    rest = speed(charged, reaction, **values, b_m=balance)
    scale = max(abs(speed(charged, reaction, **values, b_m=balance * f)) for f in (0.5, 2.0))
    assert abs(rest) <= 1e-9 * scale


@given(psi=st.floats(-10.0, 10.0))
def test_the_potential_does_not_speed_up_a_saturated_reaction(kit: Kit, psi: float) -> None:
    charged = replace(kit, charges={"a": 1.0, "b": 1.0})
    constants = {"km:a_c": 0.5, "km:b_m": 3.0, "keq": 4.0}
    reaction = charged.reaction("a_c <-> b_m", constants)
    values = {"potential.reference": 5.0, "psi": psi}
    forward = speed(charged, reaction, **values, a_c=1e15, b_m=0.0)
    backward = speed(charged, reaction, **values, a_c=0.0, b_m=1e15)
    assert forward == pytest.approx(2.0)
    assert backward == pytest.approx(-2.0 * 3.0 / 0.5 / 4.0)  # the constants' ratio, by Haldane


def test_the_potential_counts_from_its_reference(kit: Kit) -> None:
    charged = replace(kit, charges={"a": 1.0, "b": 1.0})
    reaction = charged.reaction("a_c <-> b_m", {"km:a_c": 0.5, "km:b_m": 3.0, "keq": 4.0})
    neutral = kit.reaction("a_c <-> b_m", {"km:a_c": 0.5, "km:b_m": 3.0, "keq": 4.0})
    values = {"potential.reference": 5.0, "psi": 5.0, "a_c": 1.0, "b_m": 0.2}
    assert speed(charged, reaction, **values) == pytest.approx(speed(kit, neutral, **values))


@given(factor=st.floats(1.1, 100.0))
def test_a_competitor_does_not_move_the_equilibrium(kit: Kit, factor: float) -> None:
    reaction = kit.reaction("a_c <-> b_c", REVERSIBLE)
    rate = law(kit, reaction, {"a_c": Number(factor)})
    values = VMAX | {"km.R.a_c": 0.5, "km.R.b_c": 3.0, "keq.R": 4.0, "a_c": 1.0, "b_c": 4.0}
    assert evaluate(rate, values) == pytest.approx(0.0, abs=1e-9)


def test_buffered_species_without_a_constant_have_no_part(kit: Kit) -> None:
    dry = kit.reaction("a_c <-> b_c", REVERSIBLE)
    wet = kit.reaction("a_c + h2o_c <-> b_c + 2 h_c", REVERSIBLE)
    assert speed(kit, wet, a_c=1.0, b_c=2.0) == speed(kit, dry, a_c=1.0, b_c=2.0)


# -------------------------------------------------------------------------------------- saturation


@given(a=AMOUNTS)
def test_one_substrate_gives_michaelis_and_menten(kit: Kit, a: float) -> None:
    assert speed(kit, one_substrate(kit), a_c=a) == pytest.approx(2.0 * a / (0.5 + a))


@given(a=AMOUNTS, b=AMOUNTS, more=st.floats(1.0, 100.0))
def test_speed_rises_with_substrates_and_stays_below_the_capacity(
    kit: Kit, a: float, b: float, more: float
) -> None:
    reaction = kit.reaction("a_c + 2 b_c -> d_c", {"km:a_c": 0.5, "km:b_c": 3.0})
    slow, fast = (speed(kit, reaction, a_c=a * f, b_c=b) for f in (1.0, more))
    assert 0.0 < slow <= fast * (1 + 1e-12)
    assert fast < 2.0


def test_plenty_of_everything_gives_the_capacity(kit: Kit) -> None:
    reaction = kit.reaction(
        "a_c + b_c <-> d_c", {"km:a_c": 0.5, "km:b_c": 3.0, "km:d_c": 1.0, "keq": 9.0}
    )
    assert speed(kit, reaction, a_c=1e9, b_c=1e9, d_c=1e-9) == pytest.approx(2.0, rel=1e-6)


@given(a=AMOUNTS, b=AMOUNTS, more=st.floats(1.1, 100.0))
def test_a_product_with_a_constant_slows_an_irreversible_reaction(
    kit: Kit, a: float, b: float, more: float
) -> None:
    reaction = kit.reaction("a_c -> b_c", {"km:a_c": 0.5, "km:b_c": 3.0})
    free, before, after = (speed(kit, reaction, a_c=a, b_c=x) for x in (0.0, b, b * more))
    assert free == pytest.approx(speed(kit, one_substrate(kit), a_c=a))
    assert 0.0 < after < before < free


@given(a=AMOUNTS, factor=st.floats(1.0, 100.0))
def test_a_competitor_raises_the_constant_only(kit: Kit, a: float, factor: float) -> None:
    rate = law(kit, one_substrate(kit), {"a_c": Number(factor)})
    found = evaluate(rate, VMAX | {"km.R.a_c": 0.5, "a_c": a})
    assert found == pytest.approx(2.0 * a / (0.5 * factor + a))


def test_a_competitor_of_another_species_does_nothing(kit: Kit) -> None:
    reaction = one_substrate(kit)
    assert law(kit, reaction, {"z_c": Number(9.0)}) == law(kit, reaction)


@given(gene=st.floats(0.0, 10.0))
def test_speed_is_proportional_to_the_protein(kit: Kit, gene: float) -> None:
    plain, carried = one_substrate(kit), one_substrate(kit, genes="G")
    expected = gene * speed(kit, plain, a_c=1.0)
    assert speed(kit, carried, a_c=1.0, gene=gene) == pytest.approx(expected)


@given(b=AMOUNTS, a=AMOUNTS)
def test_synthesis_adds_resistances(kit: Kit, a: float, b: float) -> None:
    reaction = kit.reaction(
        "2 a_c + b_c + h2o_c -> d_b", {"km:a_c": 0.5, "km:b_c": 3.0}, law="synthesis"
    )
    assert speed(kit, reaction, a_c=a, b_c=b) == pytest.approx(2.0 / (1 + 0.5 / a + 3.0 / b))


@given(b=AMOUNTS, a=AMOUNTS)
def test_decay_is_of_first_order_and_saturates_in_helpers(kit: Kit, a: float, b: float) -> None:
    reaction = kit.reaction("a_c + b_c -> d_c", {"km:b_c": 3.0}, law="decay")
    assert speed(kit, reaction, a_c=a, b_c=b) == pytest.approx(2.0 * a * b / (3.0 + b))


@given(growth=st.floats(-1.0, 1.0))
def test_accretion_follows_growth(kit: Kit, growth: float) -> None:
    reaction = kit.reaction("a_g -> b_c", {"moiety:b_c": 1.0}, law="accretion")
    found = speed(kit, reaction, **{"content.R": 0.25, "growth_rate": growth})
    assert found == pytest.approx(0.25 * growth)


@pytest.mark.parametrize(("equation", "sign"), [("a_g <-> a_e", 1.0), ("a_e <-> a_g", -1.0)])
@given(dissolved=st.floats(0.0, 5.0))
def test_gas_flows_down_its_gradient(
    kit: Kit, equation: str, sign: float, dissolved: float
) -> None:
    reaction = kit.reaction(equation, {"transfer": 3.0}, law="gas")
    found = speed(kit, reaction, a_e=dissolved, density=0.5, **{"gas.a": 2.0})
    assert found == pytest.approx(sign * 3.0 * (2.0 - dissolved) / 0.5)


@given(a=AMOUNTS)
def test_an_enzyme_in_the_medium_works_whatever_the_cells_do(kit: Kit, a: float) -> None:
    reaction = kit.reaction("a_e -> b_e", law="medium_enzyme")
    values = {"hydrolysis.R.speed": 6.0, "hydrolysis.R.km": 2.0}
    dish = [speed(kit, reaction, a_e=a, density=d, **values) * d for d in (0.01, 1.0)]
    assert dish == pytest.approx([6.0 * a / (2.0 + a)] * 2)


@given(a=AMOUNTS, b=AMOUNTS)
def test_oxidation_in_the_medium_needs_oxygen(kit: Kit, a: float, b: float) -> None:
    constants = {"speed": 0.3, "km:b_e": 0.1}
    reaction = kit.reaction("2 a_e + 0.5 b_e -> d_e", constants, law="medium_oxidation")
    found = speed(kit, reaction, a_e=a, b_e=b, density=0.5)
    assert found == pytest.approx(0.3 * a * b / (0.1 + b) / 0.5)


# --------------------------------------------------------------------------------- nothing is left


@pytest.mark.parametrize("name", ["modular", "decay", "medium_oxidation"])
@pytest.mark.parametrize("gone", ["a_e", "b_e"])
def test_a_reaction_stops_when_a_substrate_is_gone(kit: Kit, name: str, gone: str) -> None:
    constants = {"km:a_e": 1.0, "km:b_e": 2.0, "speed": 1.0}
    reaction = kit.reaction("a_e + b_e -> d_e", constants, law=name)
    amounts = {"a_e": 1.0, "b_e": 1.0, "density": 0.5}
    assert speed(kit, reaction, **amounts) > 0.0
    assert speed(kit, reaction, **{**amounts, gone: 0.0}) == 0.0


def test_an_empty_medium_feeds_no_enzyme(kit: Kit) -> None:
    reaction = kit.reaction("a_e -> b_e", law="medium_enzyme")
    values = {"hydrolysis.R.speed": 6.0, "hydrolysis.R.km": 2.0}
    assert speed(kit, reaction, a_e=0.0, density=0.5, **values) == 0.0


def test_synthesis_fades_with_its_scarcest_precursor(kit: Kit) -> None:
    reaction = kit.reaction("a_c + b_c -> d_b", {"km:a_c": 0.5, "km:b_c": 3.0}, law="synthesis")
    speeds = [speed(kit, reaction, a_c=a, b_c=5.0) for a in (1.0, 1e-3, 1e-9)]
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] < 1e-8


@pytest.mark.parametrize("a", [1e-30, 1e-100, 1e-300])
def test_synthesis_is_of_first_order_in_what_is_nearly_gone(kit: Kit, a: float) -> None:
    reaction = kit.reaction("a_c + b_c -> d_b", {"km:a_c": 0.5, "km:b_c": 3.0}, law="synthesis")
    assert speed(kit, reaction, a_c=a, b_c=5.0) == pytest.approx(2.0 * a / 0.5, rel=1e-9, abs=0.0)


def test_a_reversible_reaction_does_not_consume_what_is_gone(kit: Kit) -> None:
    reaction = kit.reaction("a_c <-> b_c", REVERSIBLE)
    assert speed(kit, reaction, a_c=0.0, b_c=1.0) < 0.0
    assert speed(kit, reaction, a_c=1.0, b_c=0.0) > 0.0
    assert speed(kit, reaction, a_c=0.0, b_c=0.0) == 0.0


# -------------------------------------------------------------------------------------- modifiers


def strength(effect: Effect, x: float, **values: float) -> float:
    k = {f"mod.R.{effect.effector}": effect.k.value}
    return evaluate(modifier("R", effect), k | {"x_c": x} | values)


@given(x=AMOUNTS, k=AMOUNTS, n=st.sampled_from([1.0, 1.5, 2.0, 8.0]), floor=st.floats(0.0, 0.9))
def test_activation_and_inhibition_are_shares_between_floor_and_one(
    kit: Kit, x: float, k: float, n: float, floor: float
) -> None:
    up = kit.effect("x_c", "activate", k, n, floor)
    down = kit.effect("x_c", "inhibit", k, n, floor)
    for effect in (up, down):
        assert floor <= strength(effect, x) <= 1.0 + 1e-12
        assert strength(effect, k) == pytest.approx((1.0 + floor) / 2.0)
    assert strength(up, 2 * x) >= strength(up, x)
    assert strength(down, 2 * x) <= strength(down, x)
    assert strength(up, x) + strength(down, x) == pytest.approx(1.0 + floor)


def test_without_effector_activation_is_at_its_floor_and_inhibition_off(kit: Kit) -> None:
    assert strength(kit.effect("x_c", "activate", 2.0, 2.0, 0.3), 0.0) == pytest.approx(0.3)
    assert strength(kit.effect("x_c", "inhibit", 2.0, 2.0, 0.3), 0.0) == pytest.approx(1.0)


@given(x=st.floats(-20.0, 20.0), n=st.floats(0.1, 3.0))
def test_logistic_and_exponential_terms_turn_at_k(kit: Kit, x: float, n: float) -> None:
    fall = kit.effect("x_c", "logistic", 1.0, n)
    rise = kit.effect("x_c", "exponential", 1.0, n, 0.2)
    assert strength(fall, 1.0) == pytest.approx(0.5)
    assert strength(fall, x) + strength(fall, 2.0 - x) == pytest.approx(1.0)
    assert strength(rise, 1.0) == pytest.approx(1.0)
    assert strength(rise, x) == pytest.approx(0.2 + 0.8 * math.exp(n * (x - 1.0)))


@given(x=AMOUNTS, y=AMOUNTS)
def test_a_ratio_can_be_an_effector(kit: Kit, x: float, y: float) -> None:
    effect = kit.effect("x_c/y_c", "inhibit", 0.5)
    assert strength(effect, x, y_c=y) == pytest.approx(1.0 / (1.0 + x / y / 0.5))


@pytest.mark.parametrize("order", [1.0, 2.0])
def test_a_ratio_may_lose_its_lower_pool(kit: Kit, order: float) -> None:
    """Fatty acids without their synthase fall to nothing: a quotient, and its slope, would overflow."""
    assert strength(kit.effect("x_c/y_c", "inhibit", 0.5, order), 1.0, y_c=0.0) == 0.0
    assert strength(kit.effect("x_c/y_c", "activate", 0.5, order), 1.0, y_c=0.0) == 1.0


def test_effects_multiply_the_rate(kit: Kit) -> None:
    effects = [kit.effect("x_c", "inhibit", 1.0), kit.effect("y_c", "activate", 1.0)]
    plain, regulated = one_substrate(kit), one_substrate(kit, effects=tuple(effects))
    expected = speed(kit, plain, a_c=1.0) * (1 / 4) * (2 / 3)
    assert speed(kit, regulated, a_c=1.0, x_c=3.0, y_c=2.0) == pytest.approx(expected)


@given(x=AMOUNTS)
def test_regulation_does_not_move_the_equilibrium(kit: Kit, x: float) -> None:
    effects = [kit.effect("x_c", "inhibit", 1.0, 2.0), kit.effect("b_c", "activate", 1.0)]
    reaction = kit.reaction("a_c <-> b_c", REVERSIBLE, effects=effects)
    assert speed(kit, reaction, a_c=1.0, b_c=4.0, x_c=x) == pytest.approx(0.0, abs=1e-12)


# ------------------------------------------------------------------- carriers, their ions, their legs

SYMPORT = {"km:a_e": 0.5, "km:na_e": 30.0, "km:a_c": 4.0, "km:na_c": 40.0, "keq": 4.7}


@given(a=AMOUNTS, sodium=st.floats(1.0, 200.0), inside=st.floats(1.0, 50.0))
def test_a_symport_rests_where_sodium_and_substrate_balance(
    kit: Kit, a: float, sodium: float, inside: float
) -> None:
    reaction = kit.reaction("a_e + na_e <-> a_c + na_c", SYMPORT)
    rest = 4.7 * a * sodium / inside
    amounts = {"a_e": a, "na_e": sodium, "na_c": inside}
    scale = abs(speed(kit, reaction, **amounts, a_c=0.5 * rest))
    assert speed(kit, reaction, **amounts, a_c=rest) == pytest.approx(0.0, abs=1e-9 * scale)
    assert speed(kit, reaction, **amounts, a_c=0.9 * rest) > 0.0
    assert speed(kit, reaction, **amounts, a_c=1.1 * rest) < 0.0


@given(a=AMOUNTS, b=AMOUNTS)
def test_the_backward_leg_is_what_runs_when_the_substrate_is_gone(
    kit: Kit, a: float, b: float
) -> None:
    """Both legs are positive and their difference is the net rate."""
    reaction = kit.reaction("a_c <-> b_c", REVERSIBLE)
    leg = backward_rate(reaction, kit.network(reaction), {})
    assert leg is not None
    constants = VMAX | {"km.R.a_c": 0.5, "km.R.b_c": 3.0, "keq.R": 4.0}
    back = evaluate(leg, constants | {"a_c": a, "b_c": b})
    assert back > 0.0
    assert speed(kit, reaction, a_c=a, b_c=b) + back > 0.0
    alone = evaluate(leg, constants | {"a_c": 0.0, "b_c": b})
    assert speed(kit, reaction, a_c=0.0, b_c=b) == pytest.approx(-alone)


def test_an_irreversible_reaction_has_no_backward_leg(kit: Kit) -> None:
    reaction = one_substrate(kit)
    assert backward_rate(reaction, kit.network(reaction), {}) is None


@given(a=AMOUNTS, weak=st.floats(0.01, 1.0), strong=st.floats(1.1, 100.0))
def test_an_effector_of_affinity_helps_most_where_little_is_outside(
    kit: Kit, a: float, weak: float, strong: float
) -> None:
    constants = {"km:a_e": 0.5, "km:b_c": 3.0}
    effects = (kit.effect("x_c", "affinity", 1.0),)
    reaction = kit.reaction("a_e -> b_c", constants, effects=effects)

    def gain(outside: float) -> float:
        at = {"a_e": outside, "b_c": 0.0}
        return speed(kit, reaction, **at, x_c=strong) / speed(kit, reaction, **at, x_c=weak)

    assert gain(a) > 1.0 - 1e-12
    assert gain(a) >= gain(2.0 * a) - 1e-12
    assert gain(1e9) == pytest.approx(1.0, abs=1e-5)


@given(x=AMOUNTS, ratio=st.floats(0.1, 10.0))
def test_affinity_does_not_move_the_equilibrium(kit: Kit, x: float, ratio: float) -> None:
    constants = {"km:a_e": 0.5, "km:b_c": 3.0, "keq": 4.0}
    effects = (kit.effect("x_c", "affinity", 1.0),)
    reaction = kit.reaction("a_e <-> b_c", constants, effects=effects)
    assert speed(kit, reaction, a_e=1.0, b_c=4.0, x_c=x) == pytest.approx(0.0, abs=1e-12)
    if abs(ratio - 1.0) > 1e-6:
        net = speed(kit, reaction, a_e=1.0, b_c=4.0 * ratio, x_c=x)
        assert math.copysign(1.0, net) == math.copysign(1.0, 1.0 - ratio)


@given(a=AMOUNTS, x=AMOUNTS)
def test_a_rival_of_a_substrate_is_beaten_by_more_of_it(kit: Kit, a: float, x: float) -> None:
    constants = {"km:a_c": 0.5}
    effects = (kit.effect("x_c", "against:a_c", 2.0),)
    reaction = kit.reaction("a_c -> b_c", constants, effects=effects)

    def left(substrate: float) -> float:
        at = {"a_c": substrate, "b_c": 0.0}
        return speed(kit, reaction, **at, x_c=x) / speed(kit, reaction, **at, x_c=0.0)

    assert left(a) < 1.0 + 1e-12
    assert left(2.0 * a) >= left(a) - 1e-12
    assert left(1e9) == pytest.approx(1.0, abs=1e-4)
    raised = a / (a + 0.5 * (1.0 + x / 2.0))
    assert left(a) == pytest.approx(raised / (a / (a + 0.5)))


# ----------------------------------------------------------------------------------------- refusals


def test_an_unknown_law_is_refused_with_the_known_ones(kit: Kit) -> None:
    with pytest.raises(ModelError, match="law 'magic' is none of modular, synthesis"):
        law(kit, one_substrate(kit, law="magic"))


@pytest.mark.parametrize("missing", ["keq", "km:a_c", "km:b_c"])
def test_a_reversible_law_names_what_it_lacks(kit: Kit, missing: str) -> None:
    constants = {k: v for k, v in REVERSIBLE.items() if k != missing}
    with pytest.raises(ModelError, match=f"missing: {missing.removeprefix('km:')}"):
        law(kit, kit.reaction("a_c <-> b_c", constants))


def test_an_unknown_kind_of_modifier_is_refused(kit: Kit) -> None:
    with pytest.raises(ModelError, match="kind 'charm' is none of inhibit"):
        modifier("R", kit.effect("x_c", "charm", 1.0))


def test_the_symbol_of_a_rate_carries_the_reaction() -> None:
    assert rate_symbol("GLS").name == "rate.GLS"
