"""Cascades: linear systems in a row, each driven by products of what the ones before it hold.

Every node holds a distribution. Of a node ``E`` with inflows at specific rates ``r`` from sources ``S``::

    dE/dt = sum_j r_j (S_j - E)

Sources are nodes of the same level, or convolutions of nodes of lower levels. The stages of a diagonally
implicit Runge-Kutta method (SDIRK4 of Hairer and Wanner: five stages, order four, L-stable) are solved
exactly, level by level. A level's matrix is an M-matrix with dominant diagonal, so its factors need no
pivots and their pattern is found once. Sums over a distribution do not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glutarium.solve.native import entry, helper

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array

    Ints = npt.NDArray[np.int64]

__all__ = ["STOPPED", "Layout", "Rates", "Space", "advance", "settle"]

STOPPED = -1
"""Answer of :func:`advance` where more steps were needed than allowed."""

_GAMMA = 0.25
_STAGES = 5
# Row i: weights of the slopes of the stages before stage i.
_A = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [1 / 2, 0.0, 0.0, 0.0, 0.0],
        [17 / 50, -1 / 25, 0.0, 0.0, 0.0],
        [371 / 1360, -137 / 2720, 15 / 544, 0.0, 0.0],
        [25 / 24, -49 / 48, 125 / 16, -85 / 12, 0.0],
    ]
)
# Weights of the method less those of the embedded one of order three.
_GAP = np.array(
    [25 / 24 - 59 / 48, -49 / 48 + 17 / 96, 125 / 16 - 225 / 32, -85 / 12 + 85 / 12, 0.25]
)
_SAFETY, _SHRINK, _GROW, _WORTH = 0.9, 0.2, 5.0, 1.5
_ORDER = 4.0


class Layout(NamedTuple):
    """What depends on what.

    Attributes
    ----------
    node
        First node of every level, and the number of nodes, shape ``(n_levels + 1,)``.
    size
        Entries of a distribution of every level less one, shape ``(n_levels,)``.
    same_row, same_entry
        Node and place among ``column`` of every inflow from the same level.
    mixed, mixed_row, mixed_mixture
        First inflow of every level from mixtures; node and mixture of each.
    mixture, part, part_node
        First mixture of every level; first part of every mixture; node of every part.
    row, column, diagonal
        Pattern of the factors: first entry of every node's row, nodes of its columns in rising
        order, and the place of the diagonal.
    """

    node: Ints
    size: Ints
    same_row: Ints
    same_entry: Ints
    mixed: Ints
    mixed_row: Ints
    mixed_mixture: Ints
    mixture: Ints
    part: Ints
    part_node: Ints
    row: Ints
    column: Ints
    diagonal: Ints


class Rates(NamedTuple):
    """How fast.

    Attributes
    ----------
    same, mixed
        Specific rates of the inflows, 1/h.
    out
        Sum of the specific rates of every node's inflows, 1/h.
    """

    same: Array
    mixed: Array
    out: Array


class Space(NamedTuple):
    """Room to work in.

    Attributes
    ----------
    slope
        Shape ``(5, n_nodes, width)``.
    base, stage
        Shape ``(n_nodes, width)``.
    blend, spare
        Distributions of mixtures, shape ``(n_mixtures, width)``, and one more.
    factor
        Shape ``(n_entries,)``.
    place
        Shape ``(n_nodes,)``.
    """

    slope: Array
    base: Array
    stage: Array
    blend: Array
    spare: Array
    factor: Array
    place: Ints

    @classmethod
    def of(cls, layout: Layout, width: int) -> Space:
        """Room for a layout."""
        nodes, mixtures = int(layout.node[-1]), int(layout.mixture[-1])
        return cls(
            np.zeros((_STAGES, nodes, width)),
            np.zeros((nodes, width)),
            np.zeros((nodes, width)),
            np.zeros((max(mixtures, 1), width)),
            np.zeros(width),
            np.zeros(len(layout.column)),
            np.full(nodes, -1, dtype=np.int64),
        )


@helper
def _factorise(layout: Layout, rates: Rates, scale: tuple[float, float], space: Space) -> None:
    """Factors of ``a + b (out - same)`` for a scale ``a, b``."""
    factor, place = space.factor, space.place
    own, h = scale
    same, out = rates.same, rates.out
    for k in range(len(factor)):
        factor[k] = 0.0
    for i in range(len(out)):
        factor[layout.diagonal[i]] = own + h * out[i]
        if factor[layout.diagonal[i]] == 0.0:
            factor[layout.diagonal[i]] = 1.0  # nothing flows in: it stays what it is
    for k in range(len(same)):
        factor[layout.same_entry[k]] -= h * same[k]
    for i in range(len(out)):
        first, last = layout.row[i], layout.row[i + 1]
        for k in range(first, last):
            place[layout.column[k]] = k
        for k in range(first, layout.diagonal[i]):
            j = layout.column[k]
            ratio = factor[k] / factor[layout.diagonal[j]]
            factor[k] = ratio
            for m in range(layout.diagonal[j] + 1, layout.row[j + 1]):
                factor[place[layout.column[m]]] -= ratio * factor[m]


@helper
def _solve(layout: Layout, level: int, right: Array, space: Space) -> None:
    """Solve for the nodes of a level in place."""
    factor = space.factor
    width = layout.size[level] + 1
    for i in range(layout.node[level], layout.node[level + 1]):
        for k in range(layout.row[i], layout.diagonal[i]):
            for n in range(width):
                right[i, n] -= factor[k] * right[layout.column[k], n]
    for i in range(layout.node[level + 1] - 1, layout.node[level] - 1, -1):
        for k in range(layout.diagonal[i] + 1, layout.row[i + 1]):
            for n in range(width):
                right[i, n] -= factor[k] * right[layout.column[k], n]
        for n in range(width):
            right[i, n] /= factor[layout.diagonal[i]]


@helper
def _blend(layout: Layout, level: int, state: Array, space: Space) -> None:
    """Distributions of a level's mixtures."""
    blend, spare = space.blend, space.spare
    width = layout.size[level] + 1
    for m in range(layout.mixture[level], layout.mixture[level + 1]):
        for n in range(width):
            blend[m, n] = 0.0
        blend[m, 0] = 1.0
        top = 0
        for q in range(layout.part[m], layout.part[m + 1]):
            node = layout.part_node[q]
            size = 0
            while layout.node[size + 1] <= node:
                size += 1
            more = layout.size[size]
            for n in range(top + more + 1):
                spare[n] = 0.0
            for a in range(top + 1):
                for b in range(more + 1):
                    spare[a + b] += blend[m, a] * state[node, b]
            top += more
            for n in range(top + 1):
                blend[m, n] = spare[n]


@helper
def _pull(
    layout: Layout, level: int, pull: tuple[Rates, float], right: Array, space: Space
) -> None:
    """Add what flows in from mixtures, times a factor."""
    rates, h = pull
    width = layout.size[level] + 1
    for k in range(layout.mixed[level], layout.mixed[level + 1]):
        for n in range(width):
            right[layout.mixed_row[k], n] += (
                h * rates.mixed[k] * space.blend[layout.mixed_mixture[k], n]
            )


@helper
def _attempt(layout: Layout, rates: Rates, state: Array, h: float, space: Space) -> float:
    """One step; the state after it stands in ``space.stage``, the answer is its error."""
    slope, base, stage = space.slope, space.base, space.stage
    nodes, width = state.shape
    for s in range(_STAGES):
        for i in range(nodes):
            for n in range(width):
                value = state[i, n]
                for r in range(s):
                    value += h * _A[s, r] * slope[r, i, n]
                base[i, n] = value
                stage[i, n] = value
        for level in range(len(layout.size)):
            _blend(layout, level, stage, space)
            _pull(layout, level, (rates, h * _GAMMA), stage, space)
            _solve(layout, level, stage, space)
        for i in range(nodes):
            for n in range(width):
                slope[s, i, n] = (stage[i, n] - base[i, n]) / (h * _GAMMA)
    return _gap(layout, h, space)


@helper
def _gap(layout: Layout, h: float, space: Space) -> float:
    """Largest error of a step whose slopes are known."""
    slope, base = space.slope, space.base
    for i in range(base.shape[0]):
        for n in range(base.shape[1]):
            value = 0.0
            for s in range(_STAGES):
                value += h * _GAP[s] * slope[s, i, n]
            base[i, n] = value
    worst = 0.0
    for level in range(len(layout.size)):
        # Filtered as the method filters stiff parts, which it has solved well.
        _solve(layout, level, base, space)
        for i in range(layout.node[level], layout.node[level + 1]):
            for n in range(layout.size[level] + 1):
                worst = max(worst, abs(base[i, n]))
    return worst


@entry
def advance(
    layout: Layout, rates: Rates, state: Array, limits: tuple[float, float, int], space: Space
) -> int:
    """Advance all distributions over a time with constant rates.

    Parameters
    ----------
    layout
        What depends on what.
    rates
        How fast.
    state
        Distributions, shape ``(n_nodes, width)``; changed in place.
    limits
        How long, h; error of a step; steps that are allowed.
    space
        Room to work in.

    Returns
    -------
    int
        Steps that were tried, or :data:`STOPPED`.
    """
    hours, tolerance, most = limits
    done, step, prepared = 0.0, hours, 0.0
    for attempt in range(most):
        if done >= hours * (1.0 - 1e-12):
            return attempt
        step = min(step, hours - done)
        if step != prepared:
            _factorise(layout, rates, (1.0, step * _GAMMA), space)
            prepared = step
        error = _attempt(layout, rates, state, step, space) / tolerance
        if error <= 1.0:
            done += step
            for i in range(state.shape[0]):
                for n in range(state.shape[1]):
                    state[i, n] = space.stage[i, n]
        change = _SAFETY * max(error, 1e-12) ** (-1.0 / _ORDER)
        change = min(_GROW, max(_SHRINK, change))
        if error > 1.0 or change > _WORTH:
            step *= change
    return STOPPED


@entry
def settle(layout: Layout, rates: Rates, state: Array, space: Space) -> None:
    """Distributions that constant rates lead to; a node without inflow keeps what it holds."""
    _factorise(layout, rates, (0.0, 1.0), space)
    for level in range(len(layout.size)):
        for i in range(layout.node[level], layout.node[level + 1]):
            if rates.out[i] > 0.0:
                for n in range(state.shape[1]):
                    state[i, n] = 0.0
        _blend(layout, level, state, space)
        _pull(layout, level, (rates, 1.0), state, space)
        _solve(layout, level, state, space)
