"""What an edge and a sensor do, as expressions.

An edge multiplies its target by::

    f(x) = absent + (saturated - absent) x^n / (K + x^n)

with the regulator's activity ``x``. Where the regulator rests at 1, so does ``f``; that fixes ``K`` as
``(saturated - 1) / (1 - absent)``. Where it rests at 0 (an input), ``absent`` is 1 and ``K`` is the
threshold to the power ``n``. Edges on one target multiply; those of one group add their departures
from 1 instead, so that any of them may do what the others do not.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from glutarium.knowledge.effectors import parse_effector
from glutarium.model.expr import Expr, Number, Symbol, product, total
from glutarium.model.genes import availability
from glutarium.model.modifiers import VANISHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glutarium.model.regulators import Edge, Sensor

__all__ = ["combined", "factor", "raw_sensor", "term_id"]


def combined(edges: Iterable[Edge]) -> Expr:
    """Factor of several edges on one target; 1 at rest, and without any edge."""
    groups: dict[str, list[Expr]] = defaultdict(list)
    factors: list[Expr] = []
    for edge in edges:
        if edge.group:
            groups[edge.group].append(factor(edge) - 1.0)
        else:
            factors.append(factor(edge))
    return product([*factors, *(1.0 + total(added) for added in groups.values())])


def factor(edge: Edge) -> Expr:
    """Factor of one edge."""
    x = _power(availability(edge.regulator), edge.hill)
    share = x / (Symbol(f"{edge.id}.k") + x)
    absent = Symbol(f"{edge.id}.absent")
    whole = absent + (Symbol(f"{edge.id}.saturated") - absent) * share
    gates = [*_alternative(edge), *_context(edge)]
    return 1.0 + product([*gates, whole - 1.0]) if gates else whole


def _alternative(edge: Edge) -> list[Expr]:
    if not edge.alternative:
        return []
    question, _, answer = edge.alternative.partition(":")
    return [Symbol(f"alternative.{question}.{answer}")]


def _context(edge: Edge) -> list[Expr]:
    return [Symbol(f"context.{edge.context}")] if edge.context else []


def raw_sensor(sensor: Sensor) -> Expr:
    """What a sensor reads, not yet over its value at reference."""
    terms = [_term(sensor.node, t.effector, t.kind, t.n) for t in sensor.terms]
    return total(terms) if sensor.combine == "sum" else product(terms)


def term_id(node: str, effector: str, kind: str) -> str:
    """Name of the constant of a sensor's term, mM."""
    return f"sensor.{node}.{effector}.{kind}"


def _term(node: str, effector: str, kind: str, n: float) -> Expr:
    parsed = parse_effector(effector)
    amount = total(Symbol(s) for s in parsed.top)
    if parsed.bottom:
        amount = amount / (total(Symbol(s) for s in parsed.bottom) + VANISHED)
    ratio = _power(amount / Symbol(term_id(node, effector, kind)), n)
    return ratio / (1.0 + ratio) if kind == "activate" else 1.0 / (1.0 + ratio)


def _power(base: Expr, order: float) -> Expr:
    return base if order == 1.0 else base ** Number(order)
