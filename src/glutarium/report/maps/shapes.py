"""Frames of species and stations of reactions: what they are made of and how much room they need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from glutarium.report.maps.text import text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LABEL_SIZE",
    "MARKER",
    "SPOT_SIZE",
    "TITLE_SIZE",
    "WORD_SIZE",
    "Box",
    "Point",
    "Spot",
    "Station",
    "Word",
    "make_spot",
    "make_station",
]

Point: TypeAlias = tuple[float, float]

TITLE_SIZE, SPOT_SIZE, LABEL_SIZE, WORD_SIZE = 17.0, 14.0, 12.0, 10.0
"""Font sizes of compartments, of species, of reactions and of what stands beside these."""

MARKER = 4.0
"""Half the size of a reaction's marker."""

_PADDING, _HALF_HEIGHT = 9.0, 12.0
_ROW, _BETWEEN = 12.0, 5.0
_ROWS = 4  # words in a column
_OFF = 9.0  # from the line through a reaction to its label and words


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle; ``y`` runs downward."""

    left: float
    top: float
    right: float
    bottom: float

    def moved(self, x: float, y: float) -> Box:
        """Shift it."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def meets(self, other: Box) -> bool:
        """Whether the two have points in common, edges aside."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)

    def holds(self, point: Point, gap: float = 0.0) -> bool:
        """Whether a point lies in the box widened by ``gap``."""
        inside = self.left - gap <= point[0] <= self.right + gap
        return inside and self.top - gap <= point[1] <= self.bottom + gap

    def contains(self, other: Box) -> bool:
        """Whether another box lies in it."""
        beside = self.left <= other.left and other.right <= self.right
        return beside and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True, slots=True)
class Spot:
    """A species: a frame with its label around ``at``."""

    species: str
    label: str
    at: Point
    box: Box

    def moved(self, x: float, y: float) -> Spot:
        """Shift it."""
        return replace(self, at=(self.at[0] + x, self.at[1] + y), box=self.box.moved(x, y))


@dataclass(frozen=True, slots=True)
class Word:
    """A participant that is written beside its reaction."""

    species: str
    text: str
    consumed: bool
    box: Box


@dataclass(frozen=True, slots=True)
class Station:
    """A reaction: a marker at ``at`` with label and words.

    Attributes
    ----------
    reaction
        Its id.
    way
        Direction in which the line from substrate to product passes it: ``(1, 0)``, ``(0, -1)`` …
    label
        Where its id is written.
    words
        Participants beside it.
    curves
        Small lines between the words and the marker.
    box
        All of it.
    """

    reaction: str
    way: Point
    at: Point
    label: Box
    words: tuple[Word, ...]
    curves: tuple[tuple[Point, ...], ...]
    box: Box

    def moved(self, x: float, y: float) -> Station:
        """Shift it."""
        return Station(
            self.reaction,
            self.way,
            (self.at[0] + x, self.at[1] + y),
            self.label.moved(x, y),
            tuple(replace(word, box=word.box.moved(x, y)) for word in self.words),
            tuple(tuple((a + x, b + y) for a, b in curve) for curve in self.curves),
            self.box.moved(x, y),
        )


def make_spot(species: str, label: str) -> Spot:
    """A species at the origin."""
    half = text_width(label, SPOT_SIZE) / 2 + _PADDING
    return Spot(species, label, (0.0, 0.0), Box(-half, -_HALF_HEIGHT, half, _HALF_HEIGHT))


def make_station(
    reaction: str,
    way: Point,
    consumed: Sequence[tuple[str, str]],
    produced: Sequence[tuple[str, str]],
    *,
    border: bool = False,
) -> Station:
    """A reaction at the origin.

    Parameters
    ----------
    reaction
        Its id.
    way
        Direction of the line that passes it, along an axis.
    consumed, produced
        Species and text of its words.
    border
        Whether a compartment's border runs across the line: then the label stands beside it.
    """
    across = way[0] == 0
    label = _label(text_width(reaction, LABEL_SIZE), across=across, border=border)
    forward = way[0] + way[1]
    words, curves = [], []
    for pairs, eaten in ((consumed, True), (produced, False)):
        if not pairs:
            continue
        side = -forward if eaten else forward
        block = _block(pairs, consumed=eaten)
        shift = _shift(block, side, across=across)
        words += [replace(w, box=w.box.moved(*shift)) for w in block]
        curves.append(_curve(side, across=across, eaten=eaten))
    boxes = [label, Box(-MARKER, -MARKER, MARKER, MARKER), *(w.box for w in words)]
    return Station(reaction, way, (0.0, 0.0), label, tuple(words), tuple(curves), _around(boxes))


def _label(width: float, *, across: bool, border: bool) -> Box:
    if across:
        top = 3.0 if border else -_ROW / 2
        return Box(-_OFF - width, top, -_OFF, top + _ROW)
    left = MARKER if border else -width / 2
    return Box(left, _OFF - 1, left + width, _OFF - 1 + _ROW)


def _around(boxes: Sequence[Box]) -> Box:
    return Box(
        min(b.left for b in boxes),
        min(b.top for b in boxes),
        max(b.right for b in boxes),
        max(b.bottom for b in boxes),
    )


def _block(pairs: Sequence[tuple[str, str]], *, consumed: bool) -> list[Word]:
    """Words in columns, upper left at the origin."""
    words, left = [], 0.0
    starts = [*range(0, len(pairs), _ROWS), len(pairs)]
    for first, last in pairwise(starts):
        column = pairs[first:last]
        width = max(text_width(text, WORD_SIZE) for _, text in column)
        for row, (species, text) in enumerate(column):
            box = Box(left, row * _ROW, left + width, (row + 1) * _ROW)
            words.append(Word(species, text, consumed, box))
        left += width + _BETWEEN
    return words


def _shift(block: Sequence[Word], side: float, *, across: bool) -> Point:
    """Where a block goes: above a line to the right or left, right of one that runs down or up."""
    size = _around([w.box for w in block])
    if across:
        return (_OFF + 3, 3.0 if side > 0 else -3 - size.bottom)
    return (_OFF if side > 0 else -_OFF - size.right, -_OFF + 2 - size.bottom)


def _curve(side: float, *, across: bool, eaten: bool) -> tuple[Point, ...]:
    """A quarter of a turn between a block and the marker, from its start to its end."""
    far = _OFF * side
    corner, end = ((0.0, far), (_OFF + 2, far)) if across else ((far, 0.0), (far, -_OFF + 1))
    curve = [
        (2 * t * (1 - t) * corner[0] + t * t * end[0], 2 * t * (1 - t) * corner[1] + t * t * end[1])
        for t in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    return tuple(reversed(curve)) if eaten else tuple(curve)
