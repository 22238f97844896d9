"""Where glutamine ends, at one time: networks with an answer on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulate.small_networks import (
    AMMONIA,
    EXPORT,
    GLS,
    GROWTH,
    IMPORT,
    UPTAKE,
    closes,
    network_of,
    tracing,
    undivided,
)

from glutarium.simulate.provenance import CHANGE, DILUTION, Tracing

if TYPE_CHECKING:
    from glutarium.knowledge.base import KnowledgeBase


def test_a_line_carries_glutamine_to_its_ends(tables: KnowledgeBase) -> None:
    line = tracing(tables, IN=IMPORT, GLS=GLS, NH4=AMMONIA, GLU=EXPORT, GROW=GROWTH)
    found = line.balance({"IN": 3.0, "GLS": 3.0, "NH4": 3.0, "GLU": 2.0, "GROW": 1.0})
    assert found.uptake == {"carbon": 15.0, "nitrogen": 6.0}
    assert found.sinks["carbon"]["secreted glu"] == pytest.approx(10.0)
    assert found.sinks["carbon"]["prot"] == pytest.approx(5.0)
    assert found.sinks["nitrogen"]["ammonia"] == pytest.approx(3.0)
    assert found.sinks["nitrogen"][CHANGE] == pytest.approx(0.0, abs=1e-12)
    assert found.shares["nitrogen"]["glu_c"] == pytest.approx(1.0)
    assert closes(found, "carbon")
    assert closes(found, "nitrogen")


@given(own=st.floats(0.01, 100.0), other=st.floats(0.0, 100.0))
def test_the_share_of_a_mixture_is_the_mean_of_its_inflows(own: float, other: float) -> None:
    network = network_of({"A": {"gln_e": -1, "glu_c": 1}, "B": UPTAKE, "OUT": GROWTH})
    plain = Tracing(network, undivided(network))
    found = plain.balance({"A": own, "B": other, "OUT": own + other})
    share = own / (own + other)
    assert found.shares["carbon"]["glu_c"] == pytest.approx(share)
    assert found.sinks["carbon"]["prot"] == pytest.approx(5 * own)
    assert found.sinks["carbon"]["secreted glu"] == 0.0
    assert closes(found, "carbon")


def test_a_negative_flux_carries_atoms_backwards(tables: KnowledgeBase) -> None:
    backwards = {"gln_c": -1.0, "gln_e": 1.0}
    turned = tracing(tables, OUT=backwards, END={"gln_c": -1.0, "gln_m": 1.0})
    found = turned.balance({"OUT": -2.0, "END": 2.0})
    assert found.uptake["carbon"] == 10.0
    assert found.shares["carbon"]["gln_m"] == 1.0
    assert found.sinks["carbon"][CHANGE] == pytest.approx(10.0)


def test_glutamine_that_goes_back_is_a_sink_with_its_own_share(tables: KnowledgeBase) -> None:
    back = tracing(
        tables,
        IN=IMPORT,
        OUT={"gln_c": -1.0, "gln_e": 1.0},
        MORE={"gln_m": -1.0, "gln_c": 1.0},
    )
    found = back.balance({"IN": 3.0, "MORE": 1.0, "OUT": 4.0})
    assert found.uptake["carbon"] == 15.0
    assert found.sinks["carbon"]["secreted gln"] == pytest.approx(15.0)
    assert found.shares["carbon"]["gln_c"] == pytest.approx(0.75)


def test_old_biomass_gives_nothing(tables: KnowledgeBase) -> None:
    turnover = tracing(
        tables, IN={"gln_e": -1.0, "gln_c": 1.0}, GLS=GLS, NH4=AMMONIA, SYN=GROWTH,
        DEG={"prot_b": -1.0, "glu_c": 1.0},
    )  # fmt: skip
    found = turnover.balance({"IN": 1.0, "GLS": 1.0, "NH4": 1.0, "SYN": 4.0, "DEG": 3.0})
    assert found.shares["carbon"]["glu_c"] == pytest.approx(0.25)
    assert found.shares["carbon"]["prot_b"] == 0.0
    assert found.sinks["carbon"]["prot"] == pytest.approx(5.0)
    assert closes(found, "nitrogen")


def test_growing_pools_take_what_growth_dilutes(tables: KnowledgeBase) -> None:
    growing = tracing(tables, IN=IMPORT)
    found = growing.balance({"IN": 0.02}, {"gln_c": 0.5}, growth=0.04)
    assert found.sinks["carbon"][DILUTION] == pytest.approx(0.1)
    assert found.sinks["carbon"][CHANGE] == pytest.approx(0.0, abs=1e-15)


def test_a_pool_that_shrinks_is_a_negative_sink(tables: KnowledgeBase) -> None:
    shrinking = tracing(tables, IN=IMPORT, OUT={"gln_c": -1.0, "gln_e": 1.0})
    found = shrinking.balance({"IN": 1.0, "OUT": 3.0})
    assert found.sinks["carbon"][CHANGE] == pytest.approx(-10.0)
    assert closes(found, "carbon")


def test_what_has_no_inflow_keeps_its_share(tables: KnowledgeBase) -> None:
    emptied = tracing(tables, IN=IMPORT, OUT=EXPORT)
    found = emptied.balance({"IN": 1.0, "OUT": 1.0}, before={"glu_c": 0.3})
    assert found.shares["carbon"]["glu_c"] == pytest.approx(0.3)
    assert found.sinks["carbon"]["secreted glu"] == pytest.approx(1.5)


def test_a_closed_cycle_mixes_what_it_held(tables: KnowledgeBase) -> None:
    cycle = tracing(
        tables, IN=IMPORT, A={"nad_c": -1.0, "nadh_c": 1.0}, B={"nadh_c": -1.0, "nad_c": 1.0}
    )
    rates = {"IN": 1.0, "A": 2.0, "B": 2.0}
    found = cycle.balance(rates, {"nad_c": 3.0, "nadh_c": 1.0}, before={"nad_c": 0.4})
    assert found.shares["carbon"]["nad_c"] == pytest.approx(0.3)
    assert found.shares["carbon"]["nadh_c"] == pytest.approx(0.3)
    assert closes(found, "carbon")
    assert cycle.balance(rates).shares["carbon"]["nad_c"] == 0.0
    alone = cycle.balance(rates, before={"nad_c": 0.4})  # no contents to weigh by
    assert alone.shares["carbon"]["nadh_c"] == pytest.approx(0.2)


def test_a_cycle_with_a_slow_inflow_takes_the_share_of_the_inflow() -> None:
    there, back = {"nad_c": -1.0, "nadh_c": 1.0}, {"nadh_c": -1.0, "nad_c": 1.0}
    network = network_of({"IN": {"gln_e": -1.0, "nad_c": 1.0}, "A": there, "B": back})
    found = Tracing(network, undivided(network)).balance({"IN": 1e-6, "A": 1.0, "B": 1.0 - 1e-6})
    assert found.shares["carbon"]["nadh_c"] == pytest.approx(1.0, abs=1e-6)
    assert closes(found, "carbon")


def test_two_nitrogens_of_glutamine_are_told_apart(tables: KnowledgeBase) -> None:
    made = {"nh4_c": -1.0, "glu_c": -1.0, "gln_c": 1.0}
    tables.path("transfers").write_text(
        tables.path("transfers").read_text(encoding="utf-8")
        + "MAKE\tN\tnh4_c\tgln_c[amide]\t1\tX\t\nMAKE\tN\tglu_c\tgln_c[amino]\t1\tX\t\n",
        encoding="utf-8",
    )
    loop = tracing(
        tables, IN=IMPORT, GLS=GLS, MAKE=made, ELSE=UPTAKE, NH4=AMMONIA,
        GROW=GROWTH,
    )  # fmt: skip
    rates = {"IN": 1.0, "GLS": 2.0, "MAKE": 1.0, "ELSE": 1.0, "NH4": 1.0, "GROW": 2.0}
    found = loop.balance(rates)
    # Ammonia stems from amide only, amide from ammonia: unlabelled glutamate cannot dilute it.
    assert found.shares["nitrogen"]["nh4_c"] == pytest.approx(1.0)
    assert found.shares["nitrogen"]["glu_c"] == pytest.approx(0.5)
    assert found.sinks["nitrogen"]["ammonia"] == pytest.approx(1.0)


def test_nothing_moves_in_a_dish_at_rest(tables: KnowledgeBase) -> None:
    found = tracing(tables, IN=IMPORT).balance({})
    assert found.uptake == {"carbon": 0.0, "nitrogen": 0.0}
    assert set(found.sinks["carbon"].values()) == {0.0}
