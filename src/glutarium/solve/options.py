"""How lanes are integrated: what a caller chooses, and the settings of step control.

The latter are those of Hairer and Wanner (Solving Ordinary Differential Equations II, IV.8) where nothing
else is said. One system alone (:mod:`glutarium.solve.driver.stepping`) and the systems of a site
(:mod:`glutarium.solve.sites.control`) use the same. Shares of a step that was tried are plain numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = [
    "AFTER_NEGATIVE",
    "AFTER_NOT_FINITE",
    "LEAST_ERROR",
    "MOST_CUT",
    "MOST_GROWTH",
    "MOST_LEARNT",
    "MOST_WISHED",
    "NEGATIVE_FACTOR",
    "REMEMBERED_ERROR",
    "SAFETY",
    "SHORTEST",
    "WORTH_LANDING",
    "LaneOptions",
]

SAFETY = 0.9
"""Share of the step that control expects to be just accepted."""
MOST_GROWTH, MOST_CUT = 1.0 / 6.0, 5.0
"""Limits of the old step over the new one. Growth by two instead of six costs the cell a tenth to a
quarter more steps, since it starts far from rest; growth by ten or twenty gains nothing."""
LEAST_ERROR = 1e-8
"""Error, in tolerances, below which one is as good as another: its power is finite, its growth unlimited."""
REMEMBERED_ERROR = 1e-2
"""Smallest error, in tolerances, that the choice of the next step remembers (as RODAS does): less is
round-off, and against it any error of the next step would look like steep growth."""
AFTER_NOT_FINITE = 0.1
"""Share of the step that is tried after one that left arithmetic, of whose error nothing is known."""
AFTER_NEGATIVE = 0.25
"""Share that is tried after a pool fell below its floor; the error says nothing about that."""
MOST_WISHED = 5.0
"""A step that was cut short at a stop leaves at most so many times itself of what control had wished."""
MOST_LEARNT = 36.0
"""By how much a span may begin with a longer step than the one before it: two steps of the largest growth."""
SHORTEST = 1e-15
"""A shorter step, h, has no inverse that arithmetic can hold; nothing happens in it."""
WORTH_LANDING = 0.63
"""A report beyond this share of a step becomes its end: that wastes less than a step short enough to
interpolate, and is more accurate."""
NEGATIVE_FACTOR = 10.0
"""A pool may start this many absolute tolerances below zero: one local error of many states."""


@dataclass(frozen=True, slots=True)
class LaneOptions:
    """How to integrate.

    Attributes
    ----------
    rtol
        Relative tolerance of every step, between 1e-13 and 0.1.
    method
        ``rodas5p``, or ``rodas3`` for short spans at tolerances of 1e-3 and more.
    max_steps
        Attempts that one system may use.
    min_step, max_step
        Limits of the step, h.
    first_step
        Step that is tried first, also after every event, h.
    """

    rtol: float = 1e-6
    method: str = "rodas5p"
    max_steps: int = 200_000
    min_step: float = 1e-13
    max_step: float = math.inf
    first_step: float = 1e-5
