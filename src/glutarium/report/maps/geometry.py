"""Widths, ends and heads of arrows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.report.maps.shapes import Point

__all__ = ["head", "shortened", "width_of"]

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
