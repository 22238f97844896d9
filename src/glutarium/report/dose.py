"""Dose-response curves, where arms differ in the dose of one drug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.chosen import title
from glutarium.report.palette import ROLES, Shade
from glutarium.report.readings import spread
from glutarium.report.render import new_figure, picture, style
from glutarium.report.words import brief

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from glutarium.kernel import Array
    from glutarium.report.readings import Readings, Spread
    from glutarium.report.render import Picture

__all__ = ["Series", "draw_doses", "find_series", "half_effect"]

_FEWEST = 2
_CHANGED = 0.05  # the study format's smallest change
_HALF = 0.5
_READ = ("growth_rate", "uptake.glutamine", "flux.GLS", "reaction.GLS", "pool.glutamate")
_MOST_PANELS = 3


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
    with style():
        figure = new_figure(max(3.7 * len(observables), 3.9), 2.9)
        panels = figure.subplots(1, len(observables), squeeze=False)
        for axes, observable in zip(panels.flat, observables, strict=True):
            _panel(axes, readings, observable, series)
        return picture(figure, name, alt, shades)


def _panel(axes: Axes, readings: Readings, observable: str, series: Series) -> None:
    ends = readings.ends(observable)
    colour, grey = ROLES["link"].light, ROLES["muted"].light
    step = 10 ** max(
        0.5, np.log10(series.doses[1] / series.doses[0]) if len(series.doses) > 1 else 1
    )
    zero = series.doses[0] / min(step, 10.0)
    at = [zero, *series.doses]
    read = [ends[series.zero], *(ends[i] for i in series.arms)]
    medians = [s.median for s in read]
    axes.axhline(medians[0], color=grey, linewidth=0.9, linestyle=":")
    axes.fill_between(
        at[1:],
        [s.low for s in read[1:]],
        [s.high for s in read[1:]],
        color=colour,
        alpha=0.14,
        linewidth=0,
    )
    axes.plot(at[1:], medians[1:], color=colour, marker="o", markersize=4.5)
    for x, s, shade in zip(at, read, [grey] + [colour] * len(series.doses), strict=True):
        axes.plot([x, x], [s.low, s.high], color=shade, linewidth=1.1)
    axes.plot(at[0], medians[0], color=grey, marker="o", markersize=4.5)
    axes.set_xscale("log")
    _ticks(axes, at)
    axes.set_title(title(observable), weight="bold")
    axes.set_title(readings.units[observable], loc="right", size=8, color=grey, weight="normal")
    axes.set_xlabel(f"{series.drug} (µM)")
    lowest = np.nanmin([s.low for s in read]) if any(read) else 0.0
    if lowest >= 0:
        axes.set_ylim(bottom=0)
    axes.locator_params(axis="y", nbins=5)


def _ticks(axes: Axes, at: Sequence[float]) -> None:
    axes.set_xticks(at, ["0", *(brief(dose) for dose in at[1:])])
    axes.minorticks_off()
    axes.set_xlim(at[0] / 1.6, at[-1] * 1.6)
