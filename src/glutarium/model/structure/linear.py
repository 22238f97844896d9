"""Linear programs, solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.optimize import linprog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array

__all__ = ["Name", "Program", "Solution"]

Name: TypeAlias = Any
"""Name of a variable or row: text, or a tuple that begins with one."""


@dataclass(frozen=True)
class Solution:
    """The end of a linear program.

    Attributes
    ----------
    values
        Variable → value; empty where there is no optimum.
    objective
        Largest value of the objective; infinite where nothing bounds it.
    prices
        Row → gain of the objective per unit of its right side.
    status
        The solver's own word.
    """

    values: Mapping[Name, float]
    objective: float
    prices: Mapping[Name, float]
    status: str


@dataclass
class Program:
    """A linear program that grows by variables and rows; maximised.

    Rows are ``sum of coefficient * variable = right`` or, where ``least`` is set, ``>= right``.
    """

    _names: dict[Name, int] = field(default_factory=dict)
    _low: list[float] = field(default_factory=list)
    _high: list[float] = field(default_factory=list)
    _gain: list[float] = field(default_factory=list)
    _equal: list[tuple[Name, Mapping[Name, float], float]] = field(default_factory=list)
    _least: list[tuple[Name, Mapping[Name, float], float]] = field(default_factory=list)

    def variable(self, name: Name, low: float, high: float, gain: float = 0.0) -> None:
        """Add a variable with its bounds and what it adds to the objective."""
        self._names[name] = len(self._names)
        self._low.append(low)
        self._high.append(high)
        self._gain.append(gain)

    def row(
        self,
        name: Name,
        terms: Mapping[Name, float],
        right: float = 0.0,
        *,
        least: bool = False,
    ) -> None:
        """Add a row over variables that are there."""
        (self._least if least else self._equal).append((name, terms, right))

    def maximise(self) -> Solution:
        """Solve it."""
        matrix, right = self._matrix(self._equal)
        below, floor = self._matrix(self._least)
        found = linprog(
            -np.array(self._gain),
            A_eq=matrix,
            b_eq=right,
            A_ub=None if below is None else -below,
            b_ub=None if floor is None else -floor,
            bounds=list(zip(self._low, self._high, strict=True)),
            method="highs",
        )
        unbounded = 3
        if found.x is None:
            best = np.inf if found.status == unbounded else np.nan
            return Solution({}, best, {}, found.message)
        values = dict(zip(self._names, found.x.tolist(), strict=True))
        prices = _prices(self._equal, found.eqlin) | _prices(self._least, found.ineqlin)
        return Solution(values, -float(found.fun or 0.0), prices, found.message)

    def _matrix(
        self, rows: list[tuple[Name, Mapping[Name, float], float]]
    ) -> tuple[Array, Array] | tuple[None, None]:
        if not rows:
            return None, None
        matrix = np.zeros((len(rows), len(self._names)))
        for i, (_, terms, _) in enumerate(rows):
            for name, n in terms.items():
                matrix[i, self._names[name]] = n
        return matrix, np.array([right for _, _, right in rows])


def _prices(
    rows: list[tuple[Name, Mapping[Name, float], float]], found: object
) -> dict[Name, float]:
    marginals = getattr(found, "marginals", ())
    return {name: -float(m) for (name, _, _), m in zip(rows, marginals, strict=False)}
