"""Stage 4a: in which order values are computed, and where a long function is cut.

A function is a list of steps: compute a value, or store one in an array. Values are computed where the
first output needs them. The time to assemble a function grows faster than its length, so a long one
becomes several pieces that are called one after the other and hand values on in memory; outputs that
share values should stand together, so that little is handed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from glutarium.compile.graph import Op
from glutarium.compile.sizes import LONGEST

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from glutarium.compile.graph import Node

__all__ = ["ARRAYS", "Output", "Schedule", "Step", "is_stored", "outputs", "schedule"]

ARRAYS = {Op.STATE: "y", Op.PARAMETER: "p"}
"""Arguments that hold leaves."""


class Output(NamedTuple):
    """A value that a function stores: the node, the name of the array and the place in it."""

    node: int
    array: str
    place: int


class Step(NamedTuple):
    """A value that is computed or, with an array, stored there."""

    node: int
    array: str = ""
    place: int = 0


class Schedule(NamedTuple):
    """Steps of a function.

    Attributes
    ----------
    pieces
        Steps of each piece.
    handed
        Values that a later piece needs → place in the memory between them.
    early
        How many of the pieces come before all that is wanted.
    """

    pieces: list[list[Step]]
    handed: dict[int, int]
    early: int


def outputs(array: str, nodes: Iterable[int]) -> list[Output]:
    """All nodes, stored one after the other."""
    return [Output(node, array, i) for i, node in enumerate(nodes)]


def schedule(
    nodes: Sequence[Node],
    derived: Collection[int],
    wanted: Iterable[Output],
    early: Sequence[Output] = (),
) -> Schedule:
    """Order the steps of a function.

    Parameters
    ----------
    nodes
        The graph.
    derived
        Nodes that are loaded instead of computed.
    wanted
        What the function stores, in the order in which it is stored.
    early
        What it stores before that, in pieces of its own.
    """
    pieces: list[list[Step]] = [[]]
    home: dict[int, int] = {}
    first = 0
    for n, (root, array, place) in enumerate([*early, *wanted]):
        if len(pieces[-1]) >= LONGEST or (early and n == len(early)):
            pieces.append([])
        if early and n == len(early):
            first = len(pieces) - 1
        piece, number = pieces[-1], len(pieces) - 1
        for node in _order(nodes, derived, root, home):
            home[node] = number
            piece.append(Step(node))
        piece.append(Step(root, array, place))
    return Schedule(pieces, _handed_on(nodes, derived, pieces, home), first)


def _order(
    nodes: Sequence[Node], derived: Collection[int], root: int, seen: Collection[int]
) -> list[int]:
    """Values that a value needs and that were not seen yet, operands first."""
    if root in seen:
        return []
    order: dict[int, None] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        args = () if node in derived else nodes[node].args
        waiting = [a for a in args if a not in seen and a not in order]
        if waiting:
            stack.extend(reversed(waiting))
            continue
        stack.pop()
        order[node] = None
    return list(order)


def _handed_on(
    nodes: Sequence[Node],
    derived: Collection[int],
    pieces: Sequence[Sequence[Step]],
    home: dict[int, int],
) -> dict[int, int]:
    handed: dict[int, int] = {}
    for i, piece in enumerate(pieces):
        for node, array, _ in piece:
            if array:
                needed: Sequence[int] = (node,)
            else:
                needed = () if node in derived else nodes[node].args
            for value in needed:
                if home[value] < i and not is_stored(nodes[value], derived, value):
                    handed.setdefault(value, len(handed))
    return handed


def is_stored(item: Node, derived: Collection[int], number: int) -> bool:
    """Whether a value is a literal or stands in an argument, and is simply read again."""
    return not item.args or number in derived
