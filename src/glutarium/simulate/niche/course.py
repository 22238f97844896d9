"""What is kept of a site: everything that belongs to no single cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.simulate.site_course import SiteCourse

if TYPE_CHECKING:
    from glutarium.kernel import Array

__all__ = ["Recorder"]


@dataclass
class Recorder:
    """Collects what a site's steward notes at every step."""

    notes: dict[float, tuple[dict[str, float], Array]] = field(default_factory=dict)

    def note(self, t: float, values: dict[str, float], weights: Array) -> None:
        """Keep what holds from a time on; the last note of a time counts."""
        self.notes[t] = (values, weights)

    def course(self, times: Array) -> SiteCourse:
        """What was noted at some times."""
        found = [self.notes[float(t)] for t in times]
        names = found[0][0] if found else {}
        values = {name: np.array([noted[name] for noted, _ in found]) for name in names}
        return SiteCourse(times, values, np.array([weights for _, weights in found]))
