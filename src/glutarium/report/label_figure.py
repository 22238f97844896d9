"""Measured isotopologues beside predicted ones: a figure per condition, a panel per metabolite."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import OutputError
from glutarium.report.palette import ROLES
from glutarium.report.render import new_figure, panel_grid, picture, style

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from glutarium.report.render import Picture

__all__ = ["LabelBar", "draw_labels", "write_label_figures"]

_COLUMNS, _PANEL, _HEAD = 3, (3.4, 2.0), 0.5
_BAR = 0.38
_MEASURED, _PREDICTED = ROLES["steady"].light, ROLES["link"].light


@dataclass(frozen=True, slots=True)
class LabelBar:
    """One isotopologue, measured and predicted.

    Attributes
    ----------
    condition
        System, arm and time: the figure it stands in.
    metabolite
        The panel.
    count
        Heavy atoms.
    data, error
        Measured fraction and its standard error (NaN where unsaid).
    model, low, high
        Median over the members, and the interval that is drawn.
    """

    condition: str
    metabolite: str
    count: int
    data: float
    error: float
    model: float
    low: float
    high: float


def write_label_figures(bars: Iterable[LabelBar], folder: Path) -> list[Path]:
    """Write one PNG and one SVG per condition.

    Parameters
    ----------
    bars
        All isotopologues.
    folder
        Where they go; made if it is not there.

    Returns
    -------
    list of Path
        The PNG files.

    Raises
    ------
    OutputError
        The folder is a file.
    MissingExtraError
        Matplotlib is not installed.
    """
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is a file; give a folder for the figures"
        raise OutputError(message)
    groups: defaultdict[str, list[LabelBar]] = defaultdict(list)
    for bar in bars:
        groups[bar.condition].append(bar)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for condition, own in groups.items():
        drawn = draw_labels(own, condition)
        path = folder / f"{drawn.name}.png"
        path.write_bytes(drawn.png)
        path.with_suffix(".svg").write_text(drawn.svg, encoding="utf-8")
        written.append(path)
    return written


def draw_labels(bars: Sequence[LabelBar], condition: str) -> Picture:
    """Draw the isotopologues of one condition.

    Parameters
    ----------
    bars
        They are ordered by metabolite as they come.
    condition
        Title of the figure.
    """
    metabolites = list(dict.fromkeys(bar.metabolite for bar in bars))
    columns = min(_COLUMNS, len(metabolites))
    rows = math.ceil(len(metabolites) / columns)
    size = columns * _PANEL[0], rows * _PANEL[1] + _HEAD
    with style():
        figure = new_figure(*size, fitted=False)
        for place, axes in enumerate(panel_grid(figure, rows, columns, _HEAD)):
            if place >= len(metabolites):
                axes.set_axis_off()
                continue
            _panel(axes, [b for b in bars if b.metabolite == metabolites[place]])
        figure.suptitle(condition, x=0.01, y=0.995, ha="left", va="top", weight="bold")
        first = figure.axes[0]
        figure.legend(*first.get_legend_handles_labels(), loc="upper right", ncols=2)
        name = re.sub(r"[^a-z0-9]+", "-", condition.lower()).strip("-")
        alt = f"Measured and predicted isotopologues of {', '.join(metabolites)}: {condition}"
        return picture(figure, name, alt, {"steady": ROLES["steady"], "link": ROLES["link"]})


def _panel(axes: Axes, bars: Sequence[LabelBar]) -> None:
    place = [float(bar.count) for bar in bars]
    errors = [0.0 if math.isnan(bar.error) else bar.error for bar in bars]
    axes.bar(
        [x - _BAR / 2 for x in place],
        [bar.data for bar in bars],
        _BAR,
        yerr=errors,
        color=_MEASURED,
        ecolor=ROLES["ink"].light,
        error_kw={"elinewidth": 1.0},
        label="measured, standard error",
    )
    spread = [
        [max(bar.model - bar.low, 0.0) for bar in bars],
        [max(bar.high - bar.model, 0.0) for bar in bars],
    ]
    axes.bar(
        [x + _BAR / 2 for x in place],
        [bar.model for bar in bars],
        _BAR,
        yerr=spread,
        color=_PREDICTED,
        ecolor=ROLES["ink"].light,
        error_kw={"elinewidth": 1.0},
        label="predicted, 10-90 % of members",
    )
    axes.set_title(bars[0].metabolite, weight="bold")
    axes.set_ylim(0.0, 1.0)
    axes.set_xticks(place, [f"M{bar.count}" for bar in bars])
    axes.set_ylabel("fraction")
