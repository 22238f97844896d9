"""Time courses as small multiples: one panel per observable, one line with a ribbon per arm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.chosen import title
from glutarium.report.palette import ROLES
from glutarium.report.plots.canvas import Canvas
from glutarium.report.plots.legend import ROW, Entry, draw_legend, legend_rows
from glutarium.report.plots.panel import Panel
from glutarium.report.plots.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.report.palette import ArmStyle, Shade
    from glutarium.report.readings import Readings

__all__ = ["DASHES", "draw_courses"]

DASHES: Mapping[str, tuple[float, ...]] = {
    "-": (),
    "--": (8.0, 4.0),
    ":": (2.0, 3.0),
    "-.": (9.0, 3.0, 2.0, 3.0),
}
"""Style of a line → lengths drawn and left out, pixels."""

_WIDTH, _SHAPE, _TITLE, _HEAD, _FOOT = 1114.0, 0.56, 38.0, 10.0, 19.0
_ROOM = (50.0, 12.0, 29.0, 23.0)  # left, right, above, below a panel
_HOUR_STEPS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336)
_MOST_TICKS, _MOST_HEIGHTS, _WIDE = 5, 4, 3
_ABOVE = 1.08  # of the highest value


def draw_courses(
    readings: Readings,
    observables: Sequence[str],
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
        One panel each.
    arms
        One line each, with colour and dash.
    shades
        CSS variable → colour, for the page.
    name, alt
        Stem of the files and text for readers who do not see the figure.
    columns
        Panels side by side.
    """
    columns = min(columns, len(observables))
    rows = math.ceil(len(observables) / columns)
    width = _WIDTH if columns >= _WIDE else columns * _WIDTH / _WIDE
    entries = [Entry(a.name, a.shade.light, DASHES[a.dash]) for a in arms]
    head = legend_rows(entries, width) * ROW + _HEAD
    row = _SHAPE * width / columns + _TITLE
    canvas = Canvas(width, rows * row + head + _FOOT)
    draw_legend(canvas, entries, (0.0, 0.0), width)
    for place, observable in enumerate(observables):
        down, across = divmod(place, columns)
        corner = across * width / columns, head + down * row
        panel = _frame(canvas, corner, width / columns, row)
        last = place + columns >= len(observables)
        _panel(panel, readings, observable, arms, last=last)
    return Picture(name, alt, canvas, shades)


def _frame(canvas: Canvas, corner: tuple[float, float], width: float, height: float) -> Panel:
    left, right, above, below = _ROOM
    x, y = corner
    return Panel.at(canvas, x + left, y + above, x + width - right, y + height - below)


def _panel(
    panel: Panel, readings: Readings, observable: str, arms: Sequence[ArmStyle], *, last: bool
) -> None:
    courses = [readings.course(observable, i) for i in range(len(arms))]
    panel = panel.spanning(_hours(readings), _heights(courses))
    if any(np.isfinite(c[1]).any() for c in courses):
        panel.heights(_MOST_HEIGHTS)
        if panel.y.low < 0:
            panel.line((panel.x.low, panel.x.high), (0, 0), ROLES["line"].light, 1.0)
    else:
        middle = panel.point((panel.x.low + panel.x.high) / 2, 0.5)
        panel.canvas.words(middle, "no run finished", 10.5, ROLES["ink"].light, "middle")
    for i in reversed(range(len(arms))):  # the first arm lies on top
        _course(panel, readings.time, courses[i], arms[i])
    panel.marks(_hour_marks(panel.x.low, panel.x.high))
    panel.title(title(observable), readings.units[observable])
    if last:
        panel.label("time (h)")


def _course(panel: Panel, time: Array, course: Array, arm: ArmStyle) -> None:
    known = np.isfinite(course).all(axis=0)
    if not known.any():
        return
    t = time[known].tolist()
    low, median, high = (values[known].tolist() for values in course)
    panel.ribbon(t, low, high, arm.shade.light)
    panel.line(t, median, arm.shade.light, dash=DASHES[arm.dash])


def _heights(courses: Sequence[Array]) -> tuple[float, float]:
    """Start at zero, so that heights can be compared."""
    known = [c[np.isfinite(c)] for c in courses]
    lowest = min((float(c.min()) for c in known if c.size), default=0.0)
    highest = max((float(c.max()) for c in known if c.size), default=0.0)
    if lowest < 0:
        room = (_ABOVE - 1) * (max(highest, 0.0) - lowest)
        return lowest - room, max(highest, 0.0) + room
    return 0.0, highest * _ABOVE if highest > 0 else 1.0


def _hours(readings: Readings) -> tuple[float, float]:
    first, last = float(readings.time[0]), float(readings.time[-1])
    return first, last if last > first else first + 1.0


def _hour_marks(first: float, last: float) -> list[float]:
    span = last - first
    step = next((s for s in _HOUR_STEPS if span / s <= _MOST_TICKS), span)
    return [float(t) for t in np.arange(first, last + step * 1e-6, step)]
