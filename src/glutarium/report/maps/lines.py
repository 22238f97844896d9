"""Lines between species and reactions: smooth, through the marker in its direction, around others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.report.maps.shapes import Box, Point, Spot, Station

__all__ = ["Line", "draw_line"]

_GAP = 3.0  # between a line's end and the frame
_STEPS = 20
_BOWS = (0.0, 0.22, -0.22, 0.45, -0.45, 0.7, -0.7)  # of its length, by which a line may swing out
_STIFF, _LONGEST = 0.45, 70.0  # how far a line keeps a reaction's direction
_LEAN = 0.4


@dataclass(frozen=True, slots=True)
class Line:
    """A line from a substrate to its reaction, or from a reaction to its product.

    Attributes
    ----------
    reaction, species
        What it joins.
    enters
        Whether it comes from a substrate.
    points
        From its start to its end, the frame's gap left out.
    controls
        Control points of the cubic curve, for formats that hold curves.
    """

    reaction: str
    species: str
    enters: bool
    points: tuple[Point, ...]
    controls: tuple[Point, Point]


def draw_line(
    station: Station, spot: Spot, boxes: Sequence[Box], sheet: Box, *, enters: bool
) -> Line:
    """Join a reaction and a species.

    Parameters
    ----------
    station, spot
        The two ends.
    boxes
        What the line should go around: frames, labels and words.
    sheet
        What the line must not leave.
    enters
        Whether the species is a substrate.
    """
    near = _near(boxes, station.at, spot.at)
    found: list[tuple[int, tuple[Point, ...], tuple[Point, Point]]] = []
    for bow in _BOWS:
        controls = _controls(station, spot, bow, enters=enters)
        points = _cut(_curve(spot.at, *controls, station.at), spot.box)
        hits = sum(b.holds(p, 1.0) for b in near for p in points)
        hits += sum(not sheet.holds(p, -_GAP) for p in points)
        found.append((hits, points, controls))
        if hits == 0:
            break
    _, points, controls = min(found, key=lambda one: one[0])
    if enters:
        return Line(station.reaction, spot.species, enters, points, controls)
    return Line(station.reaction, spot.species, enters, points[::-1], controls[::-1])


def _near(boxes: Sequence[Box], a: Point, b: Point) -> list[Box]:
    """Boxes that a curve between two points may meet."""
    reach = math.dist(a, b)
    x, y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    left, right, top, bottom = x - reach, x + reach, y - reach, y + reach
    return [
        box
        for box in boxes
        if box.left <= right and left <= box.right and box.top <= bottom and top <= box.bottom
    ]


def _controls(station: Station, spot: Spot, bow: float, *, enters: bool) -> tuple[Point, Point]:
    """Control points, first that at the species; a bow swings them out to one side."""
    (x0, y0), (x1, y1) = spot.at, station.at
    length = math.dist(spot.at, station.at) or 1.0
    sign = -1.0 if enters else 1.0
    keep = min(_LONGEST, _STIFF * length) * sign
    late = (x1 + station.way[0] * keep, y1 + station.way[1] * keep)
    early = (x0 + (late[0] - x0) * _LEAN, y0 + (late[1] - y0) * _LEAN)
    side = (-(y1 - y0) * bow, (x1 - x0) * bow)
    return (early[0] + side[0], early[1] + side[1]), (late[0] + side[0] / 2, late[1] + side[1] / 2)


def _curve(a: Point, b: Point, c: Point, d: Point) -> list[Point]:
    points = []
    for step in range(_STEPS + 1):
        t = step / _STEPS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        x = sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True))
        y = sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True))
        points.append((round(x, 2), round(y, 2)))
    return points


def _cut(points: Sequence[Point], box: Box) -> tuple[Point, ...]:
    """Leave out what lies in the frame at the first point."""
    first = next((i for i, p in enumerate(points) if not box.holds(p, _GAP)), len(points) - 1)
    if first == 0:
        return tuple(points)
    inside, outside = points[first - 1], points[first]
    for _ in range(16):
        middle = ((inside[0] + outside[0]) / 2, (inside[1] + outside[1]) / 2)
        inside, outside = (middle, outside) if box.holds(middle, _GAP) else (inside, middle)
    return (round(outside[0], 2), round(outside[1], 2)), *points[first:]
