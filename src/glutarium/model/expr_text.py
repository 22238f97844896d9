"""Expressions as text and back, exactly: every operation in parentheses, every number in full.

>>> text = write_expr(Symbol("a") / (Symbol("a") + 0.1), {"a": "a"})
>>> text
'(a / (a + 0.1))'
>>> read_expr(text, {"a": "a"}) == Symbol("a") / (Symbol("a") + 0.1)
True
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.model.expr import Add, Div, Exp, Expr, Log, Mul, Number, Pow, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["read_expr", "write_expr"]

_SIGNS: Mapping[type[Expr], str] = {Add: "+", Mul: "*", Div: "/", Pow: "^"}
_OPERATIONS = {"+": Add, "*": Mul, "/": Div, "^": Pow}
_FUNCTIONS = {"exp": Exp, "log": Log}
_TOKEN = re.compile(r"\s*(-?\d[\w.]*(?:(?<=e)[-+]\d+)?|[A-Za-z_]\w*|[()+*/^])")


def write_expr(expr: Expr, names: Mapping[str, str]) -> str:
    """Write an expression.

    Parameters
    ----------
    expr
        The expression.
    names
        Symbol → word to write for it.
    """
    match expr:
        case Number(value):
            return repr(value)
        case Symbol(name):
            return names.get(name, name)
        case Add(a, b) | Mul(a, b) | Div(a, b) | Pow(a, b):
            return f"({write_expr(a, names)} {_SIGNS[type(expr)]} {write_expr(b, names)})"
        case Exp(a):
            return f"exp({write_expr(a, names)})"
        case Log(a):
            return f"log({write_expr(a, names)})"
        case _:
            message = f"Not an expression: {expr!r}"
            raise TypeError(message)


def read_expr(text: str, symbols: Mapping[str, str]) -> Expr:
    """Read what :func:`write_expr` wrote.

    Parameters
    ----------
    text
        The text.
    symbols
        Word → symbol; a word that is not there is its own symbol.

    Raises
    ------
    ModelError
        The text is no such expression.
    """
    tokens = [found[1] for found in _TOKEN.finditer(text)]
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise _unreadable(text)
    rest = iter(tokens)
    try:
        expr = _read(next(rest), rest, symbols)
    except (StopIteration, KeyError, ValueError):
        raise _unreadable(text) from None
    if next(rest, None) is not None:
        raise _unreadable(text)
    return expr


def _read(token: str, rest: Iterator[str], symbols: Mapping[str, str]) -> Expr:
    if token in _FUNCTIONS:
        _expect("(", rest)
        argument = _read(next(rest), rest, symbols)
        _expect(")", rest)
        return _FUNCTIONS[token](argument)
    if token == "(":
        left = _read(next(rest), rest, symbols)
        operation = _OPERATIONS[next(rest)]
        right = _read(next(rest), rest, symbols)
        _expect(")", rest)
        return operation(left, right)
    if re.match(r"-?\d", token):
        return Number(float(token))
    if not re.match(r"[A-Za-z_]", token):
        raise ValueError(token)
    return Symbol(symbols.get(token, token))


def _expect(sign: str, rest: Iterator[str]) -> None:
    if next(rest) != sign:
        raise ValueError(sign)


def _unreadable(text: str) -> ModelError:
    message = f"{text!r} is no expression such as '(a / (k + a))'; write the file anew"
    return ModelError(message)
