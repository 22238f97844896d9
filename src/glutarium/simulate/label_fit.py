"""Fluxes from measured labels at steady state: weighted least squares, with confidence intervals.

For data from outside; the model's own fluxes follow from its kinetics and are never fitted here. Gross fluxes
that balance every pool are written by as few free ones as there are, which the optimiser moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import qr
from scipy.optimize import least_squares

from glutarium.errors import ModelError
from glutarium.model.emu import decompose
from glutarium.simulate.label_solver import LabelSolver, Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atom_steps import Step
    from glutarium.model.emu import Emu

__all__ = ["Estimate", "Measured", "estimate_fluxes"]

# Standard errors to either side of a 95 % interval of a normal distribution.
_NORMAL = 1.959963984540054
# Weight of a flux below zero that follows from the free ones, relative to the largest measured one.
_FORBIDDEN = 1e4
_INDEPENDENT = 1e-9


@dataclass(frozen=True, eq=False)
class Measured:
    """A measured distribution.

    Attributes
    ----------
    emu
        Which atoms.
    values, errors
        Fractions of M+0 and so on, and their standard errors.
    """

    emu: Emu
    values: Array
    errors: Array


@dataclass(frozen=True, eq=False)
class Estimate:
    """Gross fluxes that explain the data best.

    Attributes
    ----------
    flux, low, high
        Shape ``(n_fluxes,)``: best values and bounds of the 95 % interval; infinite where the data
        say nothing.
    cost
        Sum of squared weighted residuals.
    freedom
        Residuals less free fluxes.
    """

    flux: Array
    low: Array
    high: Array
    cost: float
    freedom: int


def estimate_fluxes(
    steps: Sequence[Step],
    index: Mapping[tuple[str, bool], int],
    balance: Array,
    feed: Callable[[Emu], Array],
    measured: Sequence[Measured],
    *,
    known: Mapping[int, tuple[float, float]],
    start: Array,
) -> Estimate:
    """Estimate gross fluxes.

    Parameters
    ----------
    steps
        The way of atoms.
    index
        Position of every gross flux.
    balance
        Coefficients of the balanced pools, shape ``(n_pools, n_fluxes)``.
    feed
        Distributions of what the network is fed with.
    measured
        Distributions at steady state.
    known
        Position of a flux → measured value and standard error; at least one sets the scale.
    start
        Gross fluxes to begin with, shape ``(n_fluxes,)``.

    Raises
    ------
    ModelError
        No flux is measured, or the optimiser does not converge.
    """
    if not known:
        message = "Labels say nothing of the size of fluxes; give at least one measured flux"
        raise ModelError(message)
    solver = LabelSolver(decompose(steps, [m.emu for m in measured], index))
    problem = _Problem(solver, solver.start(feed), measured, known, _free(balance))
    guess = np.maximum(np.asarray(start)[problem.free], 1e-6)
    found = least_squares(problem.residuals, guess, bounds=(0.0, np.inf), x_scale="jac")
    if not found.success:
        message = f"The estimate of {len(guess)} free fluxes did not converge: {found.message}"
        raise ModelError(message)
    flux = problem.spread @ found.x
    spread = _NORMAL * np.sqrt(_variance(np.asarray(found.jac), problem.spread))
    return Estimate(
        flux,
        np.maximum(flux - spread, 0.0),
        flux + spread,
        float(2.0 * found.cost),
        len(found.fun) - len(guess),
    )


class _Problem:
    """Residuals as a function of the free fluxes."""

    def __init__(
        self,
        solver: LabelSolver,
        state: Array,
        measured: Sequence[Measured],
        known: Mapping[int, tuple[float, float]],
        chosen: tuple[Array, Array],
    ) -> None:
        self.free, self.spread = chosen[0].astype(np.intp), chosen[1]
        self._solver, self._state = solver, state
        self._measured, self._known = measured, known
        self._scale = max(abs(value) for value, _ in known.values())

    def residuals(self, free: Array) -> Array:
        flux = self.spread @ free
        piece = Piece(1.0, np.ones(len(self._solver.emus)), np.maximum(flux, 0.0))
        labels = self._solver.stationary(self._state, piece)
        parts = [(self._solver.read(labels, m.emu) - m.values) / m.errors for m in self._measured]
        sizes = np.array([(flux[i] - value) / error for i, (value, error) in self._known.items()])
        forbidden = _FORBIDDEN * np.minimum(flux, 0.0) / self._scale
        return np.concatenate([*parts, sizes, forbidden])


def _free(balance: Array) -> tuple[Array, Array]:
    """Positions of free fluxes, and how all fluxes follow from them."""
    triangle, order = qr(balance, mode="r", pivoting=True)[-2:]
    size = np.abs(np.diag(triangle))
    rank = int((size > _INDEPENDENT * max(1.0, float(size.max(initial=0.0)))).sum())
    bound, free = order[:rank], order[rank:]
    follows, *_ = np.linalg.lstsq(balance[:, bound], -balance[:, free], rcond=None)
    spread = np.zeros((balance.shape[1], len(free)))
    spread[bound] = follows
    spread[free] = np.eye(len(free))
    return np.asarray(free), spread


def _variance(jacobian: Array, spread: Array) -> Array:
    """Variance of every flux; infinite along directions that the data do not feel."""
    _, size, turned = np.linalg.svd(jacobian, full_matrices=False)
    felt = size > 1e-10 * max(float(size.max(initial=0.0)), 1e-300)
    directions = spread @ turned.T
    variance = (directions[:, felt] / size[felt]) ** 2
    lost = (np.abs(directions[:, ~felt]) > 1e-8).any(axis=1)  # noqa: PLR2004  (rounding)
    return np.asarray(np.where(lost, np.inf, variance.sum(axis=1)))
