"""Small kernels with known solutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import Sparsity

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array

Function = "Callable[[float, Array, Array], Array]"


class Toy:
    """A kernel from plain functions; its Jacobian is full and found by complex steps if not given.

    Parameters
    ----------
    rates
        ``f(t, y, p)``, written so that it also takes complex numbers.
    names
        Names of the states.
    n_parameters
        Number of parameters.
    """

    def __init__(
        self,
        rates: Callable[[float, Array, Array], Array],
        names: tuple[str, ...],
        n_parameters: int = 1,
    ) -> None:
        n = len(names)
        self.rates = rates
        self.state_names = names
        self.parameter_names = tuple(f"p{i}" for i in range(n_parameters))
        self.observable_names = ("total",)
        self.sparsity = Sparsity(
            np.arange(0, n * n + 1, n, dtype=np.int32), np.tile(np.arange(n, dtype=np.int32), n)
        )

    def rhs(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the rates."""
        out[:] = self.rates(t, y, p)

    def jacobian(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the full Jacobian, column after column."""
        n = len(y)
        for j in range(n):
            shifted = y.astype(complex)
            shifted[j] += 1e-30j
            out[j * n : (j + 1) * n] = np.imag(np.asarray(self.rates(t, shifted, p))) / 1e-30

    def observe(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the sum of all states."""
        out[0] = t * 0.0 + y.sum() + 0.0 * p.sum()


@pytest.fixture(scope="session")
def toy() -> type[Toy]:
    """The maker of toy kernels."""
    return Toy


@pytest.fixture(scope="session")
def decay() -> Toy:
    """Exponential decay with rate ``p0``."""
    return Toy(lambda _, y, p: -p[0] * y, ("x",))


@pytest.fixture(scope="session")
def replicator() -> Toy:
    """A cell that takes up a nutrient, converts it and builds an enzyme from it.

    Medium ``s`` (frozen); amounts ``a`` (precursor) and ``e`` (enzyme), mass ``a + e``; potential ``v``
    follows the precursor's share. Uptake ``k1 e s/(1+s)``, conversion ``k2 e a/(a+e)``.
    """

    def rates(_: float, y: Array, p: Array) -> Array:
        s, a, e, v = y
        uptake, growth = p[0] * e * s / (1 + s), p[1] * e * a / (a + e)
        return np.array([-uptake, uptake - growth, growth, p[2] * (a / (a + e) - v)])

    return Toy(rates, ("s", "a", "e", "v"), 3)
