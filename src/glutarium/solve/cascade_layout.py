"""What a cascade of linear systems works on: its layout, rates, times and room.

The functions are in :mod:`glutarium.solve.cascade`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glutarium.solve.native import ABREAST

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array

    Ints = npt.NDArray[np.int64]

__all__ = ["ABREAST", "STAGES", "Layout", "Rates", "Space", "Time"]

STAGES = 5
"""Of the method that advances them."""


class Layout(NamedTuple):
    """What depends on what.

    Attributes
    ----------
    pool
        Pool of every node, shape ``(n_nodes,)``.
    node
        First node of every level, and the number of nodes, shape ``(n_levels + 1,)``.
    size
        Entries of a distribution of every level less one, shape ``(n_levels,)``.
    first
        First row of every node in a state, and the number of rows, shape ``(n_nodes + 1,)``.
    same_row, same_entry, same_flux, same_weight
        Node and place among ``column`` of every inflow from the same level; which flux it is, and how
        much of the node one unit of the flux makes.
    mixed, mixed_row, mixed_mixture, mixed_flux, mixed_weight
        First inflow of every level from mixtures; node, mixture, flux and weight of each.
    mixture, part, part_node
        First mixture of every level; first part of every mixture; node of every part.
    row, column, diagonal
        Pattern of the factors: first entry of every node's row, nodes of its columns in rising
        order, and the place of the diagonal.
    source
        First row in a state of the node of every column.
    """

    pool: Ints
    node: Ints
    size: Ints
    first: Ints
    same_row: Ints
    same_entry: Ints
    same_flux: Ints
    same_weight: Array
    mixed: Ints
    mixed_row: Ints
    mixed_mixture: Ints
    mixed_flux: Ints
    mixed_weight: Array
    mixture: Ints
    part: Ints
    part_node: Ints
    row: Ints
    column: Ints
    diagonal: Ints
    source: Ints


class Rates(NamedTuple):
    """How fast; the last axis is that of the systems.

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

    @classmethod
    def of(cls, layout: Layout) -> Rates:
        """Room for the rates of a layout."""
        sizes = len(layout.same_row), len(layout.mixed_row), int(layout.node[-1])
        same, mixed, out = (np.zeros((n, ABREAST)) for n in sizes)
        return cls(same, mixed, out)


class Time(NamedTuple):
    """How far every system is, shape ``(ABREAST,)`` each.

    Attributes
    ----------
    hours
        Where it ends, h; systems with nothing to do have zero.
    done, step
        How far it is, and the step that is tried, h.
    prepared
        Step for which the factors stand, h.
    error
        Of the step that was tried, relative to the tolerance.
    """

    hours: Array
    done: Array
    step: Array
    prepared: Array
    error: Array

    @classmethod
    def of(cls, hours: Array) -> Time:
        """At the beginning of a time."""
        step = np.where(hours > 0.0, hours, 1.0)
        done, prepared, error = (np.zeros(ABREAST) for _ in range(3))
        return cls(hours, done, step, prepared, error)


class Space(NamedTuple):
    """Room to work in. A row holds one entry of a distribution, or of a matrix, of all systems.

    Attributes
    ----------
    slope
        Slopes of the stages of all rows of a state, one stage after the other.
    base, stage
        As a state.
    blend, spare, rest
        Distributions of mixtures with their first entries, one more, and a first entry.
    factor, inverse
        Factors of the matrix, and one over the diagonal of every node.
    place
        Place among the entries of a row of the matrix, shape ``(n_nodes,)``.
    step
        Steps of the systems times the weights of the slopes, a row each.
    one
        A row of ones.
    """

    slope: Array
    base: Array
    stage: Array
    blend: Array
    spare: Array
    rest: Array
    factor: Array
    inverse: Array
    place: Ints
    step: Array
    one: Array

    @classmethod
    def of(cls, layout: Layout, width: int) -> Space:
        """Room for a layout."""
        nodes, mixtures = int(layout.node[-1]), max(int(layout.mixture[-1]), 1)
        entries, state = len(layout.column), int(layout.first[-1])
        rows = (STAGES * state, state, state, mixtures * width, width, 1)
        slope, base, stage, blend, spare, rest = (np.zeros((n, ABREAST)) for n in rows)
        factor, inverse = np.zeros((entries, ABREAST)), np.zeros((nodes, ABREAST))
        place = np.full(nodes, -1, dtype=np.int64)
        weights = np.zeros((2 * STAGES, ABREAST))
        one = np.ones((1, ABREAST))
        return cls(slope, base, stage, blend, spare, rest, factor, inverse, place, weights, one)
