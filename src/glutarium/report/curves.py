"""Time courses as small multiples: one panel per observable, one line with a ribbon per arm."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.axes import (
    EDGE,
    GRID,
    INK,
    LABEL,
    MUTED,
    SMALL,
    Box,
    Scale,
    heading,
    legend_places,
    level,
    ticks,
    upright,
)
from glutarium.report.chosen import title
from glutarium.report.render import panel_boxes
from glutarium.report.sheet import POINTS, Area, Line, Sheet, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glutarium.kernel import Array
    from glutarium.report.maps.shapes import Point
    from glutarium.report.palette import ArmStyle, Shade
    from glutarium.report.readings import Readings
    from glutarium.report.render import Picture

__all__ = ["draw_courses"]

_WIDTH, _SHAPE, _TITLE, _LEGEND_ROW, _HEAD = 11.6, 0.56, 0.4, 0.24, 0.1
_HOUR_STEPS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336)
_MOST_TICKS = 5
_ROOM, _SPARE = 0.1, 0.08
_LINE, _RIBBON = 1.8, 0.14  # width of a median, opacity of a range
_HOURS = 25.5  # from the lower edge to the base line of what is written under the hours, points
_HANDLE, _HANDLE_LINE, _DROP, _LEGEND_SIZE = 14.4, 2.4, 3.2, 9.0  # of the legend, points
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
    head = legend_rows(arms, width) * _LEGEND_ROW + _HEAD
    sheet = Sheet(width, rows * (_SHAPE * width / columns + _TITLE) + head)
    sheet.add(_legend(arms, width))
    places = panel_boxes((sheet.width, sheet.height), rows, columns, head)
    for place, (shown, edges) in enumerate(zip(observables, places, strict=False)):
        box = Box(*(edge * POINTS for edge in edges))
        sheet.add(_panel(box, readings, shown, arms))
        sheet.add(heading(box, titles[shown], readings.units[shown]))
        if place + columns >= len(observables):
            at = ((box.left + box.right) / 2, box.bottom + _HOURS)
            sheet.add([Words(at, "time (h)", MUTED, LABEL, anchor="middle")])
    return sheet.picture(name, alt, shades)


def _panel(
    box: Box, readings: Readings, observable: str, arms: Sequence[ArmStyle]
) -> Iterator[Line | Area | Words]:
    courses = [readings.course(observable, index) for index in range(len(arms))]
    shown = [(arm, c) for arm, c in zip(arms, courses, strict=True) if np.isfinite(c).any()]
    edge = Line(((box.left, box.top), (box.left, box.bottom), (box.right, box.bottom)), EDGE)
    first, last = float(readings.time[0]), float(readings.time[-1])
    across = Scale(first, last if last > first else first + 1.0, box.left, box.right)
    if not shown:
        middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
        yield edge
        yield Words(middle, "no run finished", INK, SMALL, anchor="middle")
        return
    low, high = _limits(shown, ratio=readings.units[observable] != ACIDITY)
    up = Scale(low, high, box.bottom, box.top)
    values = ticks(low, high)
    for value in values:
        yield Line(((box.left, up(value)), (box.right, up(value))), GRID)
    if low < 0 < high and readings.units[observable] != ACIDITY:
        yield Line(((box.left, up(0.0)), (box.right, up(0.0))), EDGE)
    for arm, course in shown:
        lower, _, upper = (_points(readings, row, across, up) for row in course)
        yield Area((*lower, *reversed(upper)), arm.shade.light, _RIBBON)
    yield edge
    yield from upright(box, up, values)
    yield from level(box, across, _hours(first, last))
    for arm, course in reversed(shown):  # the first arm lies on top
        yield Line(_points(readings, course[1], across, up), arm.shade.light, _LINE, arm.dash)


def _points(readings: Readings, values: Array, across: Scale, up: Scale) -> tuple[Point, ...]:
    pairs = zip(readings.time.tolist(), values.tolist(), strict=True)
    return tuple((across(t), up(v)) for t, v in pairs if math.isfinite(v))


def _limits(shown: Sequence[tuple[ArmStyle, Array]], *, ratio: bool) -> tuple[float, float]:
    """Start at zero, so that heights can be compared where zero means none."""
    lowest = min(float(np.nanmin(course)) for _, course in shown)
    highest = max(float(np.nanmax(course)) for _, course in shown)
    if not ratio:
        return lowest - _ROOM, highest + _ROOM
    if lowest < 0:
        spare = _SPARE * (max(highest, 0.0) - lowest)
        return lowest - spare, max(highest, 0.0) + spare
    return 0.0, highest * (1 + _SPARE) if highest > 0 else 1.0


def _hours(first: float, last: float) -> list[float]:
    if last <= first:
        return []
    step = next((s for s in _HOUR_STEPS if (last - first) / s <= _MOST_TICKS), last - first)
    return [float(t) for t in np.arange(first, last + step / 2, step) if t <= last]


def _legend(arms: Sequence[ArmStyle], width: float) -> Iterator[Line | Words]:
    """Name the arms above the panels."""
    places = legend_places([a.name for a in arms], _legend_columns(arms, width))
    for arm, ((x, y), words) in zip(arms, places, strict=True):
        yield Line(((x, y), (x + _HANDLE, y)), arm.shade.light, _HANDLE_LINE, arm.dash)
        yield Words((words, y + _DROP), arm.name, INK, _LEGEND_SIZE)


def legend_rows(arms: Sequence[ArmStyle], width: float) -> int:
    """How many lines the legend of a figure ``width`` inches wide needs."""
    return math.ceil(len(arms) / _legend_columns(arms, width))


def _legend_columns(arms: Sequence[ArmStyle], width: float) -> int:
    longest = max(len(a.name) for a in arms)
    return max(1, min(len(arms), int(width / (0.5 + 0.075 * longest))))
