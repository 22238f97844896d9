"""Follows labels through one run: what the medium brings, what the cells make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.residues import metabolite_of
from glutarium.simulate.label_solver import Piece, advance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atommaps import AtomMaps
    from glutarium.model.emu import Emu, EmuSystem
    from glutarium.model.tracers import Tracer
    from glutarium.simulate.label_course import LabelCourse
    from glutarium.simulate.label_solver import Labels

__all__ = ["Event", "Marking", "follow"]


@dataclass(frozen=True)
class Event:
    """Fresh medium, at one time.

    Attributes
    ----------
    time_h
        When, h.
    fresh
        Pools that are replaced.
    added
        Pool → mmol per gDW of time zero that is added.
    tracers
        Which nutrients of it carry label.
    """

    time_h: float
    fresh: frozenset[str] = frozenset()
    added: Mapping[str, float] = field(default_factory=dict)
    tracers: tuple[Tracer, ...] = ()


@dataclass(frozen=True)
class Marking:
    """Distributions of what is not made by the cells.

    Attributes
    ----------
    maps
        Elements of every pool's atoms.
    background
        Element → natural abundance of its heavy isotope; empty to leave it out.
    """

    maps: AtomMaps
    background: Mapping[str, float] = field(default_factory=dict)

    def resting(self, emu: Emu) -> Array:
        """Without tracer."""
        return self._counted(emu, {})

    def fresh(self, emu: Emu, tracers: Iterable[Tracer]) -> Array:
        """In medium with tracers."""
        metabolite = metabolite_of(emu.pool.partition("/")[0])
        own = [t for t in tracers if t.metabolite == metabolite]
        plain = 1.0 - sum(t.share for t in own)
        whole = np.asarray(plain * self.resting(emu))
        for tracer in own:
            heavy = dict.fromkeys(tracer.atoms, tracer.purity)
            whole = whole + tracer.share * self._counted(emu, heavy)
        return whole

    def _counted(self, emu: Emu, heavy: Mapping[int, float]) -> Array:
        """Distribution of the number of heavy atoms, each independent of the others."""
        elements = self.maps.elements.get(source_pool(emu.pool), "")
        found = np.ones(1)
        for atom in emu.atoms:
            chance = heavy.get(atom, self.background.get(elements[atom], 0.0))
            found = np.convolve(found, [1.0 - chance, chance])
        return found


def source_pool(pool: str) -> str:
    """The pool that a pool of a second view of the network stands for."""
    return pool.removeprefix("~")


def follow(
    system: EmuSystem,
    course: LabelCourse,
    events: Sequence[Event],
    marking: Marking,
    wanted: Sequence[Emu],
    *,
    tolerance: float = 1e-4,
) -> dict[Emu, Array]:
    """Distributions of some EMUs at the times of a course.

    Parameters
    ----------
    system
        EMUs that they depend on.
    course
        Pools and gross fluxes.
    events
        Changes of the medium, by time; the first one at the start.
    marking
        Distributions of what the cells do not make.
    wanted
        EMUs of the system.
    tolerance
        Error of an integration step.

    Returns
    -------
    dict
        EMU → shape ``(n_times, size + 1)``.
    """
    now = {
        n: np.stack([marking.resting(e) for e in level.emus]) for n, level in system.levels.items()
    }
    places = {
        e: (n, i) for n, level in system.levels.items() for i, e in enumerate(level.emus)
    }
    pools = {e.pool for level in system.levels.values() for e in level.emus}
    rows: dict[Emu, list[Array]] = {e: [] for e in wanted}
    waiting = list(events)
    times = course.times
    for i in range(len(times)):
        if i > 0:
            now = _interval(system, course, i, pools, now, waiting, marking, tolerance)
        if i == 0 and waiting and waiting[0].time_h <= times[0]:
            now = _marked(system, now, waiting[0], marking, _amounts(course, pools, 0))
        for emu in wanted:
            n, place = places[emu]
            rows[emu].append(now[n][place])
    return {e: np.array(found) for e, found in rows.items()}


def _interval(
    system: EmuSystem,
    course: LabelCourse,
    i: int,
    pools: set[str],
    now: Labels,
    waiting: list[Event],
    marking: Marking,
    tolerance: float,
) -> Labels:
    """From one sample to the next; fresh medium in between parts the way in two."""
    at, end = float(course.times[i - 1]), float(course.times[i])
    changed = False
    while waiting and waiting[0].time_h < end:
        event = waiting.pop(0)
        if event.time_h > at:
            rows = [i] if changed else [i - 1]
            piece = _piece(course, rows, pools, event.time_h - at)
            now, at = advance(system, now, piece, tolerance=tolerance), event.time_h
        now, changed = _marked(system, now, event, marking, _amounts(course, pools, i)), True
    # The sample before fresh medium does not show what it does.
    rows = [i] if changed else [i - 1, i]
    return advance(system, now, _piece(course, rows, pools, end - at), tolerance=tolerance)


def _piece(course: LabelCourse, rows: list[int], pools: set[str], hours: float) -> Piece:
    amounts = {p: float(np.mean(course.amounts[source_pool(p)][rows])) for p in pools}
    return Piece(hours, amounts, course.flux[rows].mean(axis=0))


def _amounts(course: LabelCourse, pools: set[str], i: int) -> dict[str, float]:
    return {p: float(course.amounts[source_pool(p)][i]) for p in pools}


def _marked(
    system: EmuSystem,
    labels: Labels,
    event: Event,
    marking: Marking,
    amounts: Mapping[str, float],
) -> Labels:
    """Labels after medium was replaced or something was added to it."""
    found = {n: own.copy() for n, own in labels.items()}
    for n, level in system.levels.items():
        for i, emu in enumerate(level.emus):
            if emu.pool in event.fresh:
                found[n][i] = marking.fresh(emu, event.tracers)
            more = event.added.get(emu.pool, 0.0)
            if more > 0.0:
                share = min(1.0, more / max(amounts[emu.pool], more))
                new = marking.fresh(emu, event.tracers)
                found[n][i] = (1.0 - share) * found[n][i] + share * new
    return found
