"""Matter of a site: what is in it, and what came or went with blood, gas and moving cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.expr import evaluate
from glutarium.simulate.niche.accounts import accounted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.model.spec import State
    from glutarium.simulate.niche.hands import Hands
    from glutarium.simulate.niche.populations import Populations

__all__ = ["ELEMENTS", "Ledger"]

ELEMENTS = ("C", "N")


class Ledger:
    """Carbon and nitrogen of all, then nutrients of the medium, mmol per litre of the zones at the start.

    Parameters
    ----------
    hands
        The lanes.
    populations
        Numbers and volumes.

    What comes and goes is summed up state by state, and counted in atoms when it is asked for.
    """

    def __init__(self, hands: Hands, populations: Populations) -> None:
        self._hands, self._populations = hands, populations
        states = hands.model.spec.states
        atoms = np.array(
            [[s.formula.get(e, 0.0) for s in states] for e in ELEMENTS]
            + [_molecules(species, states) for species in accounted(hands.model).values()]
        )
        inside = np.array([s.compartment not in {"e", "g"} for s in states])
        amounts = np.array([self._amounts(i) for i in range(len(hands.cells))])
        self._cell = atoms[None] * (amounts * inside)[:, None, :]
        self._gas = atoms[:, hands.columns.of_gas]
        self._shared = atoms[:, hands.columns.shared]
        self._taken: Array | None = None
        self._surroundings: Array | None = None
        self._brought = np.zeros(len(hands.columns.shared))
        self._lost = np.zeros(len(hands.columns.of_gas))
        self._entered = np.zeros((len(hands.cells), len(states)))

    def _amounts(self, lane: int) -> Array:
        """Mmol per litre of zone for one unit of every state of a lane's cells."""
        model = self._hands.model
        hand = self._hands.hands[lane]
        p = self._hands.phase_parameters(hand, hand.plan.phases[0])
        p[self._hands.columns.parameter("dish.density")] = hand.density
        values = dict(zip(model.spec.parameter_ids, p.tolist(), strict=True))
        return np.array([evaluate(s.amount_per_unit, values) for s in model.spec.states])

    def contents(self, y: Array) -> Array:
        """What the cells of every lane hold per number, shape ``(n_rows, n_lanes)``."""
        per_lane = np.matmul(self._cell, y[:, :, None])[:, :, 0]
        return np.asarray(per_lane.T * self._populations.zone_share[self._hands.zone])

    def total(self, y: Array) -> Array:
        """What is in cells and medium, shape ``(n_elements + n_nutrients,)``."""
        pops = self._populations
        within = self.contents(y) @ pops.number
        around = self._shared @ y[self._hands.first[:, None], self._hands.columns.shared].T
        return np.asarray(within + around @ (pops.room))

    @property
    def came(self) -> Array:
        """What came in from outside so far, less what went, shape ``(n_elements + n_nutrients,)``."""
        flowed = self._shared @ self._brought - self._gas @ self._lost
        share = self._populations.zone_share[self._hands.zone]
        moved = np.matmul(self._cell, self._entered[:, :, None])[:, :, 0].T @ share
        return np.asarray(flowed + moved)

    def flowed(self, y: Array, taken: Array) -> None:
        """Count what came with blood and gas in the last step, at the volumes of that step."""
        volume = self._populations.room
        gas = y[:, self._hands.columns.of_gas]
        if self._taken is not None and self._surroundings is not None:
            self._brought += volume @ (taken - self._taken)
            self._lost += volume[self._hands.zone] @ (gas - self._surroundings)
        self._taken, self._surroundings = taken, gas

    def moved(self, y: Array, before: Array) -> None:
        """Count what came with cells that entered, less those that died."""
        self._entered += (self._populations.number - before)[:, None] * y

    def reshaped(self, zones: Array) -> None:
        """Count what evens out with the blood where rim became core: its medium is soon that of the core.

        Parameters
        ----------
        zones
            Shared states of every zone, shape ``(n_zones, n_shared)``.
        """
        passed = self._populations.passed
        if passed != 0.0:
            self._brought += (zones[1] - zones[0]) * passed

    def served(self, change: Array, volume: Array) -> None:
        """Count a change of medium, mM per zone and shared state."""
        self._brought += volume @ change


def _molecules(species: str, states: Sequence[State]) -> list[float]:
    """One for a species of the medium and for what its gas lends to it, else nothing."""
    gas = f"{species.removesuffix('_e')}_g"
    return [float(s.id in {species, gas}) for s in states]
