"""What stoichiometry says: laws on networks that fit on one screen."""

from __future__ import annotations

from dataclasses import replace
from math import inf, log
from typing import TYPE_CHECKING

import pytest

from glutarium.model.structure.analyse import blocked, dead_ends, unreachable
from glutarium.model.structure.flux_model import CHARGE, GROWTH, contents, flux_model
from glutarium.model.structure.growth import fastest_uptake, growth_bound
from glutarium.model.structure.linear import Program
from glutarium.model.structure.loops import loops

if TYPE_CHECKING:
    from tests.model.conftest import Kit

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network


@pytest.fixture
def chain(kit: Kit) -> Network:
    """Uptake of a, a to b, b to protein; c is made and never used, d needs what nobody offers."""
    return kit.network(
        kit.reaction("a_e <-> a_c", {"keq": 1}, name="UP"),
        kit.reaction("a_c -> b_c", name="MAKE"),
        kit.reaction("b_c -> prot_b", name="GROW"),
        kit.reaction("b_c -> c_c", name="WASTE"),
        kit.reaction("x_e -> d_c", name="NEVER"),
        kit.reaction("d_c -> b_c", name="IDLE"),
    )


def test_a_program_finds_the_optimum_and_its_price() -> None:
    program = Program()
    program.variable("x", 0.0, inf, 2.0)
    program.variable("y", 0.0, inf, 1.0)
    program.row("sum", {"x": 1.0, "y": 1.0}, 3.0)
    program.row("x at most 2", {"x": -1.0}, -2.0, least=True)
    found = program.maximise()
    assert found.objective == pytest.approx(5.0)
    assert found.values == {"x": pytest.approx(2.0), "y": pytest.approx(1.0)}


def test_a_program_without_end_is_infinite() -> None:
    program = Program()
    program.variable("x", 0.0, inf, 1.0)
    assert program.maximise().objective == inf


def test_dead_ends_are_named_with_their_side(chain: Network) -> None:
    assert dead_ends(chain, flux_model(chain, {"a_e": inf})) == {
        "c_c": "nothing uses it but growth"
    }
    without = replace(chain, reactions={r: chain.reactions[r] for r in ("IDLE", "GROW")})
    assert dead_ends(without, flux_model(without, {}))["d_c"] == "nothing makes it"


def test_what_no_balance_allows_is_blocked(chain: Network) -> None:
    held = {"prot_b": 1.0}
    found = blocked(flux_model(chain, {"a_e": inf}, held))
    assert set(found) == {"WASTE", "NEVER", "IDLE"}
    assert "WASTE" not in blocked(flux_model(chain, {"a_e": inf}, held | {"c_c": 0.1}))
    assert set(blocked(flux_model(chain, {}, held))) == {*chain.reactions, GROWTH}


def test_two_ways_do_not_hide_each_other(kit: Kit) -> None:
    """A reversible reaction that others use in both directions is not blocked."""
    network = kit.network(
        kit.reaction("a_e <-> a_c", {"keq": 1}, name="A"),
        kit.reaction("b_e <-> b_c", {"keq": 1}, name="B"),
        kit.reaction("a_c <-> b_c", {"keq": 1}, name="AB"),
    )
    assert blocked(flux_model(network, {"a_e": inf, "b_e": inf}, {"b_c": 1.0})) == []


def test_what_the_medium_does_not_feed_is_out_of_reach(chain: Network) -> None:
    assert unreachable(chain, flux_model(chain, {"a_e": inf})) == ["d_c"]
    assert unreachable(chain, flux_model(chain, {"a_e": inf, "x_e": inf})) == []


def test_charge_must_come_back(kit: Kit) -> None:
    """A pump alone moves charge for ever; with a leak it may run."""
    charged = replace(kit, charges={"a": 1.0}, buffered=("h",))
    pump = charged.reaction("a_c + f_c -> a_m + g_c", name="PUMP")
    network = charged.network(pump, charged.reaction("g_c -> f_c", name="FILL"))
    assert flux_model(network, {}).columns["PUMP"][CHARGE] == 1.0
    assert "PUMP" in blocked(flux_model(network, {}, {}))
    back = charged.network(*network.reactions.values(), charged.reaction("a_m -> a_c", name="LEAK"))
    assert "PUMP" not in blocked(flux_model(back, {}, {}))


# -------------------------------------------------------------------------------------------- loops


def test_a_loop_closes_where_its_constants_multiply_to_one(kit: Kit) -> None:
    def ring(last: float) -> Network:
        return kit.network(
            kit.reaction("a_c <-> b_c", {"keq": 2}, name="AB"),
            kit.reaction("b_c <-> c_c", {"keq": 3}, name="BC"),
            kit.reaction("a_c <-> c_c", {"keq": last}, name="AC"),
            kit.reaction("a_c <-> d_c", {"keq": 5}, name="AD"),
        )

    (sound,) = loops(ring(6.0))
    assert set(sound.turns) == {"AB", "BC", "AC"}
    assert sound.turns["AB"] == sound.turns["BC"] == -sound.turns["AC"]
    assert sound.closes
    (wrong,) = loops(ring(12.0))
    assert not wrong.closes
    assert wrong.log_keq is not None
    assert abs(wrong.log_keq[1]) == pytest.approx(log(2.0))


def test_a_loop_with_a_one_way_reaction_turns_by_itself(kit: Kit) -> None:
    network = kit.network(
        kit.reaction("a_c <-> b_c", {"keq": 2}, name="BOTH"),
        kit.reaction("b_c -> a_c", name="BACK"),
    )
    (loop,) = loops(network)
    assert loop.one_way == ("BACK",)
    assert not loop.closes
    assert str(loop) == "+BOTH +BACK"


def test_two_one_way_reactions_of_one_direction_are_no_loop(kit: Kit) -> None:
    network = kit.network(
        kit.reaction("a_c -> b_c", name="ONE"), kit.reaction("a_c -> b_c", name="TWO")
    )
    assert loops(network) == []


def test_what_costs_something_is_no_closed_loop(kit: Kit) -> None:
    network = kit.network(
        kit.reaction("a_c + atp_c -> b_c + adp_c", name="UP"),
        kit.reaction("b_c -> a_c", name="DOWN"),
    )
    assert loops(network) == []


def test_water_and_protons_count_in_a_loop(kit: Kit) -> None:
    """With buffered species held these two would be a loop, but one of them moves a proton."""
    network = kit.network(
        kit.reaction("a_c <-> a_m", {"keq": 1}, name="FREE"),
        kit.reaction("a_c + h_c <-> a_m + h_m", {"keq": 10}, name="DRIVEN"),
    )
    assert loops(network) == []


# -------------------------------------------------------------------------------- growth and uptake


def test_contents_are_concentration_times_volume(network: Network) -> None:
    held = contents(network)
    pool, volume = network.pools["gln_c"].value, network.constants["volume.c"].value
    assert held["gln_c"] == pytest.approx(pool * volume * 1e-3)
    assert held["prot_b"] == network.pools["prot_b"].value
    assert not {s for s in held if s.endswith(("_e", "_g"))}


def test_uptake_saturates_with_the_medium_and_runs_backward_by_haldane(kit: Kit) -> None:
    constants = {"km:a_e": 2, "km:a_c": 4, "keq": 8}
    network = kit.network(
        kit.reaction("a_e <-> a_c", constants, name="IN"),
        kit.reaction("b_c <-> b_e", {"km:b_c": 4, "km:b_e": 2, "keq": 8}, name="OUT"),
    )
    values = {"vmax.IN": 3.0, "km.IN.a_e": 2.0, "km.IN.a_c": 4.0, "keq.IN": 8.0}
    values |= {"vmax.OUT": 3.0, "km.OUT.b_c": 4.0, "km.OUT.b_e": 2.0, "keq.OUT": 8.0}
    found = fastest_uptake(network, values, {"a_e": 2.0, "b_e": 2.0})
    assert found["a_e"] == pytest.approx(3.0 * 0.5)
    assert found["b_e"] == pytest.approx(3.0 * (2.0 / 4.0 / 8.0) * 0.5)
    assert fastest_uptake(network, values, {"a_e": 0.0})["a_e"] == 0.0


def test_growth_is_limited_by_the_slowest_nutrient(kit: Kit, chain: Network) -> None:
    constants = {"km:a_e": 1}
    fed = kit.network(
        kit.reaction("a_e -> a_c", constants, name="UP"),
        *(chain.reactions[r] for r in ("MAKE", "GROW")),
    )
    values = {"vmax.UP": 2.0, "km.UP.a_e": 1.0, "weight.prot_b": 0.25}
    bound = growth_bound(fed, values, {"a_e": 1.0}, {"prot_b": 4.0})
    assert bound.growth == pytest.approx(0.25)
    assert bound.any_composition == pytest.approx(0.25)
    assert list(bound.limiting) == ["a_e"]
    assert growth_bound(fed, values, {"a_e": 0.0}, {"prot_b": 4.0}).growth == 0.0


def test_the_packaged_network_has_no_blocked_reaction(
    base: KnowledgeBase, network: Network
) -> None:
    """Whatever a reaction is there for, some medium must let it run."""
    offered = {m.species: inf for m in base.media if m.value > 0} | {"o2_e": inf, "co2_e": inf}
    model = flux_model(network, offered)
    assert blocked(model) == []
    assert unreachable(network, model) == []
