"""Newton's method towards a state of rest, one step at a time.

A Newton step here is an implicit Euler step of a very long time: ``(I/h - J) dy = f``. Linear sums that
the system conserves, which make ``J`` singular, do it no harm, and it leaves them as they are up to
round-off, which the long time magnifies (1e-8 of a sum where rates reach 1e4/h). Where they are named,
they are kept to the last digits.

A kernel that solves its own sparse system takes the step in a hundredth of the time that full matrices take;
these serve where sums are to be kept, for other kernels, and where the sparse factors are not sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import SteppingKernel
from glutarium.solve.modes import relative_jacobian

if TYPE_CHECKING:
    from glutarium.kernel import Array, Kernel

__all__ = ["newton_step", "projection"]


def projection(sums: Array) -> Array | None:
    """Projection on some sums; None where there are none."""
    return np.linalg.pinv(sums) @ sums if len(sums) else None


def newton_step(
    kernel: Kernel, y: Array, p: Array, scale: tuple[Array, Array | None], hours: float
) -> Array:
    """Newton step of the relative changes, shape ``(n_states,)``; NaN where there is none.

    Parameters
    ----------
    kernel, y, p
        Where it starts.
    scale
        What each state is measured by, and the projection on sums of relative changes that are kept.
    hours
        Time of the implicit Euler step that serves as a Newton step.
    """
    size, held = scale
    if held is None and isinstance(kernel, SteppingKernel):
        step = np.empty_like(y)
        if kernel.implicit_step(0.0, y, p, hours, step):
            return np.asarray(step / size)
    return _full_step(kernel, y, p, scale, hours)


def _full_step(
    kernel: Kernel, y: Array, p: Array, scale: tuple[Array, Array | None], hours: float
) -> Array:
    size, held = scale
    rates = np.empty_like(y)
    kernel.rhs(0.0, y, p, rates)
    matrix = relative_jacobian(kernel, y, p, size)
    np.negative(matrix, out=matrix)
    matrix[np.diag_indices_from(matrix)] += 1.0 / hours
    largest = max(matrix.max(), -matrix.min())
    if not np.isfinite(largest):
        return np.full_like(y, np.nan)
    if held is not None:  # what cannot change is made stiff: the same step, no singular matrix
        matrix += largest * held
    try:
        return np.asarray(np.linalg.solve(matrix, rates / size))
    except np.linalg.LinAlgError:
        return np.full_like(y, np.nan)
