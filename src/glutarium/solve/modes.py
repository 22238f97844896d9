"""The rates at which a system near rest decays, and what it conserves.

Linear sums that nothing changes make the Jacobian singular: its eigenvalues then hold zeros that say
nothing about stability. Here they are projected out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array, Kernel

__all__ = ["eigenvalues", "relative_jacobian"]

_INDEPENDENT = 1e-10
"""Sums whose directions differ by less are one."""


def relative_jacobian(kernel: Kernel, y: Array, p: Array, size: Array) -> Array:
    """Jacobian of relative changes as a full matrix, shape ``(n_states, n_states)``.

    Parameters
    ----------
    kernel, y, p
        Where to evaluate it, at time zero.
    size
        What each state is measured by, shape ``(n_states,)``.
    """
    n, pattern = len(y), kernel.sparsity
    entries = np.empty(len(pattern.indices))
    kernel.jacobian(0.0, y, p, entries)
    if len(entries) == n * n:  # all of it, column after column
        full = entries.reshape(n, n).T
    else:
        full = np.zeros((n, n))
        full[pattern.indices, np.repeat(np.arange(n), np.diff(pattern.indptr))] = entries
    full *= size
    full /= size[:, None]
    return full


def eigenvalues(
    kernel: Kernel,
    y: Array,
    p: Array,
    *,
    frozen: npt.NDArray[np.bool_] | None = None,
    kept: Array | None = None,
    atol: Array | float = 1e-9,
) -> npt.NDArray[np.complex128]:
    """Eigenvalues of what can decay or grow, largest real part first.

    Parameters
    ----------
    kernel, y, p
        The system; ``y`` should be a state of rest.
    frozen
        States that are held, shape ``(n_states,)``; left out.
    kept
        Weights of the sums that the system conserves, shape ``(n_kept, n_states)``; projected out.
    atol
        Size below which a pool is not scaled by itself.

    Returns
    -------
    array
        Shape ``(n_states - n_frozen - n_kept,)``, 1/h.
    """
    size = np.abs(y) + atol
    matrix = relative_jacobian(kernel, y, p, size)
    free = np.ones(len(y), dtype=bool) if frozen is None else ~np.asarray(frozen)
    sums = np.zeros((0, len(y))) if kept is None else np.atleast_2d(kept) * size
    basis = _complement(sums[:, free])
    found = np.linalg.eigvals(basis.T @ matrix[np.ix_(free, free)] @ basis)
    return np.asarray(found[np.argsort(-found.real)], dtype=np.complex128)


def _complement(rows: Array) -> Array:
    """Orthonormal basis, as columns, of what is orthogonal to some rows."""
    if not len(rows):
        return np.eye(rows.shape[1])
    _, values, basis = np.linalg.svd(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    return np.asarray(basis[int((values > _INDEPENDENT).sum()) :].T)
