"""Widths, ends and heads of arrows."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glutarium.report.maps.shapes import Point

__all__ = ["dashes", "head", "shortened", "thinned", "width_of"]

_THIN, _THICK = 1.4, 12.0


def width_of(flux: float, largest: float) -> float:
    """Width of an arrow; grows with the root of the flux, so that small fluxes can be told apart."""
    if not math.isfinite(flux) or largest <= 0:
        return _THIN
    return _THIN + (_THICK - _THIN) * math.sqrt(min(1.0, abs(flux) / largest))


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


@lru_cache(maxsize=4096)  # the same lines in the map of every arm
def thinned(line: tuple[Point, ...], off: float) -> tuple[Point, ...]:
    """Line without points that lie less than ``off`` beside the straight way between those kept."""
    kept, last = [line[0]], 0
    for here in range(2, len(line)):
        if any(_beside(line[last], line[here], line[k]) >= off for k in range(last + 1, here)):
            last = here - 1
            kept.append(line[last])
    return (*kept, line[-1])


def _beside(start: Point, end: Point, point: Point) -> float:
    """Distance of a point from the line through two others."""
    length = math.dist(start, end)
    if length == 0:
        return math.dist(start, point)
    (x0, y0), (x1, y1), (x, y) = start, end, point
    return abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length


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


def dashes(points: Sequence[Point], dash: Sequence[float]) -> Iterator[list[Point]]:
    """Pieces of a line that are drawn."""
    turn, left, piece = 0, dash[0], [points[0]]
    for start, end in pairwise(points):
        here, length = start, math.dist(start, end)
        while length > left:
            share = left / length
            here = (here[0] + share * (end[0] - here[0]), here[1] + share * (end[1] - here[1]))
            length -= left
            if turn % 2 == 0:
                yield [*piece, here]
            turn += 1
            left, piece = dash[turn % len(dash)], [here]
        left -= length
        piece.append(end)
    if turn % 2 == 0 and len(piece) > 1:
        yield piece
