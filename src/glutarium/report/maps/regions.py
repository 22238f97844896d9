"""The grid on which a map is placed: which cells belong to which compartment or border."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from glutarium.report.maps.graph import CYTOSOL, MEDIUM

if TYPE_CHECKING:
    from glutarium.report.maps.graph import Graph

__all__ = ["Frame", "Grid", "make_grid"]

Ints: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.signedinteger[Any]]]

ROOM = 2.4  # cells per item: empty ones leave space for lines
_WIDE = 1.6  # width of a compartment over its height, in units of the drawing
CELL = (9, 4)  # width and height of a cell, in units in which lengths are compared
_BORDER_ROOM = 1.3  # cells of a border per transporter
_MARGIN = 2  # cells of medium around the cytosol


@dataclass(frozen=True, slots=True)
class Frame:
    """A compartment's rectangle of cells; its border runs through the outermost ones."""

    home: str
    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Last column."""
        return self.left + self.width - 1

    @property
    def bottom(self) -> int:
        """Last row."""
        return self.top + self.height - 1


@dataclass(frozen=True)
class Grid:
    """Cells with their region.

    Attributes
    ----------
    columns, rows
        Its size.
    frames
        The cytosol's, then those inside it.
    regions
        Region → cells as ``row * columns + column``; a region is what ``Item.homes`` holds.
    """

    columns: int
    rows: int
    frames: tuple[Frame, ...]
    regions: dict[tuple[str, ...], Ints]


def make_grid(graph: Graph) -> Grid:
    """Make a grid with room for all items of each region."""
    counts = Counter(item.homes for item in graph.items)
    inner = list(
        dict.fromkeys(
            home for i in graph.items for home in i.homes if home not in {MEDIUM, CYTOSOL}
        )
    )
    sizes = {home: _framed(counts[(home,)], counts[CYTOSOL, home]) for home in sorted(inner)}
    held = sum(w * h for w, h in sizes.values())
    wide, high = _framed(
        counts[(CYTOSOL,)] + math.ceil(held / ROOM),
        counts[MEDIUM, CYTOSOL],
        least=(
            sum(w + 2 for w, _ in sizes.values()),
            max((h for _, h in sizes.values()), default=0),
        ),
    )
    outer = Frame(CYTOSOL, _MARGIN, _MARGIN, wide, high)
    frames = (outer, *_inside(outer, sizes))
    columns, rows = wide + 2 * _MARGIN, high + 2 * _MARGIN
    while columns * rows - wide * high < ROOM * counts[(MEDIUM,)]:
        rows += 1
    return Grid(columns, rows, frames, _regions(columns, rows, frames))


def _framed(items: int, crossing: int, least: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """Columns and rows, border included, for items inside and transporters on the border."""
    area = max(1.0, ROOM * items)
    wide = max(1, round(math.sqrt(area * _WIDE * CELL[1] / CELL[0])), least[0])
    high = max(1, math.ceil(area / wide), least[1])
    while 2 * (wide + high) + 4 < _BORDER_ROOM * crossing:
        wide, high = (
            (wide + 1, high) if wide * CELL[0] < _WIDE * high * CELL[1] else (wide, high + 1)
        )
    return wide + 2, high + 2


def _inside(outer: Frame, sizes: dict[str, tuple[int, int]]) -> list[Frame]:
    """Frames side by side in the middle of the cytosol."""
    spare = outer.width - sum(w for w, _ in sizes.values())
    left, gap = outer.left, spare / (len(sizes) + 1)
    frames, used = [], 0
    for turn, (home, (wide, high)) in enumerate(sizes.items()):
        column = left + used + math.floor(gap * (turn + 1))
        frames.append(Frame(home, column, outer.top + (outer.height - high) // 2, wide, high))
        used += wide
    return frames


def _regions(columns: int, rows: int, frames: tuple[Frame, ...]) -> dict[tuple[str, ...], Ints]:
    y, x = np.divmod(np.arange(columns * rows), columns)
    names: list[tuple[str, ...]] = [(MEDIUM,)]
    code = np.zeros(columns * rows, dtype=np.int64)
    for frame in frames:
        inside = (x >= frame.left) & (x <= frame.right) & (y >= frame.top) & (y <= frame.bottom)
        edge = inside & (
            (x == frame.left) | (x == frame.right) | (y == frame.top) | (y == frame.bottom)
        )
        around = MEDIUM if frame.home == CYTOSOL else CYTOSOL
        code[inside], code[edge] = len(names), len(names) + 1
        names += [(frame.home,), (around, frame.home)]
    return {name: np.flatnonzero(code == i) for i, name in enumerate(names)}
