"""A sheet for the figures that every report has: lines, areas and words, written as SVG and as PNG.

Loading Matplotlib and drawing two dozen panels with it takes longer than the run that they show, so
these few shapes are written as they are. Lengths are points (1/72 inch) from the upper left corner.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, Literal, TypeAlias

from glutarium.report.extras import require
from glutarium.report.fonts import font
from glutarium.report.palette import ROLES
from glutarium.report.render import DPI, Picture, opening, themed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from PIL.Image import Image

    from glutarium.report.maps.shapes import Point
    from glutarium.report.palette import Dash, Shade

__all__ = ["POINTS", "Area", "Line", "Sheet", "Words", "rectangle", "text_length"]

POINTS = 72.0
"""Points per inch."""

Anchor: TypeAlias = Literal["start", "middle", "end"]

_FINE = 2  # the PNG is drawn so many times larger, then averaged
_MEASURED = 64.0  # size of the letters whose widths are measured, pixels
_DASHES: dict[Dash, tuple[float, ...]] = {
    "-": (),
    "--": (3.7, 1.6),
    ":": (1.0, 1.65),
    "-.": (6.4, 1.6, 1.0, 1.6),
}
"""Lengths drawn and left out, in widths of the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points."""

    points: tuple[Point, ...]
    colour: str
    width: float = 0.8
    dash: Dash = "-"


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon; ``opacity`` lets what lies under it through."""

    points: tuple[Point, ...]
    colour: str
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """Text on a base line that starts, is centred or ends at a point."""

    at: Point
    text: str
    colour: str
    size: float
    bold: bool = False
    anchor: Anchor = "start"


@dataclass
class Sheet:
    """Shapes in the order in which they are drawn.

    Attributes
    ----------
    width, height
        Size, inches.
    shapes
        What is on it.
    """

    width: float
    height: float
    shapes: list[Line | Area | Words] = field(default_factory=list)

    def add(self, shapes: Iterable[Line | Area | Words]) -> None:
        """Put shapes on top."""
        self.shapes.extend(shapes)

    def picture(self, name: str, alt: str, shades: Mapping[str, Shade]) -> Picture:
        """Write both files; see :func:`glutarium.report.render.picture`."""
        size = f"{self.width * POINTS:g} {self.height * POINTS:g}"
        body = "".join(map(_svg, self.shapes))
        whole = f'<svg viewBox="0 0 {size}">{body}</svg>'
        return Picture(name, alt, opening(themed(whole, shades), alt), self._png())

    def _png(self) -> bytes:
        require("PIL")
        from PIL import Image as Images

        across, down = (round(x * DPI) for x in (self.width, self.height))
        image = Images.new("RGB", (across * _FINE, down * _FINE), ROLES["paper"].light)
        _draw(image, [s for s in self.shapes if not isinstance(s, Words)])
        image = image.reduce(_FINE)
        _write(image, [s for s in self.shapes if isinstance(s, Words)])
        stream = io.BytesIO()
        image.save(stream, "PNG", compress_level=4)
        return stream.getvalue()


def rectangle(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    """Corners of an upright rectangle."""
    return (left, top), (right, top), (right, bottom), (left, bottom)


def text_length(text: str, size: float, *, bold: bool = False) -> float:
    """How long a line of text is."""
    return font(_MEASURED, bold=bold).getlength(text) * size / _MEASURED


# ------------------------------------------------------------------------------------------- SVG


def _svg(shape: Line | Area | Words) -> str:
    if isinstance(shape, Words):
        weight = "bold " if shape.bold else ""
        anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
        return (
            f'<text x="{shape.at[0]:.1f}" y="{shape.at[1]:.1f}"{anchor} style="font: {weight}'
            f'{shape.size:g}px var(--font); fill: {shape.colour}">{escape(shape.text)}</text>'
        )
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in shape.points)
    if isinstance(shape, Area):
        style = f"fill: {shape.colour}" + (f"; opacity: {shape.opacity:g}" * (shape.opacity < 1))
        return f'<polygon points="{points}" style="{style}"/>'
    lengths = " ".join(f"{part * shape.width:g}" for part in _DASHES[shape.dash])
    dash = f"; stroke-dasharray: {lengths}" if lengths else "; stroke-linecap: square"
    style = f"fill: none; stroke: {shape.colour}; stroke-width: {shape.width:g}{dash}"
    return f'<polyline points="{points}" style="{style}; stroke-linejoin: round"/>'


# ------------------------------------------------------------------------------------------- PNG


def _draw(image: Image, shapes: Iterable[Line | Area]) -> None:
    from PIL import ImageDraw

    pen, scale = ImageDraw.Draw(image), DPI / POINTS * _FINE
    for shape in shapes:
        points = [(x * scale, y * scale) for x, y in shape.points]
        if isinstance(shape, Line):
            width = max(1, round(shape.width * scale))
            for piece in _dashed(points, [d * shape.width * scale for d in _DASHES[shape.dash]]):
                pen.line(piece, fill=shape.colour, width=width, joint="curve")
        elif shape.opacity < 1.0:
            _tint(image, points, shape)
        else:
            pen.polygon(points, fill=shape.colour)


def _tint(image: Image, points: Sequence[Point], shape: Area) -> None:
    """Lay a colour over part of an image that shows through."""
    from PIL import Image as Images
    from PIL import ImageDraw

    left, top = (int(min(p[i] for p in points)) for i in (0, 1))
    right, bottom = (int(max(p[i] for p in points)) + 1 for i in (0, 1))
    mask = Images.new("L", (right - left, bottom - top), 0)
    inside = [(x - left, y - top) for x, y in points]
    ImageDraw.Draw(mask).polygon(inside, fill=round(255 * shape.opacity))
    image.paste(shape.colour, (left, top), mask)


def _dashed(points: Sequence[Point], lengths: Sequence[float]) -> list[list[Point]]:
    """Pieces of a line that are drawn; all of it without lengths."""
    if not lengths:
        return [list(points)]
    pieces: list[list[Point]] = [[points[0]]]
    turn, left = 0, lengths[0]
    for (x0, y0), (x1, y1) in pairwise(points):
        whole = hypot(x1 - x0, y1 - y0)
        done = 0.0
        while whole - done > left:
            done += left
            share = done / whole
            at = (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
            turn = (turn + 1) % len(lengths)
            if turn % 2:
                pieces[-1].append(at)
            else:
                pieces.append([at])
            left = lengths[turn]
        left -= whole - done
        if turn % 2 == 0:
            pieces[-1].append((x1, y1))
    return [piece for piece in pieces if len(piece) > 1]


def _write(image: Image, shapes: Iterable[Words]) -> None:
    from PIL import ImageDraw

    pen, scale = ImageDraw.Draw(image), DPI / POINTS
    anchors: dict[Anchor, str] = {"start": "ls", "middle": "ms", "end": "rs"}
    for words in shapes:
        at = (words.at[0] * scale, words.at[1] * scale)
        face = font(words.size * scale, bold=words.bold)
        pen.text(at, words.text, words.colour, face, anchor=anchors[words.anchor])
