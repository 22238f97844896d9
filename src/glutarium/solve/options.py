"""How lanes are integrated."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["LaneOptions"]


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
