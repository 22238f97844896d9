"""Axes on a sheet: ticks at round numbers, their labels, titles, the legend."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.report.maps.shapes import Box
from glutarium.report.palette import ROLES
from glutarium.report.sheet import Line, Words, text_length
from glutarium.report.words import brief

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glutarium.report.maps.shapes import Point

__all__ = [
    "EDGE",
    "GRID",
    "INK",
    "LABEL",
    "MUTED",
    "SMALL",
    "TICK",
    "Box",
    "Scale",
    "heading",
    "legend_places",
    "level",
    "ticks",
    "upright",
]

TITLE, LABEL, SMALL, TICK = 9.5, 8.5, 8.0, 3.5
"""Sizes of titles, of axis labels and of tick labels; length of a tick. Points."""

GRID, EDGE, INK, MUTED = (ROLES[role].light for role in ("grid", "line", "ink", "muted"))

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_DIGIT = 0.365  # half the height of a digit over the size of the letters
_ABOVE = 6.0  # from the upper edge to the base line of a title
_HANDLE, _AFTER, _BETWEEN, _LINE = 14.4, 7.2, 12.6, 13.5  # of a legend, points
_LEGEND = (8.0, 12.0)  # where a legend's first line begins, points
_LEGEND_SIZE = 9.0


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places on a line."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Place of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most so many steps apart."""
    rough = (high - low) / most
    ten = 10.0 ** math.floor(math.log10(rough))
    step = next(ten * part for part in _ROUND if ten * part >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def upright(box: Box, scale: Scale, values: Sequence[float]) -> Iterator[Line | Words]:
    """Ticks and labels left of a panel."""
    for value in values:
        y = scale(value)
        yield Line(((box.left - TICK, y), (box.left, y)), EDGE)
        at = (box.left - 2 * TICK, y + _DIGIT * SMALL)
        yield Words(at, brief(value), MUTED, SMALL, anchor="end")


def level(box: Box, scale: Scale, values: Sequence[float]) -> Iterator[Line | Words]:
    """Ticks and labels below a panel."""
    for value in values:
        x = scale(value)
        yield Line(((x, box.bottom), (x, box.bottom + TICK)), EDGE)
        at = (x, box.bottom + 2 * TICK + 2 * _DIGIT * SMALL + 0.5)
        yield Words(at, brief(value), MUTED, SMALL, anchor="middle")


def heading(box: Box, title: str, unit: str = "") -> Iterator[Words]:
    """Title above a panel and its unit at the right."""
    y = box.top - _ABOVE
    yield Words((box.left, y), title, INK, TITLE, bold=True)
    if unit not in ("", "1"):
        yield Words((box.right, y), unit, MUTED, SMALL, anchor="end")


def legend_places(
    names: Sequence[str], columns: int, size: float = _LEGEND_SIZE, handle: float = _HANDLE
) -> list[tuple[Point, float]]:
    """Where the handles of a legend that reads by rows begin, and where their words do."""
    widths = [
        max(text_length(n, size) for n in names[c::columns])
        for c in range(min(columns, len(names)))
    ]
    lefts = [_LEGEND[0]]
    for width in widths:
        lefts.append(lefts[-1] + handle + _AFTER + width + _BETWEEN)
    return [
        (
            (lefts[i % columns], _LEGEND[1] + i // columns * _LINE),
            lefts[i % columns] + handle + _AFTER,
        )
        for i in range(len(names))
    ]
