"""Whether a site can start: every pool a sound number, every sum there that a cell is not without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.solve.options import NEGATIVE_FACTOR

if TYPE_CHECKING:
    from glutarium.kernel import Array

__all__ = ["Start"]


@dataclass(frozen=True)
class Start:
    """What a start must hold; the same as for systems on their own.

    Attributes
    ----------
    names
        Ids of the states.
    floor
        What a state may not fall below, shape ``(n_states,)``; minus infinity for any number.
    required
        Weights of conserved sums that must be above zero, shape ``(n_sums, n_states)``. Rows with a
        negative weight are differences, which may have any sign, and are passed over.
    """

    names: tuple[str, ...]
    floor: Array
    required: Array | None = None

    def refusal(self, y: Array, t: float) -> tuple[ResultCode, str] | None:
        """Why cells cannot start from their states, shape ``(n_cells, n_states)``; None if they can."""
        for cell, state in enumerate(y):
            unsound = ~np.isfinite(state) | (state < NEGATIVE_FACTOR * self.floor)
            if unsound.any():
                i = int(np.argmax(unsound))
                finite = np.isfinite(state[i])
                code = ResultCode.NEGATIVE_POOL if finite else ResultCode.NOT_FINITE
                return code, f"{self.names[i]} of cell {cell} starts at {state[i]:.4g}"
            missing = np.flatnonzero(self._sums @ state <= 0.0)
            if len(missing):
                i = int(np.flatnonzero(self._sums[missing[0]])[0])
                what = f"{self.names[i]} and all that it can turn into add up to zero"
                return ResultCode.INCONSISTENT_START, f"{what} in cell {cell} at {t:.6g} h"
        return None

    @property
    def _sums(self) -> Array:
        rows = np.zeros((0, len(self.names))) if self.required is None else self.required
        return np.asarray(rows[(rows >= 0.0).all(axis=1) & rows.any(axis=1)])
