"""Follows labels through one run: what the medium brings, what the cells make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.residues import metabolite_of
from glutarium.simulate.label_solver import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atommaps import AtomMaps
    from glutarium.model.emu import Emu
    from glutarium.model.tracers import Tracer
    from glutarium.simulate.label_course import LabelCourse
    from glutarium.simulate.label_solver import LabelSolver

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
    solver: LabelSolver,
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
    solver
        Of the EMUs that they depend on.
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
    walk = _Walk(solver, course, list(events), marking, tolerance)
    rows: dict[Emu, list[Array]] = {emu: [] for emu in wanted}
    for i in range(len(course.times)):
        state = walk.to(i)
        for emu in wanted:
            rows[emu].append(solver.read(state, emu))
    return {emu: np.array(found) for emu, found in rows.items()}


class _Walk:
    """The way from sample to sample."""

    def __init__(
        self,
        solver: LabelSolver,
        course: LabelCourse,
        waiting: list[Event],
        marking: Marking,
        tolerance: float,
    ) -> None:
        self._solver, self._course, self._marking = solver, course, marking
        self._waiting, self._tolerance = waiting, tolerance
        self._amounts = (
            np.stack([course.amounts[source_pool(emu.pool)] for emu in solver.emus], axis=1)
            if solver.emus
            else np.zeros((len(course.times), 0))
        )
        self._state = solver.start(marking.resting)

    def to(self, i: int) -> Array:
        """State at a sample; the one before it must have been asked for."""
        if i == 0:
            while self._waiting and self._waiting[0].time_h <= float(self._course.times[0]):
                self._mark(self._waiting.pop(0), 0)
            return self._state
        at, end = float(self._course.times[i - 1]), float(self._course.times[i])
        # The sample before fresh medium does not show what it does.
        changed = i == 1
        while self._waiting and self._waiting[0].time_h < end:
            event = self._waiting.pop(0)
            self._advance([i] if changed else [i - 1], event.time_h - at)
            self._mark(event, i)
            at, changed = event.time_h, True
        self._advance([i] if changed else [i - 1, i], end - at)
        return self._state

    def _advance(self, rows: list[int], hours: float) -> None:
        if hours > 0.0:
            piece = Piece(
                hours, self._amounts[rows].mean(axis=0), self._course.flux[rows].mean(axis=0)
            )
            self._state = self._solver.advance(self._state, piece, tolerance=self._tolerance)

    def _mark(self, event: Event, i: int) -> None:
        """Labels after medium was replaced or something was added to it."""
        state = self._state.copy()
        for n, emu in enumerate(self._solver.emus):
            more = event.added.get(emu.pool, 0.0)
            if emu.pool not in event.fresh and more <= 0.0:
                continue
            new = self._marking.fresh(emu, event.tracers)
            kept = state[n, : len(new)].copy()
            if emu.pool in event.fresh:
                kept = new
            if more > 0.0:
                share = min(1.0, more / max(float(self._amounts[i, n]), more))
                kept = (1.0 - share) * kept + share * new
            state[n, : len(new)] = kept
        self._state = state
