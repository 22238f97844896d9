"""Follows labels through one run: what the medium brings, what the cells make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.residues import metabolite_of
from glutarium.simulate.label_pools import MARK
from glutarium.simulate.label_solver import Pieces
from glutarium.solve.native import ABREAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atommaps import AtomMaps
    from glutarium.model.emu import Emu, Indices
    from glutarium.model.tracers import Tracer
    from glutarium.simulate.label_pools import LabelCourse
    from glutarium.simulate.label_solver import LabelSolver

__all__ = ["VIA", "Event", "Marking", "Run", "follow", "metabolite_in", "source_pool"]

VIA = "~"
"""Before a pool: the same pool, seen for label that came by way of one donor."""


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


@dataclass(frozen=True, eq=False)
class Run:
    """What is followed.

    Attributes
    ----------
    course
        Pools and gross fluxes.
    events
        Changes of the medium, by time; the first one at the start.
    """

    course: LabelCourse
    events: Sequence[Event]


class Marking:
    """Distributions of what is not made by the cells.

    Parameters
    ----------
    maps
        Elements of every pool's atoms.
    background
        Element → natural abundance of its heavy isotope; none to leave it out.
    """

    def __init__(self, maps: AtomMaps, background: Mapping[str, float] | None = None) -> None:
        self._maps, self._background = maps, background or {}
        self._kept: dict[tuple[LabelSolver, object], Array] = {}

    def resting(self, solver: LabelSolver) -> Array:
        """Without tracer, shape ``(n_rows,)``."""
        return self.fresh(solver, ())

    def fresh(self, solver: LabelSolver, tracers: tuple[Tracer, ...]) -> Array:
        """In medium with tracers, shape ``(n_rows,)``."""
        key = solver, tracers
        if key not in self._kept:
            self._kept[key] = solver.packed(solver.start(lambda emu: self._mixed(emu, tracers)))
        return self._kept[key]

    def of_pools(self, solver: LabelSolver, pools: frozenset[str]) -> Array:
        """Whether EMUs are of some pools, shape ``(n_emus,)``: one or zero."""
        key = solver, pools
        if key not in self._kept:
            self._kept[key] = np.array([float(emu.pool in pools) for emu in solver.emus])
        return self._kept[key]

    def _mixed(self, emu: Emu, tracers: Iterable[Tracer]) -> Array:
        metabolite = metabolite_in(emu.pool)
        own = [t for t in tracers if t.metabolite == metabolite]
        plain = 1.0 - sum(t.share for t in own)
        whole = np.asarray(plain * self._counted(emu, {}))
        for tracer in own:
            heavy = dict.fromkeys(tracer.atoms, tracer.purity)
            whole = whole + tracer.share * self._counted(emu, heavy)
        return whole

    def _counted(self, emu: Emu, heavy: Mapping[int, float]) -> Array:
        """Distribution of the number of heavy atoms, each independent of the others."""
        elements = self._maps.elements.get(source_pool(emu.pool), "")
        found = np.ones(1)
        for atom in emu.atoms:
            chance = heavy.get(atom, self._background.get(elements[atom], 0.0))
            found = np.convolve(found, [1.0 - chance, chance])
        return found


def metabolite_in(pool: str) -> str:
    """Metabolite of a pool wherever it is, with the mark of a second view of the network."""
    view = VIA if pool.startswith(VIA) else ""
    return view + metabolite_of(source_pool(pool).rpartition(MARK)[2].partition("/")[0])


def source_pool(pool: str) -> str:
    """The pool that a pool of a second view of the network stands for."""
    return pool.removeprefix(VIA)


def follow(
    solver: LabelSolver,
    runs: Sequence[Run],
    marking: Marking,
    wanted: Sequence[Emu],
    *,
    tolerance: float = 1e-4,
) -> list[dict[Emu, Array]]:
    """Distributions of some EMUs at the times of some runs.

    Parameters
    ----------
    solver
        Of the EMUs that they depend on.
    runs
        At most :data:`ABREAST`; what becomes of one does not depend on the others.
    marking
        Distributions of what the cells do not make.
    wanted
        EMUs of the system.
    tolerance
        Error of an integration step.

    Returns
    -------
    list of dict
        For every run EMU → shape ``(n_times, size + 1)``.
    """
    if not wanted:
        return [{} for _ in runs]
    block = _Block(solver, runs, marking, tolerance)
    own = [solver.rows(emu) for emu in wanted]
    chosen = np.concatenate([np.arange(s.start, s.stop) for s in own])
    samples = max(len(run.course.times) for run in runs)
    kept = np.array([block.to(i)[chosen] for i in range(samples)])
    ends = np.cumsum([s.stop - s.start for s in own])
    parts = np.split(kept, ends[:-1], axis=1)
    whole = [_whole(part) for part in parts]
    return [
        {
            emu: found[: len(run.course.times), :, r]
            for emu, found in zip(wanted, whole, strict=True)
        }
        for r, run in enumerate(runs)
    ]


def _whole(part: Array) -> Array:
    """Distributions with their first entries, shape ``(n_times, size + 1, ABREAST)``."""
    first = 1.0 - part.sum(axis=1, keepdims=True)
    return np.concatenate([first, part], axis=1)


@dataclass(frozen=True)
class _Leg:
    """Time within an interval of samples, between two of them or their mean, and what comes after it."""

    hours: float
    rows: tuple[int, int]
    event: Event | None = None


def _legs(times: Array, events: Sequence[Event]) -> list[list[_Leg]]:
    """Legs that lead to every sample."""
    waiting = list(events)
    begin: list[_Leg] = []
    while waiting and waiting[0].time_h <= float(times[0]):
        begin.append(_Leg(0.0, (0, 0), waiting.pop(0)))
    found = [begin]
    for i in range(1, len(times)):
        own: list[_Leg] = []
        at, end = float(times[i - 1]), float(times[i])
        # The sample before fresh medium does not show what it does.
        changed = i == 1
        while waiting and waiting[0].time_h < end:
            event = waiting.pop(0)
            rows = (i, i) if changed else (i - 1, i - 1)
            own.append(_Leg(event.time_h - at, rows, event))
            at, changed = event.time_h, True
        own.append(_Leg(end - at, (i, i) if changed else (i - 1, i)))
        found.append(own)
    return found


class _Block:
    """Runs side by side on their way from sample to sample."""

    def __init__(
        self, solver: LabelSolver, runs: Sequence[Run], marking: Marking, tolerance: float
    ) -> None:
        self._solver, self._marking, self._tolerance = solver, marking, tolerance
        self._legs = [_legs(run.course.times, run.events) for run in runs]
        pools = [source_pool(pool) for pool in solver.pools]
        self._amounts = _side_by_side([run.course.columns(pools) for run in runs])
        self._flux = _side_by_side([run.course.flux for run in runs])
        self._state = np.repeat(marking.resting(solver)[:, None], ABREAST, axis=1)

    def to(self, i: int) -> Array:
        """States at a sample; the one before it must have been asked for."""
        own = [legs[i] if i < len(legs) else [] for legs in self._legs]
        for k in range(max(len(legs) for legs in own)):
            self._advance({r: legs[k] for r, legs in enumerate(own) if k < len(legs)}, i)
        return self._state

    def _advance(self, legs: Mapping[int, _Leg], i: int) -> None:
        hours = np.zeros(ABREAST)
        # Runs that stand still may have any rows; those of another one keep the common case in sight.
        rows = np.repeat(np.array(next(iter(legs.values())).rows)[:, None], ABREAST, axis=1)
        for r, leg in legs.items():
            hours[r] = max(leg.hours, 0.0)
            rows[:, r] = leg.rows
        pieces = Pieces(hours, _mean(self._amounts, rows), _mean(self._flux, rows))
        self._solver.advance_several(self._state, pieces, tolerance=self._tolerance)
        for r, leg in legs.items():
            if leg.event is not None:
                self._mark(leg.event, r, i)

    def _mark(self, event: Event, r: int, i: int) -> None:
        """Labels of a run after medium was replaced or something was added to it."""
        new = self._marking.fresh(self._solver, event.tracers)
        share = self._marking.of_pools(self._solver, event.fresh)
        if event.added:
            more = np.array([event.added.get(pool, 0.0) for pool in self._solver.pools])
            whole = np.maximum(self._amounts[i, :, r], more)
            mixed = np.divide(more, whole, out=np.zeros_like(more), where=more > 0.0)
            share = np.where(share > 0.0, share, mixed[self._solver.pool])
        part, state = share[self._solver.row_emu], self._state[:, r]
        self._state[:, r] = np.where(part > 0.0, (1.0 - part) * state + part * new, state)


def _side_by_side(tables: Sequence[Array]) -> Array:
    """Shape ``(n_times, n, ABREAST)`` from tables ``(n_times, n)``; zero where there is none."""
    whole = np.zeros((max(len(t) for t in tables), tables[0].shape[1], ABREAST))
    for r, table in enumerate(tables):
        whole[: len(table), :, r] = table
    return whole


def _mean(table: Array, rows: Indices) -> Array:
    """Means of two rows of every run, shape ``(n, ABREAST)``."""
    low, high = int(rows[0, 0]), int(rows[1, 0])
    if (rows[0] == low).all() and (rows[1] == high).all():
        return np.asarray(0.5 * (table[low] + table[high]))
    place = np.arange(ABREAST)
    both = table[rows[0], :, place] + table[rows[1], :, place]
    return np.ascontiguousarray(0.5 * both.T)
