"""Who takes what out of the medium of a site: uptake of every lane, counted at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.assemble import dish_level

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.niche.hands import Hands
    from glutarium.simulate.niche.populations import Populations
    from glutarium.solve.sites.site import Present

__all__ = ["NUTRIENTS", "Accounts", "accounted"]

NUTRIENTS = ("glutamine", "glucose", "cystine", "arginine", "acetate", "oxygen")
"""What accounts are kept of, where the medium holds it."""


def accounted(model: CellModel) -> dict[str, str]:
    """Nutrient → its species in the medium, for those that cells of the model share."""
    known = {model.network.substances[s].name: s for s in model.shared[: model.n_matter]}
    return {name: known[name] for name in NUTRIENTS if name in known}


class Accounts:
    """Net uptake of every lane, mmol per litre of the zones at the start, by the trapezoid rule.

    Parameters
    ----------
    hands
        The lanes.
    populations
        Numbers and volumes.

    Attributes
    ----------
    taken
        What every lane took up so far, less what it let out, shape ``(n_lanes, n_nutrients)``.
    turned
        What reactions of the medium itself used up so far, shape ``(n_nutrients,)``.
    """

    def __init__(self, hands: Hands, populations: Populations) -> None:
        self._hands, self._populations = hands, populations
        species = list(accounted(hands.model).values())
        self.taken = np.zeros((len(hands.cells), len(species)))
        self.turned = np.zeros(len(species))
        self._columns, self._by_cells, self._by_medium = _weights(hands.model, species)
        self._specific = np.zeros_like(self.taken)
        self._mass = hands.columns.observed("mass")
        self._around = [hands.columns.parameter(f"dish.{name}") for name in ("density", "share")]
        self._left: tuple[Array, Array] | None = None

    def passed(self, hours: float, present: Present) -> None:
        """Count the step that ended, before anything else changes."""
        rates = present.observed[:, self._columns]
        self._specific = rates @ self._by_cells
        right = self._uptake(present), self._chemistry(rates @ self._by_medium, present)
        left = right if self._left is None else self._left
        self.taken += hours * (left[0] + right[0]) / 2.0
        self.turned += hours * (left[1] + right[1]) / 2.0
        self._left = right

    def renewed(self, present: Present) -> None:
        """Take the numbers of cells that the next step begins with; a jump of rates forgets the last."""
        if present.jumped or self._left is None:
            self._left = None
            return
        self._left = self._uptake(present), self._left[1]

    def _uptake(self, present: Present) -> Array:
        """Mmol per litre of the start and hour."""
        hands, populations = self._hands, self._populations
        grown = present.observed[:, self._mass]
        mass = hands.density * populations.number * grown * populations.zone_share[hands.zone]
        return np.asarray(self._specific * mass[:, None])

    def _chemistry(self, rates: Array, present: Present) -> Array:
        """Mmol per litre of the start and hour that the medium's own reactions use up."""
        density, share = (present.p[:, place] for place in self._around)
        return np.asarray((density * share * self._populations.room[self._hands.zone]) @ rates)


def _weights(model: CellModel, species: list[str]) -> tuple[list[int], Array, Array]:
    """Columns of rates; weights of the uptake by cells and of use by the medium, both per nutrient."""
    touching = [
        r
        for r in model.network.reactions.values()
        if r.law != "gas" and not set(species).isdisjoint(r.stoichiometry)
    ]
    used = np.array([[-r.stoichiometry.get(s, 0.0) for s in species] for r in touching])
    around = np.array([dish_level(r) for r in touching])[:, None]
    columns = [model.observable_index[f"rate.{r.id}"] for r in touching]
    return columns, np.where(around, 0.0, used), np.where(around, used, 0.0)
