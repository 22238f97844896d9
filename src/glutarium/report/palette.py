"""Colours that stay apart for colour-blind readers, in a light and a dark version.

Figures are drawn with the light colours. In inline SVG each of them is replaced by a CSS variable, so
that one drawing serves both themes. Hence every role and every arm must have a light colour of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "CHANGE",
    "ROLES",
    "ArmStyle",
    "Shade",
    "arm_styles",
    "cell_colour",
    "css_variables",
    "sink_colour",
    "sink_rank",
]


Dash: TypeAlias = Literal["-", "--", ":", "-."]


@dataclass(frozen=True, slots=True)
class Shade:
    """One colour in both themes.

    Attributes
    ----------
    light, dark
        ``#rrggbb`` on white paper and on a dark screen.
    """

    light: str
    dark: str


ROLES: dict[str, Shade] = {
    "paper": Shade("#ffffff", "#15191f"),
    "ink": Shade("#1b2430", "#e8ecf1"),
    "muted": Shade("#5a6675", "#a3aebb"),
    "line": Shade("#c9d0d8", "#414b57"),
    "grid": Shade("#e9ecf0", "#2a323c"),
    "medium": Shade("#eef4f8", "#18232c"),
    "cytosol": Shade("#fdfbf4", "#1f2126"),
    "cytosol-edge": Shade("#cdbb8c", "#6b6146"),
    "matrix": Shade("#f7efe2", "#2a2722"),
    "matrix-edge": Shade("#c08f58", "#8d6a45"),
    "pill": Shade("#fffffe", "#2b323b"),
    "absent": Shade("#d4d8dd", "#3f4650"),
    "steady": Shade("#98a1ab", "#7d8793"),
    "link": Shade("#0b5cad", "#7db8f0"),
}
"""Roles of the page, the axes and the map."""

CHANGE: dict[int, Shade] = {
    -3: Shade("#0a3f80", "#8cc4ff"),
    -2: Shade("#2f7fc1", "#4f9be0"),
    -1: Shade("#7fb0dc", "#3d6f9f"),
    0: ROLES["steady"],
    1: Shade("#eda768", "#97693d"),
    2: Shade("#d9721f", "#dd8238"),
    3: Shade("#963000", "#ffb27a"),
}
"""Change against the first arm, from much lower (-3, blue) to much higher (3, orange)."""

_FIRST = Shade("#39424e", "#dfe5ec")
_CATEGORIES = (
    Shade("#d55e00", "#ff8b3d"),
    Shade("#0072b2", "#58aef0"),
    Shade("#009e73", "#3fc79d"),
    Shade("#b2559b", "#e49ad0"),
    Shade("#c78a00", "#f0b72f"),
    Shade("#3a9fc9", "#86d3f2"),
    Shade("#882255", "#d9739f"),
    Shade("#6b7a1e", "#b9c94d"),
)
_RAMP = (
    Shade("#5bbcc4", "#2f7f93"),
    Shade("#2f8fbb", "#3f9fb8"),
    Shade("#2368a8", "#67bfc0"),
    Shade("#22448c", "#9ad9bf"),
    Shade("#10215c", "#d6f0b6"),
)
_DASHES: tuple[Dash, ...] = ("-", "--", ":", "-.")

# Bars carry numbers, so that their colours are the same in both themes. Bars are stacked in this order;
# secreted substances that have no colour here follow the last of those that have one.
_SINKS: dict[str, str] = {
    "protein": "#1b7a5a",
    "rna": "#4ba67f",
    "dna": "#86c7a4",
    "lipid": "#b9dc8e",
    "membrane lipid": "#b9dc8f",
    "glycan": "#8aa84e",
    "glutathione": "#d8e3a1",
    "secreted glutamate": "#d55f01",
    "secreted glutamine": "#a8420f",
    "secreted alanine": "#f0a25a",
    "secreted aspartate": "#f6c08a",
    "secreted lactate": "#f7d9a8",
    "secreted proline": "#e7b23c",
    "secreted asparagine": "#fbe7a2",
    "ammonia": "#5a8fd0",
    "co2": "#9aa5b1",
    "growing pools": "#9479b5",
    "pools": "#b9a5d0",
    "other": "#d9dee4",
}
_MORE_SINKS = (
    "#8c6bb1",
    "#c994c7",
    "#df65b0",
    "#7fcdbb",
    "#d6604d",
    "#bf812d",
)
_CELLS = (
    "#4a4e8f",
    "#3f9f6f",
    "#c8763a",
    "#8f4a78",
    "#4f9bb5",
    "#a8983a",
    "#b04a4a",
    "#6f8f4a",
    "#7a6a5a",
    "#5f6fb8",
)
"""Cells that share a place; the same in both themes, and of no arm."""


@dataclass(frozen=True, slots=True)
class ArmStyle:
    """How one arm is drawn everywhere.

    Attributes
    ----------
    name
        The arm.
    shade
        Its colour in both themes.
    dash
        Matplotlib line style; differs where colours had to repeat.
    """

    name: str
    shade: Shade
    dash: Dash


def arm_styles(
    arms: Sequence[str], doses: Mapping[str, tuple[str, float]] | None = None
) -> tuple[ArmStyle, ...]:
    """Give every arm a colour: grey for the first, a ramp for rising doses, distinct hues otherwise.

    Parameters
    ----------
    arms
        Names of the arms; the first one is what the others are compared with.
    doses
        Arm → (drug, µM). Two or more doses of one drug share a ramp; only the first such drug.

    Returns
    -------
    tuple of ArmStyle
        In the order of ``arms``.
    """
    ramp = _ramp(arms, doses or {})
    styles: list[ArmStyle] = []
    used = 0
    for position, arm in enumerate(arms):
        if position == 0:
            styles.append(ArmStyle(arm, _FIRST, "-"))
        elif arm in ramp:
            styles.append(ArmStyle(arm, ramp[arm], "-"))
        else:
            turn, colour = divmod(used, len(_CATEGORIES))
            styles.append(ArmStyle(arm, _CATEGORIES[colour], _DASHES[turn % len(_DASHES)]))
            used += 1
    return tuple(styles)


def _ramp(arms: Sequence[str], doses: Mapping[str, tuple[str, float]]) -> dict[str, Shade]:
    given = [(doses[a][0], doses[a][1], a) for a in arms[1:] if a in doses and doses[a][1] > 0]
    drugs = [drug for drug, _, _ in given]
    series = next((d for d in drugs if drugs.count(d) > 1), None)
    ordered = [a for drug, _, a in sorted(given, key=lambda g: g[1]) if drug == series]
    last = len(ordered) - 1
    return {a: _between(i / last if last else 1.0) for i, a in enumerate(ordered)}


def _between(share: float) -> Shade:
    position = share * (len(_RAMP) - 1)
    low = min(int(position), len(_RAMP) - 2)
    part = position - low
    return Shade(
        _mix(_RAMP[low].light, _RAMP[low + 1].light, part),
        _mix(_RAMP[low].dark, _RAMP[low + 1].dark, part),
    )


def _mix(first: str, second: str, part: float) -> str:
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + part * (b - a)):02x}" for a, b in pairs)


def sink_colour(sink: str, position: int) -> str:
    """Colour of a sink of the glutamine balance; ``position`` picks one for an unknown sink."""
    known = _SINKS.get(sink.lower().strip())
    return known or _MORE_SINKS[position % len(_MORE_SINKS)]


def cell_colour(position: int) -> str:
    """Colour of a cell among those that share a place."""
    return _CELLS[position % len(_CELLS)]


def sink_rank(sink: str) -> int:
    """Place of a sink in the stack: biomass, what is secreted, ammonia, CO2, pools, the rest."""
    order = list(_SINKS)
    name = sink.lower().strip()
    if name in order:
        return order.index(name)
    anchor = "secreted asparagine" if name.startswith("secreted") else "pools"
    return order.index(anchor)


def css_variables(shades: Mapping[str, Shade], theme: str) -> str:
    """Declarations ``--name: colour;`` for one theme, ``light`` or ``dark``."""
    return " ".join(f"--{name}: {getattr(shade, theme)};" for name, shade in shades.items())
