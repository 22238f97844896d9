"""Reciprocals that share a division give the same values with fewer divisions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.compile.builder import GraphBuilder
from glutarium.compile.graph import Op, reachable
from glutarium.compile.shared_division import share_divisions
from glutarium.compile.sizes import SHARED_DIVISION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.compile.graph import Graph

FOLD: dict[Op, Callable[..., float]] = {
    Op.ADD: lambda a, b: a + b,
    Op.SUBTRACT: lambda a, b: a - b,
    Op.MULTIPLY: lambda a, b: a * b,
    Op.RECIPROCAL: lambda a: 1.0 / a,
}


def values(graph: Graph, states: Sequence[float]) -> list[float]:
    """All nodes in turn, so that an operand that comes too late shows."""
    found: list[float] = []
    for op, args, value, slot in graph.nodes:
        if op is Op.CONSTANT:
            found.append(value)
        elif op in {Op.STATE, Op.PARAMETER}:
            found.append(states[slot])
        else:
            found.append(FOLD[op](*(found[a] for a in args)))
    return found


def divisions(graph: Graph, wanted: Sequence[int]) -> int:
    needed = reachable(graph.nodes, wanted)
    return sum(graph.nodes[n].op is Op.RECIPROCAL and graph.varies[n] for n in needed)


steps = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans()), min_size=1, max_size=30
)


@given(steps, st.lists(st.floats(0.1, 10.0), min_size=4, max_size=4))
def test_values_are_the_same_to_rounding(
    made: list[tuple[int, int, bool]], states: list[float]
) -> None:
    builder = GraphBuilder()
    terms = [builder.state(i) for i in range(3)] + [builder.parameter(3)]
    for (
        a,
        b,
        deep,
    ) in made:  # saturated terms of saturated terms: between 0 and 1, denominators from 1
        x, y = terms[a % len(terms)], terms[b % len(terms)]
        below = builder.add(builder.one, builder.multiply(x, y) if deep else x)
        terms.append(builder.multiply(x, builder.reciprocal(below)))
    graph = builder.graph()
    shared, numbers = share_divisions(graph, terms, [0] * len(graph.nodes))
    old, new = values(graph, states), values(shared, states)
    for term in terms:
        assert math.isclose(new[numbers[term]], old[term], rel_tol=1e-13)
    assert divisions(shared, [numbers[t] for t in terms]) <= divisions(graph, terms)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_reciprocals_that_do_not_need_one_another_share(count: int) -> None:
    builder = GraphBuilder()
    below = [builder.add(builder.one, builder.state(i)) for i in range(count)]
    wanted = [builder.reciprocal(b) for b in below]
    graph = builder.graph()
    shared, numbers = share_divisions(graph, wanted, range(len(graph.nodes)))
    left = divisions(shared, [numbers[w] for w in wanted])
    assert left == math.ceil(count / SHARED_DIVISION)


def test_a_reciprocal_within_another_does_not_share_with_it() -> None:
    builder = GraphBuilder()
    inner = builder.reciprocal(builder.add(builder.one, builder.state(0)))
    outer = builder.reciprocal(builder.add(builder.one, inner))
    graph = builder.graph()
    shared, numbers = share_divisions(graph, [outer], [0] * len(graph.nodes))
    assert divisions(shared, [numbers[outer]]) == 2
