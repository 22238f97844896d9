"""The graph shares equal values and folds what is known."""

from __future__ import annotations

import math

import pytest

from glutarium.compile.builder import GraphBuilder
from glutarium.compile.graph import TINY, Op


@pytest.fixture
def builder() -> GraphBuilder:
    return GraphBuilder()


def test_equal_expressions_are_one_node(builder: GraphBuilder) -> None:
    a, b = builder.state(0), builder.parameter(0)
    assert builder.add(a, b) == builder.add(b, a)
    assert builder.multiply(a, b) == builder.multiply(b, a)
    assert builder.subtract(a, b) != builder.subtract(b, a)


def test_identities_need_no_node(builder: GraphBuilder) -> None:
    a = builder.state(0)
    assert builder.add(a, builder.zero) == a
    assert builder.multiply(a, builder.one) == a
    assert builder.multiply(a, builder.zero) == builder.zero
    assert builder.negate(builder.negate(a)) == a
    assert builder.subtract(a, a) == builder.zero
    assert builder.divide(a, a) == builder.one
    assert builder.reciprocal(builder.reciprocal(a)) == a


def test_minus_one_times_a_term_is_a_subtraction(builder: GraphBuilder) -> None:
    a, b = builder.state(0), builder.state(1)
    minus = builder.multiply(builder.constant(-1.0), b)
    assert builder.nodes[builder.add(a, minus)].op is Op.SUBTRACT


def test_a_factor_and_its_reciprocal_cancel(builder: GraphBuilder) -> None:
    mass, rate = builder.state(0), builder.state(1)
    assert builder.divide(builder.multiply(mass, rate), mass) == rate


def test_constants_are_folded(builder: GraphBuilder) -> None:
    two, three = builder.constant(2.0), builder.constant(3.0)
    assert builder.power(two, three) == builder.constant(8.0)
    assert builder.power(two, builder.constant(0.5)) == builder.constant(math.sqrt(2.0))
    assert builder.log(builder.exp(two)) == builder.constant(2.0)
    assert builder.log(builder.constant(-1.0)) == builder.constant(math.log(TINY))
    assert builder.nodes[builder.exp(builder.constant(1e4))].value == math.inf


@pytest.mark.parametrize("exponent", [-3, 0, 1, 2, 7, 64])
def test_integer_powers_are_products(builder: GraphBuilder, exponent: int) -> None:
    builder.power(builder.state(0), builder.constant(float(exponent)))
    ops = {node.op for node in builder.nodes}
    assert not ops & {Op.POWER, Op.GUARD}


def test_real_powers_are_guarded(builder: GraphBuilder) -> None:
    power = builder.power(builder.state(0), builder.constant(1.7))
    base = builder.nodes[power].args[0]
    assert builder.nodes[base].op is Op.GUARD


def test_values_of_parameters_alone_do_not_vary(builder: GraphBuilder) -> None:
    p = builder.multiply(builder.parameter(0), builder.parameter(1))
    assert not builder.varies[p]
    assert builder.varies[builder.add(p, builder.time())]


def test_a_graph_can_be_continued(builder: GraphBuilder) -> None:
    total = builder.add(builder.state(0), builder.parameter(0))
    continued = GraphBuilder(builder.graph())
    assert continued.add(continued.parameter(0), continued.state(0)) == total
