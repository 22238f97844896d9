"""A node's neighbourhood as a drawing: regulators on the left, targets on the right, evidence on hover.

Lines are as wide as the edge is strong; what raises ends in an arrow, what lowers in a bar. Edges that
rest on an assumed size are dashed.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, TypeAlias

from glutarium.knowledge.neighbourhood import edge_text, sensor_text
from glutarium.report.palette import CHANGE, ROLES, css_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from glutarium.knowledge.neighbourhood import Neighbourhood
    from glutarium.knowledge.records import Edge

__all__ = ["neighbourhood_svg"]

_Item: TypeAlias = tuple[str, str, float, bool]
"""Name, title, strength and whether the line is dashed."""
_Point: TypeAlias = tuple[float, float]

_ROW = 26.0
_BOX = (150.0, 20.0)
_LEFT, _MIDDLE, _RIGHT = 10.0, 300.0, 590.0
_SHADES = {**ROLES, "more": CHANGE[2], "less": CHANGE[-2]}
_WIDTH = _RIGHT + _BOX[0] + 10.0


def neighbourhood_svg(around: Neighbourhood) -> str:
    """SVG document of a node and everything next to it."""
    left = [*_senses(around), *_others(around.incoming, "regulator")]
    left += [(drug, f"drug, {mode}", 1.0, False) for drug, mode in around.drugs]
    right = list(_others(around.outgoing, "target"))
    rows = max(len(left), len(right), 1)
    height = rows * _ROW + 20.0
    middle = height / 2.0
    parts = [_box(_MIDDLE, middle, around.node, "", strong=True)]
    for place, item in _placed(left, height):
        parts.append(_line((_LEFT + _BOX[0], place), (_MIDDLE, middle), item))
        parts.append(_box(_LEFT, place, *item[:2]))
    for place, item in _placed(right, height):
        parts.append(_line((_MIDDLE + _BOX[0], middle), (_RIGHT, place), item))
        parts.append(_box(_RIGHT, place, *item[:2]))
    return _document(height, parts, around.node)


def _senses(around: Neighbourhood) -> Iterator[_Item]:
    for term in around.senses:
        factor = 2.0 if term.kind == "activate" else 0.5
        yield term.effector, sensor_text(term), factor, term.basis == "assumed"


def _others(edges: Iterable[Edge], end: str) -> Iterator[_Item]:
    for edge in edges:
        yield getattr(edge, end), edge_text(edge), edge.saturated, edge.basis == "assumed"


def _placed(items: list[_Item], height: float) -> Iterator[tuple[float, _Item]]:
    top = (height - len(items) * _ROW) / 2.0 + _ROW / 2.0
    for i, item in enumerate(items):
        yield top + i * _ROW, item


def _box(x: float, y: float, name: str, title: str, *, strong: bool = False) -> str:
    width, tall = _BOX
    kind = "node strong" if strong else "node"
    return (
        f'<g class="{kind}"><title>{escape(title or name)}</title>'
        f'<rect x="{x:g}" y="{y - tall / 2:g}" width="{width:g}" height="{tall:g}" rx="9"/>'
        f'<text x="{x + width / 2:g}" y="{y + 4:g}">{escape(name)}</text></g>'
    )


def _line(start: _Point, end: _Point, item: _Item) -> str:
    """A line from one box to the next; the end says whether it raises or lowers."""
    (x0, y0), (x1, y1) = start, end
    _, title, strength, dashed = item
    raises = strength > 1.0
    size = abs(math.log2(max(strength, 1 / 16)))
    kind = f"{'up' if raises else 'down'}{' dashed' if dashed else ''}"
    bend = (x1 - x0) / 2.0
    path = f"M{x0:g},{y0:g} C{x0 + bend:g},{y0:g} {x1 - bend:g},{y1:g} {x1 - 6:g},{y1:g}"
    return (
        f'<path class="{kind}" d="{path}" stroke-width="{1.0 + 0.5 * min(size, 4.0):.2g}" '
        f'marker-end="url(#{"arrow" if raises else "bar"})"><title>{escape(title)}</title></path>'
    )


def _document(height: float, parts: list[str], node: str) -> str:
    css = (
        f":root {{ {css_variables(_SHADES, 'light')} }}"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {css_variables(_SHADES, 'dark')} }} }}"
        "svg { background: var(--paper); font: 11px 'DejaVu Sans', system-ui, sans-serif; }"
        "rect { fill: var(--paper); stroke: var(--line); } text { fill: var(--ink); text-anchor: middle; }"
        ".strong rect { stroke: var(--ink); stroke-width: 2px; } .strong text { font-weight: 600; }"
        "path { fill: none; } .up { stroke: var(--more); } .down { stroke: var(--less); }"
        ".dashed { stroke-dasharray: 5 3; }"
    )
    marks = (
        '<marker id="arrow" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" '
        'orient="auto"><path d="M0,0 L8,4 L0,8" stroke="context-stroke"/></marker>'
        '<marker id="bar" viewBox="0 0 4 10" refX="2" refY="5" markerWidth="4" markerHeight="8" '
        'orient="auto"><path d="M2,0 L2,10" stroke="context-stroke" stroke-width="2"/></marker>'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height:g}" role="img" '
        f'aria-label="{escape(f"What regulates {node} and what it regulates")}">'
        f"<style>{css}</style><defs>{marks}</defs>{''.join(parts)}</svg>\n"
    )
