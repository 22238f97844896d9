"""The expression graph: every distinct value is one node, whatever rate law asks for it.

Nodes are numbered so that operands come before their users; :mod:`glutarium.compile.builder` makes
them. The operations are few on purpose: division is multiplication by a reciprocal (the
reciprocal of a parameter is then computed once), integer powers are products, and the base of a real
power or a logarithm passes through a guard that keeps it positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

__all__ = ["TINY", "Graph", "Node", "Op", "reachable"]

TINY = 1e-30
"""Floor of the base of real powers and logarithms; a guard of the function's domain, not of pools."""


class Op(Enum):
    """What a node does with its operands."""

    CONSTANT = "constant"
    STATE = "state"
    PARAMETER = "parameter"
    TIME = "time"
    ADD = "+"
    SUBTRACT = "-"
    NEGATE = "negate"
    MULTIPLY = "*"
    RECIPROCAL = "1/"
    POWER = "pow"
    EXP = "exp"
    LOG = "log"
    GUARD = "guard"
    STEP = "step"


class Node(NamedTuple):
    """One value of the graph.

    Attributes
    ----------
    op
        Operation.
    args
        Operand nodes; empty for leaves.
    value
        The number of a constant; zero otherwise.
    slot
        Position of a state or parameter in its array; -1 otherwise.
    """

    op: Op
    args: tuple[int, ...] = ()
    value: float = 0.0
    slot: int = -1


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in topological order.

    Attributes
    ----------
    nodes
        All nodes; operands stand before their users.
    varies
        Whether a node depends on a state or on time; the others can be computed once per
        parameter vector.
    """

    nodes: tuple[Node, ...]
    varies: tuple[bool, ...]


def reachable(nodes: Sequence[Node], roots: Iterable[int], known: Container[int] = ()) -> set[int]:
    """Nodes that the roots need, themselves included; known ones, and what these need, are left out."""
    found: set[int] = set()
    stack = list(roots)
    while stack:
        item = stack.pop()
        if item not in found and item not in known:
            found.add(item)
            stack.extend(nodes[item].args)
    return found
