"""Expressions are plain values with ordinary arithmetic."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from glutarium.model.expr import (
    Add,
    Div,
    Exp,
    Expr,
    Log,
    Mul,
    Number,
    Pow,
    Symbol,
    as_expr,
    children,
    evaluate,
    product,
    symbols,
    total,
)

if TYPE_CHECKING:
    from collections.abc import Callable

X, Y = Symbol("x"), Symbol("y")
LEAVES = st.one_of(st.sampled_from([X, Y]), st.floats(0.0, 8.0).map(lambda v: Number(round(v, 3))))


def branches(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pairs = st.tuples(st.sampled_from([Add, Mul, Div]), inner, inner).map(lambda t: t[0](*t[1:]))
    powers = st.tuples(inner, st.sampled_from([1.0, 2.0, 3.0])).map(
        lambda t: Pow(t[0], Number(t[1]))
    )
    return st.one_of(pairs, powers, inner.map(Exp), inner.map(Log))


EXPRESSIONS = st.recursive(LEAVES, branches, max_leaves=12)


def in_python(expr: Expr, x: float, y: float) -> float:
    """Evaluate the printed form, which is Python but for the sign of a power."""
    scope = {"x": x, "y": y, "exp": math.exp, "log": math.log}
    return float(eval(str(expr).replace("^", "**"), {"__builtins__": {}}, scope))


@given(expr=EXPRESSIONS, x=st.floats(0.1, 5.0), y=st.floats(0.1, 5.0))
def test_an_expression_means_what_it_prints(expr: Expr, x: float, y: float) -> None:
    try:
        expected = in_python(expr, x, y)
    except (ValueError, ZeroDivisionError, OverflowError):
        assume(False)  # noqa: FBT003 - outside the function's domain
    assert evaluate(expr, {"x": x, "y": y}) == pytest.approx(expected, rel=1e-12, nan_ok=True)


@given(a=st.floats(-10, 10), b=st.floats(0.5, 10))
@pytest.mark.parametrize(
    ("build", "compute"),
    [
        (lambda x, y: x + y, lambda a, b: a + b),
        (lambda x, y: x - y, lambda a, b: a - b),
        (lambda x, y: x * y, lambda a, b: a * b),
        (lambda x, y: x / y, lambda a, b: a / b),
        (lambda x, y: -x + 2.0 * y, lambda a, b: -a + 2.0 * b),
        (lambda x, y: 1.0 - x / y, lambda a, b: 1.0 - a / b),
        (lambda x, y: 3 / y + x**2, lambda a, b: 3 / b + a**2),
        (lambda x, y: 1 + x * 2.0 - 4.0, lambda a, b: 1 + a * 2.0 - 4.0),
    ],
    ids=["+", "-", "*", "/", "negative", "1-", "number first", "number last"],
)
def test_operators_build_arithmetic(
    build: Callable[[Expr, Expr], Expr],
    compute: Callable[[float, float], float],
    a: float,
    b: float,
) -> None:
    found = evaluate(build(X, Y), {"x": a, "y": b})
    assert found == pytest.approx(compute(a, b), rel=1e-12, abs=1e-12)


@given(expr=EXPRESSIONS)
def test_symbols_are_those_of_the_leaves(expr: Expr) -> None:
    def walk(item: Expr) -> set[str]:
        if isinstance(item, Symbol):
            return {item.name}
        return set().union(*map(walk, children(item)))

    assert symbols(expr) == walk(expr)


def test_symbols_of_a_very_long_sum_are_found() -> None:
    assert len(symbols(total(Symbol(f"s{i}") for i in range(5000)))) == 5000


def test_expressions_are_values() -> None:
    first, second = X / (1 + X), Symbol("x") / (1.0 + Symbol("x"))
    assert first == second
    assert len({first, second}) == 1
    assert first != X / (2 + X)


def test_nothing_added_is_zero_and_nothing_multiplied_is_one() -> None:
    assert (total([]), product([])) == (Number(0.0), Number(1.0))
    assert total([X]) is X
    assert product([Y]) is Y


def test_numbers_become_expressions_once() -> None:
    assert as_expr(2) == Number(2.0)
    assert as_expr(X) is X


def test_numbers_print_without_loss() -> None:
    assert float(str(Number(0.1 + 0.2))) == 0.1 + 0.2


def test_an_unknown_symbol_is_an_error() -> None:
    with pytest.raises(KeyError, match="y"):
        evaluate(X + Y, {"x": 1.0})


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(TypeError, match="Not an expression"):
        evaluate(Expr(), {})
