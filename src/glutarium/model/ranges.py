"""A recorded number with its bounds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Range"]


@dataclass(frozen=True, slots=True)
class Range:
    """A recorded number: nominal value with the bounds that an ensemble may draw from."""

    value: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """Ratio of the bounds; 1 for a number without a range."""
        return self.high / self.low if self.low > 0 else 1.0
