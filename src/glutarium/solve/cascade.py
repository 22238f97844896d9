"""Cascades: linear systems in a row, each driven by products of what the ones before it hold.

Every node holds a distribution. Of a node ``E`` with inflows at specific rates ``r`` from sources ``S``::

    dE/dt = sum_j r_j (S_j - E)

Sources are nodes of the same level, or convolutions of nodes of lower levels. The stages of a diagonally
implicit Runge-Kutta method (SDIRK4 of Hairer and Wanner: five stages, order four, L-stable) are solved
exactly, level by level. A level's matrix is an M-matrix with dominant diagonal, so its factors need no
pivots and their pattern is found once. The first entry of a distribution is one less all others, so that it
is neither solved for nor held.

Several systems of one layout are advanced side by side, each with rates, steps and errors of its own:
what becomes of one does not depend on the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.cascade_layout import STAGES
from glutarium.solve.native import (
    ABREAST,
    add_product,
    copy_row,
    entry,
    gather,
    helper,
    lead,
    multiply,
    subtract_product,
)

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.solve.cascade_layout import Layout, Rates, Space, Time

__all__ = ["STOPPED", "advance", "pace", "settle"]

STOPPED = -1
"""Answer of :func:`advance` where more steps were needed than allowed."""

_GAMMA = 0.25
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
# Rows of the weighted steps: those of the slopes come first.
_PART, _OVER = STAGES, STAGES + 1


@helper
def _clear(rows: Array) -> None:
    for k in range(rows.shape[0]):
        for w in range(ABREAST):
            rows[k, w] = 0.0


@helper
def _assemble(layout: Layout, rates: Rates, scale: tuple[float, int], space: Space) -> None:
    """The matrix ``a + b (out - same)``; ``b`` is a row of ``space.step``."""
    factor, (own, h) = space.factor, scale
    _clear(factor)
    for i in range(len(rates.out)):
        d = layout.diagonal[i]
        for w in range(ABREAST):
            value = own + space.step[h, w] * rates.out[i, w]
            factor[d, w] = 1.0 if value == 0.0 else value  # nothing flows in: it stays what it is
    for k in range(len(rates.same)):
        subtract_product(factor, layout.same_entry[k], space.step, h, rates.same, k)


@helper
def _factorise(layout: Layout, rates: Rates, scale: tuple[float, int], space: Space) -> None:
    """Factors of ``a + b (out - same)``."""
    factor, inverse, place = space.factor, space.inverse, space.place
    _assemble(layout, rates, scale, space)
    for i in range(len(rates.out)):
        for k in range(layout.row[i], layout.row[i + 1]):
            place[layout.column[k]] = k
        for k in range(layout.row[i], layout.diagonal[i]):
            j = layout.column[k]
            multiply(factor, k, inverse, j)
            for m in range(layout.diagonal[j] + 1, layout.row[j + 1]):
                subtract_product(factor, place[layout.column[m]], factor, k, factor, m)
        for w in range(ABREAST):
            inverse[i, w] = 1.0 / factor[layout.diagonal[i], w]


@helper
def _solve(layout: Layout, level: int, right: Array, space: Space) -> None:
    """Solve for the nodes of a level in place."""
    factor, first, source = space.factor, layout.first, layout.source
    size = layout.size[level]
    for i in range(layout.node[level], layout.node[level + 1]):
        for n in range(size):
            gather(right, first[i] + n, factor, layout.row[i], layout.diagonal[i], source, n)
    for i in range(layout.node[level + 1] - 1, layout.node[level] - 1, -1):
        for n in range(size):
            row = first[i] + n
            gather(right, row, factor, layout.diagonal[i] + 1, layout.row[i + 1], source, n)
            multiply(right, row, space.inverse, i)


@helper
def _fold(m: int, top: int, node: tuple[int, int], state: Array, space: Space) -> None:
    """Fold a node's distribution into that of a mixture, which has ``top`` atoms so far."""
    blend, spare, rest, width = space.blend, space.spare, space.rest, space.spare.shape[0]
    first, size = node
    copy_row(rest, 0, space.one, 0)
    for b in range(size):
        subtract_product(rest, 0, space.one, 0, state, first + b)
    _clear(spare)
    for a in range(top + 1):
        add_product(spare, a, blend, m * width + a, rest, 0)
        for b in range(size):
            add_product(spare, a + b + 1, blend, m * width + a, state, first + b)
    for n in range(top + size + 1):
        copy_row(blend, m * width + n, spare, n)


@helper
def _blend(layout: Layout, level: int, state: Array, space: Space) -> None:
    """Distributions of a level's mixtures."""
    width = space.spare.shape[0]
    for m in range(layout.mixture[level], layout.mixture[level + 1]):
        copy_row(space.blend, m * width, space.one, 0)
        top = 0
        for q in range(layout.part[m], layout.part[m + 1]):
            node = layout.part_node[q]
            first, size = layout.first[node], layout.first[node + 1] - layout.first[node]
            _fold(m, top, (first, size), state, space)
            top += size


@helper
def _pull(
    layout: Layout, level: int, pull: tuple[Rates, Array, int], right: Array, space: Space
) -> None:
    """Add what flows in from mixtures, times a row of factors."""
    (rates, scale, h), width = pull, space.spare.shape[0]
    for k in range(layout.mixed[level], layout.mixed[level + 1]):
        i, m = layout.mixed_row[k], layout.mixed_mixture[k]
        copy_row(space.spare, 0, rates.mixed, k)
        multiply(space.spare, 0, scale, h)
        for n in range(layout.size[level]):
            row = layout.first[i] + n
            add_product(right, row, space.spare, 0, space.blend, m * width + n + 1)


@helper
def _rows(layout: Layout, level: int) -> tuple[int, int]:
    """First row of a level, and that of the next one."""
    return layout.first[layout.node[level]], layout.first[layout.node[level + 1]]


@helper
def _weigh(step: Array, weights: Array, space: Space) -> None:
    """Steps of the systems times weights, a row each."""
    for r in range(STAGES):
        for w in range(ABREAST):
            space.step[r, w] = step[w] * weights[r]


@helper
def _begin(row: int, state: Array, stages: int, space: Space) -> None:
    """A row of a stage as the slopes of the stages before it lead to it."""
    lead(space.base, row, state, space.step, stages, space.slope, space.base.shape[0])
    copy_row(space.stage, row, space.base, row)


@helper
def _end(row: int, stage: int, space: Space) -> None:
    """A row of a stage's slope, times the part of the step that is the stage's own."""
    target = stage * space.base.shape[0] + row
    copy_row(space.slope, target, space.stage, row)
    subtract_product(space.slope, target, space.one, 0, space.base, row)
    multiply(space.slope, target, space.step, _OVER)


@helper
def _attempt(layout: Layout, rates: Rates, state: Array, time: Time, space: Space) -> None:
    """One step; the states after it stand in ``space.stage``, their errors in ``time.error``."""
    stage = space.stage
    for s in range(STAGES):
        _weigh(time.step, _A[s], space)
        for level in range(len(layout.size)):
            start, end = _rows(layout, level)
            for row in range(start, end):
                _begin(row, state, s, space)
            _blend(layout, level, stage, space)
            _pull(layout, level, (rates, space.step, _PART), stage, space)
            _solve(layout, level, stage, space)
            for row in range(start, end):
                _end(row, s, space)
    _weigh(time.step, _GAP, space)
    _gap(layout, time, space)


@helper
def _gap(layout: Layout, time: Time, space: Space) -> None:
    """Largest errors of a step whose slopes are known."""
    base, rows = space.base, space.base.shape[0]
    _clear(base)
    for row in range(rows):
        lead(base, row, base, space.step, STAGES, space.slope, rows)
    # Filtered as the method filters stiff parts, which it has solved well.
    for level in range(len(layout.size)):
        _solve(layout, level, base, space)
    for w in range(ABREAST):
        time.error[w] = 0.0
    for row in range(rows):
        for w in range(ABREAST):
            time.error[w] = max(time.error[w], abs(base[row, w]))


@entry
def pace(layout: Layout, amounts: Array, flux: Array, rates: Rates) -> None:
    """Specific rates from pools and fluxes.

    Parameters
    ----------
    layout
        What depends on what.
    amounts
        Of the pools, shape ``(n_pools, ABREAST)``; above zero.
    flux
        Gross fluxes, amount per h, shape ``(n_fluxes, ABREAST)``.
    rates
        Where they are written, 1/h.
    """
    _clear(rates.out)
    for k in range(len(layout.same_row)):
        i, v = layout.same_row[k], layout.same_flux[k]
        for w in range(ABREAST):
            rate = layout.same_weight[k] * flux[v, w] / amounts[layout.pool[i], w]
            rates.same[k, w] = rate
            rates.out[i, w] += rate
    for k in range(len(layout.mixed_row)):
        i, v = layout.mixed_row[k], layout.mixed_flux[k]
        for w in range(ABREAST):
            rate = layout.mixed_weight[k] * flux[v, w] / amounts[layout.pool[i], w]
            rates.mixed[k, w] = rate
            rates.out[i, w] += rate


@helper
def _aim(time: Time) -> tuple[bool, bool]:
    """Whether anything is left to do, and whether the factors have to be found anew."""
    left, stale = False, False
    for w in range(ABREAST):
        if time.done[w] < time.hours[w] * (1.0 - 1e-12):
            left = True
            time.step[w] = min(time.step[w], time.hours[w] - time.done[w])
        stale = stale or time.step[w] != time.prepared[w]
    return left, stale


@helper
def _judge(time: Time, tolerance: float, state: Array, space: Space) -> None:
    """Take the steps that are good enough, and choose the next ones."""
    for w in range(ABREAST):
        if time.done[w] >= time.hours[w] * (1.0 - 1e-12):
            continue
        error = time.error[w] / tolerance
        if error <= 1.0:
            time.done[w] += time.step[w]
            for row in range(state.shape[0]):
                state[row, w] = space.stage[row, w]
        change = _SAFETY * max(error, 1e-12) ** (-1.0 / _ORDER)
        change = min(_GROW, max(_SHRINK, change))
        if error > 1.0 or change > _WORTH:
            time.step[w] *= change


@entry
def advance(
    layout: Layout,
    rates: Rates,
    course: tuple[Array, Time],
    limits: tuple[float, int],
    space: Space,
) -> int:
    """Advance all distributions over a time with constant rates.

    Parameters
    ----------
    layout
        What depends on what.
    rates
        How fast.
    course
        Distributions without their first entries, a row per node and entry, shape ``(n_rows, ABREAST)``,
        and how long; both are changed in place.
    limits
        Error of a step; steps that are allowed.
    space
        Room to work in.

    Returns
    -------
    int
        Steps that were tried side by side, or :data:`STOPPED`.
    """
    tolerance, most = limits
    state, time = course
    for attempt in range(most):
        left, stale = _aim(time)
        if not left:
            return attempt
        if stale:
            for w in range(ABREAST):
                time.prepared[w] = time.step[w]
                space.step[_PART, w] = time.step[w] * _GAMMA
                space.step[_OVER, w] = 1.0 / (time.step[w] * _GAMMA)
            _factorise(layout, rates, (1.0, _PART), space)
        _attempt(layout, rates, state, time, space)
        _judge(time, tolerance, state, space)
    return STOPPED


@entry
def settle(layout: Layout, rates: Rates, state: Array, space: Space) -> None:
    """Distributions that constant rates lead to; a node without inflow keeps what it holds."""
    for w in range(ABREAST):
        space.step[_PART, w] = 1.0
    _factorise(layout, rates, (0.0, _PART), space)
    for level in range(len(layout.size)):
        for i in range(layout.node[level], layout.node[level + 1]):
            for row in range(layout.first[i], layout.first[i + 1]):
                for w in range(ABREAST):
                    if rates.out[i, w] > 0.0:
                        state[row, w] = 0.0
        _blend(layout, level, state, space)
        _pull(layout, level, (rates, space.one, 0), state, space)
        _solve(layout, level, state, space)
