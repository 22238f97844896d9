"""Wished positions: distances are as the number of lines between items, and compartments are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from glutarium.report.maps.graph import MEDIUM
from glutarium.report.maps.regions import CELL

if TYPE_CHECKING:
    from glutarium.report.maps.graph import Graph
    from glutarium.report.maps.regions import Frame, Grid

__all__ = ["wished_positions"]

Floats: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_FREE_ROUNDS, _BOUND_ROUNDS = 50, 40
_APART, _ALIKE = 12.0, 6.0  # wished distance of items that no line joins, and of one pathway's
_NEAREST = 1e-6
_POWER_ROUNDS = 150
_STRIDE = 0.6180339887  # spreads the start of the second direction evenly
_DIGITS = 6


def wished_positions(graph: Graph, grid: Grid) -> Floats:
    """Column and row of every item as real numbers, shape ``(n, 2)``.

    First without compartments, then with every item held in its own.
    """
    wished = _distances(graph)
    spot = _majorize(wished, _start(wished), _FREE_ROUNDS)
    size = np.array([(grid.columns - 1) * CELL[0], (grid.rows - 1) * CELL[1]], dtype=np.float64)
    low, high = spot.min(axis=0), spot.max(axis=0)
    spot = (spot - low) / np.maximum(high - low, _NEAREST) * size
    scale = float(np.sqrt(size.prod() / np.maximum(high - low, 1.0).prod()))
    for _ in range(_BOUND_ROUNDS):
        spot = _hold(graph, grid, _majorize(wished * scale, spot, 1))
    return np.asarray(spot / np.array(CELL), dtype=np.float64)


def _distances(graph: Graph) -> Floats:
    n = len(graph.items)
    a, b = np.array(graph.lines, dtype=np.int64).reshape(-1, 2).T
    links = coo_array((np.ones(a.size), (a, b)), shape=(n, n)).tocsr()  # what small graphs need
    steps = shortest_path(links, directed=False)
    way = np.array(graph.pathways)
    apart = np.where(way[:, None] == way[None, :], _ALIKE, _APART)
    wished = np.where(np.isfinite(steps), np.minimum(steps, _APART), apart)
    return np.asarray(wished, dtype=np.float64)


def _start(wished: Floats) -> Floats:
    """Classical scaling: the two widest directions, turned so that the first items lie upper left.

    The directions come from a power iteration with sums only: libraries of linear algebra differ
    between machines in signs and, where directions are equally wide, in what they choose.
    """
    squared = wished**2
    centred = squared - squared.mean(axis=0) - squared.mean(axis=1)[:, None] + squared.mean()
    products = -centred / 2
    place = np.arange(len(wished), dtype=np.float64)
    first = _widest(products, place - place.mean())
    products -= first[:, None] * first
    second = _widest(products, (place * _STRIDE) % 1.0 - 0.5)
    spot = np.round(np.stack([first, second], axis=1), _DIGITS)
    lead = spot[: max(1, len(spot) // 8)].mean(axis=0)
    return np.asarray(spot * np.where(lead > 0, -1.0, 1.0), dtype=np.float64)


def _widest(products: Floats, vector: Floats) -> Floats:
    """Coordinates along the direction in which points are widest apart, from their dot products."""
    for _ in range(_POWER_ROUNDS):
        vector = (products * vector).sum(axis=1)
        vector = vector / max(float(np.sqrt((vector * vector).sum())), _NEAREST)
    width = float(((products * vector).sum(axis=1) * vector).sum())
    return vector * float(np.sqrt(max(width, 0.0)))


def _majorize(wished: Floats, spot: Floats, rounds: int) -> Floats:
    """Steps of stress majorisation, each of which brings distances closer to those wished."""
    weight = 1.0 / np.maximum(wished, _NEAREST) ** 2
    np.fill_diagonal(weight, 0.0)
    total = np.maximum(weight.sum(axis=1), _NEAREST**2)
    strength = weight * wished
    x, y = spot.T
    for _ in range(rounds):
        dx, dy = x[:, None] - x, y[:, None] - y
        pull = strength / np.maximum(np.sqrt(dx * dx + dy * dy), _NEAREST)
        new_x = ((weight * x).sum(axis=1) + (pull * dx).sum(axis=1)) / total
        new_y = ((weight * y).sum(axis=1) + (pull * dy).sum(axis=1)) / total
        x, y = new_x, new_y
    return np.stack([x, y], axis=1)


def _hold(graph: Graph, grid: Grid, spot: Floats) -> Floats:
    """Bring every item back into its compartment, or onto its border, by the shortest way."""
    homes = [item.homes for item in graph.items]
    held = spot.copy()
    size = np.array([grid.columns - 1, grid.rows - 1]) * np.array(CELL)
    outer = grid.frames[0]
    for frame in grid.frames:
        inside = [i for i, h in enumerate(homes) if h == (frame.home,)]
        border = [i for i, h in enumerate(homes) if len(h) > 1 and h[1] == frame.home]
        around = MEDIUM if frame is outer else outer.home
        outside = [i for i, h in enumerate(homes) if h == (around,)]
        low, high = _corners(frame)
        held[inside] = np.clip(held[inside], low + CELL, high - CELL)
        held[border] = _pushed(np.clip(held[border], low, high), low, high)
        stray = [i for i in outside if ((held[i] > low - CELL) & (held[i] < high + CELL)).all()]
        held[stray] = _pushed(held[stray], low - CELL, high + CELL)
    return np.clip(held, 0, size)


def _corners(frame: Frame) -> tuple[Floats, Floats]:
    cell = np.array(CELL, dtype=np.float64)
    return np.array([frame.left, frame.top]) * cell, np.array([frame.right, frame.bottom]) * cell


def _pushed(spot: Floats, low: Floats, high: Floats) -> Floats:
    """Points inside a rectangle, moved to its nearest side."""
    moved = spot.copy()
    ways = np.stack(
        [spot[:, 0] - low[0], high[0] - spot[:, 0], spot[:, 1] - low[1], high[1] - spot[:, 1]]
    )
    nearest = ways.argmin(axis=0) if len(spot) else np.zeros(0, dtype=np.int64)
    for side, (axis, value) in enumerate(((0, low[0]), (0, high[0]), (1, low[1]), (1, high[1]))):
        moved[nearest == side, axis] = value
    return moved
