"""A tiny expression language for rate laws: numbers, symbols, sums, products, powers, exp and log.

Expressions are immutable values and say nothing about how they are evaluated; ``compile`` shares common
parts, differentiates and emits them. Build them with ordinary operators::

    >>> gln, km = Symbol("gln_c"), Symbol("km.GLS.gln_m")
    >>> str(gln / (km + gln))
    '(gln_c / (km.GLS.gln_m + gln_c))'
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Add",
    "Div",
    "Exp",
    "Expr",
    "Log",
    "Mul",
    "Number",
    "Pow",
    "Symbol",
    "as_expr",
    "evaluate",
    "product",
    "symbols",
    "total",
]


class Expr:
    """Base of all expressions; arithmetic operators build new ones."""

    __slots__ = ()

    def __add__(self, other: Expr | float) -> Expr:
        return Add(self, as_expr(other))

    def __radd__(self, other: float) -> Expr:
        return Add(as_expr(other), self)

    def __sub__(self, other: Expr | float) -> Expr:
        return Add(self, Mul(Number(-1.0), as_expr(other)))

    def __rsub__(self, other: float) -> Expr:
        return Add(as_expr(other), Mul(Number(-1.0), self))

    def __mul__(self, other: Expr | float) -> Expr:
        return Mul(self, as_expr(other))

    def __rmul__(self, other: float) -> Expr:
        return Mul(as_expr(other), self)

    def __truediv__(self, other: Expr | float) -> Expr:
        return Div(self, as_expr(other))

    def __rtruediv__(self, other: float) -> Expr:
        return Div(as_expr(other), self)

    def __pow__(self, other: Expr | float) -> Expr:
        return Pow(self, as_expr(other))

    def __neg__(self) -> Expr:
        return Mul(Number(-1.0), self)


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """A literal; only structural constants (stoichiometry, exponents 1 and 2, signs) belong here."""

    value: float

    def __str__(self) -> str:
        return f"{self.value:.17g}"


@dataclass(frozen=True, slots=True)
class Symbol(Expr):
    """A parameter, a state, time (``"time"``) or the name of an assignment."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Add(Expr):
    """``left + right``."""

    left: Expr
    right: Expr

    def __str__(self) -> str:
        return f"({self.left} + {self.right})"


@dataclass(frozen=True, slots=True)
class Mul(Expr):
    """``left * right``."""

    left: Expr
    right: Expr

    def __str__(self) -> str:
        return f"({self.left} * {self.right})"


@dataclass(frozen=True, slots=True)
class Div(Expr):
    """``left / right``."""

    left: Expr
    right: Expr

    def __str__(self) -> str:
        return f"({self.left} / {self.right})"


@dataclass(frozen=True, slots=True)
class Pow(Expr):
    """``base ** exponent``; with a real exponent the base must stay positive (the compiler guards it)."""

    base: Expr
    exponent: Expr

    def __str__(self) -> str:
        return f"({self.base} ^ {self.exponent})"


@dataclass(frozen=True, slots=True)
class Exp(Expr):
    """Natural exponential."""

    argument: Expr

    def __str__(self) -> str:
        return f"exp({self.argument})"


@dataclass(frozen=True, slots=True)
class Log(Expr):
    """Natural logarithm."""

    argument: Expr

    def __str__(self) -> str:
        return f"log({self.argument})"


def as_expr(value: Expr | float) -> Expr:
    """Turn a number into a :class:`Number`; leave expressions as they are."""
    return value if isinstance(value, Expr) else Number(float(value))


def product(factors: Iterable[Expr]) -> Expr:
    """Multiply expressions; an empty product is one."""
    items = list(factors)
    return reduce(Mul, items) if items else Number(1.0)


def total(terms: Iterable[Expr]) -> Expr:
    """Add expressions; an empty sum is zero."""
    items = list(terms)
    return reduce(Add, items) if items else Number(0.0)


def children(expr: Expr) -> tuple[Expr, ...]:
    """Direct sub-expressions."""
    match expr:
        case Add(a, b) | Mul(a, b) | Div(a, b) | Pow(a, b):
            return (a, b)
        case Exp(a) | Log(a):
            return (a,)
        case _:
            return ()


def symbols(expr: Expr) -> frozenset[str]:
    """Names of all symbols in an expression."""
    found: set[str] = set()
    stack = [expr]
    while stack:
        item = stack.pop()
        if isinstance(item, Symbol):
            found.add(item.name)
        stack.extend(children(item))
    return frozenset(found)


def evaluate(expr: Expr, values: Mapping[str, float]) -> float:
    """Evaluate an expression by walking it; slow, meant for checks and calibration."""
    match expr:
        case Number(value):
            return value
        case Symbol(name):
            return values[name]
        case Add(a, b):
            return evaluate(a, values) + evaluate(b, values)
        case Mul(a, b):
            return evaluate(a, values) * evaluate(b, values)
        case Div(a, b):
            return evaluate(a, values) / evaluate(b, values)
        case Pow(a, b):
            return float(evaluate(a, values) ** evaluate(b, values))
        case Exp(a):
            return math.exp(evaluate(a, values))
        case Log(a):
            return math.log(evaluate(a, values))
        case _:
            message = f"Not an expression: {expr!r}"
            raise TypeError(message)
