"""Stage 3e: one division for several reciprocals.

Rate laws divide by whatever binds an enzyme, and to divide a vector of eight takes many times as long as to
multiply it. Reciprocals that do not need one another share a division::

    r = 1 / (a b),     1/a = r b,     1/b = r a

What is lost is a rounding or two. A zero or an infinity among them makes its partner NaN, so a step that
meets one is rejected, and a run that cannot go on may be blamed on a rate beside the one at fault.
Reciprocals share only with those of the same depth, where depth counts the reciprocals on the way to the
leaves, so that no group waits for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from glutarium.compile.graph import Graph, Node, Op, reachable
from glutarium.compile.sizes import SHARED_DIVISION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Shared", "share_divisions"]


class Shared(NamedTuple):
    """A graph that divides less often.

    Attributes
    ----------
    graph
        The new graph.
    numbers
        Old → new node.
    """

    graph: Graph
    numbers: Mapping[int, int]


def share_divisions(graph: Graph, wanted: Iterable[int], turns: Sequence[int]) -> Shared:
    """Write all that some values need into a graph where reciprocals share divisions.

    Parameters
    ----------
    graph
        The values.
    wanted
        Those that are to be computed.
    turns
        When the turn of each node comes; those that share should be neighbours.
    """
    needed = sorted(reachable(graph.nodes, wanted))
    copy = _Copy(graph, _groups(graph, needed, turns))
    for node in needed:
        copy.write(node)
    return Shared(copy.graph(), copy.numbers)


def _groups(graph: Graph, needed: Iterable[int], turns: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Reciprocals that share a division, neighbours in the order in which they are computed."""
    alike: dict[int, list[int]] = {}
    depths: dict[int, int] = {}
    for node in needed:
        op, args, _, _ = graph.nodes[node]
        depths[node] = max((depths[a] for a in args), default=0)
        if op is Op.RECIPROCAL and graph.varies[node]:
            depths[node] += 1
            alike.setdefault(depths[node], []).append(node)
    for nodes in alike.values():
        nodes.sort(key=lambda node: (turns[node], node))
        for first in range(0, len(nodes), SHARED_DIVISION):
            yield tuple(nodes[first : first + SHARED_DIVISION])


class _Copy:
    """The graph again, operands first, with groups written out.

    Parameters
    ----------
    graph
        The old one.
    groups
        Its reciprocals that share a division.

    Attributes
    ----------
    numbers
        Old → new node.
    """

    def __init__(self, graph: Graph, groups: Iterable[tuple[int, ...]]) -> None:
        self._old = graph
        self._group = {node: group for group in groups for node in group}
        self._nodes: list[Node] = []
        self._varies: list[bool] = []
        self.numbers: dict[int, int] = {}

    def graph(self) -> Graph:
        """The new one."""
        return Graph(tuple(self._nodes), tuple(self._varies))

    def write(self, root: int) -> None:
        """Write a node after all that it needs."""
        stack = [root]
        while stack:
            node = stack[-1]
            waiting = [a for a in self._operands(node) if a not in self.numbers]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if node not in self.numbers:
                self._write(node)

    def _operands(self, node: int) -> Sequence[int]:
        """What has to be there before a node: for a group, what all its members divide by."""
        if node not in self._group:
            return self._old.nodes[node].args
        return [self._old.nodes[member].args[0] for member in self._group[node]]

    def _write(self, node: int) -> None:
        if node in self._group:
            self._write_group(self._group[node])
            return
        old = self._old.nodes[node]
        new = old._replace(args=tuple(self.numbers[a] for a in old.args))
        self.numbers[node] = self._add(new, varies=self._old.varies[node])

    def _write_group(self, group: Sequence[int]) -> None:
        """Products up to each member, one division, and the members from the last to the first."""
        below = [self.numbers[self._old.nodes[member].args[0]] for member in group]
        products = below[:1]
        for factor in below[1:]:
            products.append(self._times(products[-1], factor))
        left = self._add(Node(Op.RECIPROCAL, (products[-1],)))
        for i in range(len(group) - 1, 0, -1):
            self.numbers[group[i]] = self._times(left, products[i - 1])
            left = self._times(left, below[i])
        self.numbers[group[0]] = left

    def _times(self, a: int, b: int) -> int:
        return self._add(Node(Op.MULTIPLY, (a, b)))

    def _add(self, node: Node, *, varies: bool = True) -> int:
        self._nodes.append(node)
        self._varies.append(varies)
        return len(self._nodes) - 1
