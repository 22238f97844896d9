"""How many cells there are: what dies, is killed, enters with the blood or moves on to the core.

A lane follows the mass that descends from its cells; its *number* is what is left of that by death and
gained by entry, 1 at the start. Cells that leave or enter are like those that are there. Where tumour
cells are, the tissue is a ball whose rim keeps its depth: as it grows, cells of the rim become core, and as
it shrinks, cells of the core become rim.

Healthy cells of a tissue turn over: they are lost as fast as they divide at rest, or, where contact stops
them, as fast as they divide now once they are as dense as at the start. A dish keeps the dead, as the
system ``cell`` does; only cells that others kill stop taking part.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.simulate.niche.hands import OBSERVER
from glutarium.simulate.niche.shape import Ball

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.niche import Niche
    from glutarium.simulate.niche.bed import Bed
    from glutarium.simulate.niche.hands import Hands

__all__ = ["Populations"]

KILLED = "measure.immune_killing"


class Populations:
    """Numbers of all lanes of a site, and the volume of its zones.

    Parameters
    ----------
    hands
        The lanes.
    niche
        Rates of entry and migration.
    tissue
        Whether it is a tissue.
    zone_share
        Share of the volume of every zone at the start, shape ``(n_zones,)``.

    Attributes
    ----------
    number
        Shape ``(n_lanes,)``.
    volume
        Volume of every zone over its start, shape ``(n_zones,)``; a tissue grows with its cells and
        closes up behind those that died.
    ball
        Shape of the place, if it is one that grows.
    expanded
        Volumes before rim and core last passed anything on.
    passed
        Volume that became core of rim in the last hours, over that of the whole start.
    """

    def __init__(self, hands: Hands, niche: Niche, zone_share: Array, *, tissue: bool) -> None:
        self._hands, self._niche, self._tissue = hands, niche, tissue
        self.zone_share = zone_share
        self.number = np.ones(len(hands.cells))
        self.volume = np.ones(len(zone_share))
        self.mass = hands.density.copy()
        self._here = hands.density > OBSERVER
        self._closing = niche.constants["closing"]
        self._extinct = niche.constants["extinct"]
        grown = hands.columns.observed("growth_rate")
        ball = tissue and len(zone_share) > 1 and bool(hands.malignant.any())
        self.ball = Ball(float(zone_share[1]), niche.constants["least_core"]) if ball else None
        self.passed = 0.0
        self.expanded = self.volume.copy()
        self._turnover = np.where(hands.malignant, 0.0, hands.resting[:, grown])
        entering = [niche.about("recruitment", cell) for cell in hands.cells]
        self._entering = [
            (i, int(hands.zone[i]), node)
            for i, node in enumerate(entering)
            if node is not None and self._here[i]
        ]
        moving = [niche.about("migration", cell) for cell in hands.cells]
        self._moving = [
            (i, node) for i, node in enumerate(moving) if node is not None and hands.zone[i] == 0
        ]
        self._rates = [
            hands.columns.observed(name) for name in ("mass", "growth_rate", "net_growth")
        ]

    @property
    def density(self) -> Array:
        """Dry mass, gDW per litre of what surrounds the cells, shape ``(n_lanes,)``."""
        return np.asarray(self.mass / self.volume[self._hands.zone])

    @property
    def room(self) -> Array:
        """Volume of every zone over that of the whole start, shape ``(n_zones,)``."""
        return np.asarray(self.zone_share * self.volume)

    @property
    def held(self) -> Array:
        """Dry mass of every lane, gDW per litre of the whole start, shape ``(n_lanes,)``."""
        return np.asarray(self.mass * self.zone_share[self._hands.zone])

    @property
    def seeded(self) -> Array:
        """Dry mass at the start that the present cells descend from, gDW/L, shape ``(n_lanes,)``."""
        hands = self._hands
        return np.asarray(hands.density * self.number / self.volume[hands.zone])

    @property
    def shares(self) -> Array:
        """Share of the dry mass of its zone that every lane holds, shape ``(n_lanes,)``."""
        zones = self._hands.zone
        whole = np.bincount(zones, self.mass, len(self.volume))
        return np.asarray(self.mass / whole[zones])

    def advance(self, hours: float, ahead: float, observed: Array, bed: Bed) -> None:
        """Let hours pass under what the cells just did.

        Parameters
        ----------
        hours
            How many.
        ahead
            How far this leads beyond the present, h: cells will have grown by then.
        observed
            Kernel observables of every lane, shape ``(n_lanes, n_observables)``.
        bed
            What the tissue does.
        """
        mass = self._grown(ahead, observed)
        if hours > 0.0:
            self.number *= self._left(hours, observed)
            if self._tissue:
                self._enter(hours, mass, bed)
                self._migrate(hours, mass, bed)
        self.mass = self._hands.density * self.number * mass
        if self._tissue:
            self._expand(hours)
            self.expanded = self.volume.copy()
            self._reshape()

    def _grown(self, ahead: float, observed: Array) -> Array:
        """Mass that descends from one at the start, some hours from now, shape ``(n_lanes,)``."""
        mass, growth = (observed[:, place] for place in self._rates[:2])
        return np.asarray(mass * np.exp(growth * ahead))

    def _left(self, hours: float, observed: Array) -> Array:
        """Share of every lane that some hours leave; of far less than one cell nothing more is lost."""
        left = np.exp(-hours * self._loss(observed))
        return np.asarray(np.where(self.number * left < self._extinct, 1.0, left))

    def _loss(self, observed: Array) -> Array:
        """Specific loss of every lane, 1/h."""
        columns = self._hands.columns
        if not self._tissue:
            if not columns.has(KILLED):
                return np.zeros(len(self.number))
            killed = columns.observed(KILLED)
            return np.asarray(observed[:, killed] - self._hands.resting[:, killed])
        growth, net = (observed[:, place] for place in self._rates[1:])
        crowded = growth * self.density / self._hands.density
        turnover = np.where(self._hands.anchored, crowded, self._turnover)
        return np.asarray(growth - net + turnover)

    def _enter(self, hours: float, mass: Array, bed: Bed) -> None:
        """Cells come with the blood, and as many leave where their density is that of rest."""
        for i, zone, node in self._entering:
            balanced = bed.value(node.id) * float(self.volume[zone]) / float(mass[i])
            left = math.exp(-hours * node.basal * float(bed.poverty[zone]))
            self.number[i] = balanced + (self.number[i] - balanced) * left

    def _migrate(self, hours: float, mass: Array, bed: Bed) -> None:
        """Between rim (zone 0) and core (zone 1): inwards as the tissue lets them, outwards freely."""
        if len(self.volume) == 1:
            return
        density, (rim_share, core_share) = self._hands.density, self.zone_share[:2].tolist()
        for i, node in self._moving:
            core = i + 1  # zones of one part are neighbours
            rim_held = float(density[i] * self.number[i] * mass[i]) * rim_share
            core_held = float(density[core] * self.number[core] * mass[core]) * core_share
            inwards = node.basal * bed.value(node.id)
            outwards = node.basal * rim_share / core_share
            whole, rate = rim_held + core_held, inwards + outwards
            settled = whole * outwards / rate
            rim = settled + (rim_held - settled) * math.exp(-hours * rate)
            self.number[i] *= rim / rim_held
            self.number[core] *= (whole - rim) / core_held

    def _expand(self, hours: float) -> None:
        """The zones hold their cells at the density of the start; space that cells left closes slowly."""
        zones, n = self._hands.zone, len(self.volume)
        start = np.bincount(zones, self._hands.density, n)
        needed = np.bincount(zones, self.mass, n) / start
        left = math.exp(-hours * self._closing)
        self.volume = needed + np.maximum(self.volume - needed, 0.0) * left

    def _reshape(self) -> None:
        """The rim keeps its depth: what lies deeper is core, with its cells and its fluid."""
        self.passed = 0.0
        if self.ball is None:
            return
        room, zones = self.room, self._hands.zone
        self.passed = self.ball.core(float(room.sum())) - float(room[1])
        giver = 0 if self.passed > 0.0 else 1
        share = abs(self.passed) / room[giver]
        held = self.held
        going = (zones == giver) & (self.number > self._extinct)
        leaving = np.where(going, share * held, 0.0)
        # Zones of one part are neighbours.
        turn = -1 if giver == 0 else 1
        coming = np.concatenate((leaving[turn:], leaving[:turn]))
        after = (held - leaving + coming) / held
        self.number *= after
        self.mass *= after
        self.volume = (room + self.passed * np.array([-1.0, 1.0])) / self.zone_share
