"""A canvas as PNG on white, drawn by Pillow at twice the size of its pixels."""

from __future__ import annotations

import io
from functools import singledispatch
from typing import TYPE_CHECKING

from glutarium.report.extras import require
from glutarium.report.fonts import font
from glutarium.report.maps.geometry import dashes
from glutarium.report.palette import ROLES
from glutarium.report.plots.canvas import Area, Block, Dot, Line, Shape, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.ImageDraw import ImageDraw

    from glutarium.report.plots.canvas import Canvas, Point

__all__ = ["png_bytes"]

_FINE = 2
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png_bytes(canvas: Canvas) -> bytes:
    """Draw a canvas."""
    require("PIL")
    from PIL import Image, ImageDraw

    size = (round(canvas.width * _FINE), round(canvas.height * _FINE))
    image = Image.new("RGB", size, ROLES["paper"].light)
    pen = ImageDraw.Draw(image, "RGBA")
    for shape in canvas.shapes:
        _draw(shape, pen)
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def _fine(points: Iterable[Point]) -> list[Point]:
    return [(x * _FINE, y * _FINE) for x, y in points]


@singledispatch
def _draw(shape: Shape, pen: ImageDraw) -> None:
    raise TypeError(type(shape))


@_draw.register(Line)
def _(shape: Line, pen: ImageDraw) -> None:
    width = max(1, round(shape.width * _FINE))
    for piece in dashes(shape.points, shape.dash) if shape.dash else [shape.points]:
        pen.line(_fine(piece), fill=shape.colour, width=width, joint="curve")


@_draw.register(Area)
def _(shape: Area, pen: ImageDraw) -> None:
    pen.polygon(_fine(shape.points), fill=f"{shape.colour}{round(255 * shape.opacity):02x}")


@_draw.register(Block)
def _(shape: Block, pen: ImageDraw) -> None:
    low = (shape.left, shape.top)
    high = (shape.left + shape.width, shape.top + shape.height)
    pen.rectangle(_fine([low, high]), fill=shape.colour, outline=shape.edge or None)


@_draw.register(Dot)
def _(shape: Dot, pen: ImageDraw) -> None:
    (x, y), r = shape.at, shape.radius
    pen.ellipse(_fine([(x - r, y - r), (x + r, y + r)]), fill=shape.colour)


@_draw.register(Words)
def _(shape: Words, pen: ImageDraw) -> None:
    letters = font(shape.size * _FINE, bold=shape.strong)
    ((x, y),) = _fine([shape.at])
    pen.text((x, y), shape.text, shape.colour, letters, anchor=_ANCHORS[shape.anchor])
