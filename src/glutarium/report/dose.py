"""Dose-response curves, where arms differ in the dose of one drug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.chosen import title
from glutarium.report.palette import ROLES
from glutarium.report.plots.canvas import Canvas
from glutarium.report.plots.panel import Panel
from glutarium.report.plots.picture import Picture
from glutarium.report.readings import spread
from glutarium.report.words import brief

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.report.palette import Shade
    from glutarium.report.readings import Readings, Spread

__all__ = ["Series", "draw_doses", "find_series", "half_effect"]

_FEWEST = 2
_CHANGED = 0.05  # the study format's smallest change
_HALF = 0.5
_READ = ("growth_rate", "uptake.glutamine", "flux.GLS", "reaction.GLS", "pool.glutamate")
_MOST_PANELS = 3

_PANEL, _NARROWEST, _HEIGHT = 355.0, 374.0, 278.0
_ROOM = (58.0, 14.0, 30.0, 40.0)  # left, right, above, below a panel
_MOST_HEIGHTS = 5
_BESIDE, _ROOM_ABOVE = 1.6, 0.06
_DOTS = (2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Series:
    """Arms that differ in the dose of one drug.

    Attributes
    ----------
    drug
        Its name.
    doses
        µM, rising, without zero, shape ``(n,)``.
    arms
        Index of the arm of each dose.
    zero
        Index of the arm without drug that the doses are compared with.
    """

    drug: str
    doses: tuple[float, ...]
    arms: tuple[int, ...]
    zero: int


def find_series(
    readings: Readings, doses: Mapping[str, tuple[str, float]] | None
) -> tuple[Series, ...]:
    """Find drugs that were given at two or more doses.

    Parameters
    ----------
    readings
        The result.
    doses
        Arm → (drug, µM). An arm at 0 µM, or else the first arm, is the one without drug.
    """
    given = [
        (d, u, readings.arms.index(a)) for a, (d, u) in (doses or {}).items() if a in readings.arms
    ]
    found: list[Series] = []
    for drug in dict.fromkeys(d for d, _, _ in given):
        rising = sorted((u, i) for d, u, i in given if d == drug and u > 0)
        zero = next((i for d, u, i in given if d == drug and u == 0), 0)
        if len(rising) >= _FEWEST:
            levels, arms = zip(*rising, strict=True)
            found.append(Series(drug, levels, arms, zero))
    return tuple(found)


def half_effect(readings: Readings, observable: str, series: Series) -> Spread:
    """Dose (µM) at which a member has half of its largest effect in the series.

    Read between the tested doses on a logarithmic scale; a member whose half lies below the lowest
    dose, or that shows no effect (5 %), has no value.
    """
    ends = readings.end(observable)
    levels = np.log10(np.array(series.doses))
    effects = ends[list(series.arms)] - ends[series.zero]
    halves = [
        _half(levels, effects[:, m], ends[series.zero, m]) for m in range(len(readings.members))
    ]
    return spread(np.array(halves))


def _half(levels: Array, effects: Array, base: float) -> float:
    if not np.isfinite(effects).all() or not np.isfinite(base):
        return float("nan")
    largest = effects[np.argmax(np.abs(effects))]
    if abs(largest) <= _CHANGED * abs(base):
        return float("nan")
    share = effects / largest
    after = int(np.argmax(share >= _HALF))
    if after == 0:
        return float("nan")
    part = (_HALF - share[after - 1]) / (share[after] - share[after - 1])
    return float(10 ** (levels[after - 1] + part * (levels[after] - levels[after - 1])))


def dose_observables(readings: Readings, cell: str) -> list[str]:
    """Growth, glutamine uptake and glutaminase flux (or glutamate) of a cell, where present."""
    names = [f"{cell}.{name}" for name in _READ if f"{cell}.{name}" in readings.units]
    return names[:_MOST_PANELS]


def draw_doses(
    readings: Readings,
    observables: Sequence[str],
    series: Series,
    shades: Mapping[str, Shade],
    *,
    name: str,
    alt: str,
) -> Picture:
    """Draw one panel per observable: medians as points, 10-90 % of the members as whiskers."""
    width = max(_PANEL * len(observables), _NARROWEST)
    canvas = Canvas(width, _HEIGHT)
    left, right, above, below = _ROOM
    for i, observable in enumerate(observables):
        first, last = (n * width / len(observables) for n in (i, i + 1))
        panel = Panel.at(canvas, first + left, above, last - right, _HEIGHT - below)
        _panel(panel, readings, observable, series)
    return Picture(name, alt, canvas, shades)


def _panel(panel: Panel, readings: Readings, observable: str, series: Series) -> None:
    ends = readings.ends(observable)
    read = [ends[series.zero], *(ends[i] for i in series.arms)]
    at = [_place_of_zero(series), *series.doses]
    panel = panel.spanning((at[0] / _BESIDE, at[-1] * _BESIDE), _heights(read), log=True)
    panel.heights(_MOST_HEIGHTS)
    panel.marks(at, ["0", *(brief(dose) for dose in series.doses)])
    panel.title(title(observable), readings.units[observable])
    panel.label(f"{series.drug} (µM)")
    colour, grey = ROLES["link"].light, ROLES["muted"].light
    if read[0]:
        panel.line((panel.x.low, panel.x.high), [read[0].median] * 2, grey, 1.2, _DOTS)
    known = [(x, s) for x, s in zip(at[1:], read[1:], strict=True) if s]
    if known:
        xs = [x for x, _ in known]
        panel.ribbon(xs, [s.low for _, s in known], [s.high for _, s in known], colour)
        panel.line(xs, [s.median for _, s in known], colour)
    for x, s, shade in zip(at, read, [grey] + [colour] * len(series.doses), strict=True):
        if s:
            panel.line([x, x], [s.low, s.high], shade, 1.5)
            panel.dot(x, s.median, shade)


def _place_of_zero(series: Series) -> float:
    """Where on a logarithmic axis the arm without drug stands: one step below the lowest dose."""
    step = series.doses[1] / series.doses[0] if len(series.doses) > 1 else 10.0
    return series.doses[0] / min(max(step, 10**0.5), 10.0)


def _heights(read: Sequence[Spread]) -> tuple[float, float]:
    known = [s for s in read if s]
    low = min((s.low for s in known), default=0.0)
    high = max((s.high for s in known), default=1.0)
    room = _ROOM_ABOVE * (high - min(low, 0.0)) or 1.0
    return (low - room if low < 0 else 0.0), high + room
