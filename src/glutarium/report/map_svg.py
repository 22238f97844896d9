"""The network map as SVG: inline for the page, or a file of its own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from glutarium.report.map_layout import COMPARTMENTS, HEIGHT, WIDTH
from glutarium.report.map_legend import Bar, Note
from glutarium.report.palette import CHANGE, ROLES, css_variables

if TYPE_CHECKING:
    from glutarium.report.map_layout import Point
    from glutarium.report.network_map import Arrow, NetworkMap, Pill

__all__ = ["inline_svg", "map_css", "standalone_svg"]


def inline_svg(drawing: NetworkMap, alt: str) -> str:
    """SVG element that takes its colours from the page."""
    return _svg(drawing, alt, "")


def standalone_svg(drawing: NetworkMap, alt: str) -> str:
    """SVG document with its own colours for light and dark."""
    shades = {**ROLES, **{f"change{step}": shade for step, shade in CHANGE.items()}}
    css = (
        f":root {{ {css_variables(shades, 'light')} --font: system-ui, sans-serif; }}"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {css_variables(shades, 'dark')} }} }}"
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + _svg(drawing, alt, f"<style>{css}{map_css()}</style>") + "\n"


def map_css() -> str:
    """Rules that the shapes of the map need."""
    steps = "".join(
        f".map .s{step} {{ stroke: var(--change{step}); fill: var(--change{step}); }}"
        for step in CHANGE
    )
    return (
        ".map { font-family: var(--font); background: var(--medium); }"
        ".map text { fill: var(--ink); }"
        ".map path { fill: none; stroke-linecap: butt; stroke-linejoin: round; }"
        ".map .link { stroke: var(--line); stroke-width: 1.4px; }"
        ".map .note { fill: var(--muted); } .map .note.strong { fill: var(--ink); font-weight: 600; }"
        ".map .a polygon { stroke: none; }"
        ".map .absent { stroke: var(--absent); fill: var(--absent); }"
        ".map .absent path { stroke-dasharray: 5 4; }"
        f"{steps}"
        ".map .word { font-size: 13px; fill: var(--muted); stroke-width: 4px; paint-order: stroke;"
        " stroke-linejoin: round; }"
        ".map .p rect { fill: var(--pill); stroke-width: 1.6px; }"
        ".map .p text { font-size: 15px; text-anchor: middle; stroke: none; }"
        ".map .b rect { stroke-width: 3px; }"
        ".map .b text { font-weight: 600; }"
        ".map .remark { font-size: 13px; font-style: italic; fill: var(--muted);"
        " text-anchor: middle; }"
        ".map .place { font-size: 17px; font-weight: 600; fill: var(--muted);"
        " letter-spacing: .04em; }"
        ".map g.a:hover path { stroke: var(--ink); } .map g.a:hover polygon { fill: var(--ink); }"
    )


def _svg(drawing: NetworkMap, alt: str, style: str) -> str:
    words = "".join(_word(arrow) for arrow in drawing.arrows)
    opening = (
        f'<svg class="map" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
        f' role="img" aria-label="{escape(alt)}">'
    )
    parts = [
        opening,
        style,
        _compartments(),
        "".join(
            f'<path class="link" d="M{" L".join(map(_pair, line))}"/>' for line in drawing.links
        ),
        # Wide arrows first, so that thin ones are not hidden beneath them.
        "".join(_arrow(a) for a in sorted(drawing.arrows, key=lambda a: -a.width)),
        "".join(_pill(pill) for pill in drawing.pills),
        words,
        "".join(_legend_shape(shape) for shape in drawing.legend),
        "</svg>",
    ]
    return "".join(parts)


def _compartments() -> str:
    looks = {
        "medium": 'fill="var(--medium)"',
        "cytosol": 'fill="var(--cytosol)" stroke="var(--cytosol-edge)" stroke-width="3"',
        "matrix": 'fill="var(--matrix)" stroke="var(--matrix-edge)" stroke-width="3"',
    }
    radius = {"medium": 18, "cytosol": 46, "matrix": 40}
    return "".join(
        f'<rect x="{b.left:g}" y="{b.top:g}" width="{b.right - b.left:g}"'
        f' height="{b.bottom - b.top:g}" rx="{radius[b.name]}" {looks[b.name]}/>'
        f'<text class="place" x="{b.label[0]:g}" y="{b.label[1]:g}">{b.title}</text>'
        for b in COMPARTMENTS
    )


def _class(step: int | None) -> str:
    return "absent" if step is None else f"s{step}"


def _arrow(arrow: Arrow) -> str:
    corners = " ".join(_pair(p) for p in arrow.head)
    return (
        f'<g class="a {_class(arrow.step)}"><title>{escape(arrow.hover)}</title>'
        f'<path d="M{" L".join(_pair(p) for p in arrow.line)}" stroke-width="{arrow.width:.1f}"/>'
        f'<polygon points="{corners}"/></g>'
    )


def _pair(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _word(arrow: Arrow) -> str:
    word = arrow.word
    if word is None:
        return ""
    return (
        f'<text class="word" x="{word.at[0]:.1f}" y="{word.at[1]:.1f}"'
        f' text-anchor="{word.anchor}" style="stroke:var(--{word.ground})">{escape(word.text)}</text>'
    )


def _pill(pill: Pill) -> str:
    node = pill.node
    if node.remark:
        return f'<text class="remark" x="{node.x:g}" y="{node.y + 5:g}">{escape(node.label)}</text>'
    width, height = node.size
    shape = 4 if node.compartment == "b" else height / 2
    kind = "p b" if node.compartment == "b" else "p"
    return (
        f'<g class="{kind}"><title>{escape(pill.hover)}</title>'
        f'<rect class="{_class(pill.step)}" style="fill:var(--pill)" x="{node.x - width / 2:.1f}"'
        f' y="{node.y - height / 2:g}" width="{width:.1f}" height="{height:g}" rx="{shape:g}"/>'
        f'<text x="{node.x:g}" y="{node.y + 5:g}">{escape(node.label)}</text></g>'
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
