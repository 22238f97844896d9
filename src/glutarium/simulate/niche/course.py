"""What is kept of a site: everything that belongs to no single cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array

__all__ = ["Recorder", "SiteCourse"]


@dataclass(frozen=True)
class SiteCourse:
    """Courses of a site at the times of its lanes.

    Attributes
    ----------
    times
        Hours, shape ``(n,)``.
    values
        Name → course, shape ``(n,)``: ``medium.<species>`` (mM, mean over the zones), ``edge.<species>``
        and ``core.<species>``, ``level.<messenger>``, ``node.<node>``, ``density.<cell>`` (gDW per litre of
        what surrounds the cells), ``infiltration.<cell>`` (that over the start), ``core_fraction.<cell>``,
        ``fraction.<cell or clone>`` (share of all dry mass), ``tumour_volume`` (mm3), ``volume`` (over the
        start), ``total.<element>`` and ``ledger.<element>`` (mmol per litre of the start).
    weights
        Dry mass of every lane, gDW per litre of the start, shape ``(n, n_lanes)``.
    """

    times: Array
    values: Mapping[str, Array]
    weights: Array


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
