"""A map as PNG: the same shapes as the SVG, drawn by Pillow at twice the size and brought down."""

from __future__ import annotations

import io
import math
from functools import lru_cache
from typing import TYPE_CHECKING

from glutarium.report.extras import require
from glutarium.report.fonts import font
from glutarium.report.maps.legend import Bar
from glutarium.report.maps.shapes import LABEL_SIZE, MARKER, SPOT_SIZE, WORD_SIZE
from glutarium.report.maps.svg import ROUND
from glutarium.report.palette import CHANGE, ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from glutarium.report.maps.drawing import Arrow, Drawing, Pill
    from glutarium.report.maps.shapes import Box, Point

__all__ = ["png_map"]

_FINE = 2  # drawn so many times larger, then averaged
_GROUNDS = ("paper", "medium", "cytosol", "matrix")
_INKS = ("ink", "muted", "line", "absent", "cytosol-edge", "matrix-edge")
_APART = 16.0
_DASH = 3  # points of a broken line that are drawn, and that are left out


def png_map(drawing: Drawing) -> bytes:
    """Draw a map on white, one pixel per unit."""
    require("PIL")
    from PIL import Image, ImageDraw

    size = (round(drawing.width), round(drawing.height))
    large = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), ROLES["paper"].light)
    _shapes(ImageDraw.Draw(large), drawing)
    image = large.reduce(_FINE)
    _texts(ImageDraw.Draw(image), drawing)
    stream = io.BytesIO()
    few = image.quantize(palette=_palette(), dither=Image.Dither.NONE)
    few.save(stream, "PNG", compress_level=6)
    return stream.getvalue()


@lru_cache(maxsize=1)
def _palette() -> Image:
    """The colours of the map, and what edges of lines and letters blend of them: a third of the bytes."""
    from PIL import Image

    grounds = [_rgb(ROLES[role].light) for role in _GROUNDS]
    inks = [_rgb(ROLES[role].light) for role in _INKS]
    inks += [_rgb(shade.light) for shade in CHANGE.values()]
    blends = [
        tuple(round(a + share * (b - a)) for a, b in zip(first, second, strict=True))
        for first in grounds
        for second in inks
        for share in (0.25, 0.5, 0.75)
    ]
    # Pillow looks colours up coarsely, so that a blend beside a ground would take its place.
    apart = [b for b in blends if all(math.dist(b, ground) > _APART for ground in grounds)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in (*grounds, *inks, *apart) for part in colour])
    return palette


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def _scaled(points: Iterable[Point]) -> list[Point]:
    return [(x * _FINE, y * _FINE) for x, y in points]


def _frame(box: Box) -> tuple[float, float, float, float]:
    return box.left * _FINE, box.top * _FINE, box.right * _FINE, box.bottom * _FINE


def _colour(step: int | None) -> str:
    return ROLES["absent"].light if step is None else CHANGE[step].light


def _shapes(pen: ImageDraw, drawing: Drawing) -> None:
    for room in drawing.layout.rooms:
        role = {"e": "medium", "c": "cytosol"}.get(room.home, "matrix")
        edge = None if role == "medium" else ROLES[f"{role}-edge"].light
        radius = ROUND.get(room.home, 20) * _FINE
        pen.rounded_rectangle(
            _frame(room.box), radius, fill=ROLES[role].light, outline=edge, width=3 * _FINE
        )
    for arrow in sorted(drawing.arrows, key=lambda a: -a.width):
        _arrow(pen, arrow)
    for pill in drawing.pills:
        _pill(pen, pill)
    for bar in drawing.legend:
        if isinstance(bar, Bar):
            low, high = (bar.left, bar.top), (bar.left + bar.width, bar.top + bar.height)
            pen.rectangle(_scaled([low, high]), fill=_colour(bar.step))


def _arrow(pen: ImageDraw, arrow: Arrow) -> None:
    colour, width = _colour(arrow.step), max(1, round(arrow.width * _FINE))
    for curve in arrow.station.curves:
        pen.line(_scaled(curve), fill=ROLES["line"].light, width=_FINE, joint="curve")
    for stroke in arrow.strokes:
        points = _scaled(stroke.points)
        if arrow.step is None:
            for first in range(0, len(points) - 1, 2 * _DASH):
                pen.line(points[first : first + _DASH], fill=colour, width=width)
        else:
            pen.line(points, fill=colour, width=width, joint="curve")
        if stroke.head:
            pen.polygon(_scaled(stroke.head), fill=colour)
    (x, y), radius = arrow.station.at, max(MARKER - 1, arrow.width / 2 + 1)
    pen.ellipse(_scaled([(x - radius, y - radius), (x + radius, y + radius)]), fill=colour)


def _pill(pen: ImageDraw, pill: Pill) -> None:
    box, biomass = pill.spot.box, pill.spot.species.endswith("_b")
    radius = 4.0 if biomass else (box.bottom - box.top) / 2
    pen.rounded_rectangle(
        _frame(box),
        radius * _FINE,
        fill=ROLES["pill"].light,
        outline=_colour(pill.step),
        width=3 * _FINE if biomass else round(1.6 * _FINE),
    )


def _texts(pen: ImageDraw, drawing: Drawing) -> None:
    ink, muted = ROLES["ink"].light, ROLES["muted"].light
    for room in drawing.layout.rooms:
        pen.text(room.at, room.title, muted, font(16.0, bold=True), anchor="ls")
    for arrow in drawing.arrows:
        station = arrow.station
        box = station.label
        at = ((box.left + box.right) / 2, box.bottom - 2)
        pen.text(at, station.reaction, muted, font(LABEL_SIZE), anchor="ms")
        for word in station.words:
            low = (word.box.left, word.box.bottom - 3)
            pen.text(low, word.text, muted, font(WORD_SIZE), anchor="ls")
    for pill in drawing.pills:
        spot = pill.spot
        face = font(SPOT_SIZE, bold=spot.species.endswith("_b"))
        pen.text((spot.at[0], spot.at[1] + 5), spot.label, ink, face, anchor="ms")
    for note in drawing.legend:
        if not isinstance(note, Bar):
            face = font(note.size, bold=note.strong)
            colour = ink if note.strong else muted
            pen.text(
                (note.x, note.y), note.text, colour, face, anchor="ms" if note.centred else "ls"
            )
