"""One step of every site, compiled: what its lanes leave is added up, solved for, and handed back.

Nothing here depends on which lanes a site has or on what stands beside it: every site adds up its cells in
their order and solves its own system, so its course is the same to the last bit in any company.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from glutarium.solve.native import call, entry, helper, summing

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from glutarium.kernel import Array
    from glutarium.solve.sites.layout import Crew, Lanes, Scheme, System

    Ints = npt.NDArray[np.int64]

__all__ = ["Moves", "moves"]


@helper
def _all(function: int, places: Ints, active: Ints) -> None:
    """Call a function on blocks."""
    for i in range(active.shape[0]):
        call(function, places[active[i]])


@helper
def _gather(lanes: Lanes, scheme: Scheme, crew: Crew, system: System) -> None:
    """Add what lanes leave of the matrix to those of their sites."""
    n = scheme.shared.shape[0]
    for a in range(crew.active.shape[0]):
        for i in range(n):  # a row of all lanes stays in the nearest cache
            for lane in range(crew.starts[a], crew.starts[a + 1]):
                block, column, site = crew.active[a], crew.lane[lane], crew.site[lane]
                start = crew.zone[lane] * n
                for j in range(n):
                    found = lanes.s[block, scheme.left[i, j], column]
                    system.matrix[site, start + i, start + j] += found


@helper
def _assemble(lanes: Lanes, scheme: Scheme, crew: Crew, system: System) -> None:
    """Matrix of every site: what its lanes leave, and what flows.

    The shift stands in every lane of a zone, yet counts once.
    """
    n, zones = scheme.shared.shape[0], crew.cells.shape[1]
    for site in range(crew.cells.shape[0]):
        for i in range(n * zones):
            for j in range(n * zones):
                system.matrix[site, i, j] = 0.0
    _gather(lanes, scheme, crew, system)
    for site in range(crew.cells.shape[0]):
        shift = 1.0 / (scheme.gamma * system.h[site])
        for z in range(zones):
            surplus = (crew.cells[site, z] - 1.0) * shift
            for s in range(n):
                system.matrix[site, z * n + s, z * n + s] -= surplus
                for x in range(zones):
                    system.matrix[site, z * n + s, x * n + s] += system.loss[site, z, x, s]


@summing
def _product(system: System, site: int, row: int, start: int, stop: int) -> float:
    """Sum over columns of a row of a site's matrix times its values."""
    total = 0.0
    for i in range(start, stop):
        total += system.matrix[site, row, i] * system.x[site, i]
    return total


@helper
def _solve(system: System, site: int) -> None:
    """Solve in place by factors of the transposed matrix: their rows are what each unknown needs."""
    matrix, x, swaps = system.matrix, system.x, system.swaps
    n = matrix.shape[1]
    for i in range(n):
        x[site, i] = (x[site, i] - _product(system, site, i, 0, i)) / matrix[site, i, i]
    for i in range(n - 1, -1, -1):
        x[site, i] -= _product(system, site, i, i + 1, n)
    for i in range(n - 1, -1, -1):
        other = swaps[site, i]
        held = x[site, i]
        x[site, i] = x[site, other]
        x[site, other] = held


@helper
def _weigh(weights: Array, i: int, stages: Array, site: int, out: Array) -> None:
    """Earlier stages of the shared states of a site, weighted by a row of coefficients."""
    for z in range(out.shape[1]):
        for s in range(out.shape[2]):
            out[site, z, s] = 0.0
    for j in range(i):
        weight = weights[i, j]
        if weight != 0.0:
            for z in range(out.shape[1]):
                for s in range(out.shape[2]):
                    out[site, z, s] += weight * stages[j, site, z, s]


@helper
def _lose(i: int, system: System, site: int, values: Array) -> None:
    """Take what flows out at some values off the inflow of a stage."""
    for z in range(values.shape[1]):
        for x in range(values.shape[1]):
            for s in range(values.shape[2]):
                system.inflows[i, site, z, s] -= system.loss[site, z, x, s] * values[site, x, s]


@helper
def _flowing(i: int, scheme: Scheme, system: System, site: int) -> None:
    """What flows in at the argument of a stage, into ``inflows``."""
    _weigh(scheme.a, i, system.stages, site, system.work)
    for z in range(system.work.shape[1]):
        for s in range(system.work.shape[2]):
            system.work[site, z, s] += system.values[site, z, s]
            system.inflows[i, site, z, s] = system.gain[site, z, s]
    _lose(i, system, site, system.work)


@helper
def _right(i: int, lanes: Lanes, scheme: Scheme, crew: Crew, system: System) -> None:
    """Right-hand side of a stage: what flows, and what lanes leave.

    What earlier stages contribute stands in every lane of a zone, yet counts once.
    """
    n, zones = scheme.shared.shape[0], crew.cells.shape[1]
    for site in range(crew.cells.shape[0]):
        _flowing(i, scheme, system, site)
        _weigh(scheme.c, i, system.stages, site, system.work)
        for z in range(zones):
            surplus = (crew.cells[site, z] - 1.0) / system.h[site]
            for s in range(n):
                owed = surplus * system.work[site, z, s]
                system.x[site, z * n + s] = system.inflows[i, site, z, s] - owed
    for lane in range(crew.block.shape[0]):
        site, start = crew.site[lane], crew.zone[lane] * n
        for s in range(n):
            row = i * scheme.n_unknowns + scheme.shared[s]
            system.x[site, start + s] += lanes.k[crew.block[lane], row, crew.lane[lane]]


@helper
def _keep(i: int, scheme: Scheme, system: System, site: int) -> None:
    """Keep a stage of a site, with what flows in during it."""
    n = scheme.shared.shape[0]
    for z in range(system.work.shape[1]):
        for s in range(n):
            system.work[site, z, s] = system.x[site, z * n + s]
            system.stages[i, site, z, s] = system.x[site, z * n + s]
    _lose(i, system, site, system.work)
    _weigh(scheme.c, i, system.inflows, site, system.work)
    scale = scheme.gamma * system.h[site]
    for z in range(system.work.shape[1]):
        for s in range(n):
            past = system.work[site, z, s] / system.h[site]
            system.inflows[i, site, z, s] = (system.inflows[i, site, z, s] + past) * scale


@helper
def _hand_out(i: int, lanes: Lanes, scheme: Scheme, crew: Crew, system: System) -> None:
    """Keep a stage of all sites and tell every lane."""
    for site in range(crew.cells.shape[0]):
        _keep(i, scheme, system, site)
    for lane in range(crew.block.shape[0]):
        for s in range(scheme.shared.shape[0]):
            row = i * scheme.n_unknowns + scheme.shared[s]
            found = system.stages[i, crew.site[lane], crew.zone[lane], s]
            lanes.k[crew.block[lane], row, crew.lane[lane]] = found


@helper
def _judge(lanes: Lanes, scheme: Scheme, crew: Crew, system: System) -> None:
    """What flowed in, the largest error and the least room of every site."""
    last = scheme.a.shape[0] - 1
    for site in range(crew.cells.shape[0]):
        _weigh(scheme.a, last, system.inflows, site, system.taken)
        for z in range(crew.cells.shape[1]):
            for s in range(scheme.shared.shape[0]):
                system.taken[site, z, s] += system.inflows[last, site, z, s]
        system.error[site], system.room[site] = 0.0, math.inf
    for lane in range(crew.block.shape[0]):
        site, block, column = crew.site[lane], crew.block[lane], crew.lane[lane]
        error, room = lanes.error[block, 0, column], lanes.room[block, 0, column]
        worst = system.error[site]
        if not (error <= worst or math.isnan(worst)):  # one that is not a number stays
            system.error[site] = error
        system.room[site] = min(system.room[site], room)


class Moves(NamedTuple):
    """What Python calls.

    Attributes
    ----------
    begin
        Matrices of all lanes, what elimination leaves of them, and the system of every site.
    end
        All stages of the step by its factors; new states, errors and room.
    put, take
        Write some columns of rows of values, such as states, into lanes; read whole rows of them.
    run
        Call a function of machine code on some blocks.
    """

    begin: Callable[[Lanes, Scheme, Crew, System], None]
    end: Callable[[Lanes, Scheme, Crew, System], None]
    put: Callable[[Array, Ints, Ints, Array, Ints], None]
    take: Callable[[Array, Ints, Ints, Array], None]
    run: Callable[[int, Ints, Ints], None]


def _steps(parts: int) -> tuple[Callable[..., None], Callable[..., None]]:
    """Both halves of a step; Numba keeps the compiled ones until ``parts`` changes, or this file."""

    @entry
    def begin(lanes: Lanes, scheme: Scheme, crew: Crew, system: System) -> None:
        _ = parts
        n = scheme.shared.shape[0]
        for i in range(crew.block.shape[0]):
            block, lane, site = crew.block[i], crew.lane[i], crew.site[i]
            lanes.t[block, 0, lane], lanes.h[block, 0, lane] = system.t[site], system.h[site]
            for s in range(n):
                found = lanes.y[block, scheme.shared[s], lane]
                system.values[site, crew.zone[i], s] = found
        _all(scheme.begin, lanes.places, crew.active)
        _assemble(lanes, scheme, crew, system)

    @entry
    def end(lanes: Lanes, scheme: Scheme, crew: Crew, system: System) -> None:
        _ = parts
        for i in range(scheme.a.shape[0]):
            if i:
                _all(scheme.stages[i], lanes.places, crew.active)
            _right(i, lanes, scheme, crew, system)
            for site in range(crew.cells.shape[0]):
                _solve(system, site)
            _hand_out(i, lanes, scheme, crew, system)
            _all(scheme.backs[i], lanes.places, crew.active)
        _all(scheme.finish, lanes.places, crew.active)
        _judge(lanes, scheme, crew, system)

    return begin, end


def _copies(parts: int) -> tuple[Callable[..., None], Callable[..., None], Callable[..., None]]:
    """What goes between rows and lanes, and calls of machine code; kept as :func:`_steps` are."""

    @entry
    def put(values: Array, block: Ints, lane: Ints, rows: Array, columns: Ints) -> None:
        _ = parts
        for i in range(block.shape[0]):
            for j in range(columns.shape[0]):
                values[block[i], columns[j], lane[i]] = rows[i, columns[j]]

    @entry
    def take(values: Array, block: Ints, lane: Ints, out: Array) -> None:
        _ = parts
        for i in range(block.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] = values[block[i], j, lane[i]]

    @entry
    def run(function: int, places: Ints, active: Ints) -> None:
        _ = parts
        _all(function, places, active)

    return put, take, run


def _digest() -> int:
    """Number for the source of what is compiled into this file's functions."""
    file = Path(__file__).parent.parent / "native.py"
    return int.from_bytes(hashlib.sha256(file.read_bytes()).digest()[:7], "big")


moves = Moves(*_steps(_digest()), *_copies(_digest()))
"""The compiled functions."""
