"""Label over time: distributions of all EMUs, size by size, by an implicit Runge-Kutta method.

Of an EMU ``E`` of a pool with amount ``A`` and inflows ``v`` from sources ``S``::

    A dE/dt = sum_j v_j (S_j - E)

Growth, dilution and changing pools need no term of their own: what flows in is all that changes a
distribution. The equations are stiff (pools of seconds beside biomass of days) and linear in the EMUs of
one size, so the stages of a diagonally implicit method are solved exactly, smaller EMUs first; every sum over
a distribution stays one. Fluxes and pools are constant within a piece of time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from glutarium.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.emu import Emu, EmuSystem, Level

__all__ = ["Labels", "Piece", "advance", "stationary"]

# SDIRK4 of Hairer and Wanner: five stages, order four, L-stable, with an estimate of order three.
_GAMMA = 0.25
_STAGES = (
    (),
    (1 / 2,),
    (17 / 50, -1 / 25),
    (371 / 1360, -137 / 2720, 15 / 544),
    (25 / 24, -49 / 48, 125 / 16, -85 / 12),
)
_LAST = (*_STAGES[4], _GAMMA)
_EMBEDDED = (59 / 48, -17 / 96, 225 / 32, -85 / 12, 0.0)
_SAFETY, _SHRINK, _GROW = 0.9, 0.2, 5.0
_ORDER = 4.0
# Pools below this, mmol/gDW, are renewed at once.
SMALLEST = 1e-12
# A piece of time is cut into at most this many steps.
MOST_STEPS = 100_000

Labels = dict[int, "Array"]
"""Size of EMUs → distributions, shape ``(n_emus, size + 1)``."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Time with constant pools and fluxes.

    Attributes
    ----------
    hours
        Length, h.
    amounts
        Pool → mmol per gDW of time zero.
    flux
        Gross fluxes, mmol/h per gDW of time zero, in the order of ``flux_index``.
    """

    hours: float
    amounts: Mapping[str, float]
    flux: Array


@dataclass(frozen=True, eq=False)
class _Prepared:
    """One level with its numbers for a piece: ``dE/dt = pull @ mixtures + (own - out) E``."""

    level: Level
    matrix: sparse.csc_matrix
    pull: sparse.csr_matrix


def advance(system: EmuSystem, labels: Labels, piece: Piece, *, tolerance: float = 1e-4) -> Labels:
    """Distributions at the end of a piece of time.

    Parameters
    ----------
    system
        The EMUs.
    labels
        Distributions at its start.
    piece
        Pools and fluxes.
    tolerance
        Error of a step.

    Raises
    ------
    ModelError
        The steps became too small.
    """
    levels = [_prepare(level, piece) for level in system.levels.values()]
    done, step = 0.0, piece.hours
    now = dict(labels)
    solvers: dict[float, list[Callable[[Array], Array]]] = {}
    for _ in range(MOST_STEPS):
        if done >= piece.hours * (1.0 - 1e-12):
            return now
        step = min(step, piece.hours - done)
        if step not in solvers:
            solvers = {step: [_solver(p.matrix, step * _GAMMA) for p in levels]}
        after, error = _step(levels, now, step, solvers[step])
        ratio = error / tolerance
        if ratio <= 1.0:
            now, done = after, done + step
        factor = _SAFETY * max(ratio, 1e-12) ** (-1.0 / _ORDER)
        change = min(_GROW, max(_SHRINK, factor))
        if ratio > 1.0 or change > 1.5:  # noqa: PLR2004  (a new step costs a factorisation)
            step *= change
    message = f"The labels of {system.count} EMUs need more than {MOST_STEPS} steps in one piece"
    raise ModelError(message)


def stationary(system: EmuSystem, labels: Labels, piece: Piece) -> Labels:
    """Distributions that do not change any more under constant fluxes.

    Parameters
    ----------
    system
        The EMUs.
    labels
        Distributions of what nothing flows into (the medium).
    piece
        Pools and fluxes; amounts do not matter.
    """
    found: Labels = {}
    distributions: dict[Emu, Array] = {}
    for size, level in system.levels.items():
        prepared = _prepare(level, piece)
        start = labels[size]
        fixed = np.asarray(abs(prepared.matrix.diagonal())) == 0.0
        matrix = sparse.csc_matrix(-prepared.matrix + sparse.diags(fixed.astype(float)))
        inflow = prepared.pull @ _mixtures(level, distributions)
        found[size] = splu(matrix).solve(np.where(fixed[:, None], start, inflow))
        distributions.update(zip(level.emus, found[size], strict=True))
    return found


def _prepare(level: Level, piece: Piece) -> _Prepared:
    n = len(level.emus)
    amounts = np.array([max(piece.amounts[e.pool], SMALLEST) for e in level.emus])
    same = level.weight * piece.flux[level.flux] / amounts[level.row]
    mixed = level.mixed_weight * piece.flux[level.mixed_flux] / amounts[level.mixed_row]
    out = np.bincount(level.row, same, n) + np.bincount(level.mixed_row, mixed, n)
    diagonal = np.arange(n)
    rows = np.concatenate([level.row, diagonal])
    columns = np.concatenate([level.column, diagonal])
    matrix = sparse.csc_matrix((np.concatenate([same, -out]), (rows, columns)), shape=(n, n))
    shape = (n, max(len(level.mixtures), 1))
    pull = sparse.csr_matrix((mixed, (level.mixed_row, level.mixed_column)), shape=shape)
    return _Prepared(level, matrix, pull)


def _solver(matrix: sparse.csc_matrix, h: float) -> Callable[[Array], Array]:
    n = matrix.shape[0]
    factors = splu(sparse.csc_matrix(sparse.identity(n, format="csc") - h * matrix))
    return lambda right: np.asarray(factors.solve(right))


def _step(
    levels: Sequence[_Prepared],
    now: Labels,
    step: float,
    solvers: Sequence[Callable[[Array], Array]],
) -> tuple[Labels, float]:
    """One step of the method; distributions after it and the largest error."""
    slopes: list[dict[int, Array]] = []
    stage: Labels = {}
    for row in _STAGES:
        distributions: dict[Emu, Array] = {}
        slope: dict[int, Array] = {}
        stage = {}
        for prepared, solve in zip(levels, solvers, strict=True):
            level = prepared.level
            size = len(level.emus[0].atoms)
            base = now[size] + step * sum(
                (a * s[size] for a, s in zip(row, slopes, strict=True)), np.zeros_like(now[size])
            )
            pulled = prepared.pull @ _mixtures(level, distributions)
            y = solve(base + step * _GAMMA * pulled)
            slope[size] = (y - base) / (step * _GAMMA)
            stage[size] = y
            distributions.update(zip(level.emus, y, strict=True))
        slopes.append(slope)
    worst = 0.0
    for prepared, solve in zip(levels, solvers, strict=True):
        size = len(prepared.level.emus[0].atoms)
        gap = sum(
            ((b - e) * s[size] for b, e, s in zip(_LAST, _EMBEDDED, slopes, strict=True)),
            np.zeros_like(now[size]),
        )
        # Filtered as the method filters stiff parts, which it has solved well.
        worst = max(worst, float(np.abs(solve(step * gap)).max(initial=0.0)))
    return stage, worst


def _mixtures(level: Level, known: Mapping[Emu, Array]) -> Array:
    """Distributions of all products of smaller EMUs, shape ``(n_mixtures, size + 1)``."""
    size = len(level.emus[0].atoms)
    found = np.zeros((max(len(level.mixtures), 1), size + 1))
    alike: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for i, sources in enumerate(level.mixtures):
        alike[tuple(len(emu.atoms) for emu in sources)].append(i)
    for sizes, places in alike.items():
        whole = np.ones((len(places), 1))
        for part in range(len(sizes)):
            own = np.stack([known[level.mixtures[i][part]] for i in places])
            whole = _convolved(whole, own)
        found[places, : whole.shape[1]] = whole
    return found


def _convolved(left: Array, right: Array) -> Array:
    """Distributions of sums of independent counts, row by row."""
    out = np.zeros((len(left), left.shape[1] + right.shape[1] - 1))
    for i in range(left.shape[1]):
        out[:, i : i + right.shape[1]] += left[:, i : i + 1] * right
    return out
