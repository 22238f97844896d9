"""What balanced growth conserves, and the rates at which the rest decays.

Linear sums that no reaction changes make the Jacobian singular: its eigenvalues then hold zeros that
say nothing about stability, and Newton's method has no unique step. Here they are projected out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.balanced import Balance, BalancedKernel

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array, Kernel

__all__ = ["complement", "eigenvalues", "invariants", "solve_kept"]

_INVARIANT = 1e-8
"""A sum is conserved if its rate changes by less than this share of what its terms change."""

_INDEPENDENT = 1e-10
"""Sums whose directions differ by less are one."""


def eigenvalues(
    kernel: Kernel,
    y: Array,
    p: Array,
    balance: Balance,
    *,
    moieties: Array | None = None,
    atol: Array | float = 1e-9,
) -> npt.NDArray[np.complex128]:
    """Eigenvalues of balanced growth that can decay or grow, largest real part first.

    Frozen states, conserved sums and the mass itself are projected out.

    Parameters
    ----------
    kernel, y, p, balance, moieties
        As of :func:`~glutarium.solve.rest.rest`; ``y`` should be a state of rest.
    atol
        Size below which a pool is not scaled by itself.

    Returns
    -------
    array
        Shape ``(n_states - n_frozen - n_conserved - 1,)``, 1/h.
    """
    system = BalancedKernel(kernel, balance)
    size = np.abs(y) + atol
    matrix = system.matrix(0.0, y, p) * size / size[:, None]
    free = ~np.asarray(balance.frozen)
    fixed = invariants(matrix, size, balance, moieties)[:, free]
    basis = complement(fixed)
    found = np.linalg.eigvals(basis.T @ matrix[np.ix_(free, free)] @ basis)
    return np.asarray(found[np.argsort(-found.real)], dtype=np.complex128)


def invariants(matrix: Array, size: Array, balance: Balance, moieties: Array | None) -> Array:
    """Orthonormal rows that the scaled system conserves: the mass and the true moieties.

    ``matrix`` is the Jacobian of relative changes, ``size`` the scale of each state.
    """
    candidates = np.zeros((0, len(size))) if moieties is None else moieties * size
    share = np.abs(candidates) @ np.abs(matrix)
    true = (
        np.abs(candidates @ matrix) <= _INVARIANT * share.max(axis=1, initial=0.0)[:, None]
    ).all(axis=1)
    true &= ~(candidates[:, np.asarray(balance.frozen)] != 0.0).any(axis=1)
    rows = np.vstack([candidates[true], (balance.weights * size)[None, :]])
    rows = rows[np.abs(rows).max(axis=1) > 0.0]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    _, values, basis = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(basis[values > _INDEPENDENT])


def complement(rows: Array) -> Array:
    """Orthonormal basis, as columns, of what is orthogonal to orthonormal rows."""
    return np.asarray(np.linalg.svd(rows)[2][len(rows) :].T)


def solve_kept(matrix: Array, right: Array) -> Array:
    """Solve a system that may be singular because sums are conserved; the sums are kept.

    Left null vectors are the conserved sums. Of all least-squares solutions, which differ by right
    null vectors, the one is taken that changes none of them.
    """
    left, values, rows = np.linalg.svd(matrix)
    kept = values > len(values) * np.finfo(float).eps * values.max(initial=0.0)
    step = rows[kept].T @ ((left[:, kept].T @ right) / values[kept])
    sums, free = left[:, ~kept], rows[~kept].T
    if free.size:
        step -= free @ np.linalg.lstsq(sums.T @ free, sums.T @ step, rcond=None)[0]
    return np.asarray(step)
