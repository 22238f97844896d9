"""Figure, table and numbers of a surface of two drugs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.chosen import title
from glutarium.report.render import new_figure, picture, style
from glutarium.report.surface import METHODS, excess, mean_excess, response
from glutarium.report.tables import Cell, Table, rows_csv
from glutarium.report.words import brief, spread_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from glutarium.kernel import Array
    from glutarium.report.palette import Shade
    from glutarium.report.readings import Readings
    from glutarium.report.render import Picture
    from glutarium.report.surface import Surface

__all__ = ["SurfaceShown", "draw_surface", "read_surface", "surface_csv", "surface_table"]

_PANEL = (2.9, 2.7)
_MOST_TICKS = 5
SurfaceShown = dict[str, "Array"]
"""``response`` and the methods → values, shape ``(n_members, n_first, n_second)``."""


def read_surface(readings: Readings, observable: str, surface: Surface) -> SurfaceShown:
    """Response and the excess over each reference.

    Raises
    ------
    MissingExtraError
        The library ``synergy`` is not installed.
    """
    effects = response(readings, observable, surface)
    return {"response": effects} | {m: excess(effects, surface, m) for m in METHODS}


def surface_table(shown: SurfaceShown, observable: str, surface: Surface) -> Table:
    """Mean excess of each reference, in per cent of the response without drugs."""
    first, second = surface.drugs
    without = f"the response without {first} and {second}"
    caption = f"{title(observable)}: excess over the reference, % of {without}"
    rows = tuple(
        (Cell(method), Cell(spread_text(mean_excess(100.0 * shown[method]), 2)))
        for method in METHODS
    )
    return Table(caption, ("reference", "mean over the pairs of doses"), rows)


def surface_csv(shown: SurfaceShown, surface: Surface) -> bytes:
    """Medians over the members for each pair of doses."""
    first, second = surface.doses
    head = (*(f"{drug} (uM)" for drug in surface.drugs), *shown)
    medians = {name: _median(values) for name, values in shown.items()}
    rows = [
        (a, b, *(medians[name][i, j] for name in shown))
        for i, a in enumerate(first)
        for j, b in enumerate(second)
    ]
    return rows_csv(head, rows)


def draw_surface(
    shown: SurfaceShown,
    surface: Surface,
    shades: Mapping[str, Shade],
    *,
    name: str,
    alt: str,
) -> Picture:
    """Draw the response and the excess over each reference as fields of colour; medians."""
    with style():
        figure = new_figure(_PANEL[0] * len(shown), _PANEL[1])
        panels = figure.subplots(1, len(shown), squeeze=False)
        for axes, (what, values) in zip(panels.flat, shown.items(), strict=True):
            _panel(axes, _median(values), surface, what)
        return picture(figure, name, alt, shades)


def _median(values: Array) -> Array:
    known = np.isfinite(values).all(axis=(1, 2))
    if not known.any():
        return np.full(values.shape[1:], np.nan)
    return np.asarray(np.median(values[known], axis=0), dtype=np.float64)


def _panel(axes: Axes, field: Array, surface: Surface, what: str) -> None:
    plain = what == "response"
    most = max(float(np.nanmax(np.abs(field), initial=0.0)), 0.05)
    low, high, colours = (0.0, 1.0, "viridis") if plain else (-most, most, "RdBu")
    image = axes.imshow(
        field, origin="lower", aspect="auto", cmap=colours, vmin=low, vmax=max(high, low)
    )
    axes.grid(visible=False)
    figure = axes.figure
    figure.colorbar(image, ax=axes, shrink=0.9)
    axes.set_title("response" if plain else f"excess over {what}", weight="bold")
    for which, doses, drug in (
        (axes.yaxis, surface.doses[0], surface.drugs[0]),
        (axes.xaxis, surface.doses[1], surface.drugs[1]),
    ):
        step = max(1, round(len(doses) / _MOST_TICKS))
        places = list(range(0, len(doses), step))
        which.set_ticks(places, [brief(doses[i]) for i in places])
        which.set_label_text(f"{drug} (µM)")
