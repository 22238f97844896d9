"""Time courses as small multiples: one panel per observable, one line with a ribbon per arm."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from glutarium.report.chosen import title
from glutarium.report.palette import ROLES
from glutarium.report.render import new_figure, panel_grid, picture, style
from glutarium.report.words import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from glutarium.report.palette import ArmStyle, Shade
    from glutarium.report.readings import Readings
    from glutarium.report.render import Picture

__all__ = ["by_rows", "draw_courses", "legend"]

T = TypeVar("T")

_WIDTH, _SHAPE, _TITLE, _LEGEND_ROW, _HEAD = 11.6, 0.56, 0.4, 0.24, 0.1
_HOUR_STEPS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336)
_MOST_TICKS = 5
_LOG_SPAN = 4.0
_ROOM = 0.1
ACIDITY = "pH"
"""A unit whose zero is not nothing."""


def draw_courses(
    readings: Readings,
    observables: Sequence[str] | Mapping[str, str],
    arms: Sequence[ArmStyle],
    shades: Mapping[str, Shade],
    *,
    name: str,
    alt: str,
    columns: int = 4,
) -> Picture:
    """Draw time courses.

    Parameters
    ----------
    readings
        The result; lines are medians, ribbons 10-90 % of the members that finished.
    observables
        One panel each; a mapping names the panels, where their usual titles are not meant.
    arms
        One line each, with colour and dash.
    shades
        CSS variable → colour, for the page.
    name, alt
        Stem of the files and text for readers who do not see the figure.
    columns
        Panels side by side.
    """
    titles = observables if isinstance(observables, Mapping) else {n: title(n) for n in observables}
    observables = list(observables)
    columns = min(columns, len(observables))
    rows = math.ceil(len(observables) / columns)
    width = _WIDTH if columns > 2 else columns * _WIDTH / 3  # noqa: PLR2004
    labels = legend_rows(arms, width)
    head = labels * _LEGEND_ROW + _HEAD
    height = rows * (_SHAPE * width / columns + _TITLE) + head
    with style():
        figure = new_figure(width, height, fitted=False)
        for place, axes in enumerate(panel_grid(figure, rows, columns, head)):
            if place >= len(observables):
                axes.set_axis_off()
                continue
            shown = observables[place]
            _panel(axes, readings, shown, arms, titles[shown])
            if place + columns >= len(observables):
                axes.set_xlabel("time (h)")
        legend(figure, arms, width)
        return picture(figure, name, alt, shades)


def _panel(
    axes: Axes, readings: Readings, observable: str, arms: Sequence[ArmStyle], heading: str
) -> None:
    highest, lowest = 0.0, math.inf
    for index, arm in enumerate(arms):
        low, median, high = readings.course(observable, index)
        if not np.isfinite(median).any():
            continue
        colour = arm.shade.light
        axes.fill_between(readings.time, low, high, color=colour, alpha=0.14, linewidth=0)
        axes.plot(readings.time, median, color=colour, linestyle=arm.dash, zorder=3 - index / 100)
        highest = max(highest, float(np.nanmax(high)))
        lowest = min(lowest, float(np.nanmin(low)))
    unit = readings.units[observable]
    # A height of one's own: looking for one above all tick labels costs as much as drawing the panel.
    axes.set_title(heading, weight="bold", y=1.0)
    if unit not in ("", "1"):
        axes.set_title(
            unit, loc="right", size=8, color=ROLES["muted"].light, weight="normal", y=1.0
        )
    _limits(axes, lowest, highest, ratio=unit != ACIDITY)
    _hours(axes, readings)


def _limits(axes: Axes, lowest: float, highest: float, *, ratio: bool) -> None:
    """Start at zero, so that heights can be compared where zero means none; no axis for nothing."""
    if not math.isfinite(lowest):
        axes.text(0.5, 0.5, "no run finished", transform=axes.transAxes, ha="center", size=8)
        return
    if not ratio:
        axes.set_ylim(lowest - _ROOM, highest + _ROOM)
    elif lowest < 0:
        axes.axhline(0, color=ROLES["line"].light, linewidth=0.8)
        axes.margins(y=0.08)
    else:
        axes.set_ylim(0, highest * 1.08 if highest > 0 else 1)
    axes.locator_params(axis="y", nbins=4)
    axes.yaxis.set_major_formatter(lambda value, _: brief(round(value, 12)))


def _hours(axes: Axes, readings: Readings) -> None:
    first, last = float(readings.time[0]), float(readings.time[-1])
    if last <= first:
        return
    step = next((s for s in _HOUR_STEPS if (last - first) / s <= _MOST_TICKS), last - first)
    axes.set_xticks(np.arange(first, last + step / 2, step))
    axes.set_xlim(first, last)


def legend_rows(arms: Sequence[ArmStyle], width: float) -> int:
    """How many lines the legend of a figure ``width`` inches wide needs."""
    return math.ceil(len(arms) / _legend_columns(arms, width))


def _legend_columns(arms: Sequence[ArmStyle], width: float) -> int:
    longest = max(len(a.name) for a in arms)
    return max(1, min(len(arms), int(width / (0.5 + 0.075 * longest))))


def legend(figure: Figure, arms: Sequence[ArmStyle], width: float) -> None:
    """Name the arms above the panels."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=a.shade.light, linestyle=a.dash, linewidth=2.4, label=a.name)
        for a in arms
    ]
    columns = _legend_columns(arms, width)
    figure.legend(
        handles=by_rows(handles, columns),
        loc="outside upper left" if figure.get_layout_engine() else "upper left",
        ncols=columns,
        handlelength=1.6,
        columnspacing=1.4,
    )


def by_rows(entries: Sequence[T], columns: int) -> list[T]:
    """Order a legend's entries so that they read by rows; Matplotlib fills columns."""
    return [entry for first in range(columns) for entry in entries[first::columns]]
