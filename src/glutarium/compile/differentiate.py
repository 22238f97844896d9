"""Stage 3: the Jacobian, by reverse accumulation over the shared graph.

Every flux extent and every direct rate is differentiated once with respect to the raw states, and the
stoichiometry then spreads these derivatives over the rows. The derivatives go into the same graph as
the rates, so everything they share with the rates, or with one another, is computed once.

Quantities that depend on many states and enter many fluxes (the dry mass is the sum of all
macromolecules) would be expanded again in every flux. They are *cuts*: the fluxes are differentiated
with respect to the cut, the rows add these up, and only then the sum is chained to the states.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.compile.builder import GraphBuilder
from glutarium.compile.graph import Node, Op, reachable
from glutarium.compile.sizes import CUT_FLUXES, CUT_STATES
from glutarium.kernel import Sparsity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.compile.graph import Graph
    from glutarium.compile.lower import Lowered

__all__ = ["Differentiated", "differentiate", "find_cuts", "gradient", "gradient_terms"]


@dataclass(frozen=True, slots=True)
class Differentiated:
    """The model with its Jacobian.

    Attributes
    ----------
    lowered
        The model before this stage; its node numbers stay valid.
    graph
        The graph of the model, continued by the derivatives.
    labels
        Node → readable name.
    sparsity
        Pattern of the Jacobian; the diagonal is always part of it.
    entries
        Node of every non-zero, in the order of the pattern.
    """

    lowered: Lowered
    graph: Graph
    labels: Mapping[int, str]
    sparsity: Sparsity
    entries: tuple[int, ...]


def differentiate(lowered: Lowered) -> Differentiated:
    """Add the derivatives of all rates with respect to all raw states to the graph."""
    builder = GraphBuilder(lowered.graph)
    cuts = find_cuts(lowered)
    stops = frozenset(cuts)
    extents = [gradient(builder, node, stops) for node in lowered.extents]
    chain = {cut: gradient(builder, cut, stops) for cut in cuts}
    entries: dict[tuple[int, int], int] = {}
    for i, (scale, direct) in enumerate(zip(lowered.scales, lowered.directs, strict=True)):
        terms = gradient_terms(builder, lowered.analysis.rows[i], extents, scale)
        for node, value in gradient(builder, direct, stops).items():
            terms[node].append(value)
        row = _expand(builder, terms, cuts, chain)
        for node, value in row.items():
            entries[builder.nodes[node].slot, i] = value
        entries.setdefault((i, i), builder.zero)
    order = sorted(entries)
    return Differentiated(
        lowered,
        builder.graph(),
        lowered.labels,
        _pattern(order, len(lowered.rates)),
        tuple(entries[key] for key in order),
    )


def find_cuts(lowered: Lowered) -> tuple[int, ...]:
    """Shared quantities that pay as intermediate stops, last computed first."""
    nodes, varies = lowered.graph.nodes, lowered.graph.varies
    users: dict[int, int] = defaultdict(int)
    for root in lowered.extents:
        for node in reachable(nodes, [root]):
            users[node] += varies[node]
    assigned = set(lowered.labels) - set(lowered.extents)
    cuts = [n for n, count in users.items() if n in assigned and count >= CUT_FLUXES]
    return tuple(sorted((n for n in cuts if _n_states(nodes, n) >= CUT_STATES), reverse=True))


def _n_states(nodes: Sequence[Node], root: int) -> int:
    return sum(nodes[n].op is Op.STATE for n in reachable(nodes, [root]))


def gradient_terms(
    builder: GraphBuilder,
    row: Sequence[tuple[int, float]],
    extents: Sequence[Mapping[int, int]],
    scale: int,
) -> dict[int, list[int]]:
    """Contributions of all fluxes to one row, by state or cut."""
    terms: dict[int, list[int]] = defaultdict(list)
    for flux, coefficient in row:
        for node, value in extents[flux].items():
            scaled = builder.multiply(scale, value)
            terms[node].append(builder.multiply(builder.constant(coefficient), scaled))
    return terms


def _expand(
    builder: GraphBuilder,
    terms: dict[int, list[int]],
    cuts: Sequence[int],
    chain: Mapping[int, Mapping[int, int]],
) -> dict[int, int]:
    """Chain the cuts of one row down to states; a cut may lead to earlier cuts."""
    for cut in cuts:
        if cut in terms:
            total = builder.total(terms.pop(cut))
            for node, value in chain[cut].items():
                terms[node].append(builder.multiply(total, value))
    return {node: builder.total(values) for node, values in terms.items()}


def _pattern(order: Sequence[tuple[int, int]], n: int) -> Sparsity:
    columns = np.array([column for column, _ in order], dtype=np.int32)
    indptr = np.searchsorted(columns, np.arange(n + 1)).astype(np.int32)
    return Sparsity(indptr, np.array([row for _, row in order], dtype=np.int32))


def gradient(
    builder: GraphBuilder, root: int, stops: frozenset[int], leaf: Op = Op.STATE
) -> dict[int, int]:
    """Derivatives of a node with respect to stops and leaves of one kind, as new nodes.

    The adjoint of a node is complete when all its users are done; users have larger numbers, so the
    largest pending number is always complete.
    """
    pending: dict[int, list[int]] = defaultdict(list)
    queue: list[int] = []
    found: dict[int, int] = {}

    def send(node: int, value: int) -> None:
        if builder.varies[node]:
            if node not in pending:
                heapq.heappush(queue, -node)
            pending[node].append(value)

    send(root, builder.one)
    while queue:
        node = -heapq.heappop(queue)
        adjoint = builder.total(pending.pop(node))
        if builder.nodes[node].op is leaf or (node in stops and node != root):
            found[node] = adjoint
        else:
            for operand, value in _partials(builder, node, adjoint):
                send(operand, value)
    return found


def _partials(builder: GraphBuilder, node: int, adjoint: int) -> list[tuple[int, int]]:
    """What a node passes to its operands."""
    op, args = builder.nodes[node].op, builder.nodes[node].args
    match op:
        case Op.ADD:
            return [(args[0], adjoint), (args[1], adjoint)]
        case Op.SUBTRACT:
            return [(args[0], adjoint), (args[1], builder.negate(adjoint))]
        case Op.NEGATE:
            return [(args[0], builder.negate(adjoint))]
        case Op.MULTIPLY:
            return _partials_of_product(builder, node, adjoint)
        case Op.RECIPROCAL:
            squared = builder.multiply(node, node)
            return [(args[0], builder.negate(builder.multiply(adjoint, squared)))]
        case Op.EXP:
            return [(args[0], builder.multiply(adjoint, node))]
        case Op.LOG:
            return [(args[0], builder.divide(adjoint, args[0]))]
        case Op.POWER:
            return _partials_of_power(builder, node, adjoint)
        case Op.GUARD:
            return [(args[0], builder.multiply(adjoint, builder.step(args[0])))]
        case _:
            return []


def _partials_of_product(builder: GraphBuilder, node: int, adjoint: int) -> list[tuple[int, int]]:
    """Product rule; a quotient ``q = a (1/b)`` passes ``-(adjoint/b) q`` straight to ``b``."""
    result = []
    left, right = builder.nodes[node].args
    for operand, other in ((left, right), (right, left)):
        inner = builder.nodes[operand]
        if inner.op is Op.RECIPROCAL and builder.varies[operand]:
            below = builder.multiply(builder.multiply(adjoint, operand), node)
            result.append((inner.args[0], builder.negate(below)))
        else:
            result.append((operand, builder.multiply(adjoint, other)))
    return result


def _partials_of_power(builder: GraphBuilder, node: int, adjoint: int) -> list[tuple[int, int]]:
    base, exponent = builder.nodes[node].args
    scaled = builder.multiply(adjoint, node)
    result = [(base, builder.multiply(scaled, builder.divide(exponent, base)))]
    if builder.varies[exponent]:
        result.append((exponent, builder.multiply(scaled, builder.log(base))))
    return result
