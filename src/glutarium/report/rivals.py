"""Who takes a nutrient, hour by hour: one panel per arm, one line with a ribbon per cell or clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.curves import draw_courses
from glutarium.report.palette import ArmStyle, Shade, cell_colour
from glutarium.report.readings import Readings
from glutarium.report.tables import courses_csv, end_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array
    from glutarium.report.render import Picture
    from glutarium.report.tables import Table
    from glutarium.report.takers import Takers

__all__ = ["draw_rivals", "rivals", "rivals_csv", "rivals_table"]

UNIT = "mmol/L/h"
PANELS = 3


def rivals(takers: Takers, readings: Readings, nutrient: str) -> Readings:
    """Rates of uptake as readings in which the takers stand for arms, and the arms for observables.

    A rate is what was taken between two records over the time between them, and stands at the later one; a
    member counts where all its arms ended well.
    """
    at = takers.nutrients.index(nutrient)
    rate = _rates(takers.course[..., at], readings.time)
    there = np.asarray(np.isfinite(rate).any(axis=(0, 1, 2)))
    cells = [cell for cell, is_there in zip(takers.cells, there, strict=True) if is_there]
    finished = np.broadcast_to(readings.finished.all(axis=0), (len(cells), len(readings.members)))
    codes = tuple(("SUCCESS",) * len(readings.members) for _ in cells)
    return Readings(
        arms=tuple(cells),
        members=readings.members,
        time=readings.time,
        units=dict.fromkeys(readings.arms, UNIT),
        values=np.moveaxis(rate[..., there], (0, 3), (3, 0)),
        finished=finished,
        codes=codes,
        details=codes,
    )


def _rates(course: Array, time: Array) -> Array:
    """Shape as of the course: arms, members, times, takers."""
    steps = np.diff(course, axis=2) / np.diff(time)[:, None]
    return np.concatenate([steps[:, :, :1], steps], axis=2)


def draw_rivals(
    found: Readings, takers: Takers, shades: Mapping[str, Shade], nutrient: str
) -> Picture:
    """Draw the courses; cells have the colours of the flow diagram."""
    colours = {cell: cell_colour(i) for i, cell in enumerate(takers.cells)}
    styles = [ArmStyle(cell, Shade(colours[cell], colours[cell]), "-") for cell in found.arms]
    listed = ", ".join(found.arms)
    alt = (
        f"Time courses of the net uptake of {nutrient} by {listed}, one panel per arm. The table below "
        "holds the values at the end."
    )
    columns = min(PANELS, len(found.units))
    titles = {arm: arm for arm in found.units}
    return draw_courses(found, titles, styles, shades, name="rivals", alt=alt, columns=columns)


def rivals_table(found: Readings, caption: str) -> Table:
    """Rates at the end: one row per arm, one column per taker."""
    return end_table(found, list(found.units), caption)


def rivals_csv(found: Readings) -> bytes:
    """Courses in long form; ``arm`` is the taker and ``observable`` the arm."""
    text = courses_csv(found, list(found.units)).decode("utf-8")
    head, _, rest = text.partition("\n")
    return f"{head.replace('arm,observable', 'taker,arm', 1)}\n{rest}".encode()
