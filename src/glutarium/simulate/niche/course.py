"""What is kept of a site: everything that belongs to no single cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glutarium.simulate.site_course import SiteCourse

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.simulate.label_pools import Watch

__all__ = ["ENTRIES", "Note", "Recorder"]

ENTRIES = ("supply", "held", "medium")
"""Of a nutrient: what came from outside, what the medium holds, what the medium's own reactions used up."""


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
    cells, clones
        Kind of cell of every lane, and which clone of it.
    notes
        Time → what was noted.
    watches
        Time → what labels need; empty where nothing is traced.
    """

    cells: tuple[str, ...]
    clones: tuple[str, ...]
    notes: dict[float, Note] = field(default_factory=dict)
    watches: dict[float, Watch] = field(default_factory=dict)

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
        return SiteCourse(times, values, weights, self.cells, self.clones, taken, place)
