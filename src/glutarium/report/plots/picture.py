"""A finished figure: one canvas, written as its reader wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.report.palette import css_variables
from glutarium.report.plots.png import png_bytes
from glutarium.report.plots.svg import svg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.report.palette import Shade
    from glutarium.report.plots.canvas import Canvas

__all__ = ["Picture"]

_LETTERS = "--font: 'DejaVu Sans', system-ui, sans-serif;"


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished figure.

    Attributes
    ----------
    name
        Stem of its files.
    alt
        What it shows, for readers who do not see it.
    canvas
        The shapes.
    shades
        CSS variable → colour; their light colours become variables.
    """

    name: str
    alt: str
    canvas: Canvas
    shades: Mapping[str, Shade]

    @property
    def svg(self) -> str:
        """SVG element that takes its colours from the page."""
        return svg(self.canvas, self.alt, self.shades)

    @property
    def document(self) -> bytes:
        """SVG file with its own colours for light and dark."""
        light, dark = (css_variables(self.shades, theme) for theme in ("light", "dark"))
        css = (
            f":root {{ {light} {_LETTERS} }} svg {{ background: var(--paper); }}"
            f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
        )
        body = svg(self.canvas, self.alt, self.shades, css)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()

    @property
    def png(self) -> bytes:
        """PNG file on white."""
        return png_bytes(self.canvas)
