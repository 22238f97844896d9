"""Who got the glutamine: shares of its carbon and nitrogen per sink, and how much came in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.maps.text import text_width
from glutarium.report.palette import ROLES, sink_colour, sink_rank
from glutarium.report.plots.canvas import Canvas
from glutarium.report.plots.legend import ROW, Entry, draw_legend, legend_rows
from glutarium.report.plots.panel import Panel
from glutarium.report.plots.picture import Picture
from glutarium.report.readings import spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr

    from glutarium.kernel import Array
    from glutarium.report.palette import ArmStyle, Shade
    from glutarium.report.readings import Readings, Spread

__all__ = ["Balance", "draw_balance", "read_balance"]

_WIDTH, _ROW, _ABOVE, _BELOW, _BETWEEN = 1114.0, 40.0, 30.0, 32.0, 18.0
_NAME, _SMALL = 12.0, 10.5
_LABELLED, _MOST_COLUMNS, _FEW_COLUMNS = 0.07, 7, 4
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


def read_balance(dataset: xr.Dataset, readings: Readings) -> Balance | None:
    """Take the balance out of a result; None where it has none.

    Sinks that receive less than 0.05 % everywhere are left out.
    """
    if "fate" not in dataset:
        return None
    fate = dataset["fate"].transpose("arm", "member", "element", "sink")
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
    """
    names = 14.0 + max(text_width(a.name, _NAME) for a in arms)
    keys = [Entry(s.replace("CO2", "CO₂"), sink_colour(s, i)) for i, s in enumerate(balance.sinks)]
    foot = _ABOVE + _ROW * len(arms) + _BELOW
    canvas = Canvas(_WIDTH, foot + ROW * legend_rows(keys, _WIDTH))
    ratios = [3.0] * len(balance.elements) + [1.7] * (uptake is not None)
    edges = names + np.cumsum([0.0, *ratios]) / sum(ratios) * (_WIDTH - names)
    panels = [
        Panel.at(canvas, float(left), _ABOVE, float(right) - _BETWEEN, foot - _BELOW)
        for left, right in pairwise(edges)
    ]
    for row, arm in enumerate(arms):
        at = (names - 8.0, _middle(row) + 4.0)
        canvas.words(at, arm.name, _NAME, ROLES["ink"].light, "end")
    for element in range(len(balance.elements)):
        _bars(panels[element], balance, element, len(arms))
    if uptake is not None:
        _uptake(panels[-1], readings, uptake, arms)
    draw_legend(canvas, keys, (0.0, foot), _WIDTH)
    return Picture("glutamine_balance", alt, canvas, shades)


def _middle(row: int) -> float:
    return _ABOVE + _ROW * (row + 0.5)


def _bars(panel: Panel, balance: Balance, element: int, arms: int) -> None:
    means = np.array([balance.mean(a, element) for a in range(arms)]) * 100
    empty = ~np.isfinite(means).any(axis=1)
    means = np.where(np.isfinite(means), means, 0.0)
    # a pool that drains gives atoms away and stacks to the left of zero
    lowest = float(np.minimum(means, 0.0).sum(axis=1).min())
    highest = float(np.maximum(means, 0.0).sum(axis=1).max())
    panel = panel.spanning((min(0.0, lowest), max(100.0, highest)), (0.0, 1.0))
    panel.marks(panel.columns(_MOST_COLUMNS))
    panel.title(f"{balance.elements[element]}, % of what was taken up")
    for row in range(arms):
        if empty[row]:
            at = (panel.x(0) + 4.0, _middle(row) + 4.0)
            text = "no balance (no uptake, or no run finished)"
            panel.canvas.words(at, text, _SMALL, ROLES["ink"].light)
        else:
            _stack(panel, balance.sinks, means[row], _middle(row))


def _stack(panel: Panel, sinks: Sequence[str], widths: Array, middle: float) -> None:
    """One bar: what is given away to the left of zero, all else to its right."""
    ends = [0.0, 0.0]
    for position, (sink, width) in enumerate(zip(sinks, widths.tolist(), strict=True)):
        side = int(width < 0)
        left, colour = ends[side], sink_colour(sink, position)
        ends[side] = left + width
        panel.bar((left, ends[side]), middle, 0.72 * _ROW, colour, ROLES["paper"].light)
        if width >= 100 * _LABELLED:
            at = (panel.x(left + width / 2), middle + 3.6)
            panel.canvas.words(at, f"{width:.0f}", _SMALL, _on(colour), "middle")


def _uptake(panel: Panel, readings: Readings, observable: str, arms: Sequence[ArmStyle]) -> None:
    ends = readings.ends(observable)
    reached = [x for read in ends if read for x in (read.low, read.median, read.high)]
    high = max([0.0, *reached])
    panel = panel.spanning((min([0.0, *reached]), 1.05 * high or 1.0), (0.0, 1.0))
    panel.marks(panel.columns(_FEW_COLUMNS))
    panel.title("uptake", readings.units[observable])
    for row, (arm, read) in enumerate(zip(arms, ends, strict=True)):
        middle = _middle(row)
        if not read:
            at = (panel.x(0) + 4.0, middle + 4.0)
            panel.canvas.words(at, "no run finished", _SMALL, ROLES["ink"].light)
            continue
        panel.bar((0.0, read.median), middle, 0.5 * _ROW, arm.shade.light, "")
        span = [(panel.x(read.low), middle), (panel.x(read.high), middle)]
        panel.canvas.line(span, ROLES["ink"].light, 1.6)


def _on(colour: str) -> str:
    """Ink or paper, whichever can be read on the colour."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    dark = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < _DARK_BELOW
    return "#fefefe" if dark else "#1a1a1a"
