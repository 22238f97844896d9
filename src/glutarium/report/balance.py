"""Who got the glutamine: shares of its carbon and nitrogen per sink, and how much came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.curves import by_rows
from glutarium.report.palette import ROLES, sink_colour, sink_rank
from glutarium.report.readings import spread
from glutarium.report.render import new_figure, picture, style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr
    from matplotlib.axes import Axes

    from glutarium.kernel import Array
    from glutarium.report.palette import ArmStyle, Shade
    from glutarium.report.readings import Readings, Spread
    from glutarium.report.render import Picture

__all__ = ["Balance", "draw_balance", "read_balances"]

_ROW, _LABELLED, _KEYS = 0.42, 0.07, 6
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


def read_balances(dataset: xr.Dataset, readings: Readings) -> dict[str, Balance]:
    """Take the balances out of a result, one per cell; a single one has no cell's name."""
    if "fate" not in dataset:
        return {}
    fate = dataset["fate"]
    several = [str(c) for c in fate["cell"].values] if "cell" in fate.dims else [""]
    found = {cell: _read(fate.sel(cell=cell) if cell else fate, readings) for cell in several}
    return {cell: balance for cell, balance in found.items() if balance is not None}


def _read(fate: xr.DataArray, readings: Readings) -> Balance | None:
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
    columns = len(balance.elements) + (uptake is not None)
    ratios = [3.0] * len(balance.elements) + [1.7] * (uptake is not None)
    rows = -(-len(balance.sinks) // _KEYS)
    with style():
        figure = new_figure(11.6, 0.85 + _ROW * len(arms) + 0.22 * rows)
        panels = figure.subplots(1, columns, sharey=True, width_ratios=ratios, squeeze=False)[0]
        for element, axes in enumerate(panels[: len(balance.elements)]):
            _bars(axes, balance, element, len(arms))
        if uptake is not None:
            _uptake(panels[-1], readings, uptake, arms)
        panels[0].set_yticks(range(len(arms)), [a.name for a in arms])
        panels[0].invert_yaxis()
        panels[0].tick_params(axis="y", labelcolor=ROLES["ink"].light, labelsize=9)
        handles, labels = panels[0].get_legend_handles_labels()
        entries = by_rows(list(zip(handles, labels, strict=True)), min(_KEYS, len(labels)))
        figure.legend(
            *zip(*entries, strict=True),
            loc="outside lower left",
            ncols=min(_KEYS, len(labels)),
            handlelength=1.0,
            handleheight=1.0,
            columnspacing=1.4,
            fontsize=8.5,
        )
        return picture(figure, name, alt, shades)


def _bars(axes: Axes, balance: Balance, element: int, arms: int) -> None:
    means = np.array([balance.mean(a, element) for a in range(arms)])
    for arm in np.flatnonzero(~np.isfinite(means).any(axis=1)):
        axes.text(
            1, int(arm), "no balance (no uptake, or no run finished)", va="center_baseline", size=8
        )
    means = np.where(np.isfinite(means), means, 0.0)
    ends = np.zeros((2, arms))  # a pool that drains gives atoms away and stacks to the left of zero
    for position, sink in enumerate(balance.sinks):
        colour = sink_colour(sink, position)
        width = means[:, position] * 100
        side = (width < 0).astype(int)
        left = ends[side, range(arms)]
        axes.barh(
            range(arms),
            width,
            left=left,
            height=0.72,
            color=colour,
            label=sink.replace("CO2", "CO₂"),
            edgecolor=ROLES["paper"].light,
            linewidth=0.6,
        )
        for arm in np.flatnonzero(width >= 100 * _LABELLED):
            axes.text(
                left[arm] + width[arm] / 2,
                int(arm),
                f"{width[arm]:.0f}",
                ha="center",
                va="center_baseline",
                size=8,
                color=_on(colour),
            )
        ends[side, range(arms)] += width
    axes.set_title(f"{balance.elements[element]}, % of what was taken up", weight="bold")
    axes.set_xlim(min(0.0, float(ends[1].min())), max(100.0, float(ends[0].max())))
    _plain(axes)


def _uptake(axes: Axes, readings: Readings, observable: str, arms: Sequence[ArmStyle]) -> None:
    for row, (arm, read) in enumerate(zip(arms, readings.ends(observable), strict=True)):
        if not read:
            axes.text(0, row, " no run finished", va="center", size=8)
            continue
        axes.barh(row, read.median, height=0.5, color=arm.shade.light)
        axes.plot([read.low, read.high], [row, row], color=ROLES["ink"].light, linewidth=1.2)
    axes.set_title("uptake", weight="bold")
    axes.set_title(
        readings.units[observable], loc="right", size=8, weight="normal", color=ROLES["muted"].light
    )
    axes.locator_params(axis="x", nbins=4)
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _on(colour: str) -> str:
    """Ink or paper, whichever can be read on the colour."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    dark = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < _DARK_BELOW
    return "#fefefe" if dark else "#1a1a1a"
