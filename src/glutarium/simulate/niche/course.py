"""What is kept of a site: everything that belongs to no single cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array

__all__ = ["ENTRIES", "Note", "Recorder", "SiteCourse"]

ENTRIES = ("supply", "held", "medium")
"""Of a nutrient: what came from outside, what the medium holds, what the medium's own reactions used up."""


@dataclass(frozen=True)
class SiteCourse:
    """Courses of a site at the times of its lanes.

    Attributes
    ----------
    times
        Hours, shape ``(n,)``.
    values
        Name → course, shape ``(n,)``: ``medium.<species>`` (mM, mean over the zones), ``edge.<species>``
        and ``core.<species>``, ``level.<messenger>``, ``node.<node>``, ``mass.<cell>`` (gDW per litre of the
        start), ``density.<cell>`` (gDW per litre of what surrounds the cells), ``infiltration.<cell>`` (that
        over the start), ``core_fraction.<cell>``, ``fraction.<cell or clone>`` (share of all dry mass),
        ``tumour_volume`` (mm3), ``volume`` (over the start), ``total.<element>`` and ``ledger.<element>``
        (mmol per litre of the start).
    weights
        Dry mass of every lane, gDW per litre of the start, shape ``(n, n_lanes)``.
    cells
        Kind of cell of every lane.
    taken
        Net uptake of every lane since the start, mmol per litre of the start, shape
        ``(n, n_lanes, n_nutrients)`` in the order of :func:`~glutarium.simulate.niche.accounts.accounted`.
    place
        Of the same nutrients what came from outside since the start, what the medium holds, and what its
        own reactions used up, shape ``(n, len(ENTRIES), n_nutrients)``.
    """

    times: Array
    values: Mapping[str, Array]
    weights: Array
    cells: tuple[str, ...]
    taken: Array
    place: Array


class Note(NamedTuple):
    """What is noted at a time; see :class:`SiteCourse`."""

    values: dict[str, float]
    weights: Array
    taken: Array
    place: Array


@dataclass
class Recorder:
    """Collects what a site's steward notes at every step.

    Attributes
    ----------
    cells
        Kind of cell of every lane.
    notes
        Time → what was noted.
    """

    cells: tuple[str, ...]
    notes: dict[float, Note] = field(default_factory=dict)

    def note(self, t: float, note: Note) -> None:
        """Keep what holds from a time on; the last note of a time counts."""
        self.notes[t] = note

    def course(self, times: Array) -> SiteCourse:
        """What was noted at some times."""
        found = [self.notes[float(t)] for t in times]
        names = found[0].values if found else {}
        values = {name: np.array([note.values[name] for note in found]) for name in names}
        weights, taken, place = (
            np.array([getattr(note, part) for note in found])
            for part in ("weights", "taken", "place")
        )
        return SiteCourse(times, values, weights, self.cells, taken, place)
