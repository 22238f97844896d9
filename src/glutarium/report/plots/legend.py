"""Entries in rows: a sample of each line or colour with its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.report.maps.text import text_width
from glutarium.report.palette import ROLES
from glutarium.report.plots.canvas import Block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.report.plots.canvas import Canvas, Point

__all__ = ["ROW", "Entry", "draw_legend", "legend_rows"]

ROW = 22.0
"""Height of a row, pixels."""

_SIZE, _SAMPLE, _GAP, _BETWEEN = 12.0, 24.0, 7.0, 20.0
_DROP = 15.0  # from the top of a row to the line on which its names stand
_HALF = 4.0  # half the height of small letters
_SQUARE = 12.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend; ``dash`` None draws a square instead of a line."""

    name: str
    colour: str
    dash: tuple[float, ...] | None = None


def _sample(entry: Entry) -> float:
    return _SQUARE if entry.dash is None else _SAMPLE


def _rows(entries: Sequence[Entry], width: float) -> list[list[tuple[float, Entry]]]:
    """Entries with where they begin, row by row."""
    rows: list[list[tuple[float, Entry]]] = [[]]
    left = 0.0
    for entry in entries:
        needed = _sample(entry) + _GAP + text_width(entry.name, _SIZE)
        if rows[-1] and left + needed > width:
            rows.append([])
            left = 0.0
        rows[-1].append((left, entry))
        left += needed + _BETWEEN
    return rows


def legend_rows(entries: Sequence[Entry], width: float) -> int:
    """How many rows the entries need."""
    return len(_rows(entries, width))


def draw_legend(canvas: Canvas, entries: Sequence[Entry], at: Point, width: float) -> None:
    """Write the entries from an upper left corner on, within a width."""
    for number, row in enumerate(_rows(entries, width)):
        base = at[1] + number * ROW + _DROP
        for left, entry in row:
            x = at[0] + left
            if entry.dash is None:
                block = Block(x, base - _HALF - _SQUARE / 2, _SQUARE, _SQUARE, entry.colour)
                canvas.shapes.append(block)
            else:
                ends = [(x, base - _HALF), (x + _SAMPLE, base - _HALF)]
                canvas.line(ends, entry.colour, 3.0, entry.dash)
            text = x + _sample(entry) + _GAP
            canvas.words((text, base), entry.name, _SIZE, ROLES["ink"].light)
