"""Moves items so that lines cross less, pass behind fewer items and run straight through reactions.

All costs are whole numbers, so that every machine finds the same map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from glutarium.report.maps.regions import CELL, Ints

if TYPE_CHECKING:
    from glutarium.report.maps.graph import Graph
    from glutarium.report.maps.regions import Grid

__all__ = ["untangle"]

Bools: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

# What a crossing, a line behind an item, a unit of length and a unit of bend cost.
_CROSSING, _BEHIND, _LENGTH, _BEND = 100, 150, 2, 2
_SWEEPS = 8
_TRIED = 40  # free cells that are tried for an item


class _Tangle:
    """Costs of a placement that changes."""

    def __init__(self, graph: Graph, grid: Grid, cells: Ints) -> None:
        count = len(graph.items)
        self.columns = grid.columns
        self.cells = cells.copy()
        self.lines = np.array(graph.lines, dtype=np.int32).reshape(-1, 2)
        self.bends = _through(graph)
        self.of = _touching(self.lines, count)
        self.bends_of = _touching(self.bends, count)
        self.spot = self.point(cells)
        self.start, self.end = self.spot[self.lines[:, 0]], self.spot[self.lines[:, 1]]

    def point(self, cells: Ints) -> Ints:
        """Coordinates of cells, shape ``(n, 2)``."""
        y, x = np.divmod(cells, self.columns)
        return np.stack([x * CELL[0], y * CELL[1]], axis=-1).astype(np.int32)

    def put(self, item: int, cell: int) -> None:
        """Set an item on a cell."""
        self.cells[item] = cell
        self.spot[item] = self.point(np.array(cell))
        mine = self.of[item]
        self.start[mine] = self.spot[self.lines[mine, 0]]
        self.end[mine] = self.spot[self.lines[mine, 1]]

    def costs(self, item: int, cells: Ints) -> Ints:
        """Cost of all that depends on an item's place, for each of some places."""
        spots = self.point(cells)
        others = self.neighbours(item)
        field = np.concatenate([spots, self.spot[others]])
        low, high = field.min(axis=0) - CELL, field.max(axis=0) + CELL
        rest = (np.maximum(self.start, self.end) >= low) & (
            np.minimum(self.start, self.end) <= high
        )
        rest = rest.all(axis=1)
        rest[self.of[item]] = False
        a, b, ends = self.start[rest], self.end[rest], self.lines[rest]
        inside = ((self.spot >= low) & (self.spot <= high)).all(axis=1)
        inside[item] = False
        items = self.spot[inside]
        total = _BEHIND * _near(a, b, spots[:, None]).sum(axis=1)
        for other in others:
            goal = self.spot[other]
            total += _LENGTH * np.abs(spots - goal).sum(axis=1)
            apart = (ends != other).all(axis=1)
            crossed = _cross(spots[:, None], goal, a[apart], b[apart])
            total += _CROSSING * crossed.sum(axis=1)
            total += _BEHIND * _near(spots[:, None], goal, items).sum(axis=1)
        return np.asarray(total + _BEND * self._bend(item, spots), dtype=np.int64)

    def neighbours(self, item: int) -> list[int]:
        """Items at the other ends of an item's lines."""
        ends = self.lines[self.of[item]]
        return [int(k) for k in np.where(ends[:, 0] == item, ends[:, 1], ends[:, 0])]

    def _bend(self, item: int, spots: Ints) -> Ints:
        total = np.zeros(len(spots), dtype=np.int64)
        for turn in self.bends_of[item]:
            s, r, t = (spots if k == item else self.spot[k] for k in self.bends[turn])
            total += np.abs(s + t - 2 * r).sum(axis=1)
        return total


def _touching(rows: Ints, count: int) -> list[Ints]:
    """For every item the rows in which it stands."""
    return [np.flatnonzero((rows == i).any(axis=1)) for i in range(count)]


def _through(graph: Graph) -> Ints:
    """Source, reaction, target of every reaction that has both, shape ``(n, 3)``."""
    enter: dict[int, int] = {}
    leave: dict[int, int] = {}
    for a, b in graph.lines:
        if graph.items[b].reaction:
            enter.setdefault(b, a)
        else:
            leave.setdefault(a, b)
    rows = [(enter[r], r, leave[r]) for r in enter if r in leave]
    return np.array(rows, dtype=np.int32).reshape(-1, 3)


def _side(a: Ints, b: Ints, p: Ints) -> Ints:
    ab, ap = b - a, p - a
    return np.asarray(ab[..., 0] * ap[..., 1] - ab[..., 1] * ap[..., 0])


def _cross(a: Ints, b: Ints, c: Ints, d: Ints) -> Bools:
    """Whether lines a-b and c-d cross between their ends."""
    first = (_side(a, b, c) > 0) != (_side(a, b, d) > 0)
    return np.asarray(first & ((_side(c, d, a) > 0) != (_side(c, d, b) > 0)))


def _near(a: Ints, b: Ints, p: Ints) -> Bools:
    """Whether the line a-b passes behind an item at ``p``."""
    ab, ap = b - a, p - a
    along = ab[..., 0] * ap[..., 0] + ab[..., 1] * ap[..., 1]
    size = ab[..., 0] ** 2 + ab[..., 1] ** 2
    across = np.abs(ab[..., 0] * ap[..., 1] - ab[..., 1] * ap[..., 0])
    reach = np.abs(ab[..., 0]) * (CELL[1] // 2) + np.abs(ab[..., 1]) * (CELL[0] // 2)
    return np.asarray((along > 0) & (along < size) & (across < reach))


def untangle(graph: Graph, grid: Grid, cells: Ints) -> Ints:
    """Improve a placement; the result is never worse.

    Parameters
    ----------
    graph, grid
        What is placed, and where.
    cells
        Cell of every item.
    """
    tangle = _Tangle(graph, grid, cells)
    holder = np.full(grid.columns * grid.rows, -1, dtype=np.int64)
    holder[cells] = np.arange(cells.size)
    active = set(range(cells.size))
    for _ in range(_SWEEPS):
        changed: set[int] = set()
        for item in sorted(active):
            free = grid.regions[graph.items[item].homes]
            if _settle(tangle, holder, item, free):
                changed.add(item)
        if not changed:
            break
        lines = [line for i in changed for line in tangle.of[i]]
        active = changed | {int(k) for line in lines for k in tangle.lines[line]}
    return tangle.cells


def _settle(tangle: _Tangle, holder: Ints, item: int, free: Ints) -> bool:
    """Put one item where it costs least; return whether it moved."""
    others = tangle.spot[tangle.neighbours(item)]
    reach = np.abs(tangle.point(free)[:, None] - others).sum(axis=(1, 2))
    order = free[np.argsort(reach, kind="stable")]
    who = holder[order]
    here = int(tangle.cells[item])
    empty = np.concatenate([[here], order[who < 0][:_TRIED]])
    costs = tangle.costs(item, empty)
    best = int(np.argmin(costs))
    if costs[best] < costs[0]:
        holder[here], holder[empty[best]] = -1, item
        tangle.put(item, int(empty[best]))
        return True
    return False
