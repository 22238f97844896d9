"""Stage 2: write all expressions of a specification into one shared graph.

Assignments disappear here: their symbols become the nodes that hold their values. Labels keep the
biological names for the code and its dump.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.compile.builder import GraphBuilder
from glutarium.model.expr import Add, Div, Exp, Expr, Log, Mul, Number, Pow, Symbol, children

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.compile.analyse import Analysis
    from glutarium.compile.graph import Graph
    from glutarium.model.spec import State

__all__ = ["Lowered", "lower"]


@dataclass(frozen=True, slots=True)
class Lowered:
    """The model as a graph with named results.

    Attributes
    ----------
    analysis
        What the graph was made from.
    graph
        All values.
    labels
        Node → readable name.
    scales, directs
        Node of every state's scale and of its direct rate less dilution.
    extents
        Node of every flux's extent.
    rates
        Node of every state's rate of change.
    observables
        Node of every observable.
    """

    analysis: Analysis
    graph: Graph
    labels: Mapping[int, str]
    scales: tuple[int, ...]
    directs: tuple[int, ...]
    extents: tuple[int, ...]
    rates: tuple[int, ...]
    observables: tuple[int, ...]


def lower(analysis: Analysis) -> Lowered:
    """Turn a checked specification into a graph."""
    spec = analysis.spec
    builder = GraphBuilder()
    labels = _Labels()
    known = _leaves(analysis, builder, labels)
    for name, expr in spec.assignments:
        known[name] = _insert(expr, builder, known)
        labels.add(known[name], name)
    scales = tuple(_insert(s.scale, builder, known) for s in spec.states)
    directs = tuple(_direct(s, builder, known) for s in spec.states)
    extents = []
    for flux in spec.fluxes:
        labels.add(_insert(flux.rate, builder, known), f"rate:{flux.id}")
        extents.append(_insert(flux.extent, builder, known))
        labels.add(extents[-1], f"extent:{flux.id}")
    rates = tuple(
        _rate(builder, [(extents[j], c) for j, c in row], scale, direct)
        for row, scale, direct in zip(analysis.rows, scales, directs, strict=True)
    )
    observables = tuple(_insert(o.expr, builder, known) for o in spec.observables)
    graph = builder.graph()
    return Lowered(
        analysis, graph, labels.names, scales, directs, tuple(extents), rates, observables
    )


class _Labels:
    """One readable name per node; the first one wins, and no name is given twice."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self._used: set[str] = set()

    def add(self, node: int, name: str) -> None:
        """Name a node, unless it or the name is taken; a leading dot is for unnamed values."""
        if node not in self.names and name not in self._used and not name.startswith("."):
            self.names[node] = name
            self._used.add(name)


def _leaves(analysis: Analysis, builder: GraphBuilder, labels: _Labels) -> dict[str, int]:
    known = {"time": builder.time()}
    for name, index in analysis.parameter_index.items():
        known[name] = builder.parameter(index)
    for name, index in analysis.state_index.items():
        known[f"state:{name}"] = builder.state(index)
    for name, node in known.items():
        labels.add(node, name)
    return known


def _rate(builder: GraphBuilder, terms: list[tuple[int, float]], scale: int, direct: int) -> int:
    """``scale * sum(coefficient * extent) + direct``."""
    produced = builder.total(
        builder.multiply(builder.constant(coefficient), extent) for extent, coefficient in terms
    )
    return builder.add(builder.multiply(scale, produced), direct)


def _direct(state: State, builder: GraphBuilder, known: Mapping[str, int]) -> int:
    """``direct - dilution * state``."""
    lost = builder.multiply(_insert(state.dilution, builder, known), known[f"state:{state.id}"])
    return builder.add(_insert(state.direct, builder, known), builder.negate(lost))


def _insert(expr: Expr, builder: GraphBuilder, known: Mapping[str, int]) -> int:
    """Insert one expression, operands first; a stack, since long sums nest deeply."""
    values: list[int] = []
    stack: list[tuple[Expr, bool]] = [(expr, False)]
    while stack:
        item, ready = stack.pop()
        match item:
            case Number(value):
                values.append(builder.constant(float(value)))
            case Symbol(name):
                values.append(known[name])
            case _ if ready:
                _apply(item, builder, values)
            case _:
                stack.append((item, True))
                stack.extend((child, False) for child in reversed(children(item)))
    return values[0]


def _apply(expr: Expr, builder: GraphBuilder, values: list[int]) -> None:
    """Replace the operands on top of the stack by the value of the expression."""
    if isinstance(expr, (Exp, Log)):
        operand = values.pop()
        values.append(builder.exp(operand) if isinstance(expr, Exp) else builder.log(operand))
        return
    right, left = values.pop(), values.pop()
    match expr:
        case Add():
            values.append(builder.add(left, right))
        case Mul():
            values.append(builder.multiply(left, right))
        case Div():
            values.append(builder.divide(left, right))
        case Pow():
            values.append(builder.power(left, right))
        case _:
            message = f"Not an expression: {expr!r}"
            raise TypeError(message)
