"""Regulation: every factor is one at rest, and states follow their closed forms."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import ModelError
from glutarium.knowledge.base import load as knowledge
from glutarium.knowledge.effectors import parse_effector
from glutarium.model.calibrate.draw import Draw
from glutarium.model.drugs import load_targets
from glutarium.model.expr import evaluate
from glutarium.model.member import nominal_values
from glutarium.model.network import load_network
from glutarium.model.ranges import Range
from glutarium.model.regulation.equations import assignments
from glutarium.model.regulation.factors import combined, factor, term_id
from glutarium.model.regulation.numbers import steering
from glutarium.model.regulators import Edge

if TYPE_CHECKING:
    from tests.model.conftest import Tables

    from glutarium.model.member import Calibration
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec

STRENGTHS = st.floats(1.05, 20.0)
LOW = st.floats(0.0, 0.95)
HILL = st.sampled_from((1.0, 2.0, 4.0))
ACTIVITY = st.floats(0.0, 50.0)


def _edge(absent: float, saturated: float, hill: float = 1.0, **more: object) -> Edge:
    fields: dict[str, object] = {"threshold": None, "group": "", "alternative": "", "context": ""}
    fields |= more
    return Edge(
        "edge.A.B",
        "A",
        "B",
        "transcription",
        absent,
        Range(saturated, saturated, saturated),
        hill,
        **fields,  # type: ignore[arg-type]
    )


def _numbers(edge: Edge) -> dict[str, float]:
    most, power = edge.saturated.value, (edge.threshold or 0.0) ** edge.hill
    k = power if edge.threshold else (most - 1.0) / (1.0 - edge.absent)
    return {f"{edge.id}.absent": edge.absent, f"{edge.id}.saturated": most, f"{edge.id}.k": k}


def _at(edge: Edge, x: float, **more: float) -> float:
    return evaluate(factor(edge), {**_numbers(edge), "available.A": x, **more})


@given(absent=LOW, saturated=STRENGTHS, hill=HILL, x=ACTIVITY)
def test_an_activating_edge_is_one_at_rest_and_stays_between_its_ends(
    absent: float, saturated: float, hill: float, x: float
) -> None:
    edge = _edge(absent, saturated, hill)
    assert _at(edge, 1.0) == pytest.approx(1.0)
    assert _at(edge, 0.0) == pytest.approx(absent)
    assert absent - 1e-9 <= _at(edge, x) <= saturated + 1e-9
    assert (_at(edge, x) >= 1.0 - 1e-9) == (x >= 1.0) or _at(edge, x) == pytest.approx(1.0)


@given(absent=STRENGTHS, saturated=LOW, hill=HILL)
def test_an_inhibiting_edge_is_one_at_rest_and_falls(
    absent: float, saturated: float, hill: float
) -> None:
    edge = _edge(absent, saturated, hill)
    assert _at(edge, 1.0) == pytest.approx(1.0)
    assert _at(edge, 0.0) == pytest.approx(absent)
    assert _at(edge, 1e9) == pytest.approx(saturated, abs=1e-6)


def test_an_edge_from_an_input_at_zero_has_half_its_effect_at_the_threshold() -> None:
    edge = _edge(1.0, 5.0, 2.0, threshold=0.3)
    assert _at(edge, 0.0) == pytest.approx(1.0)
    assert _at(edge, 0.3) == pytest.approx(3.0)


def test_an_alternative_or_context_that_does_not_hold_leaves_one() -> None:
    edge = _edge(0.0, 3.0, alternative="who:me")
    assert _at(edge, 0.0, **{"alternative.who.me": 0.0}) == pytest.approx(1.0)
    assert _at(edge, 0.0, **{"alternative.who.me": 1.0}) == pytest.approx(0.0)
    held = _edge(0.0, 3.0, context="genotype:KRAS")
    assert _at(held, 0.0, **{"context.genotype:KRAS": 0.0}) == pytest.approx(1.0)


def test_edges_multiply_and_those_of_a_group_add() -> None:
    one, two = _edge(0.5, 3.0, group="or"), _edge(0.5, 3.0, group="or")
    both = evaluate(combined([one, two]), {**_numbers(one), "available.A": 0.0})
    assert both == pytest.approx(0.0)
    apart = evaluate(combined([_edge(0.5, 3.0)] * 2), {**_numbers(one), "available.A": 0.0})
    assert apart == pytest.approx(0.25)


def test_no_draw_of_a_group_falls_below_zero(network: Network) -> None:
    """Losses of a group add, so all of them at the low ends of their ranges must leave something."""
    lost: dict[tuple[str, str], float] = defaultdict(float)
    for edge in network.regulation.edges:
        if edge.group:
            lowest = min(edge.absent, edge.saturated.low, edge.saturated.value)
            lost[edge.target, edge.group] += 1.0 - lowest
    assert lost
    assert {key: loss for key, loss in lost.items() if loss > 1.0 + 1e-9} == {}


def test_what_sets_drugs_free_stands_before_what_they_act_on(network: Network) -> None:
    targets = load_targets(knowledge(), network)
    order = [name for name, _ in assignments(network, targets)]
    freed = [t for t in targets if t.activator and t.mode != "activation"]
    assert {t.mode for t in freed} >= {"covalent", "induces"}
    for t in freed:
        acts = f"present.{t.target}" if t.mode == "induces" else f"unblocked.{t.target}"
        assert order.index(f"available.{t.activator}") < order.index(acts), t


@pytest.mark.parametrize("seed", [None, 3])
def test_nothing_of_regulation_moves_in_the_reference_state(
    spec: ModelSpec, network: Network, calibration: Calibration, seed: int | None
) -> None:
    """Whatever is drawn: each factor is one, each sensor is over its own reading."""
    member = calibration.member
    assert member is not None
    drawn = steering(network, member.initial, Draw(seed))
    values = nominal_values(spec, {**member.parameters, **drawn}, member.initial)
    for state in spec.states:
        if state.id.startswith(("mrna.", "protein.", "active.")):
            assert evaluate(state.direct, values) == pytest.approx(0.0, abs=1e-12), state.id
    for node in network.regulation.nodes.values():
        assert values[f"available.{node.id}"] == pytest.approx(node.rest), node.id


@pytest.mark.parametrize("seed", [None, 5])
def test_a_constant_in_pools_at_rest_follows_the_pool_of_the_member(
    network: Network, calibration: Calibration, seed: int | None
) -> None:
    """Twice the pool, twice the constant: the sensor is as far from saturation in every member."""
    member = calibration.member
    assert member is not None
    twice = {species: 2.0 * amount for species, amount in member.initial.items()}
    once, more = (steering(network, pools, Draw(seed)) for pools in (member.initial, twice))
    terms = {
        term_id(sensor.node, term.effector, term.kind): term
        for sensor in network.regulation.sensors.values()
        for term in sensor.terms
    }
    assert {term.relative for term in terms.values()} == {True, False}
    for key, term in terms.items():
        assert more[key] == pytest.approx(once[key] * (2.0 if term.relative else 1.0)), key


def test_a_constant_in_pools_at_rest_counts_in_the_sum_of_what_it_reads(
    network: Network, calibration: Calibration
) -> None:
    member = calibration.member
    assert member is not None
    numbers = steering(network, member.initial, Draw(None))
    (term,) = network.regulation.sensors["lysolipid_precursors"].terms
    pool = sum(member.initial[s] for s in parse_effector(term.effector).top)
    key = term_id("lysolipid_precursors", term.effector, term.kind)
    assert numbers[key] == pytest.approx(term.k.value * pool)


def test_an_edge_that_names_nothing_known_is_told_with_its_line(tables: Tables) -> None:
    tables.write("edges", [_row("nobody", "GLS")])
    with pytest.raises(ModelError, match="nobody") as caught:
        load_network(tables.base())
    assert caught.value.location is not None
    assert caught.value.location.line == 2


def test_expression_needs_something_that_is_expressed(tables: Tables) -> None:
    node = {"node": "mTORC1", "name": "complex", "kind": "activity", "response_time": "1"}
    tables.write("nodes", [node, {"node": "S", "name": "s", "kind": "input", "rest": "1"}])
    tables.write("edges", [_row("S", "mTORC1")])
    with pytest.raises(ModelError, match="needs a gene or protein"):
        load_network(tables.base())


def _row(regulator: str, target: str) -> dict[str, str]:
    return {
        "regulator": regulator, "target": target, "process": "transcription", "absent": "0.5",
        "saturated": "2", "hill": "1",
    }  # fmt: skip


def test_half_lives_are_those_of_the_tables(network: Network) -> None:
    regulation = network.regulation
    numbers = steering(network, {}, Draw(None))
    for node in regulation.nodes.values():
        if regulation.has_protein(node.id):
            found = math.log(2.0) / numbers[f"turnover.protein.{node.id}"]
            assert found == pytest.approx(node.protein_half_life)
