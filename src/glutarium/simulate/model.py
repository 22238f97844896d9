"""Everything that a run of cells needs, loaded once: tables, network, kernel, ensemble."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from glutarium.compile.analyse import required_moieties
from glutarium.compile.pipeline import compile_coupling
from glutarium.kept import kept, program
from glutarium.knowledge.base import load
from glutarium.model.assemble import OUTSIDE, assemble
from glutarium.model.ensemble import Ensemble, load_ensemble
from glutarium.model.network import load_network
from glutarium.model.protons import compartments
from glutarium.model.regulation.equations import VIABILITY
from glutarium.simulate.energy import EnergyLedger
from glutarium.simulate.engine import make_engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from glutarium.compile.coupled import CompiledCoupling
    from glutarium.kernel import Array, Kernel
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec
    from glutarium.simulate.engine import Engine

__all__ = ["PER_MASS", "CellModel", "load_model", "medium_of"]

ACIDITY = "pH_e"
"""State of the medium that is no matter."""

PER_MASS = {"per_mass": 1.0}
"""Parameters of a cell in balanced growth, see :mod:`glutarium.model.assemble`."""


@dataclass(frozen=True)
class CellModel:
    """A compiled model with its ensemble.

    Attributes
    ----------
    base, network, spec
        The stages from tables to equations.
    ensemble
        Members in the order of the spec.
    solver
        Who integrates: ``lanes`` or ``reference``.
    required
        Weights of conserved sums that no cell is without, shape ``(n_sums, n_states)``; looked for in the
        equations where they are not given.
    """

    base: KnowledgeBase
    network: Network
    spec: ModelSpec
    ensemble: Ensemble = field(repr=False)
    solver: str = "lanes"
    required: Array | None = field(default=None, repr=False)

    def with_ensemble(self, ensemble: Ensemble) -> CellModel:
        """The same model with other members; what is compiled is shared."""
        other = replace(self, ensemble=ensemble)
        other.__dict__["engine"] = self.engine
        return other

    @cached_property
    def engine(self) -> Engine:
        """The compiled model with its solver."""
        return make_engine(self.spec, self.solver, self.required)

    @property
    def kernel(self) -> Kernel:
        """Rates, Jacobian and observables of one system."""
        return self.engine.kernel

    @cached_property
    def state_index(self) -> Mapping[str, int]:
        """State id → position."""
        return {s: i for i, s in enumerate(self.spec.state_ids)}

    @cached_property
    def parameter_index(self) -> Mapping[str, int]:
        """Parameter id → position."""
        return {p: i for i, p in enumerate(self.spec.parameter_ids)}

    @cached_property
    def observable_index(self) -> Mapping[str, int]:
        """Kernel observable → position."""
        return {o: i for i, o in enumerate(self.kernel.observable_names)}

    @cached_property
    def energy(self) -> EnergyLedger:
        """Who counts ATP by the carbon that was oxidised for it."""
        return EnergyLedger(self.base, self.network)

    @cached_property
    def atol(self) -> Array:
        """Absolute tolerances, shape ``(n_states,)``."""
        return np.array([s.atol for s in self.spec.states])

    @cached_property
    def positive(self) -> npt.NDArray[np.bool_]:
        """States that may not become negative."""
        return np.array([s.positive for s in self.spec.states])

    @cached_property
    def in_cell(self) -> npt.NDArray[np.bool_]:
        """States that scale with dry mass."""
        return np.array([s.compartment in {"c", "m", "b"} for s in self.spec.states])

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """States of the medium, which cells around it have in common: its species, then its pH."""
        species = [s.id for s in self.spec.states if s.compartment == "e"]
        return (*species, *([ACIDITY] if ACIDITY in self.state_index else []))

    @property
    def n_matter(self) -> int:
        """How many of the shared states are matter."""
        return sum(s != ACIDITY for s in self.shared)

    @cached_property
    def coupling(self) -> CompiledCoupling:
        """Elimination of all that cells around one medium do not share."""
        return compile_coupling(self.spec, self.shared)

    @cached_property
    def outside(self) -> npt.NDArray[np.bool_]:
        """States of the surroundings and of the count of cells: still for a cell seen per mass."""
        still = {ACIDITY, VIABILITY}
        around = (s.compartment in OUTSIDE or s.id in still for s in self.spec.states)
        return np.array(list(around))

    def mass_weights(self, p: Array) -> Array:
        """Share of dry mass per unit of each state, shape ``(n_states,)``."""
        weights = np.zeros(len(self.spec.states))
        for name, i in self.state_index.items():
            j = self.parameter_index.get(f"weight.{name}")
            weights[i] = 0.0 if j is None else p[j]
        return weights

    def parameters(
        self,
        member: int,
        changes: Mapping[str, float],
        factors: Mapping[str, float] | None = None,
    ) -> Array:
        """Parameters of a member with some of them set or scaled, shape ``(n_parameters,)``."""
        p: Array = self.ensemble.parameters[member].copy()
        for name, value in changes.items():
            p[self.parameter_index[name]] = value
        for name, factor in (factors or {}).items():
            p[self.parameter_index[name]] *= factor
        return p

    def with_medium(self, y: Array, medium: Mapping[str, float]) -> Array:
        """A copy of a state with some species of the medium set, mM."""
        changed = y.copy()
        for species, value in medium.items():
            changed[self.state_index[species]] = value
        return changed

    def with_added(self, y: Array, amounts: Mapping[str, float]) -> Array:
        """A copy of a state with some species added to the medium, mM."""
        changed = y.copy()
        for species, amount in amounts.items():
            changed[self.state_index[species]] += amount
        return changed


def medium_of(base: KnowledgeBase, network: Network, name: str) -> dict[str, float]:
    """Composition of a recorded medium: every species of the medium → mM.

    Gases and pH stand at their recorded reference; a species that the recipe does not name is absent.
    """
    recipe = {r.species: r.value for r in base.media.where("medium", name)}
    gases = {s: network.pools[s].value for s in ("o2_e", "co2_e")}
    species = {s: gases.get(s, recipe.get(s, 0.0)) for s in network.in_compartment("e")}
    acidity = {ACIDITY: network.constants["pH.e"].value} if "e" in compartments(network) else {}
    return species | acidity


def load_model(members: int | None = None, solver: str = "lanes") -> CellModel:
    """Load tables and read the ensemble; the model is compiled when it is first run.

    Parameters
    ----------
    members
        How many members to use; all by default.
    solver
        Who integrates.
    """
    base = load()
    built = kept("model", program(), lambda: _build(base))
    ensemble = built.ensemble if members is None else built.ensemble.first(members)
    return CellModel(base, built.network, built.spec, ensemble, solver, built.required)


@dataclass(frozen=True)
class _Built:
    """What follows from the tables and the ensemble; see :class:`CellModel`."""

    network: Network
    spec: ModelSpec
    ensemble: Ensemble
    required: Array


def _build(base: KnowledgeBase) -> _Built:
    network = load_network(base)
    spec = assemble(base, network)
    spec.structure_hash()  # kept with it
    return _Built(network, spec, load_ensemble(spec, base, network), required_moieties(spec))
