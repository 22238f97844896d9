"""The linear system of a site's shared states, within one step."""

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

__all__ = ["SharedStep"]


class SharedStep:
    """Shared states of one site during one attempt.

    Every lane brings what its elimination left: a block of the matrix and, stage by stage, a right-hand
    side. The diagonal shift and what earlier stages contribute stand in each of them, yet count once.

    Parameters
    ----------
    method
        The method.
    h
        Step, h.
    flow
        What flows during the step.
    values
        Shared states at its start, shape ``(n_zones, n_shared)``.
    zone
        Zone of every lane.
    blocks
        What is left of the matrix, one per lane, shape ``(n_shared, n_shared)``.
    """

    def __init__(  # noqa: PLR0913 - one per thing that a step depends on
        self,
        method: Method,
        h: float,
        flow: Flow,
        values: Array,
        zone: npt.NDArray[np.int64],
        blocks: Sequence[Array],
    ) -> None:
        self._method, self._h, self._flow, self._values, self._zone = method, h, flow, values, zone
        self._shift = 1.0 / (method.gamma * h)
        self._surplus = (np.bincount(zone) - 1.0)[:, None]
        self.stages: list[Array] = []
        self._taken: list[Array] = []
        self._factors, self._pivots, self.singular = dgetrf(self._matrix(blocks))

    def _matrix(self, blocks: Sequence[Array]) -> Array:
        n_zones, n = self._values.shape
        matrix = np.zeros((n_zones, n, n_zones, n))
        for z, block in zip(self._zone, blocks, strict=True):
            matrix[z, :, z, :] += block
        each = np.arange(n)
        for z in range(n_zones):
            matrix[z, each, z, each] -= self._surplus[z] * self._shift
            for x in range(n_zones):
                matrix[z, each, x, each] += self._flow.loss[z, x]
        return matrix.reshape(n_zones * n, n_zones * n)

    def solve(self, left: Sequence[Array]) -> Array:
        """Next stage of the shared states, shape ``(n_zones, n_shared)``.

        Parameters
        ----------
        left
            What is left of the right-hand side, one per lane, shape ``(n_shared,)``.
        """
        i = len(self.stages)
        history = self._weighted(self._method.c[i], self.stages) / self._h
        flowing = self._flow.rate(self._values + self._weighted(self._method.a[i], self.stages))
        right = flowing - self._surplus * history
        for z, part in zip(self._zone, left, strict=True):
            right[z] += part
        found, _ = dgetrs(self._factors, self._pivots, right.ravel())
        stage = found.reshape(right.shape)
        self.stages.append(stage)
        past = self._weighted(self._method.c[i], self._taken) / self._h
        self._taken.append((flowing - self._flow.lost(stage) + past) / self._shift)
        return np.asarray(stage)

    def taken(self) -> Array:
        """What flowed in during the step, shape ``(n_zones, n_shared)``."""
        last = self._weighted(self._method.a[-1], self._taken[:-1])
        return np.asarray(last + self._taken[-1])

    def _weighted(self, weights: Sequence[float], values: Sequence[Array]) -> Array:
        total = np.zeros_like(self._values)
        for weight, value in zip(weights, values, strict=False):
            if weight:
                total += weight * value
        return total
