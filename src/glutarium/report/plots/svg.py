"""A canvas as SVG whose colours are CSS variables."""

from __future__ import annotations

from functools import singledispatch
from html import escape
from typing import TYPE_CHECKING

from glutarium.report.plots.canvas import Area, Block, Dot, Line, Shape, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.report.palette import Shade
    from glutarium.report.plots.canvas import Canvas, Point

__all__ = ["svg"]


def svg(canvas: Canvas, alt: str, shades: Mapping[str, Shade], css: str = "") -> str:
    """Write a canvas as one element.

    Parameters
    ----------
    canvas
        What is drawn.
    alt
        Text for readers who do not see it.
    shades
        CSS variable → colour; their light colours become variables.
    css
        Rules of its own; none where it stands in a page.
    """
    names = {shade.light: f"var(--{variable})" for variable, shade in shades.items()}
    body = "".join(_write(shape, names) for shape in canvas.shapes)
    style = f"<style>{css}</style>" if css else ""
    return (
        '<svg class="plot" xmlns="http://www.w3.org/2000/svg" role="img"'
        f' viewBox="0 0 {canvas.width:g} {canvas.height:g}" aria-label="{escape(alt)}"'
        f' style="max-width:{canvas.width:.0f}px;font-family:var(--font)">{style}{body}</svg>'
    )


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


@singledispatch
def _write(shape: Shape, names: Mapping[str, str]) -> str:
    raise TypeError(type(shape))


@_write.register(Line)
def _(shape: Line, names: Mapping[str, str]) -> str:
    dash = f' stroke-dasharray="{" ".join(f"{d:g}" for d in shape.dash)}"' if shape.dash else ""
    colour = names.get(shape.colour, shape.colour)
    return (
        f'<path d="{_path(shape.points)}" fill="none" stroke="{colour}"'
        f' stroke-width="{shape.width:g}" stroke-linejoin="round"{dash}/>'
    )


@_write.register(Area)
def _(shape: Area, names: Mapping[str, str]) -> str:
    colour = names.get(shape.colour, shape.colour)
    return f'<path d="{_path(shape.points)}Z" fill="{colour}" fill-opacity="{shape.opacity:g}"/>'


@_write.register(Block)
def _(shape: Block, names: Mapping[str, str]) -> str:
    edge = f' stroke="{names.get(shape.edge, shape.edge)}" stroke-width="0.8"' if shape.edge else ""
    return (
        f'<rect x="{shape.left:.1f}" y="{shape.top:.1f}" width="{shape.width:.1f}"'
        f' height="{shape.height:.1f}" fill="{names.get(shape.colour, shape.colour)}"{edge}/>'
    )


@_write.register(Dot)
def _(shape: Dot, names: Mapping[str, str]) -> str:
    x, y = shape.at
    colour = names.get(shape.colour, shape.colour)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{shape.radius:g}" fill="{colour}"/>'


@_write.register(Words)
def _(shape: Words, names: Mapping[str, str]) -> str:
    anchor = f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
    strong = ' font-weight="600"' if shape.strong else ""
    x, y = shape.at
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{shape.size:g}"'
        f' fill="{names.get(shape.colour, shape.colour)}"{anchor}{strong}>{escape(shape.text)}</text>'
    )
