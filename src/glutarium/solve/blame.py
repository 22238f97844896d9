"""What a run that left arithmetic is blamed on.

Once one unknown is no number, the linear system makes all of them none, so that the step itself does not
tell where it began. Parameters and rates at the last sound state do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import SteppingKernel

if TYPE_CHECKING:
    from glutarium.kernel import Array, LaneKernel
    from glutarium.solve.batch import Batch

__all__ = ["parameter_that_is_none", "worst_state"]


def parameter_that_is_none(kernel: LaneKernel, batch: Batch, system: int, t: float) -> str:
    """Name of a system's first parameter that is no number at a time; empty where there is none."""
    wrong = np.flatnonzero(np.isnan(_parameters(batch, system, t)))
    return kernel.parameter_names[wrong[0]] if len(wrong) else ""


def worst_state(
    kernel: LaneKernel, batch: Batch, system: int, t: float, y: Array, *, atol: Array
) -> int | None:
    """Position of the first state whose rate is not finite, or else of the one that changes fastest.

    None where nobody can tell.
    """
    if not isinstance(kernel, SteppingKernel) or not np.isfinite(y).all():
        return None
    rates = np.empty_like(y)
    kernel.rhs(t, y, _parameters(batch, system, t), rates)
    pace = np.where(np.isfinite(rates), np.abs(rates) / (np.abs(y) + atol), np.inf)
    return int(np.argmax(pace))


def _parameters(batch: Batch, system: int, t: float) -> Array:
    """Parameters of a system after all its changes up to a time; conditions that were met do not count."""
    p: Array = batch.table[batch.row[system]].copy()
    for c in range(batch.change_start[system], batch.change_start[system + 1]):
        if batch.change_time[c] > t:
            break
        if batch.change_row[c] >= 0:
            p = batch.table[batch.change_row[c]].copy()
        if batch.change_edit[c] >= 0:
            for j, (factor, added) in batch.edits[batch.change_edit[c]].parameters.items():
                p[j] = factor * p[j] + added
    return p
