"""A map as SVG: inline for the page, or a file of its own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from glutarium.report.maps.geometry import thinned
from glutarium.report.maps.legend import Bar, Note
from glutarium.report.maps.shapes import LABEL_SIZE, MARKER, SPOT_SIZE, WORD_SIZE
from glutarium.report.palette import CHANGE, ROLES, css_variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.report.maps.drawing import Arrow, Drawing, Pill
    from glutarium.report.maps.layout import Room
    from glutarium.report.maps.shapes import Box, Point, Station

__all__ = ["both_svg", "inline_svg", "map_css", "standalone_svg"]

_VISIBLE = 0.25  # how far a line may be off in units of the drawing

ROUND = {"e": 18.0, "c": 26.0}
"""Radius of a compartment's corners; 20 for those inside the cytosol."""


def inline_svg(drawing: Drawing, alt: str) -> str:
    """SVG element that takes its colours from the page."""
    return _whole(drawing, alt, _body(drawing))


def standalone_svg(drawing: Drawing, alt: str) -> str:
    """SVG document with its own colours for light and dark."""
    return _document(drawing, alt, _body(drawing))


def both_svg(drawing: Drawing, alt: str) -> tuple[str, str]:
    """Element for the page and document of its own: writing the shapes takes most of the time."""
    body = _body(drawing)
    return _whole(drawing, alt, body), _document(drawing, alt, body)


def _document(drawing: Drawing, alt: str, body: str) -> str:
    shades = {**ROLES, **{f"change{step}": shade for step, shade in CHANGE.items()}}
    css = (
        f":root {{ {css_variables(shades, 'light')} --font: 'DejaVu Sans', system-ui, sans-serif; }}"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {css_variables(shades, 'dark')} }} }}"
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + _whole(drawing, alt, f"<style>{css}{map_css()}</style>{body}") + "\n"


def map_css() -> str:
    """Rules that the shapes of the map need."""
    steps = "".join(
        f".map .s{step} {{ stroke: var(--change{step}); fill: var(--change{step}); }}"
        for step in CHANGE
    )
    return (
        ".map { font-family: var(--font); background: var(--paper); }"
        ".map text { fill: var(--ink); stroke: none; }"
        ".map path { fill: none; stroke-linecap: round; stroke-linejoin: round; }"
        ".map .side { stroke: var(--line); stroke-width: 1.2px; }"
        ".map .note { fill: var(--muted); } .map .note.strong { fill: var(--ink); font-weight: 600; }"
        ".map .a polygon, .map .a circle { stroke: none; }"
        ".map .absent { stroke: var(--absent); fill: var(--absent); }"
        ".map .absent path { stroke-dasharray: 5 4; }"
        f"{steps}"
        f".map .a text {{ font-size: {LABEL_SIZE:g}px; text-anchor: middle; fill: var(--muted); }}"
        f".map .a .w {{ font-size: {WORD_SIZE:g}px; text-anchor: start; fill: var(--muted); }}"
        ".map .p rect { fill: var(--pill); stroke-width: 1.6px; }"
        f".map .p text {{ font-size: {SPOT_SIZE:g}px; text-anchor: middle; }}"
        ".map .b rect { stroke-width: 3px; } .map .b text { font-weight: 600; }"
        ".map .place { font-size: 16px; font-weight: 600; fill: var(--muted); }"
        ".map g.a:hover path { stroke: var(--ink); } .map g.a:hover polygon { fill: var(--ink); }"
        ".map g.a:hover text { fill: var(--ink); }"
    )


def _whole(drawing: Drawing, alt: str, body: str) -> str:
    opening = (
        '<svg class="map" xmlns="http://www.w3.org/2000/svg"'
        f' viewBox="0 0 {drawing.width:g} {drawing.height:g}" role="img" aria-label="{escape(alt)}">'
    )
    return f"{opening}{body}</svg>"


def _body(drawing: Drawing) -> str:
    parts = [
        "".join(_room(room) for room in drawing.layout.rooms),
        # Wide arrows first, so that thin ones are not hidden beneath them.
        "".join(_arrow(a) for a in sorted(drawing.arrows, key=lambda a: -a.width)),
        "".join(_pill(pill) for pill in drawing.pills),
        "".join(_legend_shape(shape) for shape in drawing.legend),
    ]
    return "".join(parts)


def _room(room: Room) -> str:
    role = {"e": "medium", "c": "cytosol"}.get(room.home, "matrix")
    edge = "none" if role == "medium" else f"var(--{role}-edge)"
    return (
        f'<rect {_rect(room.box)} rx="{ROUND.get(room.home, 20):g}" fill="var(--{role})"'
        f' stroke="{edge}" stroke-width="3"/>'
        f'<text class="place" x="{room.at[0]:g}" y="{room.at[1]:g}">{escape(room.title)}</text>'
    )


def _rect(box: Box) -> str:
    return (
        f'x="{box.left:.1f}" y="{box.top:.1f}" width="{box.right - box.left:.1f}"'
        f' height="{box.bottom - box.top:.1f}"'
    )


def _class(step: int | None) -> str:
    return "absent" if step is None else f"s{step}"


def _arrow(arrow: Arrow) -> str:
    lines = "".join(f"M{_path(s.points)}" for s in arrow.strokes)
    heads = "".join(
        f'<polygon points="{" ".join(_pair(p) for p in s.head)}"/>' for s in arrow.strokes if s.head
    )
    x, y = arrow.station.at
    radius = max(MARKER - 1, arrow.width / 2 + 1)
    return (
        f'<g class="a {_class(arrow.step)}"><title>{escape(arrow.hover)}</title>'
        f"{_sides(arrow.station)}"
        f'<path d="{lines}" stroke-width="{arrow.width:.1f}"/>{heads}'
        f'<circle cx="{x:g}" cy="{y:g}" r="{radius:.1f}"/>{_words(arrow.station)}</g>'
    )


def _sides(station: Station) -> str:
    return "".join(f'<path class="side" d="M{_path(curve)}"/>' for curve in station.curves)


def _words(station: Station) -> str:
    box = station.label
    words = "".join(
        f'<text class="w" x="{w.box.left:.1f}" y="{w.box.bottom - 3:.1f}">{escape(w.text)}</text>'
        for w in station.words
    )
    middle = (box.left + box.right) / 2
    name = escape(station.reaction)
    return f'<text x="{middle:.1f}" y="{box.bottom - 2:.1f}">{name}</text>{words}'


def _path(points: Sequence[Point]) -> str:
    return " L".join(_pair(p) for p in thinned(points, _VISIBLE))


def _pair(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _pill(pill: Pill) -> str:
    spot = pill.spot
    biomass = spot.species.endswith("_b")
    shape = 4 if biomass else (spot.box.bottom - spot.box.top) / 2
    return (
        f'<g class="{"p b" if biomass else "p"}"><title>{escape(pill.hover)}</title>'
        f'<rect class="{_class(pill.step)}" style="fill:var(--pill)" {_rect(spot.box)} rx="{shape:g}"/>'
        f'<text x="{spot.at[0]:g}" y="{spot.at[1] + 5:g}">{escape(spot.label)}</text></g>'
    )


def _legend_shape(shape: Bar | Note) -> str:
    if isinstance(shape, Bar):
        return (
            f'<rect class="s{shape.step}" x="{shape.left:g}" y="{shape.top:.1f}"'
            f' width="{shape.width:g}" height="{shape.height:.1f}"/>'
        )
    kind = "note strong" if shape.strong else "note"
    anchor = ' text-anchor="middle"' if shape.centred else ""
    return (
        f'<text class="{kind}" x="{shape.x:g}" y="{shape.y:g}"{anchor}'
        f' style="font-size:{shape.size:g}px">{escape(shape.text)}</text>'
    )
