"""The legend under a map: name of the arm, colours of change, widths of flux."""

from __future__ import annotations

from dataclasses import dataclass

from glutarium.report.maps.geometry import width_of
from glutarium.report.words import number

__all__ = ["HEIGHT", "Bar", "Note", "map_legend"]

HEIGHT = 78.0
"""Of the strip that it needs."""

_X, _ARM = 20.0, 300.0
_STEPS = (
    (-3, "< ⅓"),
    (-2, "< ⅔"),
    (-1, "lower"),
    (0, "same"),
    (1, "higher"),
    (2, "> 1.5"),
    (3, "> 3"),
)
_SHARES = (1.0, 0.1, 0.01)


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle in the colour of a change."""

    step: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Note:
    """A line of text; ``strong`` is the name of the arm."""

    text: str
    x: float
    y: float
    size: float
    centred: bool = False
    strong: bool = False


def map_legend(arm: str, reference: str, largest: float, top: float) -> tuple[Bar | Note, ...]:
    """Shapes of the legend.

    Parameters
    ----------
    arm, reference
        The arm that is drawn, and the one that it is compared with.
    largest
        Flux of the widest arrow, mmol/gDW/h.
    top
        Where its strip begins.
    """
    what = "the arm that others are compared with" if arm == reference else f"against {reference}"
    line = top + 30
    shapes: list[Bar | Note] = [
        Note(arm, _X, line, 19, strong=True),
        Note(what, _X, line + 24, 14),
    ]
    for place, (step, text) in enumerate(_STEPS):
        left = _X + _ARM + place * 48
        shapes += [
            Bar(step, left, line - 10, 46, 10),
            Note(text, left + 23, line + 16, 12, centred=True),
        ]
    start = _X + _ARM + len(_STEPS) * 48 + 40
    for place, share in enumerate(_SHARES):
        left, width = start + place * 112, width_of(share * largest, largest)
        shapes += [
            Bar(0, left, line - 5 - width / 2, 34, width),
            Note(number(share * largest, 2), left + 42, line, 13),
        ]
    shapes.append(
        Note("net flux, mmol/gDW/h; broken grey: not in this result", start, line + 24, 13)
    )
    return tuple(shapes)
