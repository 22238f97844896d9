"""Matplotlib without global state: one style, one way to turn a figure into SVG and PNG bytes."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from glutarium.report.extras import require
from glutarium.report.palette import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from glutarium.report.palette import Shade

__all__ = [
    "DPI",
    "Picture",
    "new_figure",
    "opening",
    "panel_boxes",
    "panel_grid",
    "picture",
    "png_bytes",
    "style",
    "themed",
]

DPI = 150
"""Pixels per inch of the PNG files."""
_ROW_GAP = 0.08
_PANEL_ROOM = (0.5, 0.12, 0.3, 0.24)  # left, right, above, below a panel; inches
_FOOT = 0.2


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished figure.

    Attributes
    ----------
    name
        Stem of its files.
    alt
        What it shows, for readers who do not see it.
    svg
        SVG element for the page; its colours are CSS variables.
    png
        PNG file on white.
    """

    name: str
    alt: str
    svg: str
    png: bytes


def style() -> AbstractContextManager[None]:
    """Context with the report's Matplotlib settings; the user's settings come back after it."""
    require("matplotlib")
    from matplotlib import style as mpl_style

    ink, muted, line = (ROLES[r].light for r in ("ink", "muted", "line"))
    settings: dict[str, Any] = {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 9,
        "axes.titlesize": 9.5,
        "axes.titlelocation": "left",
        "axes.titlepad": 6,
        "axes.labelsize": 8.5,
        "axes.labelcolor": muted,
        "axes.edgecolor": line,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": ROLES["grid"].light,
        "grid.linewidth": 0.8,
        "text.color": ink,
        "axes.titlecolor": ink,
        "xtick.color": line,
        "ytick.color": line,
        "xtick.labelcolor": muted,
        "ytick.labelcolor": muted,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "legend.frameon": False,
        "legend.fontsize": 9,
        "lines.linewidth": 1.8,
        "svg.fonttype": "none",
        "svg.hashsalt": "glutarium",
    }
    return mpl_style.context(["default", settings])


def new_figure(width: float, height: float, *, fitted: bool = True) -> Figure:
    """An empty figure of ``width`` × ``height`` inches that no window or registry knows.

    Parameters
    ----------
    width, height
        Size.
    fitted
        Whether Matplotlib looks for room for all texts. For many panels that takes longer than all else;
        say False and place the panels with :func:`panel_grid`.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(h_pad=_ROW_GAP) if fitted else None
    paper = ROLES["paper"].light
    return Figure(figsize=(width, height), dpi=DPI, layout=layout, facecolor=paper)


def panel_grid(figure: Figure, rows: int, columns: int, head: float) -> Sequence[Axes]:
    """Panels of one size, row by row, with fixed room for titles and labels.

    Parameters
    ----------
    figure
        A figure that is not fitted.
    rows, columns
        How many.
    head
        Room above all panels, such as for a legend, inches.
    """
    width, height = (float(x) for x in figure.get_size_inches())
    return [
        figure.add_axes(
            (left / width, 1 - bottom / height, (right - left) / width, (bottom - top) / height)
        )
        for left, top, right, bottom in panel_boxes((width, height), rows, columns, head)
    ]


def panel_boxes(
    size: tuple[float, float], rows: int, columns: int, head: float
) -> list[tuple[float, float, float, float]]:
    """Left, upper, right and lower edges of panels, row by row, inches from the upper left corner.

    Parameters
    ----------
    size
        Width and height of the figure, inches.
    rows, columns, head
        As of :func:`panel_grid`.
    """
    left, right, above, below = _PANEL_ROOM
    cell, row = size[0] / columns, (size[1] - head - _FOOT) / rows
    return [
        (
            c * cell + left,
            head + r * row + above,
            (c + 1) * cell - right,
            head + (r + 1) * row - below,
        )
        for r in range(rows)
        for c in range(columns)
    ]


def picture(figure: Figure, name: str, alt: str, shades: Mapping[str, Shade]) -> Picture:
    """Draw a figure both ways.

    Parameters
    ----------
    figure
        What to draw, made inside :func:`style`.
    name
        Stem of the files; also keeps the SVG's ids apart from other figures of the page.
    alt
        Text for readers who do not see it.
    shades
        CSS variable → colour; their light colours become variables.
    """
    engine = figure.get_layout_engine()
    if engine is not None:
        # Laid out once for both files; doing it again would take most of the time.
        engine.execute(figure)
        figure.set_layout_engine("none")
    png = png_bytes(figure)
    return Picture(name, alt, _svg(figure, name, alt, shades), png)


def png_bytes(figure: Figure) -> bytes:
    """Draw a figure as PNG, without a word about the software in it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    # The canvas draws once; the figure's own savefig would draw twice, the first time for nothing.
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def _svg(figure: Figure, name: str, alt: str, shades: Mapping[str, Shade]) -> str:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    for background in (figure.patch, *(axes.patch for axes in figure.axes)):
        background.set_visible(False)
    buffer = io.StringIO()
    about = {"Date": None, "Creator": None}
    FigureCanvasSVG(figure).print_svg(buffer, metadata=about)  # type: ignore[no-untyped-call]
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = _own_ids(text, name)
    text = re.sub(r"\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), text)
    text = re.sub(r"(font: [^;\"]*?px) [^;\"]*", r"\1 var(--font)", text)
    return opening(themed(text, shades), alt)


def _own_ids(text: str, name: str) -> str:
    """Drop ids that nothing refers to, and prefix the others with the figure's name."""
    used = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", text))
    text = re.sub(
        r" id=\"([^\"]+)\"", lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text
    )
    return re.sub(r"(url\(#|href=\"#)", rf"\g<1>{name}-", text)


def themed(text: str, shades: Mapping[str, Shade]) -> str:
    """Put CSS variables for the light colours."""
    names = {shade.light: variable for variable, shade in shades.items()}
    return re.sub(
        r"#[0-9a-f]{6}\b", lambda m: f"var(--{names[m[0]]})" if m[0] in names else m[0], text
    )


def opening(text: str, alt: str) -> str:
    """Replace the root tag: as wide as the page allows, with a text for screen readers."""
    box = re.search(r"viewBox=\"([^\"]+)\"", text)
    view = box[1] if box else "0 0 100 100"
    width = float(view.split()[2])
    body = text[text.index(">") + 1 :]
    opening = (
        f'<svg class="plot" viewBox="{view}" role="img" aria-label="{escape(alt)}"'
        f' style="max-width:{width * 4 / 3:.0f}px" xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    return opening + body.strip()
