"""What an SBML file is made of: ids, formulas and units; :mod:`glutarium.model.sbml` puts it together."""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

from glutarium.errors import ModelError
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
    children,
)
from glutarium.units import factor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from glutarium.model.spec import ModelSpec

__all__ = ["BaseUnit", "Ids", "MathTrees", "base_units", "canonical"]


class Ids:
    """SBML ids: one namespace for everything, readable, without collisions.

    Parameters
    ----------
    spec
        The specification to name.

    Attributes
    ----------
    states
        State id → SBML id.
    symbols
        Symbol of an expression → SBML id.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self._taken = {"time", *(s.compartment for s in spec.states)}
        self.states = {s.id: self.give(s.id) for s in spec.states}
        self.symbols = {f"state:{name}": sid for name, sid in self.states.items()}
        self.symbols |= {p.id: self.give(p.id) for p in spec.parameters}
        for name, _ in spec.assignments:
            self.symbols[name] = self.give(f"conc_{name}" if name in self.states else name)

    def give(self, name: str) -> str:
        """Return a free id that resembles a name."""
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        stem = plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"
        sid, n = stem, 1
        while sid in self._taken:
            n += 1
            sid = f"{stem}_{n}"
        self._taken.add(sid)
        return sid


class MathTrees:
    """Turns expressions into libSBML's trees; nested sums and products become flat.

    Parameters
    ----------
    lib
        The module ``libsbml``.
    symbols
        Symbol → SBML id; ``time`` needs none.
    number
        What to give to the library for a number.
    """

    def __init__(
        self,
        lib: ModuleType,
        symbols: Mapping[str, str],
        number: Callable[[float], float] = float,
    ) -> None:
        self._lib = lib
        self._number = number
        self._symbols = symbols
        self._kinds = {
            Add: lib.AST_PLUS,
            Mul: lib.AST_TIMES,
            Div: lib.AST_DIVIDE,
            Pow: lib.AST_POWER,
            Exp: lib.AST_FUNCTION_EXP,
            Log: lib.AST_FUNCTION_LN,
        }
        self._operations = {number: kind for kind, number in self._kinds.items()}
        self._operations[lib.AST_FUNCTION_POWER] = Pow  # so it is called once it has been read

    def tree(self, expr: Expr) -> Any:  # noqa: ANN401 - libSBML has no types
        """Tree of an expression.

        Raises
        ------
        TypeError
            Something that is not an expression.
        """
        match expr:
            case Number(value):
                return self._leaf(self._lib.AST_REAL, "Value", self._number(value))
            case Symbol("time"):
                return self._leaf(self._lib.AST_NAME_TIME, "Name", "time")
            case Symbol(name):
                return self._leaf(self._lib.AST_NAME, "Name", self._symbols[name])
            case Mul(Number(-1.0), rest):
                return self._call(self._lib.AST_MINUS, [rest])
            case Add(left, Mul(Number(-1.0), rest)):
                return self._call(self._lib.AST_MINUS, [left, rest])
            case Mul() | Add():
                return self._call(self._kinds[type(expr)], _operands(expr))
            case Div() | Pow() | Exp() | Log():
                return self._call(self._kinds[type(expr)], children(expr))
            case _:
                message = f"Not an expression: {expr!r}"
                raise TypeError(message)

    def expr(self, node: Any, names: Mapping[str, str]) -> Expr:  # noqa: ANN401
        """Expression of a tree; sums and products of several are taken from the left.

        Parameters
        ----------
        node
            A libSBML tree.
        names
            SBML id → symbol.

        Raises
        ------
        ModelError
            An operation that this project's expressions do not have.
        """
        kind = node.getType()
        if node.isNumber():
            return Number(node.getValue())
        if kind == self._lib.AST_NAME_TIME:
            return Symbol("time")
        if kind == self._lib.AST_NAME and node.getName() in names:
            return Symbol(names[node.getName()])
        parts = [self.expr(node.getChild(i), names) for i in range(node.getNumChildren())]
        operation = self._operations.get(kind)
        if kind == self._lib.AST_MINUS and len(parts) == 1:
            return Mul(Number(-1.0), parts[0])
        if kind == self._lib.AST_MINUS:
            return Add(parts[0], Mul(Number(-1.0), parts[1]))
        if operation in {Add, Mul, Div, Pow} and parts:
            return reduce(operation, parts)
        if operation in {Exp, Log} and len(parts) == 1:
            return operation(parts[0])
        formula = self._lib.formulaToL3String(node)
        message = (
            f"Cannot read {formula!r}: known are numbers, ids of the file, + - * / ^, exp and ln; "
            "write the file anew with 'glutarium export sbml'"
        )
        raise ModelError(message)

    def _leaf(self, kind: int, field: str, value: str | float) -> Any:  # noqa: ANN401
        leaf = self._lib.ASTNode(kind)
        getattr(leaf, f"set{field}")(value)
        return leaf

    def _call(self, kind: int, operands: Sequence[Expr]) -> Any:  # noqa: ANN401
        return self._node(kind, [self.tree(operand) for operand in operands])

    def _node(self, kind: int, branches: Sequence[Any]) -> Any:  # noqa: ANN401
        node = self._lib.ASTNode(kind)
        for branch in branches:
            node.addChild(branch)
        return node


def canonical(expr: Expr) -> Expr:
    """The expression that a file gives back: the same operations, sums and products from the left."""
    match expr:
        case Mul(Number(-1.0), rest):
            return Mul(Number(-1.0), canonical(rest))
        case Add(left, Mul(Number(-1.0), rest)):
            return Add(canonical(left), Mul(Number(-1.0), canonical(rest)))
        case Add() | Mul():
            return reduce(type(expr), [canonical(x) for x in _operands(expr)])
        case Div(a, b) | Pow(a, b):
            return type(expr)(canonical(a), canonical(b))
        case Exp(a) | Log(a):
            return type(expr)(canonical(a))
        case _:
            return expr


def _operands(expr: Add | Mul) -> list[Expr]:
    """Operands of nested sums or products, left to right, but for differences and signs.

    A stack, since long sums nest deeply.
    """
    found: list[Expr] = []
    stack: list[Expr] = [expr]
    while stack:
        item = stack.pop()
        match item:
            case Mul(Number(-1.0), _) | Add(_, Mul(Number(-1.0), _)):
                found.append(item)
            case Add(left, right) | Mul(left, right) if type(item) is type(expr):
                stack += [right, left]
            case _:
                found.append(item)
    return found


class BaseUnit(NamedTuple):
    """One factor of an SBML unit: ``(multiplier * 10**scale * kind) ** exponent``."""

    kind: str
    exponent: int
    scale: int
    multiplier: float


_PREFIX = {"": 0, "k": 3, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15}
# Unit → SBML's word for it and, where that is another unit, that unit as we write it.
_STEM = {
    "mol": ("mole", ""),
    "gDW": ("gram", ""),
    "g": ("gram", ""),
    "L": ("litre", ""),
    "h": ("second", "s"),
    "atm": ("pascal", "Pa"),
    "cell": ("item", ""),
}
_MOLAR = re.compile(r"([kmunpf]?)M")
_PART = re.compile(rf"([kmunpf]?)({'|'.join(_STEM)})")
_PLAIN = ("1", "RT/F")  # equations take the potential as a number of thermal voltages


def base_units(text: str) -> list[BaseUnit] | None:
    """Factors of a unit such as ``mmol/gDW/h``; None where SBML has no word for a part."""
    if text in _PLAIN:
        return [BaseUnit("dimensionless", 1, 0, 1.0)]
    found: list[BaseUnit] = []
    above, *below = _MOLAR.sub(r"\1mol/L", text).split("/")
    for part, exponent in [(above, 1), *((b, -1) for b in below)]:
        match = _PART.fullmatch(part)
        if match is not None:
            kind, plain = _STEM[match[2]]
            times = factor(match[2], plain) if plain else 1.0
            found.append(BaseUnit(kind, exponent, _PREFIX[match[1]], times))
        elif (part, exponent) != ("1", 1):
            return None
    return found
