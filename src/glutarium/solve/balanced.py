"""Balanced growth: a growing cell seen per unit of its own mass.

A cell that grows at constant composition is at rest when every amount is divided by the mass. With
``w`` the mass per unit of each state, the mass is ``w·y`` and grows at the rate ``mu = w·f / w·y``.
The system seen per mass is::

    frozen states       (medium, gas)                      f_rest = 0
    intensive states    (potentials, occupancies)          f_rest = f
    all others          (pools, macromolecules)            f_rest = f - mu y

It keeps ``w·y`` exactly where it starts, normally at one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import Sparsity

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array, Kernel

__all__ = ["Balance", "BalancedKernel"]


@dataclass(frozen=True, slots=True)
class Balance:
    """Which part each state has in balanced growth.

    Attributes
    ----------
    weights
        Mass per unit of each state, shape ``(n_states,)``; zero for frozen and intensive states. All
        zero for a system that does not grow.
    frozen
        States that are held, shape ``(n_states,)``.
    intensive
        States that growth does not dilute, shape ``(n_states,)``.
    """

    weights: Array
    frozen: npt.NDArray[np.bool_]
    intensive: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        held = np.asarray(self.frozen) | np.asarray(self.intensive)
        if np.any(self.weights[held] != 0.0):
            message = "Frozen and intensive states must have no weight in the mass."
            raise ValueError(message)

    @property
    def diluted(self) -> npt.NDArray[np.bool_]:
        """States that growth dilutes."""
        return ~(np.asarray(self.frozen) | np.asarray(self.intensive))


class BalancedKernel:
    """A kernel seen per unit of mass; implements :class:`glutarium.kernel.Kernel`.

    Growth couples every diluted state to all others, so the Jacobian is stored in full.

    Parameters
    ----------
    kernel
        The growing system.
    balance
        Part of each state.
    """

    def __init__(self, kernel: Kernel, balance: Balance) -> None:
        n, pattern = len(kernel.state_names), kernel.sparsity
        self.kernel = kernel
        self.balance = balance
        self.state_names = kernel.state_names
        self.parameter_names = kernel.parameter_names
        self.observable_names = kernel.observable_names
        self.sparsity = Sparsity(
            np.arange(0, n * n + 1, n, dtype=np.int32), np.tile(np.arange(n, dtype=np.int32), n)
        )
        columns = np.repeat(np.arange(n), np.diff(pattern.indptr))
        self._place = (pattern.indices.astype(np.intp), columns)
        self._entries = np.empty(len(columns))
        self._diluted = balance.diluted.astype(np.float64)

    def growth_rate(self, t: float, y: Array, p: Array) -> float:
        """Relative rate of change of the mass, 1/h."""
        rates = np.empty(len(y))
        self.kernel.rhs(t, y, p, rates)
        return self._mu(y, rates)

    def _mu(self, y: Array, rates: Array) -> float:
        weights = self.balance.weights
        return float(weights @ rates / (weights @ y)) if weights.any() else 0.0

    def rhs(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write ``f_rest``, shape ``(n_states,)``, to ``out``."""
        self.kernel.rhs(t, y, p, out)
        mu = self._mu(y, out)
        out[self.balance.frozen] = 0.0
        out -= mu * self._diluted * y

    def matrix(self, t: float, y: Array, p: Array) -> Array:
        """Jacobian of ``f_rest`` as a full matrix, shape ``(n_states, n_states)``."""
        full = np.zeros((len(y), len(y)))
        self.kernel.jacobian(t, y, p, self._entries)
        full[self._place] = self._entries
        mu = self.growth_rate(t, y, p)
        weights = self.balance.weights
        slope = np.zeros(len(y))
        if weights.any():
            slope = (weights @ full - mu * weights) / (weights @ y)
        full[self.balance.frozen] = 0.0
        full -= np.diag(mu * self._diluted)
        full -= np.outer(self._diluted * y, slope)
        return full

    def jacobian(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the full Jacobian, column after column, shape ``(n_states**2,)``, to ``out``."""
        out[:] = self.matrix(t, y, p).ravel(order="F")

    def observe(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the observables of the growing system, shape ``(n_observables,)``, to ``out``."""
        self.kernel.observe(t, y, p, out)
