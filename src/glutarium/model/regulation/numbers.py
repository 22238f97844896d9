"""Numbers of regulation: parameters with nominal values, and one member's draw of them.

At rest every factor is 1, so they do not change the calibrated reference state, and can be drawn again from
a member's seed when the tables of regulation have changed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from glutarium.knowledge.effectors import parse_effector
from glutarium.model.alternatives import alternatives
from glutarium.model.calibrate.draw import Draw
from glutarium.model.expr import evaluate
from glutarium.model.protons import protons_at
from glutarium.model.regulation.factors import raw_sensor, term_id
from glutarium.model.spec import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glutarium.model.network import Network
    from glutarium.model.regulators import Edge, Regulation

__all__ = ["parameters", "steering"]


def parameters(network: Network) -> Iterator[Parameter]:
    """Parameters of regulation at their recorded values."""
    regulation = network.regulation
    units = _units(regulation)
    numbers = steering(network, {}, Draw(None))
    for name, value in numbers.items():
        yield Parameter(name, value, units.get(name, "1"))
    for node in regulation.nodes.values():
        if node.kind == "input":
            yield Parameter(f"signal.{node.id}", node.rest, "1")
        else:
            yield Parameter(f"level.{node.id}", 1.0, "1")
    for context in dict.fromkeys(e.context for e in regulation.edges if e.context):
        yield Parameter(f"context.{context}", 0.0, "1")
    for question, answers in alternatives(regulation.edges).items():
        for rank, answer in enumerate(answers):
            yield Parameter(f"alternative.{question}.{answer}", float(rank == 0), "1")


def steering(network: Network, reference: Mapping[str, float], draw: Draw) -> dict[str, float]:
    """One member's numbers of regulation.

    Parameters
    ----------
    network
        Whose regulation.
    reference
        State → value in the member's reference state, mM; empty: sensors are not normalised.
    draw
        Source of numbers.

    Returns
    -------
    dict
        Parameter → value: strengths of edges, constants of sensors and their value at reference, turnover
        (1/h), half-lives (h), basal values.
    """
    regulation = network.regulation
    numbers: dict[str, float] = {}
    for edge in regulation.edges:
        numbers |= _edge(edge, draw)
    for sensor in regulation.sensors.values():
        for term in sensor.terms:
            key = term_id(sensor.node, term.effector, term.kind)
            scale = _pool(term.effector, reference) if term.relative and reference else 1.0
            numbers[key] = draw.number(key, term.k) * scale
    numbers |= _rests(regulation, reference, numbers)
    for node in regulation.nodes.values():
        if regulation.has_mrna(node.id):
            numbers[f"turnover.mrna.{node.id}"] = math.log(2.0) / node.mrna_half_life
        if regulation.has_protein(node.id):
            numbers[f"turnover.protein.{node.id}"] = math.log(2.0) / node.protein_half_life
            numbers[f"halflife.{node.id}"] = node.protein_half_life
        if regulation.responds(node.id):
            numbers[f"turnover.active.{node.id}"] = 1.0 / node.response_time
        if node.measure:
            numbers[f"basal.{node.id}"] = node.basal
    return numbers


def _pool(effector: str, reference: Mapping[str, float]) -> float:
    """What an effector is at reference, mM."""
    return sum(reference[species] for species in parse_effector(effector).top)


def _edge(edge: Edge, draw: Draw) -> dict[str, float]:
    saturated = draw.number(f"{edge.id}.saturated", edge.saturated)
    # A threshold is given where the regulator rests at zero; else the factor is 1 at rest.
    k = _balanced(edge.absent, saturated) if edge.threshold is None else edge.threshold**edge.hill
    return {f"{edge.id}.absent": edge.absent, f"{edge.id}.saturated": saturated, f"{edge.id}.k": k}


def _balanced(absent: float, saturated: float) -> float:
    """Constant that makes an edge's factor 1 where its regulator is 1."""
    return (saturated - 1.0) / (1.0 - absent)


def _rests(
    regulation: Regulation, reference: Mapping[str, float], numbers: Mapping[str, float]
) -> dict[str, float]:
    """What the sensors read at reference."""
    if not reference:
        return {f"rest.{node}": 1.0 for node in regulation.sensors}
    values = {**reference, **numbers}
    values |= {f"h_{s[-1]}": protons_at(x) for s, x in reference.items() if s.startswith("pH_")}
    return {f"rest.{n}": evaluate(raw_sensor(s), values) for n, s in regulation.sensors.items()}


def _units(regulation: Regulation) -> dict[str, str]:
    units: dict[str, str] = {}
    for sensor in regulation.sensors.values():
        units |= {
            term_id(sensor.node, t.effector, t.kind): _amount(t.effector) for t in sensor.terms
        }
    for node in regulation.nodes:
        units |= {f"turnover.{what}.{node}": "1/h" for what in ("mrna", "protein", "active")}
        units[f"halflife.{node}"] = "h"
    return units


def _amount(effector: str) -> str:
    return "1" if "/" in effector else "mM"
