"""Who takes a nutrient, hour by hour: one panel per arm, one line with a ribbon per cell or clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.curves import draw_courses
from glutarium.report.flows import OTHERS
from glutarium.report.palette import ROLES, ArmStyle, Shade, cell_colour
from glutarium.report.readings import Readings
from glutarium.report.tables import courses_csv, end_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.report.render import Picture
    from glutarium.report.tables import Table
    from glutarium.report.takers import Takers

__all__ = ["draw_rivals", "rivals", "rivals_csv", "rivals_table"]

UNIT = "mmol/L/h"
PANELS = 3
LEAST = 0.02
"""Cells whose share never reaches this in any arm are drawn as one."""


def rivals(takers: Takers, readings: Readings, nutrient: str) -> Readings:
    """Rates of uptake as readings in which the takers stand for arms, and the arms for observables.

    A rate is what was taken between two records over the time between them, and stands at the later one; a
    member counts where all its arms ended well.
    """
    at = takers.nutrients.index(nutrient)
    rate = _rates(takers.course[..., at], readings.time)
    there = np.flatnonzero(np.isfinite(rate).any(axis=(0, 1, 2)))
    groups = _large(rate, [int(i) for i in there], takers.cells)
    finished = np.broadcast_to(readings.finished.all(axis=0), (len(groups), len(readings.members)))
    codes = tuple(("SUCCESS",) * len(readings.members) for _ in groups)
    values = np.stack([_sum(rate[..., own]) for own in groups.values()], axis=-1)
    return Readings(
        arms=tuple(groups),
        members=readings.members,
        time=readings.time,
        units=dict.fromkeys(readings.arms, UNIT),
        values=np.moveaxis(values, (0, 3), (3, 0)),
        finished=finished,
        codes=codes,
        details=codes,
    )


def _sum(rates: Array) -> Array:
    """Of some takers; NaN where none of them is there."""
    whole = np.nansum(rates, axis=-1)
    return np.where(np.isfinite(rates).any(axis=-1), whole, np.nan)


def _large(rate: Array, there: Sequence[int], cells: Sequence[str]) -> dict[str, list[int]]:
    """Takers by name; those that never take much are one."""
    moved = np.abs(np.nan_to_num(rate))
    whole = moved.sum(axis=-1, keepdims=True)
    share = np.divide(moved, whole, out=np.zeros_like(moved), where=whole > 0.0)
    most = np.quantile(share, 0.5, axis=1).max(axis=(0, 1))
    small = [i for i in there if most[i] < LEAST]
    if len(small) < 2:  # noqa: PLR2004 - one keeps its name
        small = []
    found = {cells[i]: [i] for i in there if i not in small}
    return found | ({f"{len(small)} {OTHERS}": small} if small else {})


def _rates(course: Array, time: Array) -> Array:
    """Shape as of the course: arms, members, times, takers."""
    steps = np.diff(course, axis=2) / np.diff(time)[:, None]
    return np.concatenate([steps[:, :, :1], steps], axis=2)


def draw_rivals(
    found: Readings, takers: Takers, shades: Mapping[str, Shade], nutrient: str
) -> Picture:
    """Draw the courses; cells have the colours of the flow diagram."""
    plain = ROLES["steady"].light
    colours = {cell: cell_colour(i) for i, cell in enumerate(takers.cells)}
    shown = [(cell, colours.get(cell, plain)) for cell in found.arms]
    styles = [ArmStyle(cell.replace("_", " "), Shade(c, c), "-") for cell, c in shown]
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
