"""From values to pixels, and where ticks stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Scale", "ticks"]

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """One axis.

    Attributes
    ----------
    low, high
        Values at its ends.
    first, last
        Pixels at its ends.
    log
        Whether equal steps are equal factors.
    """

    low: float
    high: float
    first: float
    last: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Pixel of a value."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        share = (value - low) / (high - low) if high > low else 0.5
        return self.first + share * (self.last - self.first)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values between two others.

    Parameters
    ----------
    low, high
        Ends, included where they are round.
    most
        Largest number of steps between them.
    """
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [low]
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(n * power for n in _NICE if n * power * most >= span * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12 - math.floor(math.log10(step))) for i in range(first, last + 1)]
