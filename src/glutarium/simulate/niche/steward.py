"""Looks after a site between steps: everything that cells and tissue do but chemistry."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.simulate.label_pools import Watch
from glutarium.simulate.niche.accounts import Accounts
from glutarium.simulate.niche.bed import Bed
from glutarium.simulate.niche.course import Note, Recorder
from glutarium.simulate.niche.ledger import ELEMENTS, Ledger
from glutarium.simulate.niche.messages import Messages
from glutarium.simulate.niche.populations import Populations
from glutarium.simulate.niche.spheroid import BATH, SpheroidBed, SpheroidPopulations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.model.niche import Niche
    from glutarium.model.spheroid import Spheroid
    from glutarium.simulate.niche.hands import Hands
    from glutarium.simulate.plan import Phase
    from glutarium.solve.sites.site import Present

__all__ = ["NicheSteward"]

_NONE = np.zeros(0, dtype=np.int64)

GASES = {"transfer.O2GAS": "oxygen_exchange", "transfer.CO2GAS": "carbon_dioxide_exchange"}
"""Parameter of a gas's exchange → constant of the tissue that takes its place."""
SHORT = 1 / 64
"""Share of the longest step in which nothing has to be renewed."""
REGIONS = ("edge", "core")
SUSCEPTIBILITY = "susceptibility"
FRUGAL = "glutamine_independent_clone"


class NicheSteward:
    """Steward of one site; see :class:`glutarium.solve.sites.site.Steward`.

    Parameters
    ----------
    hands
        Its lanes.
    niche
        What passes between them.
    zone_share
        Share of the volume of every zone at the start, shape ``(n_zones,)``.
    times
        Times at which what belongs to no single cell is kept, h.
    tissue
        Whether it is a tissue or a dish.
    shape
        The balls in which the cells of a dish grow, if they do.
    """

    def __init__(
        self,
        hands: Hands,
        niche: Niche,
        zone_share: Array,
        times: Sequence[float],
        *,
        tissue: bool,
        shape: Spheroid | None = None,
    ) -> None:
        self._hands, self._niche, self._tissue = hands, niche, tissue
        self._populations = (
            Populations(hands, niche, zone_share, tissue=tissue)
            if shape is None
            else SpheroidPopulations(hands, niche, zone_share, shape)
        )
        self._around = hands.zone == BATH if shape else np.ones(len(hands.zone), dtype=np.bool_)
        self._messages = Messages(hands, niche, tissue=tissue)
        self._bed = SpheroidBed(hands, niche, shape) if shape else Bed(hands, niche, tissue=tissue)
        self._ledger = Ledger(hands, self._populations)
        self._accounts = Accounts(hands, self._populations)
        self.recorder = Recorder(hands.cells, tuple(h.clone for h in hands.hands))
        self._t = self._lived = 0.0
        self._phase = -1
        self._base = np.empty((0, 0))
        self._plasma = np.empty(0)
        self._cells = np.bincount(hands.zone)[hands.zone]
        parameter = hands.columns.parameter
        self._inputs = [parameter(f"signal.{i}") for i in self._messages.read]
        self._density, self._sharing = parameter("dish.density"), parameter("dish.share")
        self._gases = {name: parameter(name) for name in GASES}
        self._renewed = np.array([self._density, *self._inputs, *self._gases.values()])
        self._places = hands.first[:, None] * len(hands.model.state_index) + hands.columns.shared
        self._times = frozenset(times)
        self._grouped, self._groups = _groups(hands)
        self._traced = any(phase.tracer for hand in hands.hands for phase in hand.plan.phases)

    @property
    def _phases(self) -> tuple[Phase, ...]:
        """Phases of the site; all cells have the same times and media."""
        return self._hands.hands[0].plan.phases

    def next_stop(self, t: float) -> float:
        """Start of the next phase, h."""
        return min((p.start_h for p in self._phases if p.start_h > t), default=math.inf)

    def tend(self, present: Present) -> None:
        """Count what the step brought; where something is kept or begins, renew all to what it is now."""
        hours = present.t - self._t
        self._t = present.t
        self._ledger.flowed(present.y, present.taken)
        self._accounts.passed(hours, present)
        kept = present.t in self._times
        if kept or self._begins(present.t):
            self._live(present, 0.0)
            self._begin_phases(present)
            self._accounts.renewed(present)
            self._set(present)
        if kept:
            self._note(present)

    def lead(self, present: Present) -> None:
        """Renew everything that chemistry does not, to what it will be in the middle of the next step.

        Steps that are very short are taken with what was set before them.
        """
        ahead = present.ahead / 2.0
        least = SHORT * self._niche.constants["longest_step"]
        if not present.jumped and present.t + ahead < self._lived + least:
            present.renewed = _NONE
            return
        self._live(present, ahead)
        self._accounts.renewed(present)
        self._set(present)

    def _begins(self, t: float) -> bool:
        """Whether a phase begins."""
        following = self._phases[self._phase + 1 :]
        return bool(following) and following[0].start_h <= t

    def _live(self, present: Present, ahead: float) -> None:
        """Let pass what has not yet until some hours from now.

        Rates of now then stand for the time between the middle of the last step and that of the next.
        """
        hours = max(present.t + ahead - self._lived, 0.0)
        self._lived += hours
        populations, bed, hands = self._populations, self._bed, self._hands
        before, volume, room = populations.number.copy(), populations.volume, populations.room
        if hours > 0.0:
            self._messages.advance(hours, present.observed, populations, bed)
        else:
            self._messages.touch(present.observed, populations, bed)
        zones = self._by_zone(present.y)
        bed.look(zones, room, populations.held, self._messages.level)
        bed.advance(hours)
        populations.advance(hours, self._lived - present.t, present.observed, bed)
        if hours > 0.0:
            self._messages.touch(present.observed, populations, bed)
        self._ledger.moved(present.y, before)
        now = populations.room
        bed.spread(float(room.sum()) / float(now.sum()), now, populations.ball)
        matter = hands.model.n_matter
        zones[:, :matter] *= (volume / populations.expanded)[:, None]
        if isinstance(populations, SpheroidPopulations):
            zones[:, :matter] = populations.carry(zones)[:, :matter]
        present.y[:, hands.columns.shared] = zones[hands.zone]
        self._ledger.reshaped(zones)

    def _by_zone(self, y: Array) -> Array:
        return np.take(y, self._places)

    def _begin_phases(self, present: Present) -> None:
        """Conditions that change now: parameters of every cell, and the medium or the plasma."""
        for number, phase in enumerate(self._phases):
            if number <= self._phase or phase.start_h > present.t:
                continue
            self._phase = number
            self._base = np.array(
                [
                    self._hands.phase_parameters(hand, hand.plan.phases[number])
                    for hand in self._hands.hands
                ]
            )
            present.jumped = True
            self._serve(present, phase, first=number == 0)

    def _serve(self, present: Present, phase: Phase, *, first: bool) -> None:
        """Set the medium of a dish or the plasma of a tissue; the first medium is there already."""
        columns = self._hands.columns
        if first:
            self._plasma = present.y[0, columns.shared].copy()
            return
        before = present.y[:, columns.shared].copy()
        for species, value in phase.medium.items():
            self._change(present, species, 0.0, value)
        for species, amount in phase.added.items():
            self._change(present, species, 1.0, amount)
        if not self._tissue:
            change = (present.y[:, columns.shared] - before)[self._hands.first]
            self._ledger.served(change, self._populations.room)

    def _change(self, present: Present, species: str, factor: float, value: float) -> None:
        place = self._hands.model.state_index[species]
        if self._tissue:
            at = self._hands.model.shared.index(species)
            self._plasma[at] = factor * self._plasma[at] + value
        else:
            around = self._around
            present.y[around, place] = factor * present.y[around, place] + value

    def _set(self, present: Present) -> None:
        """Parameters of all lanes and flows of the site for the next step."""
        p, base = present.p, self._base
        if present.jumped:  # a phase began: all may be new
            p = present.p = base.copy()
            p[:, self._sharing] = 1.0 / self._cells
            for name in GASES if not self._tissue else ():
                p[~self._around, self._gases[name]] = 0.0  # gas meets the medium alone
        else:
            present.renewed = self._renewed
        p[:, self._density] = self._populations.seeded
        stimulated = base[:, self._inputs]
        p[:, self._inputs] = stimulated + (1.0 - stimulated) * self._messages.filled().T
        if self._tissue:
            vessels = self._bed.vessels[self._hands.zone]
            for name, constant in GASES.items():
                p[:, self._gases[name]] = self._niche.constants[constant] * vessels
        present.flow = self._bed.flow(self._plasma, self._populations.room, self._populations.ball)
        present.max_step = self._niche.constants["longest_step"]

    def _note(self, present: Present) -> None:
        """Keep what belongs to no single cell."""
        populations, shared = self._populations, self._hands.model.shared
        zones = self._by_zone(present.y)
        volume = populations.room
        mean = volume @ zones / volume.sum()
        values = {f"medium.{s}": float(x) for s, x in zip(shared, mean, strict=True)}
        if len(volume) > 1:
            for region, row in zip(REGIONS, zones, strict=False):  # a bath is neither
                values |= {f"{region}.{s}": float(x) for s, x in zip(shared, row, strict=True)}
        values |= {f"level.{m}": x for m, x in self._messages.level.items()}
        values |= {f"node.{n}": self._bed.value(n) for n in self._niche.nodes}
        values |= self._cells_noted(volume)
        values[SUSCEPTIBILITY] = self._susceptibility(present.observed)
        total, came_in = self._ledger.total(present.y), self._ledger.came
        n = len(ELEMENTS)
        for element, inside, came in zip(ELEMENTS, total[:n], came_in[:n], strict=True):
            values |= {f"total.{element}": float(inside), f"ledger.{element}": float(came)}
        accounts = self._accounts
        place = np.array([came_in[n:], total[n:], accounts.turned])
        note = Note(values, populations.held, accounts.taken.copy(), place)
        self.recorder.note(present.t, note)
        if self._traced:
            room, plasma = volume.copy(), self._plasma.copy()
            watch = Watch(present.p.copy(), populations.held, room, plasma, present.flow)
            self.recorder.watches[present.t] = watch

    def _susceptibility(self, observed: Array) -> float:
        """How easily the tumour cells die of what killers do, 1 at rest and without tumour cells."""
        name = f"available.{SUSCEPTIBILITY}"
        held = self._populations.mass * self._hands.malignant
        if not held.any() or not self._hands.columns.has(name):
            return 1.0
        return float(held @ observed[:, self._hands.columns.observed(name)] / held.sum())

    def _cells_noted(self, volume: Array) -> dict[str, float]:
        hands, populations = self._hands, self._populations
        held = populations.held
        start = hands.density * populations.zone_share[hands.zone]
        whole, everything = float(volume.sum()), float(held.sum())
        values = {"volume": whole}
        masses, started, cores = (
            (self._groups @ x).tolist() for x in (held, start, held * (hands.zone == 1))
        )
        for cell, mass, first, core in zip(self._grouped, masses, started, cores, strict=True):
            values[f"mass.{cell}"] = mass
            values[f"density.{cell}"] = mass / whole
            values[f"infiltration.{cell}"] = mass / (first * whole)
            values[f"core_fraction.{cell}"] = core / mass
            values[f"fraction.{cell}"] = mass / everything
        for clone in dict.fromkeys(hand.clone for hand in hands.hands):
            if clone:
                own = np.array([hand.clone == clone for hand in hands.hands])
                values[f"fraction.{clone}"] = float(held[own].sum() / held[hands.malignant].sum())
        if hands.frugal:
            values[f"fraction.{FRUGAL}"] = values[f"fraction.{hands.frugal}"]
        tumour = hands.malignant
        if tumour.any():
            grown = float(held[tumour].sum() / start[tumour].sum())
            values["tumour_volume"] = self._niche.constants["volume"] * grown
            values["cure_fraction"] = float(values["tumour_volume"] < self._niche.constants["cure"])
        return values


def _groups(hands: Hands) -> tuple[list[str], Array]:
    """Kinds of cells and clones; which lanes belong to each, shape ``(n_groups, n_lanes)``."""
    names = hands.cells, tuple(hand.name for hand in hands.hands)
    rows = {group: np.array([name == group for name in part]) for part in names for group in part}
    return list(rows), np.array(list(rows.values()), dtype=np.float64)
