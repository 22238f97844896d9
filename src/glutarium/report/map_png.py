"""The network map as PNG, drawn by Matplotlib from the same shapes as the SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glutarium.report.map_layout import COMPARTMENTS, HEIGHT, WIDTH
from glutarium.report.map_legend import Bar, Note
from glutarium.report.palette import CHANGE, ROLES
from glutarium.report.render import new_figure, png_bytes, style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.patches import FancyBboxPatch

    from glutarium.report.map_layout import Point
    from glutarium.report.network_map import Arrow, NetworkMap, Pill

__all__ = ["png_map"]

_INCHES = 12.0
_POINTS = _INCHES * 72 / WIDTH
_MUTED = ROLES["muted"].light
_MIDDLE = {"ha": "center", "va": "center"}
_ROUND = {"medium": 18, "cytosol": 46, "matrix": 40}


def png_map(drawing: NetworkMap) -> bytes:
    """Draw a map on white.

    Parameters
    ----------
    drawing
        What :func:`glutarium.report.network_map.draw_map` laid out.
    """
    with style():
        figure = new_figure(_INCHES, _INCHES * HEIGHT / WIDTH)
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(HEIGHT, 0)
        _compartments(axes)
        _lines(axes, drawing)
        _pills(axes, drawing.pills)
        for arrow in drawing.arrows:
            _word(axes, arrow)
        _legend(axes, drawing.legend)
        return png_bytes(figure)


def _colour(step: int | None) -> str:
    return ROLES["absent"].light if step is None else CHANGE[step].light


def _text(axes: Axes, at: Point, text: str, size: float, look: Mapping[str, Any]) -> None:
    """Write text whose size is in units of the map."""
    axes.text(*at, text, size=size * _POINTS, zorder=5, **look)


def _frame(corner: Point, size: Point, radius: float) -> FancyBboxPatch:
    from matplotlib.patches import FancyBboxPatch

    return FancyBboxPatch(corner, *size, boxstyle=f"round,pad=0,rounding_size={radius}")


def _compartments(axes: Axes) -> None:
    from matplotlib.collections import PatchCollection

    frames = [
        _frame((b.left, b.top), (b.right - b.left, b.bottom - b.top), _ROUND[b.name])
        for b in COMPARTMENTS
    ]
    grounds = [ROLES[b.name].light for b in COMPARTMENTS]
    edges = [ROLES.get(f"{b.name}-edge", ROLES[b.name]).light for b in COMPARTMENTS]
    look: dict[str, Any] = {"facecolors": grounds, "edgecolors": edges, "linewidths": 3 * _POINTS}
    axes.add_collection(PatchCollection(frames, zorder=0, **look), autolim=False)
    for box in COMPARTMENTS:
        _text(axes, box.label, box.title, 17, {"color": _MUTED, "weight": "bold"})


def _lines(axes: Axes, drawing: NetworkMap) -> None:
    """All lines in one collection, wide ones first; then the heads."""
    from matplotlib.collections import LineCollection, PolyCollection

    arrows = sorted(drawing.arrows, key=lambda a: -a.width)
    colours = [_colour(a.step) for a in arrows]
    widths = [a.width * _POINTS for a in arrows]
    dashes = [(0, (4, 3)) if a.step is None else "-" for a in arrows]
    look = {"colors": colours, "linewidths": widths, "linestyles": dashes, "capstyle": "butt"}
    line = ROLES["line"].light
    links = LineCollection(drawing.links, colors=line, linewidths=1.4 * _POINTS, zorder=1)
    axes.add_collection(links, autolim=False)
    axes.add_collection(LineCollection([a.line for a in arrows], zorder=1, **look), autolim=False)
    heads = PolyCollection([a.head for a in arrows], facecolors=colours, linewidths=0, zorder=2)
    axes.add_collection(heads, autolim=False)


def _pills(axes: Axes, pills: Sequence[Pill]) -> None:
    from matplotlib.collections import PatchCollection

    framed = [(p, p.node, p.node.compartment == "b") for p in pills if not p.node.remark]
    frames = [
        _frame((n.x - n.size[0] / 2, n.y - n.size[1] / 2), n.size, 4 if biomass else n.size[1] / 2)
        for _, n, biomass in framed
    ]
    edges = [_colour(p.step) for p, _, _ in framed]
    widths = [(3 if biomass else 1.6) * _POINTS for _, _, biomass in framed]
    look: dict[str, Any] = {
        "facecolors": ROLES["pill"].light,
        "edgecolors": edges,
        "linewidths": widths,
    }
    axes.add_collection(PatchCollection(frames, zorder=3, **look), autolim=False)
    for _, node, biomass in framed:
        weight = "bold" if biomass else "normal"
        _text(axes, (node.x, node.y), node.label, 14, {"weight": weight, **_MIDDLE})
    for node in (p.node for p in pills if p.node.remark):
        _text(
            axes, (node.x, node.y), node.label, 13, {"color": _MUTED, "style": "italic", **_MIDDLE}
        )


def _word(axes: Axes, arrow: Arrow) -> None:
    from matplotlib.patheffects import withStroke

    word = arrow.word
    if word is None:
        return
    halo = [withStroke(linewidth=4 * _POINTS, foreground=ROLES[word.ground].light)]
    align = {"start": "left", "middle": "center", "end": "right"}[word.anchor]
    _text(axes, word.at, word.text, 12.5, {"color": _MUTED, "ha": align, "path_effects": halo})


def _legend(axes: Axes, shapes: Sequence[Bar | Note]) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    bars = [s for s in shapes if isinstance(s, Bar)]
    boxes = [Rectangle((b.left, b.top), b.width, b.height) for b in bars]
    colours = [_colour(b.step) for b in bars]
    axes.add_collection(PatchCollection(boxes, facecolors=colours, linewidths=0), autolim=False)
    for note in (s for s in shapes if isinstance(s, Note)):
        role, weight = ("ink", "bold") if note.strong else ("muted", "normal")
        colour = ROLES[role].light
        align = "center" if note.centred else "left"
        _text(
            axes,
            (note.x, note.y),
            note.text,
            note.size * 0.95,
            {"color": colour, "ha": align, "weight": weight},
        )
