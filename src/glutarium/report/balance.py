"""Who got the glutamine: shares of its carbon and nitrogen per sink, and how much came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.axes import (
    EDGE,
    GRID,
    INK,
    SMALL,
    TICK,
    Box,
    Scale,
    heading,
    legend_places,
    level,
    ticks,
)
from glutarium.report.palette import ROLES, sink_colour, sink_rank
from glutarium.report.readings import spread
from glutarium.report.sheet import POINTS, Area, Line, Sheet, Words, rectangle, text_length

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import xarray as xr

    from glutarium.kernel import Array
    from glutarium.report.palette import ArmStyle, Shade
    from glutarium.report.readings import Readings, Spread
    from glutarium.report.render import Picture
    from glutarium.simulate.named import AnyData, Named

__all__ = ["Balance", "draw_balance", "read_balances"]

_WIDTH = 11.6  # inches
_ROW, _LABELLED, _KEYS = 0.42, 0.07, 6
_SHARES, _AMOUNTS = 7, 4  # steps between ticks
_HALF, _SPARE = 0.5, 0.05
# Points: around the panels, between them, from them to the legend and its rows.
_HEAD, _FOOT, _RIGHT, _APART, _KEYS_BELOW, _KEY_ROW = 20.0, 32.0, 6.0, 18.0, 22.0, 13.5
_NAMES, _KEY, _DROP = 9.0, 8.5, 3.1  # letters of arms and of the legend, and below their middle
_SEAM, _RANGE = 0.6, 1.2  # widths of lines
_DARK_BELOW = 0.22
_UNSEEN = 0.0005


@dataclass(frozen=True, slots=True)
class Balance:
    """Shares of the glutamine atoms taken up.

    Attributes
    ----------
    elements, sinks
        Names on the last two axes.
    shares
        Shape ``(n_arms, n_members, n_elements, n_sinks)``; NaN where a run failed.
    """

    elements: tuple[str, ...]
    sinks: tuple[str, ...]
    shares: Array

    def mean(self, arm: int, element: int) -> Array:
        """Mean share per sink over the members, shape ``(n_sinks,)``; means still add up to one."""
        runs = self.shares[arm, :, element]
        runs = runs[np.isfinite(runs).all(axis=1)]
        if runs.size == 0:
            return np.full(len(self.sinks), np.nan)
        return np.asarray(runs.mean(axis=0), dtype=np.float64)

    def spread(self, arm: int, element: int, sink: int) -> Spread:
        """Quantiles of one share over the members."""
        return spread(self.shares[arm, :, element, sink])


def read_balances(dataset: AnyData, readings: Readings) -> dict[str, Balance]:
    """Take the balances out of a result, one per cell; a single one has no cell's name."""
    if "fate" not in dataset:
        return {}
    fate = dataset["fate"]
    several = [str(c) for c in fate["cell"].values] if "cell" in fate.dims else [""]
    found = {cell: _read(fate.sel(cell=cell) if cell else fate, readings) for cell in several}
    return {cell: balance for cell, balance in found.items() if balance is not None}


def _read(fate: xr.DataArray | Named, readings: Readings) -> Balance | None:
    """Sinks that receive less than 0.05 % everywhere are left out; None where nothing is left."""
    fate = fate.transpose("arm", "member", "element", "sink")
    shares = np.where(readings.finished[:, :, None, None], fate.values.astype(np.float64), np.nan)
    largest = np.where(np.isfinite(shares), np.abs(shares), 0.0).max(axis=(0, 1, 2))
    names = [str(s) for s in fate["sink"].values]
    seen = [i for i, size in enumerate(largest) if size >= _UNSEEN]
    kept = sorted(seen, key=lambda i: sink_rank(names[i]))
    if not kept:
        return None
    elements = tuple(str(e) for e in fate["element"].values)
    return Balance(elements, tuple(names[i] for i in kept), shares[..., kept])


def draw_balance(
    balance: Balance,
    readings: Readings,
    arms: Sequence[ArmStyle],
    shades: Mapping[str, Shade],
    *,
    uptake: str | None,
    alt: str,
    name: str = "glutamine_balance",
) -> Picture:
    """Draw stacked bars, one per arm and element, with the absolute uptake beside them.

    Parameters
    ----------
    balance
        Shares.
    readings
        The result; read for the uptake.
    arms
        Rows of the figure.
    shades
        CSS variable → colour, for the page.
    uptake
        Observable of the absolute uptake, where the result has one.
    alt
        Text for readers who do not see the figure.
    name
        Stem of its files.
    """
    columns = min(_KEYS, len(balance.sinks))
    rows = -(-len(balance.sinks) // _KEYS)
    sheet = Sheet(_WIDTH, 0.85 + _ROW * len(arms) + 0.22 * rows)
    boxes = _boxes(sheet, arms, [3.0] * len(balance.elements) + [1.7] * (uptake is not None), rows)
    scale = Scale(-_HALF, len(arms) - _HALF, boxes[0].top, boxes[0].bottom)
    for index, arm in enumerate(arms):
        at = (boxes[0].left - TICK, scale(index) + _DROP)
        sheet.add([Words(at, arm.name, INK, _NAMES, anchor="end")])
    for element, box in enumerate(boxes[: len(balance.elements)]):
        sheet.add(heading(box, f"{balance.elements[element]}, % of what was taken up"))
        sheet.add(_bars(box, scale, balance, element))
    if uptake is not None:
        sheet.add(heading(boxes[-1], "uptake", readings.units[uptake]))
        sheet.add(_uptake(boxes[-1], scale, readings.ends(uptake), arms))
    sheet.add(_legend(balance.sinks, columns, boxes[0].bottom + _KEYS_BELOW))
    return sheet.picture(name, alt, shades)


def _boxes(sheet: Sheet, arms: Sequence[ArmStyle], ratios: Sequence[float], rows: int) -> list[Box]:
    """Panels side by side, right of the names of the arms and above the legend."""
    left = max(text_length(arm.name, _NAMES) for arm in arms) + 2 * TICK
    bottom = sheet.height * POINTS - _FOOT - rows * _KEY_ROW
    width = (sheet.width * POINTS - left - _RIGHT - _APART * (len(ratios) - 1)) / sum(ratios)
    boxes = []
    for ratio in ratios:
        boxes.append(Box(left, _HEAD, left + ratio * width, bottom))
        left += ratio * width + _APART
    return boxes


def _bars(box: Box, scale: Scale, balance: Balance, element: int) -> Iterator[Line | Area | Words]:
    arms = balance.shares.shape[0]
    means = np.array([balance.mean(a, element) for a in range(arms)]) * 100
    low = min(0.0, float(np.where(means < 0, means, 0.0).sum(axis=1).min()))
    high = max(100.0, float(np.where(means > 0, means, 0.0).sum(axis=1).max()))
    across = Scale(low, high, box.left, box.right)
    yield from _frame(box, across, _SHARES)
    for arm, row in enumerate(means.tolist()):
        if not np.isfinite(row).all():
            at = (across(1.0), scale(arm) + _DROP)
            yield Words(at, "no balance (no uptake, or no run finished)", INK, SMALL)
            continue
        ends = [0.0, 0.0]  # a pool that drains gives atoms away and stacks to the left of zero
        for position, width in enumerate(row):
            colour = sink_colour(balance.sinks[position], position)
            start = ends[width < 0]
            ends[width < 0] += width
            places = sorted((across(start), across(start + width)))
            yield from _bar(places[0], places[1], scale(arm), 0.36 * _height(scale), colour)
            if width >= 100 * _LABELLED:
                at = ((places[0] + places[1]) / 2, scale(arm) + _DROP)
                yield Words(at, f"{width:.0f}", _on(colour), SMALL, anchor="middle")


def _height(scale: Scale) -> float:
    """Height of a row."""
    return scale(1.0) - scale(0.0)


def _bar(
    left: float, right: float, middle: float, half: float, colour: str
) -> Iterator[Line | Area]:
    corners = rectangle(left, middle - half, right, middle + half)
    yield Area(corners, colour)
    yield Line((*corners, corners[0]), ROLES["paper"].light, _SEAM)


def _frame(box: Box, across: Scale, most: int) -> Iterator[Line | Words]:
    values = ticks(across.low, across.high, most=most)
    for value in values:
        yield Line(((across(value), box.top), (across(value), box.bottom)), GRID)
    yield Line(((box.left, box.bottom), (box.right, box.bottom)), EDGE)
    yield from level(box, across, values)


def _uptake(
    box: Box, scale: Scale, read: Sequence[Spread], arms: Sequence[ArmStyle]
) -> Iterator[Line | Area | Words]:
    ends = [x for r in read if r for x in (r.low, r.high, r.median)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    across = Scale(low, high + _SPARE * (high - low) or 1.0, box.left, box.right)
    yield from _frame(box, across, _AMOUNTS)
    for row, (arm, found) in enumerate(zip(arms, read, strict=True)):
        y = scale(row)
        if not found:
            yield Words((across(0.0) + TICK, y + _DROP), "no run finished", INK, SMALL)
            continue
        left, right = sorted((across(0.0), across(found.median)))
        half = 0.25 * _height(scale)
        yield Area(rectangle(left, y - half, right, y + half), arm.shade.light)
        yield Line(((across(found.low), y), (across(found.high), y)), INK, _RANGE)


def _legend(sinks: Sequence[str], columns: int, top: float) -> Iterator[Area | Words]:
    names = [sink.replace("CO2", "CO₂") for sink in sinks]
    for position, ((x, y), words) in enumerate(legend_places(names, columns, _KEY, handle=_KEY)):
        corners = rectangle(x, top + y - _KEY / 2, x + _KEY, top + y + _KEY / 2)
        yield Area(corners, sink_colour(sinks[position], position))
        yield Words((words, top + y + _DROP), names[position], INK, _KEY)


def _on(colour: str) -> str:
    """Ink or paper, whichever can be read on the colour."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    dark = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < _DARK_BELOW
    return "#fefefe" if dark else "#1a1a1a"
