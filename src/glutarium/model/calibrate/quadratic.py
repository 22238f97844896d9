"""Weighted least squares with equalities and bounds, solved by Clarabel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import clarabel
import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from glutarium.kernel import Array

__all__ = ["Solution", "closest_point"]

SOLVED = ("Solved", "AlmostSolved")
REGULARISATION = 1e-10
"""Added to the diagonal when a step is solved; with Clarabel's own 1e-8 it stalls on fluxes near a bound."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The closest point, or why there is none.

    Attributes
    ----------
    x
        The point, shape ``(n,)``.
    feasible
        Whether the constraints can be met.
    status
        The solver's own word.
    """

    x: Array
    feasible: bool
    status: str


def closest_point(
    target: Array,
    sigma: Array,
    equality: tuple[sparse.csc_array, Array] | None,
    inequality: tuple[sparse.csc_array, Array],
) -> Solution:
    """Minimise ``sum(((x - target) / sigma)**2)`` subject to ``A x = b`` and ``G x <= h``.

    Parameters
    ----------
    target, sigma
        Preferred point and standard deviations, shape ``(n,)``.
    equality
        ``(A, b)`` or None.
    inequality
        ``(G, h)``.
    """
    weight = 1.0 / sigma**2
    hessian = sparse.csc_matrix(sparse.diags_array(weight))
    blocks, sides, cones = [], [], []
    if equality is not None:
        blocks.append(equality[0])
        sides.append(equality[1])
        cones.append(clarabel.ZeroConeT(equality[0].shape[0]))
    blocks.append(inequality[0])
    sides.append(inequality[1])
    cones.append(clarabel.NonnegativeConeT(inequality[0].shape[0]))
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.static_regularization_constant = REGULARISATION
    matrix = sparse.csc_matrix(sparse.vstack(blocks))
    solver = clarabel.DefaultSolver(
        hessian, -weight * target, matrix, np.concatenate(sides), cones, settings
    )
    result = solver.solve()
    status = str(result.status)
    return Solution(np.asarray(result.x), status in SOLVED, status)
