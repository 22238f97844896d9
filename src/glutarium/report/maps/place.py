"""Places items on the cells of a grid: a stress layout first, then moves and swaps that shorten lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from glutarium.report.maps.regions import CELL, Grid, Ints
from glutarium.report.maps.stress import wished_positions
from glutarium.report.maps.untangle import untangle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.report.maps.graph import Graph

__all__ = ["place"]

Floats: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_SWEEPS = 40
_FINE = 20  # costs are whole numbers of such a part of a unit of length


def place(graph: Graph, grid: Grid) -> Ints:
    """Cell of every item, no two in one cell, each in its region.

    Species at the end of a single line come last, beside their reaction.
    """
    leaves = graph.leaves
    core, kept = graph.without(leaves)
    placed = _assign(core, grid, wished_positions(core, grid))
    placed = untangle(core, grid, _improve(core, grid, placed))
    cells = np.full(len(graph.items), -1, dtype=np.int64)
    cells[list(kept)] = placed
    _add_leaves(graph, grid, cells, leaves)
    return untangle(graph, grid, cells)


def _add_leaves(graph: Graph, grid: Grid, cells: Ints, leaves: Mapping[int, int]) -> None:
    from scipy.optimize import linear_sum_assignment

    cost = lengths(grid)
    for region in grid.regions:
        members = [i for i in leaves if graph.items[i].homes == region]
        free = np.setdiff1d(grid.regions[region], cells)
        if members:
            reactions = [leaves[i] for i in members]
            _, taken = linear_sum_assignment(cost[cells[reactions]][:, free])
            cells[members] = free[taken]


def _assign(graph: Graph, grid: Grid, goal: Floats) -> Ints:
    """Cells near the wished positions, one region after the other."""
    from scipy.optimize import linear_sum_assignment

    cells = np.zeros(len(graph.items), dtype=np.int64)
    for region, free in grid.regions.items():
        members = [i for i, item in enumerate(graph.items) if item.homes == region]
        if not members:
            continue
        y, x = np.divmod(free, grid.columns)
        dx = (goal[members, 0][:, None] - x) * CELL[0]
        dy = (goal[members, 1][:, None] - y) * CELL[1]
        _, taken = linear_sum_assignment(np.round(dx**2 + dy**2, 6))
        cells[members] = free[taken]
    return cells


def lengths(grid: Grid) -> Ints:
    """Cost of a line between any two cells, shape ``(cells, cells)``."""
    y, x = np.divmod(np.arange(grid.columns * grid.rows), grid.columns)
    dx = np.abs(x[:, None] - x) * CELL[0]
    dy = np.abs(y[:, None] - y) * CELL[1]
    return np.asarray(np.sqrt(dx**2 + dy**2) * _FINE, dtype=np.int64)


def _improve(graph: Graph, grid: Grid, cells: Ints) -> Ints:
    """Move items to better cells of their region, or swap two, until nothing helps."""
    table = _Lengths(graph, grid, cells)
    for _ in range(_SWEEPS):
        if not sum(table.settle(i, grid.regions[item.homes]) for i, item in enumerate(graph.items)):
            break
    return table.cells


class _Lengths:
    """What each item's lines would cost on every cell, kept up to date while items move."""

    def __init__(self, graph: Graph, grid: Grid, cells: Ints) -> None:
        self.cost = lengths(grid)
        self.cells = cells
        self.near: list[list[int]] = [[] for _ in graph.items]
        for a, b in graph.lines:
            self.near[a].append(b)
            self.near[b].append(a)
        self.table = np.zeros((len(graph.items), len(self.cost)), dtype=np.int64)
        for i, others in enumerate(self.near):
            self.table[i] = self.cost[cells[others]].sum(axis=0)
        self.holder = np.full(len(self.cost), -1, dtype=np.int64)
        self.holder[cells] = np.arange(cells.size)

    def settle(self, item: int, free: Ints) -> bool:
        """Put an item on the best cell of its region; who stands there takes its place."""
        here, who = int(self.cells[item]), self.holder[free]
        gain = self.table[item, free] - self.table[item, here]
        taken = np.flatnonzero(who >= 0)
        others = who[taken]
        gain[taken] += self.table[others, here] - self.table[others, free[taken]]
        for other in self.near[item]:  # a line between two that swap keeps its length
            gain[who == other] += 2 * self.cost[here, self.cells[other]]
        best = int(np.argmin(gain))
        if gain[best] >= 0:
            return False
        there, partner = int(free[best]), int(who[best])
        self._move(item, there)
        if partner >= 0:
            self._move(partner, here)
        self.holder[there], self.holder[here] = item, partner
        return True

    def _move(self, item: int, cell: int) -> None:
        for other in self.near[item]:
            self.table[other] += self.cost[cell] - self.cost[self.cells[item]]
        self.cells[item] = cell
