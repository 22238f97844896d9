"""A tumour as a ball: a rim as deep as host vessels reach, and the core that growth leaves behind it.

All lengths are over the radius at the start, all volumes over the whole volume at the start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Ball"]


@dataclass(frozen=True)
class Ball:
    """A ball of two zones whose rim keeps its depth.

    Attributes
    ----------
    core_share
        Share of the volume that is core at the start.
    least
        Radius of the core over that of the ball, which it keeps where the ball is thinner than its rim, so
        that cells and fluid that are followed there have a place.
    """

    core_share: float
    least: float = 0.0

    @property
    def depth(self) -> float:
        """Depth of the rim."""
        return 1.0 - math.cbrt(self.core_share)

    def core(self, volume: float) -> float:
        """Volume of the core of a ball of some volume."""
        radius = math.cbrt(volume)
        return max(radius - self.depth, self.least * radius) ** 3

    def contact(self, core: float) -> float:
        """Surface between rim and core, over that of the start."""
        return math.cbrt(core / self.core_share) ** 2

    def reach(self, core: float) -> float:
        """Vessels per volume of the core, which enter through its surface, over those of the start."""
        return self.contact(core) * self.core_share / core
