"""A flow diagram per arm: from blood or medium into the cells, and from the cells to what they made of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.palette import ROLES, cell_colour, sink_colour, sink_rank
from glutarium.report.render import new_figure, picture, style
from glutarium.report.words import greek, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes

    from glutarium.kernel import Array
    from glutarium.report.palette import ArmStyle, Shade
    from glutarium.report.render import Picture
    from glutarium.report.takers import Takers

__all__ = ["GLUTAMINE", "OTHERS", "Diagram", "draw_flows", "read_diagram"]

GLUTAMINE = "glutamine"
ENZYMES = "enzymes of the medium"
UNTRACED = "not traced"
OTHERS = "other cells"
_LEAST = 0.02  # sinks and takers below this share of all that was taken are one band each
_SEEN = 0.001
_WHOLE = 0.1  # shares below this get a decimal
_LINE = 0.052
_COLUMNS, _WIDTH, _HEIGHT, _GAP, _BAR = 2, 11.6, 3.9, 0.03, 0.04


@dataclass(frozen=True, slots=True)
class Diagram:
    """Flows of one arm, as shares of what its cells take.

    Attributes
    ----------
    sources, takers, sinks
        Names of the nodes, from left to right.
    into
        Shape ``(n_sources, n_takers)``.
    onto
        Shape ``(n_takers, n_sinks)``; rows add up to what the taker got.
    whole
        What all takers got, mmol per litre of the start.
    ranges
        Taker → 10 and 90 % quantile of its share over the members; none for one member.
    """

    sources: tuple[str, ...]
    takers: tuple[str, ...]
    sinks: tuple[str, ...]
    into: Array
    onto: Array
    whole: float
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def read_diagram(takers: Takers, arm: int) -> Diagram | None:
    """Flows of glutamine in an arm, means over the members; None where no cell took any."""
    if GLUTAMINE not in takers.nutrients:
        return None
    n = takers.nutrients.index(GLUTAMINE)
    sound = np.isfinite(takers.entry("supply")[arm, :, n])
    if not sound.any():
        return None
    runs = np.nan_to_num(takers.taken[arm, sound, :, n])
    turned = takers.entry("medium")[arm, sound, n]
    taken, used = runs.mean(axis=0), float(turned.mean())
    amounts = np.maximum(np.array([*taken, used]), 0.0)
    if amounts.sum() <= 0.0:
        return None
    given = {f"from {c}": -float(x) for c, x in zip(takers.cells, taken, strict=True)}
    outside = {
        "blood" if takers.fed else "added": float(takers.entry("supply")[arm, sound, n].mean()),
        "medium": float(takers.drawn[arm, sound, n].mean()),
    }
    sources = {name: x for name, x in (outside | given).items() if x > 0.0}
    parts = np.array(list(sources.values())) / sum(sources.values())
    shares = amounts / amounts.sum()
    sinks, onto = _ends(takers, arm, shares)
    seen = [i for i, x in enumerate(parts) if x >= _SEEN]
    there = [i for i, x in enumerate(shares) if x >= _SEEN]
    names = [*takers.cells, ENZYMES]
    groups = _gathered([names[i] for i in there], shares[there])
    places = {name: [there[k] for k in own] for name, own in groups.items()}
    into = np.outer(parts, shares)[seen]
    return Diagram(
        tuple(list(sources)[i] for i in seen),
        tuple(places),
        sinks,
        np.stack([into[:, own].sum(axis=1) for own in places.values()], axis=1),
        np.stack([onto[own].sum(axis=0) for own in places.values()]),
        float(amounts.sum()),
        _ranges(np.maximum(np.hstack([runs, turned[:, None]]), 0.0), places),
    )


def _gathered(names: Sequence[str], shares: Array) -> dict[str, list[int]]:
    """Takers by name, and the small ones of many together."""
    small = [i for i, x in enumerate(shares) if x < _LEAST]
    if len(small) < 2:  # noqa: PLR2004 - one small taker keeps its name
        small = []
    found = {name: [i] for i, name in enumerate(names) if i not in small}
    return found | ({f"{len(small)} {OTHERS}": small} if small else {})


def _ranges(runs: Array, places: Mapping[str, list[int]]) -> dict[str, tuple[float, float]]:
    """Quantiles of the shares of some takers over the members, which are rows."""
    whole = runs.sum(axis=1)
    runs, whole = runs[whole > 0.0], whole[whole > 0.0]
    if len(runs) < 2:  # noqa: PLR2004 - a range needs two
        return {}
    found = {}
    for name, own in places.items():
        low, high = np.quantile(runs[:, own].sum(axis=1) / whole, (0.1, 0.9))
        found[name] = float(low), float(high)
    return found


def _ends(takers: Takers, arm: int, shares: Array) -> tuple[tuple[str, ...], Array]:
    """What the takers made of it; small sinks of all arms are merged."""
    cells = len(takers.cells)
    fates = takers.fate[arm] if takers.sinks else np.empty((0, cells, 0))
    onto = np.zeros((len(shares), len(takers.sinks) + 1))
    for c in range(cells):
        runs = fates[:, c]
        runs = runs[np.isfinite(runs).all(axis=1)] if runs.size else runs
        if len(runs):
            onto[c, :-1] = shares[c] * runs.mean(axis=0)
    onto[:, -1] = shares - onto[:, :-1].sum(axis=1)
    names = [*takers.sinks, UNTRACED]
    onto[:, -1] = np.where(onto[:, -1] < _SEEN, 0.0, onto[:, -1])
    whole = onto.sum(axis=0)
    kept = [i for i, x in enumerate(whole) if x >= _LEAST and names[i] != "other"]
    kept.sort(key=lambda i: (names[i] == UNTRACED, sink_rank(names[i])))
    rest = [i for i in range(len(names)) if i not in kept and whole[i] > 0.0]
    ends = [onto[:, [i]] for i in kept] + (
        [onto[:, rest].sum(axis=1, keepdims=True)] if rest else []
    )
    return (*(names[i] for i in kept), *(("other",) if rest else ())), np.hstack(ends)


def draw_flows(
    takers: Takers,
    arms: Sequence[ArmStyle],
    shades: Mapping[str, Shade],
    *,
    alt: str,
) -> Picture | None:
    """Draw one diagram per arm; None where no arm has any.

    Parameters
    ----------
    takers
        The accounts.
    arms
        The arms, in the order of the result.
    shades
        CSS variable → colour, for the page.
    alt
        Text for readers who do not see the figure.
    """
    found = [(arm, read_diagram(takers, a)) for a, arm in enumerate(arms)]
    drawn = [(arm, diagram) for arm, diagram in found if diagram is not None]
    if not drawn:
        return None
    columns = min(_COLUMNS, len(drawn))
    rows = math.ceil(len(drawn) / columns)
    width = _WIDTH if columns > 1 else _WIDTH / 2
    with style():
        figure = new_figure(width, rows * _HEIGHT)
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, (arm, diagram) in zip(panels, drawn, strict=False):
            _panel(axes, arm.name, diagram, takers.cells)
        for axes in panels[len(drawn) :]:
            axes.set_axis_off()
        return picture(figure, "who_took_it", alt, shades)


def _panel(axes: Axes, name: str, diagram: Diagram, cells: Sequence[str]) -> None:
    colours = [
        cell_colour(cells.index(t)) if t in cells else ROLES["steady"].light for t in diagram.takers
    ]
    flows = (diagram.into, diagram.onto)
    sizes = [flows[0].sum(axis=1), flows[1].sum(axis=1), flows[1].sum(axis=0)]
    tops = [_stack(s) for s in sizes]
    _ribbons(axes, 0, flows[0], (tops[0], tops[1]), lambda _, j: colours[j])
    _ribbons(axes, 1, flows[1], (tops[1], tops[2]), lambda i, _: colours[i])
    ends = [sink_colour(s, i) for i, s in enumerate(diagram.sinks)]
    plain = [ROLES["steady"].light] * len(diagram.sources)
    columns = zip(
        (diagram.sources, diagram.takers, diagram.sinks), (plain, colours, ends), strict=True
    )
    for x, (labels, fills) in enumerate(columns):
        for fill, top, size in zip(fills, tops[x], sizes[x], strict=True):
            _node(axes, x, fill, float(top), float(size))
        for label, y, size in zip(labels, _apart(tops[x] + sizes[x] / 2), sizes[x], strict=True):
            _name(axes, x, _worded(label, float(size), diagram) if x else label, float(y))
    axes.set_title(name, weight="bold")
    amount = f"{number(diagram.whole)} mmol/L taken"
    axes.set_title(amount, loc="right", size=8, weight="normal", color=ROLES["muted"].light)
    axes.set_xlim(-0.1, 2.95)
    axes.set_ylim(-0.02, max(float(t[-1] + s[-1]) for t, s in zip(tops, sizes, strict=True)) + 0.02)
    axes.invert_yaxis()
    axes.set_axis_off()


def _stack(sizes: Array) -> Array:
    """Where every node of a column begins, from above."""
    return np.concatenate([[0.0], np.cumsum(sizes + _GAP)[:-1]])


def _ribbons(
    axes: Axes,
    x: int,
    flows: Array,
    tops: tuple[Array, Array],
    colour: Callable[[int, int], str],
) -> None:
    """Bands between two columns of nodes."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    left, right = tops[0].copy(), tops[1].copy()
    start, end = x + _BAR, x + 1 - _BAR
    middle = (start + end) / 2
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    for i, j in np.ndindex(*flows.shape):
        size = float(flows[i, j])
        if size < _SEEN:
            left[i], right[j] = left[i] + size, right[j] + size
            continue
        a, b = float(left[i]), float(right[j])
        upper = [(start, a), (middle, a), (middle, b), (end, b)]
        lower = [(end, b + size), (middle, b + size), (middle, a + size), (start, a + size)]
        shape = Path([*upper, *lower, (start, a)], codes)
        fill = colour(i, j)
        axes.add_patch(PathPatch(shape, facecolor=fill, alpha=0.42, linewidth=0))
        left[i], right[j] = a + size, b + size


def _node(axes: Axes, x: int, fill: str, top: float, size: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((x - _BAR, top), 2 * _BAR, max(size, _SEEN), facecolor=fill, linewidth=0)
    )


def _apart(middles: Array) -> Array:
    """Heights of labels, each far enough below the one above it to be read."""
    found = middles.copy()
    for i in range(1, len(found)):
        found[i] = max(found[i], found[i - 1] + _LINE)
    return np.asarray(found)


def _worded(label: str, size: float, diagram: Diagram) -> str:
    """A name with its share, and the range of it."""
    text = f"{label} {_percent(size)}"
    if label not in diagram.ranges:
        return text
    low, high = (f"{100 * x:.0f}" for x in diagram.ranges[label])
    return f"{text} ({low}–{high})" if size >= _WHOLE else text


def _name(axes: Axes, x: int, label: str, y: float) -> None:
    words = greek(label.replace("CO2", "CO₂").replace("_", " "))
    axes.text(x + 1.6 * _BAR, y, words, va="center", size=7.5, zorder=4)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= _WHOLE else f"{100 * share:.1f} %"
