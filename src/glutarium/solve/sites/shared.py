"""The linear systems of the shared states of many sites, within one step of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dgetrf, dgetrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array
    from glutarium.solve.methods import Method
    from glutarium.solve.sites.site import Flow

    Ints = npt.NDArray[np.int64]

__all__ = ["SharedSteps"]


class SharedSteps:
    """Shared states of some sites during one attempt of each.

    Every lane brings what its elimination left: a block of the matrix and, stage by stage, a right-hand
    side. The diagonal shift and what earlier stages contribute stand in each of them, yet count once.

    Parameters
    ----------
    method
        The method.
    h
        Step of every site, h, shape ``(n_sites,)``.
    flows
        What flows during the step, one per site.
    values
        Shared states at its start, shape ``(n_sites, n_zones, n_shared)``.
    home
        Site and zone of every lane, two arrays of shape ``(n_lanes,)``.
    blocks
        What is left of the matrix, shape ``(n_lanes, n_shared, n_shared)``.

    Attributes
    ----------
    singular
        Whether the system of a site could not be factorised, shape ``(n_sites,)``.
    """

    def __init__(  # noqa: PLR0917 - one per thing that a step depends on
        self,
        method: Method,
        h: Array,
        flows: Sequence[Flow],
        values: Array,
        home: tuple[Ints, Ints],
        blocks: Array,
    ) -> None:
        self._method, self._values, self._home = method, values, home
        self._gain = np.array([flow.gain for flow in flows])
        self._loss = np.array([flow.loss for flow in flows])
        self._h = h[:, None, None]
        self._shift = 1.0 / (method.gamma * self._h)
        cells = np.zeros(values.shape[:2])
        np.add.at(cells, home, 1.0)
        self._surplus = (cells - 1.0)[:, :, None]
        self._stages: list[Array] = []
        self._taken: list[Array] = []
        key = home[0] * values.shape[1] + home[1]
        self._order = np.argsort(key, kind="stable")
        self._first = np.unique(key[self._order], return_index=True)[1]
        # A C-ordered matrix is the transpose of the one that LAPACK sees: nothing has to be copied.
        self._factors = [dgetrf(m.T, overwrite_a=True) for m in self._matrices(blocks)]
        self.singular = np.array([bool(info) for _, _, info in self._factors])

    def _matrices(self, blocks: Array) -> Array:
        n_sites, n_zones, n = self._values.shape
        matrix = np.zeros((n_sites, n_zones, n, n_zones, n))
        for site, zone, block in zip(*self._home, blocks, strict=True):
            matrix[site, zone, :, zone, :] += block
        each = np.arange(n)
        for z in range(n_zones):
            matrix[:, z, each, z, each] -= self._surplus[:, z] * self._shift[:, 0]
            for x in range(n_zones):
                matrix[:, z, each, x, each] += self._loss[:, z, x]
        return matrix.reshape(n_sites, n_zones * n, n_zones * n)

    def solve(self, left: Array) -> Array:
        """Next stage of the shared states, shape ``(n_lanes, n_shared)``: what each lane has to know.

        Parameters
        ----------
        left
            What is left of the right-hand side, shape ``(n_lanes, n_shared)``.
        """
        i = len(self._stages)
        flowing = self._gain - self._lost(
            self._values + self._weighted(self._method.a[i], self._stages)
        )
        history = self._weighted(self._method.c[i], self._stages) / self._h
        right = flowing - self._surplus * history + self._added(left)
        stage = np.empty_like(right)
        for site, (factors, pivots, _) in enumerate(self._factors):
            found, _ = dgetrs(factors, pivots, right[site].ravel(), trans=1)
            stage[site] = found.reshape(right.shape[1:])
        self._stages.append(stage)
        past = self._weighted(self._method.c[i], self._taken) / self._h
        self._taken.append((flowing - self._lost(stage) + past) / self._shift)
        return np.asarray(stage[self._home])

    def taken(self) -> Array:
        """What flowed in during the step, shape ``(n_sites, n_zones, n_shared)``."""
        last = self._weighted(self._method.a[-1], self._taken[:-1])
        return np.asarray(last + self._taken[-1])

    def _added(self, values: Array) -> Array:
        """Sum over the lanes of every site and zone; each zone has one at least."""
        sums = np.add.reduceat(values[self._order], self._first, axis=0)
        return np.asarray(sums.reshape(*self._values.shape[:2], *values.shape[1:]))

    def _lost(self, values: Array) -> Array:
        if values.shape[1] == 1:
            return np.asarray(self._loss[:, 0] * values)
        return np.asarray(np.einsum("gzxs,gxs->gzs", self._loss, values))

    def _weighted(self, weights: Sequence[float], values: Sequence[Array]) -> Array:
        total = np.zeros_like(self._values)
        for weight, value in zip(weights, values, strict=False):
            if weight:
                total += weight * value
        return total
