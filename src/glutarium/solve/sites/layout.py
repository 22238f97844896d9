"""Arrays that the compiled steps of sites work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from glutarium.kernel import Array, IntArray

    Ints = npt.NDArray[np.int64]

__all__ = ["Crew", "Lanes", "Scheme", "System"]


class Lanes(NamedTuple):
    """Lanes of a thread, in blocks as wide as the processor's registers: shape ``(n_blocks, rows, width)``.

    Attributes
    ----------
    blocks
        What machine code takes: addresses and sizes, shape ``(n_blocks, n_slots)``.
    places
        Address of each of them, shape ``(n_blocks,)``.
    y, new, stage, p, observed, k, s
        One column per lane; ``k`` holds the stages one after the other, ``s`` the factors of the coupling.
    h, t, t_out, error, room
        One number per lane, shape ``(n_blocks, 1, width)``.
    """

    blocks: Ints
    places: Ints
    y: Array
    new: Array
    stage: Array
    p: Array
    observed: Array
    k: Array
    s: Array
    h: Array
    t: Array
    t_out: Array
    error: Array
    room: Array


class Scheme(NamedTuple):
    """What is the same for all sites: code and places of the shared states, coefficients of the method.

    Attributes
    ----------
    prepare, observe, begin, finish
        Addresses of the functions of :mod:`glutarium.solve.coupledcode`.
    stages, backs
        Addresses of those for every stage, shape ``(n_stages,)``; the first of ``stages`` is none.
    shared
        Positions of the shared states.
    left
        Entries of the factors that hold what is left for them, shape ``(n_shared, n_shared)``.
    a, c
        Coefficients, shape ``(n_stages, n_stages)``.
    gamma
        The diagonal one.
    n_unknowns
        Rows of a stage.
    """

    prepare: int
    observe: int
    begin: int
    finish: int
    stages: Ints
    backs: Ints
    shared: IntArray
    left: IntArray
    a: Array
    c: Array
    gamma: float
    n_unknowns: int


class Crew(NamedTuple):
    """Lanes of the sites that take a step together, in the order of blocks and lanes.

    The cells of a site stand in lanes in the same order, so that sums over them do not depend on where
    these are.

    Attributes
    ----------
    active
        Blocks that they stand in, in order.
    block, lane, site, zone
        Of every lane, shape ``(n_lanes,)``.
    starts
        Where the lanes of every block begin, and their number, shape ``(n_active + 1,)``.
    cells
        Cells of every site and zone, shape ``(n_sites, n_zones)``.
    """

    active: Ints
    block: Ints
    lane: Ints
    site: Ints
    zone: Ints
    starts: Ints
    cells: Ints


class System(NamedTuple):
    """The shared states of sites within a step; shape ``(n_sites, n_zones, n_shared)`` if not said.

    Attributes
    ----------
    t, h
        Time and step, h, shape ``(n_sites,)``.
    gain, loss
        What flows; see :class:`glutarium.solve.sites.site.Flow`.
    values
        At the start of the step.
    matrix
        The linear system, then its factors, shape ``(n_sites, n, n)`` with ``n = n_zones * n_shared``.
    swaps
        Rows that its factorisation exchanged, shape ``(n_sites, n)``.
    x
        Right-hand side and stage, shape ``(n_sites, n)``.
    work
        Room for sums.
    stages, inflows
        Stages, and what flows in during each, shape ``(n_stages, n_sites, n_zones, n_shared)``.
    taken
        What flowed in during the step.
    error, room
        The largest error of a cell, NaN if one has none; the least distance of a pool to its floor; shape
        ``(n_sites,)``.
    """

    t: Array
    h: Array
    gain: Array
    loss: Array
    values: Array
    matrix: Array
    swaps: IntArray
    x: Array
    work: Array
    stages: Array
    inflows: Array
    taken: Array
    error: Array
    room: Array
