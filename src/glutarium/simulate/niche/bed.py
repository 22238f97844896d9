"""What the tissue itself does: vessels, matrix, and what flows through them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.knowledge.niche_records import CELL_SHARE
from glutarium.simulate.model import ACIDITY
from glutarium.solve.sites.site import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array
    from glutarium.model.niche import Niche
    from glutarium.simulate.niche.hands import Hands
    from glutarium.simulate.niche.shape import Ball

__all__ = ["Bed"]

VESSELS = "vessel_density"
DIOXIDE = "co2_e"
"""What a tissue keeps of it acidifies: at the bicarbonate of plasma by its logarithm."""
MESSENGERS = "messenger"


class Bed:
    """Nodes of the niche, and the exchange of the interstitium with plasma and between its zones.

    Parameters
    ----------
    hands
        The lanes.
    niche
        Nodes, edges and constants.
    tissue
        Whether there are vessels.

    Attributes
    ----------
    poverty
        Vessels of every zone over those of the rim, shape ``(n_zones,)``.
    vessels
        Vessels of every zone over those of a normal rim.
    """

    def __init__(self, hands: Hands, niche: Niche, *, tissue: bool) -> None:
        self._hands, self._niche, self._tissue = hands, niche, tissue
        self._values = dict.fromkeys(niche.nodes, 1.0)
        self._levels: dict[str, float] = {}
        heard = {influence.regulator for influence in niche.influences}
        shared = hands.model.shared
        self._heard = [(i, s) for i, s in enumerate(shared) if s in heard]
        self._dioxide = shared.index(DIOXIDE) if DIOXIDE in shared else None
        self._arterial = hands.model.network.pools[DIOXIDE].value if DIOXIDE in shared else 1.0
        self._retained = np.zeros(int(hands.zone.max()) + 1)
        self._permeation = np.array([niche.permeation.get(s, 1.0) for s in hands.model.shared])
        poor = niche.constants["core_vessels"] if hands.malignant.any() else 1.0
        share = [1.0, poor]
        self.poverty = np.array(share[: int(hands.zone.max()) + 1])
        self.vessels = self.poverty
        core = niche.constants["core_share"]
        self._start = core * (1.0 - core)
        self._leaving = niche.constants["exchange"] * self._permeation
        self._between = niche.constants["diffusion"] * self._permeation * self._start
        self._acidity = shared.index(ACIDITY) if ACIDITY in shared else None
        kinds = list(dict.fromkeys(hands.cells))
        self._kinds = [f"{CELL_SHARE}{cell}" for cell in kinds]
        self._of_kind = np.array([[float(c == kind) for c in hands.cells] for kind in kinds])
        self._acted = [
            (n.id, n.response_time, niche.onto(n.id, "signal")) for n in niche.nodes.values()
        ]

    def value(self, node: str) -> float:
        """Activity of a node of the niche, 1 in normal tissue."""
        return self._values[node]

    @property
    def washout(self) -> float:
        """Loss of messengers with the blood, 1/h."""
        share = self._niche.permeation.get(MESSENGERS, 1.0)
        return share * self._niche.constants["exchange"] * self._values.get(VESSELS, 1.0)

    def sense(self, regulator: str) -> float:
        """Level of a messenger, node, species of the medium or cell, in its unit."""
        return self._values.get(regulator, self._levels.get(regulator, 0.0))

    def look(
        self, shared: Array, room: Array, held: Array, messengers: Mapping[str, float]
    ) -> None:
        """Take in what its nodes respond to.

        Parameters
        ----------
        shared
            Shared states of every zone, shape ``(n_zones, n_shared)``.
        room
            Volume of every zone over that of the whole start, shape ``(n_zones,)``.
        held
            Dry mass of every lane, gDW per litre of the start, shape ``(n_lanes,)``.
        messengers
            Levels of all messengers.
        """
        mean = (room / room.sum()) @ shared
        if self._dioxide is not None:
            self._retained = np.log10(shared[:, self._dioxide] / self._arterial)
        self._levels = {s: float(mean[i]) for i, s in self._heard} | dict(messengers)
        self._levels |= zip(
            self._kinds, (self._of_kind @ (held / held.sum())).tolist(), strict=True
        )

    def advance(self, hours: float) -> None:
        """Let hours pass: every node follows what acts on it."""
        known = self._levels | self._values
        wanted = []
        for _, _, edges in self._acted:
            factor = 1.0
            for influence in edges:
                factor *= influence.factor(known.get(influence.regulator, 0.0))
            wanted.append(factor)
        for (node, time, _), settled in zip(self._acted, wanted, strict=True):
            left = math.exp(-hours / time) if time > 0.0 else 0.0
            self._values[node] = settled + (self._values[node] - settled) * left
        self._settle()

    def spread(self, share: float, room: Array, ball: Ball | None) -> None:
        """The vessels that are there spread over more tissue, and reach less of a larger core.

        Parameters
        ----------
        share
            Old volume over the new one.
        room
            Volume of every zone over that of the whole start, shape ``(n_zones,)``.
        ball
            Shape of the place, if it is one that grows.
        """
        if VESSELS in self._values:
            self._values[VESSELS] *= share
        if ball is not None:
            poor = self._niche.constants["core_vessels"] * ball.reach(float(room[1]))
            poor = min(poor, 1.0)  # what is left of a core that shrinks away is as its rim
            self.poverty = np.array([1.0, poor])
        self._settle()

    def _settle(self) -> None:
        """Vessels of every zone over those of a normal rim."""
        self.vessels = self._values.get(VESSELS, 1.0) * self.poverty

    def flow(self, plasma: Array, room: Array, ball: Ball | None) -> Flow:
        """What flows into and out of the medium of every zone; nothing in a closed dish.

        Parameters
        ----------
        plasma
            Shared states of the plasma, shape ``(n_shared,)``.
        room
            Volume of every zone over that of the whole start, shape ``(n_zones,)``.
        ball
            Shape of the place, if it is one that grows.
        """
        n_zones = len(room)
        if not self._tissue:
            return Flow.none(n_zones, len(plasma))
        through = self.vessels[:, None] * self._leaving
        loss = np.zeros((n_zones, n_zones, len(plasma)))
        for z in range(n_zones):
            loss[z, z] = through[z]
        if n_zones > 1:
            between = (
                self._between if ball is None else self._between * ball.contact(float(room[1]))
            )
            for z, x in ((0, 1), (1, 0)):
                passing = between / room[z]
                loss[z, z] += passing
                loss[z, x] -= passing
        gain = through * plasma
        place = self._acidity
        if place is not None:
            gain[:, place] = through[:, place] * (plasma[place] - self._retained)
        return Flow(gain, loss)
