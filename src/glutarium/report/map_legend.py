"""The legend of the network map: name of the arm, colours of change, widths of flux."""

from __future__ import annotations

from dataclasses import dataclass

from glutarium.report.map_geometry import width_of
from glutarium.report.words import number

__all__ = ["Bar", "Note", "map_legend"]

_X, _Y = 150.0, 872.0
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


def map_legend(arm: str, reference: str, largest: float) -> tuple[Bar | Note, ...]:
    """Shapes of the legend.

    Parameters
    ----------
    arm, reference
        The arm that is drawn, and the one that it is compared with.
    largest
        Flux of the widest arrow, mmol/gDW/h.
    """
    what = "the arm that others are compared with" if arm == reference else f"against {reference}"
    shapes: list[Bar | Note] = [
        Note(arm, _X, _Y, 19, strong=True),
        Note(what, _X, _Y + 24, 14),
    ]
    for place, (step, text) in enumerate(_STEPS):
        left = _X + place * 48
        shapes += [
            Bar(step, left, _Y + 42, 46, 10),
            Note(text, left + 23, _Y + 68, 12, centred=True),
        ]
    for place, share in enumerate(_SHARES):
        left, width = _X + place * 112, width_of(share * largest, largest)
        shapes += [
            Bar(0, left, _Y + 96 - width / 2, 34, width),
            Note(number(share * largest, 2), left + 42, _Y + 100.5, 13),
        ]
    shapes.append(Note("net flux, mmol/gDW/h", _X, _Y + 124, 13))
    shapes.append(Note("broken grey: not in this result", _X, _Y + 144, 13))
    return tuple(shapes)
