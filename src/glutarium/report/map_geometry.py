"""Lines between nodes: cut at the frames, rounded at the corners, with a head at the end."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.report.map_layout import Node, Point

__all__ = ["between", "head", "longest", "rounded", "shortened", "width_of"]

_THIN, _THICK = 1.4, 12.0
_GAP = 3.0
_RADIUS = 16.0
_CORNER_STEPS = 5
_HALVINGS = 24


def width_of(flux: float, largest: float) -> float:
    """Width of an arrow; grows with the root of the flux, so that small fluxes can be told apart."""
    if not math.isfinite(flux) or largest <= 0:
        return _THIN
    return _THIN + (_THICK - _THIN) * math.sqrt(min(1.0, abs(flux) / largest))


def between(start: Node, end: Node, path: Sequence[Point]) -> list[Point]:
    """Polyline from the frame of ``start`` through ``path`` to the frame of ``end``."""
    line = [(start.x, start.y), *path, (end.x, end.y)]
    return _cut(_cut(line, start)[::-1], end)[::-1]


def _cut(line: list[Point], node: Node) -> list[Point]:
    """Drop what lies within the frame of the node at the first point."""
    first = next((i for i, p in enumerate(line) if not node.covers(p, _GAP)), None)
    if first is None or first == 0:
        return line
    inside, outside = line[first - 1], line[first]
    for _ in range(_HALVINGS):
        middle = ((inside[0] + outside[0]) / 2, (inside[1] + outside[1]) / 2)
        if node.covers(middle, _GAP):
            inside = middle
        else:
            outside = middle
    return [outside, *line[first:]]


def shortened(line: Sequence[Point], by: float) -> list[Point]:
    """Line without its last ``by`` units of length; at least its first stretch stays."""
    points = list(line)
    while len(points) > 2 and math.dist(points[-2], points[-1]) <= by:  # noqa: PLR2004
        by -= math.dist(points[-2], points[-1])
        points.pop()
    (x0, y0), (x1, y1) = points[-2:]
    length = math.dist((x0, y0), (x1, y1))
    share = max(0.0, 1 - by / length) if length else 1.0
    points[-1] = (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
    return points


def head(line: Sequence[Point], length: float, width: float) -> list[Point]:
    """Triangle with its tip at the end of the line."""
    (x0, y0), (x1, y1) = line[-2:]
    size = math.dist((x0, y0), (x1, y1)) or 1.0
    dx, dy = (x1 - x0) / size, (y1 - y0) / size
    back_x, back_y = x1 - length * dx, y1 - length * dy
    half = width / 2
    left = (back_x - half * dy, back_y + half * dx)
    right = (back_x + half * dy, back_y - half * dx)
    return [left, (x1, y1), right]


def rounded(line: Sequence[Point]) -> list[Point]:
    """Replace corners by short arcs (quadratic curves, as points)."""
    points = [line[0]]
    for before, corner, after in zip(line, line[1:], line[2:], strict=False):
        reach = min(_RADIUS, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        enter, leave = _toward(corner, before, reach), _toward(corner, after, reach)
        for step in range(_CORNER_STEPS + 1):
            t = step / _CORNER_STEPS
            points.append(
                (
                    (1 - t) ** 2 * enter[0] + 2 * t * (1 - t) * corner[0] + t**2 * leave[0],
                    (1 - t) ** 2 * enter[1] + 2 * t * (1 - t) * corner[1] + t**2 * leave[1],
                )
            )
    return [*points, line[-1]]


def _toward(start: Point, goal: Point, distance: float) -> Point:
    length = math.dist(start, goal) or 1.0
    share = distance / length
    return start[0] + share * (goal[0] - start[0]), start[1] + share * (goal[1] - start[1])


def longest(line: Sequence[Point]) -> tuple[Point, Point]:
    """Ends of the longest stretch of a line."""
    return max(pairwise(line), key=lambda pair: round(math.dist(*pair), 6))
