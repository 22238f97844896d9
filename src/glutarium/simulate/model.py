"""Everything that a run of cells needs, loaded once: tables, network, kernel, ensemble."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from glutarium.compile.pipeline import compile_spec
from glutarium.knowledge.base import load
from glutarium.model.assemble import assemble
from glutarium.model.ensemble import Ensemble, load_ensemble
from glutarium.model.network import load_network
from glutarium.solve.balanced import Balance

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from glutarium.compile.compiled import CompiledKernel
    from glutarium.kernel import Array
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec

__all__ = ["CellModel", "load_model", "medium_of"]

FROZEN = ("e", "g")


@dataclass(frozen=True)
class CellModel:
    """A compiled model with its ensemble.

    Attributes
    ----------
    base, network, spec, kernel
        The stages from tables to machine code.
    ensemble
        Members in the order of the spec.
    """

    base: KnowledgeBase
    network: Network
    spec: ModelSpec
    kernel: CompiledKernel
    ensemble: Ensemble = field(repr=False)

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

    def balance(self, p: Array) -> Balance:
        """Part of every state in balanced growth."""
        weights = np.zeros(len(self.spec.states))
        for name, i in self.state_index.items():
            j = self.parameter_index.get(f"weight.{name}")
            weights[i] = 0.0 if j is None else p[j]
        frozen = np.array([s.compartment in FROZEN for s in self.spec.states])
        return Balance(weights, frozen, ~(self.in_cell | frozen))

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

    Gases stand at their recorded reference; a species that the recipe does not name is absent.
    """
    recipe = {r.species: r.value for r in base.media.where("medium", name)}
    gases = {s: network.pools[s].value for s in ("o2_e", "co2_e")}
    return {s: gases.get(s, recipe.get(s, 0.0)) for s in network.in_compartment("e")}


def load_model(members: int | None = None) -> CellModel:
    """Load tables, compile (or fetch the compiled kernel) and read the ensemble.

    Parameters
    ----------
    members
        How many members to use; all by default.
    """
    base = load()
    network = load_network(base)
    spec = assemble(base, network)
    ensemble = load_ensemble(spec, base, network)
    if members is not None:
        ensemble = ensemble.first(members)
    return CellModel(base, network, spec, compile_spec(spec), ensemble)
