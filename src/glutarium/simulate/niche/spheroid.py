"""Cells of a dish that grow as balls: a rim, a core, and the medium around them.

Nothing but diffusion brings anything to the cells. The dead stay, as in a dish; the ball grows with its
cells, and what then lies deeper than the rim becomes core, with its cells and its fluid. The medium around
holds one lane whose cells are hardly there: it sees the medium and the gas above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.simulate.niche.bed import Bed
from glutarium.simulate.niche.hands import OBSERVER, Hand
from glutarium.simulate.niche.populations import Populations
from glutarium.simulate.niche.shape import Ball
from glutarium.solve.sites.site import Flow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.model.niche import Niche
    from glutarium.model.spheroid import Spheroid
    from glutarium.simulate.niche.hands import Hands

__all__ = ["BATH", "SpheroidBed", "SpheroidPopulations", "balls"]

RIM, CORE, BATH = 0, 1, 2


def balls(hands: Sequence[Hand], packed: float, shape: Spheroid) -> tuple[list[Hand], Array]:
    """Lanes of a dish of balls, and the share of the volume of every zone.

    Parameters
    ----------
    hands
        Lanes of rim and core; densities in gDW per litre of dish.
    packed
        Dry mass of a litre of fluid between packed cells, gDW.
    shape
        The balls.
    """
    fluid = sum(h.density for h in hands if h.zone == RIM) / packed
    packed_hands = [
        Hand(h.plan, h.part, h.clone, h.zone, max(h.density / fluid, OBSERVER)) for h in hands
    ]
    first = hands[0]
    around = Hand(first.plan, first.part, first.clone, BATH, OBSERVER)
    core = shape.core_share
    return [*packed_hands, around], np.array([fluid * (1.0 - core), fluid * core, 1.0 - fluid])


class SpheroidPopulations(Populations):
    """Numbers of all lanes, and the volumes of rim and core; see :class:`Populations`.

    Parameters
    ----------
    hands, niche, zone_share
        As of the base.
    shape
        The balls.
    """

    def __init__(self, hands: Hands, niche: Niche, zone_share: Array, shape: Spheroid) -> None:
        super().__init__(hands, niche, zone_share, tissue=False)
        self._round = Ball(shape.core_share, niche.constants["least_core"])
        self._start = float(zone_share[:BATH].sum())
        self._poured = 0.0

    @property
    def shares(self) -> Array:
        """As of the base; the lane that sees the medium touches no cell."""
        return np.where(self._hands.zone == BATH, 0.0, super().shares)

    def advance(self, hours: float, ahead: float, observed: Array, bed: Bed) -> None:
        """Let hours pass under what the cells just did."""
        super().advance(hours, ahead, observed, bed)
        mass = self._grown(ahead, observed)
        if hours > 0.0:
            self._migrate(hours, mass, bed)
        self.mass = self._hands.density * self.number * mass
        self._expand(0.0)  # the dead stay, so that no space closes
        self.volume[BATH] = 1.0
        self.expanded = self.volume.copy()
        self._settle()

    def _settle(self) -> None:
        """The rim keeps its depth; see :meth:`Populations._reshape`."""
        room, zones = self.room, self._hands.zone
        ball = room[:BATH] / self._start
        passed = (self._round.core(float(ball.sum())) - float(ball[CORE])) * self._start
        giver = RIM if passed > 0.0 else CORE
        share = abs(passed) / room[giver]
        leaving = np.where(zones == giver, share * self.held, 0.0)
        coming = np.roll(leaving, 1 if giver == RIM else -1)  # zones of one part are neighbours
        after = self.held - leaving + coming
        self.number *= after / self.held
        self.mass *= after / self.held
        self.volume[:BATH] = (room[:BATH] + passed * np.array([-1.0, 1.0])) / self.zone_share[:BATH]
        self._poured = passed

    def carry(self, zones: Array) -> Array:
        """Concentrations of every zone once the fluid of what became core (or rim) is part of it.

        Parameters
        ----------
        zones
            Shape ``(n_zones, n_shared)``.
        """
        after = zones.copy()
        giver, taker = (RIM, CORE) if self._poured > 0.0 else (CORE, RIM)
        share = abs(self._poured) / float(self.room[taker])
        after[taker] += share * (zones[giver] - zones[taker])
        return after


class SpheroidBed(Bed):
    """Diffusion between the medium, rim and core; see :class:`Bed`.

    Parameters
    ----------
    hands, niche
        As of the base.
    shape
        The balls.
    """

    def __init__(self, hands: Hands, niche: Niche, shape: Spheroid) -> None:
        super().__init__(hands, niche, tissue=False)
        self._shape = shape
        self._diffusion = np.array(shape.of(hands.model.shared))
        self._fluid = 0.0

    def spread(self, share: float, room: Array, ball: Ball | None) -> None:
        """There are no vessels."""

    def flow(self, plasma: Array, room: Array, ball: Ball | None) -> Flow:
        """What passes between the zones at their present size."""
        del ball
        shape, fluid = self._shape, float(room[:BATH].sum())
        if self._fluid == 0.0:
            self._fluid = fluid  # at the start
        ways = shape.ways(fluid / self._fluid, float(room[CORE]) / self._fluid)
        none = Flow.none(len(room), len(plasma))
        whole = self._fluid / shape.fluid  # litres of balls per litre at the start
        for (here, there), way in zip(((BATH, RIM), (RIM, CORE)), ways, strict=True):
            passing = whole * way * self._diffusion
            for one, other in ((here, there), (there, here)):
                none.loss[one, one] += passing / room[one]
                none.loss[one, other] -= passing / room[one]
        return none
