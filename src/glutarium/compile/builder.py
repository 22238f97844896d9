"""Builds the expression graph, node by node.

Every method folds constants and the identities of arithmetic and then looks the result up, so equal
expressions share one node without a separate pass.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from glutarium.compile.graph import TINY, Graph, Node, Op
from glutarium.compile.sizes import LARGEST_PRODUCT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["GraphBuilder"]


def _finite(function: Callable[..., float], *args: float) -> float:
    """Fold a call the way the generated code would compute it: too large is infinite."""
    try:
        return function(*args)
    except OverflowError:
        return math.inf


class GraphBuilder:
    """Grows a graph; every method returns the number of the node that holds the value.

    Parameters
    ----------
    graph
        A graph to continue; its numbering is kept.
    """

    def __init__(self, graph: Graph | None = None) -> None:
        self.nodes: list[Node] = list(graph.nodes) if graph else []
        self.varies: list[bool] = list(graph.varies) if graph else []
        self._found: dict[Node, int] = {node: i for i, node in enumerate(self.nodes)}
        self.zero = self.constant(0.0)
        self.one = self.constant(1.0)

    def graph(self) -> Graph:
        """Return what was built so far, frozen."""
        return Graph(tuple(self.nodes), tuple(self.varies))

    def _node(self, node: Node) -> int:
        found = self._found.get(node)
        if found is not None:
            return found
        number = len(self.nodes)
        self._found[node] = number
        self.nodes.append(node)
        leaf = node.op in (Op.STATE, Op.TIME)
        self.varies.append(leaf or any(self.varies[a] for a in node.args))
        return number

    def _constant_of(self, item: int) -> float | None:
        node = self.nodes[item]
        return node.value if node.op is Op.CONSTANT else None

    def _operand(self, item: int, op: Op) -> int | None:
        """Operand of a one-operand node of the given kind."""
        node = self.nodes[item]
        return node.args[0] if node.op is op else None

    def constant(self, value: float) -> int:
        """Return a literal number."""
        return self._node(Node(Op.CONSTANT, value=value + 0.0))  # + 0.0 turns -0.0 into 0.0

    def state(self, slot: int) -> int:
        """Return the raw state at a position."""
        return self._node(Node(Op.STATE, slot=slot))

    def parameter(self, slot: int) -> int:
        """Return the parameter at a position."""
        return self._node(Node(Op.PARAMETER, slot=slot))

    def time(self) -> int:
        """Return the time."""
        return self._node(Node(Op.TIME))

    def add(self, a: int, b: int) -> int:
        """Return ``a + b``."""
        x, y = self._constant_of(a), self._constant_of(b)
        if x is not None and y is not None:
            return self.constant(x + y)
        if x == 0.0:
            return b
        if y == 0.0:
            return a
        minus = self._operand(b, Op.NEGATE)
        if minus is not None:
            return self.subtract(a, minus)
        minus = self._operand(a, Op.NEGATE)
        if minus is not None:
            return self.subtract(b, minus)
        return self._node(Node(Op.ADD, (a, b) if a < b else (b, a)))

    def subtract(self, a: int, b: int) -> int:
        """Return ``a - b``."""
        x, y = self._constant_of(a), self._constant_of(b)
        if x is not None and y is not None:
            return self.constant(x - y)
        if y == 0.0:
            return a
        if x == 0.0:
            return self.negate(b)
        if a == b:
            return self.zero
        minus = self._operand(b, Op.NEGATE)
        return self.add(a, minus) if minus is not None else self._node(Node(Op.SUBTRACT, (a, b)))

    def negate(self, a: int) -> int:
        """Return ``-a``."""
        node = self.nodes[a]
        if node.op is Op.CONSTANT:
            return self.constant(-node.value)
        if node.op is Op.NEGATE:
            return node.args[0]
        if node.op is Op.SUBTRACT:
            return self.subtract(node.args[1], node.args[0])
        return self._node(Node(Op.NEGATE, (a,)))

    def multiply(self, a: int, b: int) -> int:
        """Return ``a * b``."""
        x, y = self._constant_of(a), self._constant_of(b)
        if x is not None and y is not None:
            return self.constant(x * y)
        if y is not None:
            return self._scale(a, y)
        if x is not None:
            return self._scale(b, x)
        for left, right in ((a, b), (b, a)):
            minus = self._operand(left, Op.NEGATE)
            if minus is not None:
                return self.negate(self.multiply(minus, right))
            below = self._operand(right, Op.RECIPROCAL)
            if below is not None and below in self._factors(left):
                return self._without(left, below)
        return self._node(Node(Op.MULTIPLY, (a, b) if a < b else (b, a)))

    def _scale(self, a: int, factor: float) -> int:
        if factor == 0.0:
            return self.zero
        if factor == 1.0:
            return a
        if factor < 0.0:
            return self.negate(self._scale(a, -factor))
        minus = self._operand(a, Op.NEGATE)
        if minus is not None:
            return self.negate(self._scale(minus, factor))
        b = self.constant(factor)
        return self._node(Node(Op.MULTIPLY, (a, b) if a < b else (b, a)))

    def _factors(self, a: int) -> tuple[int, ...]:
        node = self.nodes[a]
        return node.args if node.op is Op.MULTIPLY else (a,)

    def _without(self, a: int, factor: int) -> int:
        """Cancel one factor, so that a rate per mass times the mass is the rate."""
        rest = list(self._factors(a))
        rest.remove(factor)
        return rest[0] if rest else self.one

    def reciprocal(self, a: int) -> int:
        """Return ``1 / a``."""
        value = self._constant_of(a)
        if value is not None and value != 0.0:
            return self.constant(1.0 / value)
        below = self._operand(a, Op.RECIPROCAL)
        return below if below is not None else self._node(Node(Op.RECIPROCAL, (a,)))

    def divide(self, a: int, b: int) -> int:
        """Return ``a / b``."""
        x, y = self._constant_of(a), self._constant_of(b)
        if x is not None and y is not None and y != 0.0:
            return self.constant(x / y)
        return self.one if a == b else self.multiply(a, self.reciprocal(b))

    def power(self, base: int, exponent: int) -> int:
        """Return ``base ** exponent``: a product for integers, a guarded ``pow`` otherwise."""
        n = self._constant_of(exponent)
        if n is not None and n.is_integer() and abs(n) <= LARGEST_PRODUCT:
            product = self._integer_power(base, abs(int(n)))
            return product if n >= 0 else self.reciprocal(product)
        guarded = self.guard(base)
        value = self._constant_of(guarded)
        if n is not None and value is not None:
            return self.constant(_finite(math.pow, value, n))
        return self._node(Node(Op.POWER, (guarded, exponent)))

    def _integer_power(self, base: int, n: int) -> int:
        result, square = self.one, base
        while n:
            if n & 1:
                result = self.multiply(result, square)
            n >>= 1
            if n:
                square = self.multiply(square, square)
        return result

    def exp(self, a: int) -> int:
        """Return ``exp(a)``."""
        value = self._constant_of(a)
        if value is not None:
            return self.constant(_finite(math.exp, value))
        return self._node(Node(Op.EXP, (a,)))

    def log(self, a: int) -> int:
        """Return ``log(max(a, TINY))``."""
        guarded = self.guard(a)
        value = self._constant_of(guarded)
        if value is not None:
            return self.constant(math.log(value))
        return self._node(Node(Op.LOG, (guarded,)))

    def guard(self, a: int) -> int:
        """Return ``max(a, TINY)``."""
        value = self._constant_of(a)
        if value is not None:
            return self.constant(max(value, TINY))
        return a if self.nodes[a].op in (Op.EXP, Op.GUARD) else self._node(Node(Op.GUARD, (a,)))

    def step(self, a: int) -> int:
        """Return 1 where ``a > TINY`` and 0 elsewhere: the derivative of :meth:`guard`."""
        value = self._constant_of(a)
        if value is not None:
            return self.constant(1.0 if value > TINY else 0.0)
        return self._node(Node(Op.STEP, (a,)))

    def total(self, terms: Iterable[int]) -> int:
        """Return the sum of all terms; zero for none."""
        result = self.zero
        for term in terms:
            result = self.add(result, term)
        return result
