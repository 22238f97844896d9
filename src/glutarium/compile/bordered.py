"""Stage 3b: the Jacobian with its cuts as extra unknowns, for Newton-like solves.

Chaining a cut (the dry mass, a concentration) down to its states fills whole columns. Kept as an unknown
of its own it costs one row and one column. With ``x`` the states and ``u`` the cuts,

    J dx = A dx + G du,        du = W dx + V du

so ``(s I - J) dx = r`` becomes a larger but much sparser system, the *bordered* one::

    [ s I - A    -G   ] [dx]   [r]
    [   -W     I - V  ] [du] = [0]

At the cell's size this halves the work of a factorisation, and the entries need fewer products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.compile.builder import GraphBuilder
from glutarium.compile.differentiate import find_cuts, gradient, gradient_terms
from glutarium.compile.graph import Op, reachable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.compile.graph import Graph
    from glutarium.compile.lower import Lowered

__all__ = ["Bordered", "border"]


@dataclass(frozen=True, slots=True)
class Bordered:
    """The model with its bordered Jacobian.

    Attributes
    ----------
    lowered
        The model before this stage; its node numbers stay valid.
    graph
        The graph of the model, continued by the derivatives.
    labels
        Node → readable name.
    cuts
        Nodes that are unknowns besides the states, in order.
    entries
        (row, column) of the matrix ``-[[A, G], [W, V]]`` → node.
    slopes
        Node of every rate's partial derivative with respect to time; empty where none depends on it.
    turns
        For every node the flux after which it can be computed, when fluxes and their derivatives are
        computed one after the other; -1 where it needs none.
    """

    lowered: Lowered
    graph: Graph
    labels: Mapping[int, str]
    cuts: tuple[int, ...]
    entries: Mapping[tuple[int, int], int]
    slopes: tuple[int, ...]
    turns: tuple[int, ...]

    @property
    def n_unknowns(self) -> int:
        """States and cuts."""
        return len(self.lowered.rates) + len(self.cuts)

    @property
    def unknowns(self) -> tuple[str, ...]:
        """Readable names of all unknowns."""
        states = self.lowered.analysis.spec.state_ids
        return (*states, *(self.labels.get(c, f".{c}") for c in self.cuts))


def border(lowered: Lowered) -> Bordered:
    """Differentiate a model with its cuts as unknowns."""
    builder = GraphBuilder(lowered.graph)
    cuts = find_cuts(lowered)
    stops = frozenset(cuts)
    n = len(lowered.rates)
    place = {cut: n + i for i, cut in enumerate(cuts)}

    def column(node: int) -> int:
        return place[node] if node in place else builder.nodes[node].slot

    extents, ends = [], [len(builder.nodes)]
    for node in lowered.extents:
        extents.append(gradient(builder, node, stops))
        ends.append(len(builder.nodes))
    entries: dict[tuple[int, int], int] = {}
    for i, (scale, direct) in enumerate(zip(lowered.scales, lowered.directs, strict=True)):
        terms = gradient_terms(builder, lowered.analysis.rows[i], extents, scale)
        for node, value in gradient(builder, direct, stops).items():
            terms[node].append(value)
        for node, values in terms.items():
            entries[i, column(node)] = builder.negate(builder.total(values))
    for cut in cuts:
        for node, value in gradient(builder, cut, stops).items():
            entries[place[cut], column(node)] = builder.negate(value)
    slopes = _slopes(builder, lowered)
    turns = _turns(builder, lowered, ends)
    return Bordered(lowered, builder.graph(), lowered.labels, cuts, entries, slopes, turns)


def _turns(builder: GraphBuilder, lowered: Lowered, ends: Sequence[int]) -> tuple[int, ...]:
    """When each node's turn comes; the derivatives of flux ``k`` end at node ``ends[k + 1]``."""
    turns = [-1] * len(builder.nodes)
    seen: set[int] = set()
    for k, root in enumerate(lowered.extents):
        new = reachable(builder.nodes, [root], seen)
        seen |= new
        for node in (*new, *range(ends[k], ends[k + 1])):
            if builder.varies[node] and builder.nodes[node].args:
                turns[node] = k
    for node, (_, args, _, _) in enumerate(builder.nodes):
        if args and node not in seen and not ends[0] <= node < ends[-1]:
            turns[node] = max(turns[a] for a in args)
    return tuple(turns)


def _slopes(builder: GraphBuilder, lowered: Lowered) -> tuple[int, ...]:
    """Partial derivatives with respect to time, all zero or all listed."""
    nodes = lowered.graph.nodes
    clocks = {i for i, node in enumerate(nodes) if node.op is Op.TIME}
    # Looking first: the derivatives of a large model, which come to nothing, take seconds.
    if not clocks & reachable(nodes, lowered.rates):
        return ()
    found = []
    for rate in lowered.rates:
        by_leaf = gradient(builder, rate, frozenset(), leaf=Op.TIME)
        found.append(builder.total(by_leaf.values()))
    return tuple(found) if any(node != builder.zero for node in found) else ()
