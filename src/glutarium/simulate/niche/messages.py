"""What cells release into the medium or show on their surface, and what others read of it."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from glutarium.units import convert

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.niche import Messenger, Niche
    from glutarium.simulate.niche.bed import Bed
    from glutarium.simulate.niche.hands import Hands
    from glutarium.simulate.niche.populations import Populations

__all__ = ["Messages"]

CONTACT, SECRETED, MATRIX = "contact", "secreted", "matrix"


class Messages:
    """Levels of all messengers of a site.

    Parameters
    ----------
    hands
        The lanes.
    niche
        Messengers and their constants.
    tissue
        Whether vessels carry away what is released.

    Attributes
    ----------
    level
        Messenger → level in its unit, of the whole site; of contacts, the mean pressure.
    """

    def __init__(self, hands: Hands, niche: Niche, *, tissue: bool) -> None:
        self._hands, self._niche, self._tissue = hands, niche, tissue
        self.level = {m.id: float(m.kind == MATRIX) for m in niche.messengers.values()}
        self._pressure: dict[str, Array] = {}
        makers = {m.id: self._made(m) for m in niche.messengers.values()}
        self._makers = {name: made for name, made in makers.items() if made[0].any()}
        self._alive = [
            m for m in niche.messengers.values() if m.id in self._makers or m.kind == MATRIX
        ]
        kinds = np.array(hands.cells)
        self._others = (hands.zone[:, None] == hands.zone) & (kinds[:, None] != kinds)
        self._per_hour = convert(1.0, "fmol/pg", "mmol/g") * convert(1.0, "mM", "nM")

    def _made(self, messenger: Messenger) -> tuple[Array, int | None]:
        """What each lane makes per activity of the node, and where that is observed."""
        columns = self._hands.columns
        measured, active = f"measure.{messenger.node}", f"available.{messenger.node}"
        name = measured if messenger.amount is None and columns.has(measured) else active
        makes = [messenger.made_by(cell) for cell in self._hands.cells]
        amount = 1.0 if messenger.amount is None else messenger.amount
        place = columns.observed(name) if columns.has(name) else None
        return np.array(makes) * amount, place

    def advance(self, hours: float, observed: Array, populations: Populations, bed: Bed) -> None:
        """Let hours pass; contacts follow at once."""
        for messenger in self._alive:
            amount, place = self._makers.get(messenger.id, (0.0, None))
            active = 1.0 if place is None else observed[:, place]
            made = amount * active * self._factor(messenger.id, "release", bed)
            if messenger.kind == CONTACT:
                self._touch(messenger.id, made, populations)
            elif hours > 0.0:
                self._spread(messenger, hours, made, populations, bed)

    def _touch(self, name: str, made: Array, populations: Populations) -> None:
        """Pressure on each lane by other kinds of cell in its zone."""
        self._pressure[name] = self._others @ (populations.shares * made)
        self.level[name] = float(populations.shares @ self._pressure[name])

    def _spread(
        self,
        messenger: Messenger,
        hours: float,
        made: Array,
        populations: Populations,
        bed: Bed,
    ) -> None:
        """Towards the balance of release and loss."""
        loss = math.log(2.0) / messenger.half_life * self._factor(messenger.id, "removal", bed)
        weights = populations.zone_share * populations.volume
        weights = weights / weights.sum()
        zone = self._hands.zone
        if messenger.kind == MATRIX:
            source = 1.0 + float((populations.shares * made) @ weights[zone])
            gain = math.log(2.0) / messenger.half_life * source
        else:
            per_litre = populations.density * made / self._hands.dry_mass * self._per_hour
            gain = float(per_litre @ weights[zone])
            loss += bed.washout if self._tissue else 0.0
        settled = gain / loss
        left = math.exp(-loss * hours)
        self.level[messenger.id] = settled + (self.level[messenger.id] - settled) * left

    def _factor(self, name: str, process: str, bed: Bed) -> float:
        factor = 1.0
        for influence in self._niche.onto(name, process):
            factor *= influence.factor(bed.sense(influence.regulator))
        return factor

    def inputs(self) -> dict[str, Array]:
        """Input → how far each lane's receptors are filled, 0 to 1, shape ``(n_lanes,)``."""
        filled: dict[str, Array] = defaultdict(lambda: np.zeros(len(self._hands.cells)))
        for messenger in self._alive:
            if messenger.input:
                level = self._pressure.get(messenger.id, self.level[messenger.id])
                filled[messenger.input] = filled[messenger.input] + level / messenger.half
        return {name: x / (1.0 + x) for name, x in filled.items()}
