"""The cells of a site: one lane for every kind of cell, clone and zone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.niche import population
from glutarium.model.regulation.equations import VIABILITY
from glutarium.simulate.cell import at_rest, parameters_of, started
from glutarium.simulate.plan import clone_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array
    from glutarium.simulate.cell import RestCache
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan, Phase

__all__ = ["MALIGNANT", "Columns", "Hand", "Hands", "split"]

MALIGNANT, ANCHORED = "malignant", "anchored"
"""Groups of cells by what holds their number: nothing, or contact with their like."""
GLUTAMINE, MEDIUM = "gln_e", "medium"
OBSERVER = 1e-9
"""Dry mass, gDW/L, of a cell that is not there: it sees the medium and hardly changes it."""


@dataclass(frozen=True)
class Hand:
    """One lane of a site.

    Attributes
    ----------
    plan
        What is done with it; of a clone, its own.
    part
        Position of the plan among those of the site.
    clone
        Name of the clone, if it is one.
    zone
        Where it sits.
    density
        Dry mass at the start, gDW per litre of its zone.
    """

    plan: ArmPlan
    part: int
    clone: str
    zone: int
    density: float

    @property
    def cell(self) -> str:
        """Kind of cell."""
        return self.plan.cell

    @property
    def name(self) -> str:
        """Kind of cell, and which clone of it."""
        return clone_name(self.plan.cell, self.clone)


def split(plans: Sequence[ArmPlan], densities: Sequence[float], n_zones: int) -> list[Hand]:
    """Lanes of a site from the plans of its cells and their dry mass at the start, gDW/L."""
    hands: list[Hand] = []
    for part, (plan, density) in enumerate(zip(plans, densities, strict=True)):
        alone = replace(plan, clones=())
        clones = [
            (c.name, c.share, replace(alone, rest=c.rest, phases=c.phases, before=c.before))
            for c in plan.clones
        ] or [("", 1.0, alone)]
        for name, share, own in clones:
            seeded = max(density * share, OBSERVER)
            hands += [Hand(own, part, name, zone, seeded) for zone in range(n_zones)]
    return hands


@dataclass(frozen=True)
class Columns:
    """Where things stand in the kernel's arrays."""

    model: CellModel = field(repr=False)

    def observed(self, name: str) -> int:
        """Position of an observable."""
        return self.model.observable_index[name]

    def parameter(self, name: str) -> int:
        """Position of a parameter."""
        return self.model.parameter_index[name]

    def has(self, name: str) -> bool:
        """Whether the kernel observes something."""
        return name in self.model.observable_index

    @cached_property
    def shared(self) -> npt.NDArray[np.int64]:
        """States of the medium."""
        return np.array([self.model.state_index[s] for s in self.model.shared])

    @cached_property
    def of_gas(self) -> npt.NDArray[np.int64]:
        """Ledgers of the surroundings."""
        places = (i for i, s in enumerate(self.model.spec.states) if s.compartment == "g")
        return np.array(list(places))


class Hands:
    """All lanes of a site with their states and parameters at the start.

    ``first`` is the position of the first lane of every zone.

    Parameters
    ----------
    model
        The model.
    hands
        The lanes.
    member
        Row of the ensemble.
    cache
        States of rest.
    """

    def __init__(
        self, model: CellModel, hands: Sequence[Hand], member: int, cache: RestCache
    ) -> None:
        self.model, self.hands, self.member, self._cache = model, tuple(hands), member, cache
        self.columns = Columns(model)
        self.zone = np.array([hand.zone for hand in hands])
        self.density = np.array([hand.density for hand in hands])
        self.cells = tuple(hand.cell for hand in hands)
        self.first = np.unique(self.zone, return_index=True)[1]
        starts = started(model, [(hand.plan, member) for hand in hands], cache)
        self.failed = next((s for s in starts if s.detail or s.code.name != "SUCCESS"), None)
        self._starts = starts

    @cached_property
    def resting(self) -> Array:
        """Kernel observables of every lane at rest, shape ``(n_lanes, n_observables)``."""
        return np.array(
            [at_rest(self.model, (h.plan, self.member), self._cache)[1] for h in self.hands]
        )

    @cached_property
    def malignant(self) -> npt.NDArray[np.bool_]:
        """Whether a lane's number is kept in balance by nothing, shape ``(n_lanes,)``."""
        return self._among(MALIGNANT)

    @cached_property
    def anchored(self) -> npt.NDArray[np.bool_]:
        """Whether contact with its like stops a lane's cells, shape ``(n_lanes,)``."""
        return self._among(ANCHORED)

    def _among(self, name: str) -> npt.NDArray[np.bool_]:
        kinds = population(self.model.base, name)
        return np.array([cell in kinds for cell in self.cells])

    @cached_property
    def dry_mass(self) -> Array:
        """Dry mass of one cell, pg, shape ``(n_lanes,)``."""
        whole = self.model.network.constants["cell.dry_mass"].value
        rows = [self.model.base.dry_masses.get(cell) for cell in self.cells]
        return np.array([whole if row is None else row.value for row in rows])

    @cached_property
    def frugal(self) -> str:
        """The clone that takes up least glutamine at rest; empty where there are no clones."""
        network, taken = self.model.network, np.zeros(len(self.hands))
        for reaction in network.reactions.values():
            into = -reaction.stoichiometry.get(GLUTAMINE, 0.0)
            if into and reaction.subsystem != MEDIUM:
                taken += into * self.resting[:, self.columns.observed(f"rate.{reaction.id}")]
        of_clones = {h.clone: float(x) for h, x in zip(self.hands, taken, strict=True) if h.clone}
        return min(of_clones, key=lambda name: of_clones[name], default="")

    def states(self) -> Array:
        """States at time zero, in the medium of the first phase."""
        model = self.model
        ledger = {s.id: 0.0 for s in model.spec.states if s.compartment == "g"}
        ledger |= {VIABILITY: 1.0} if VIABILITY in model.state_index else {}
        rows = []
        for hand, start in zip(self.hands, self._starts, strict=True):
            first = hand.plan.phases[0]
            y = model.with_medium(start.y, {**ledger, **first.medium})
            rows.append(model.with_added(y, first.added))
        return np.array(rows)

    def phase_parameters(self, hand: Hand, phase: Phase) -> Array:
        """Parameters of a lane in a phase, before what its surroundings do."""
        job = (hand.plan, self.member)
        return parameters_of(self.model, job, phase.parameters, phase.factors, self._cache)
