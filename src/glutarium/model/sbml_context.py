"""What an SBML file says besides the equations: identifiers, genes and the stoichiometric model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glutarium.model.genes import rule_genes
from glutarium.model.structure.flux_model import flux_model
from glutarium.model.structure.growth import fastest_uptake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec
    from glutarium.model.structure.flux_model import FluxModel

__all__ = ["SbmlContext", "sbml_context", "state_uris"]

_AT = "https://identifiers.org/"
_GO = {"e": "GO:0005576", "c": "GO:0005829", "m": "GO:0005759"}


@dataclass(frozen=True)
class SbmlContext:
    """What goes into a file beside a specification.

    Attributes
    ----------
    states, reactions, genes, compartments
        Id → URIs of what it is (identifiers.org).
    rules
        Reaction → rule of its genes, with the shares of isozymes.
    flux
        The stoichiometric model; None for a file of kinetics alone.
    """

    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    genes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    compartments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    flux: FluxModel | None = None

    @property
    def needs_fbc(self) -> bool:
        """Whether the file needs the package of flux balance, which also knows genes."""
        return self.flux is not None or bool(self.rules)

    def kinetics(self) -> SbmlContext:
        """The same without genes and flux balance, for programs that refuse these."""
        return SbmlContext(self.states, self.reactions, compartments=self.compartments)


def sbml_context(
    spec: ModelSpec, network: Network, base: KnowledgeBase, medium: Mapping[str, float]
) -> SbmlContext:
    """Gather what the tables know about a specification.

    Parameters
    ----------
    spec
        The specification; its parameters bound the uptake.
    network
        The network that it was made from.
    base
        Where identifiers stand.
    medium
        Species → mM: what the stoichiometric model may take up.
    """
    rules = {r.id: r.genes for r in network.reactions.values() if r.genes}
    genes = dict.fromkeys(g for rule in rules.values() for g in rule_genes(rule))
    hgnc = {g: base.genes[g].hgnc for g in genes if g in base.genes and base.genes[g].hgnc}
    ec = {r: base.reactions[r].ec for r in network.reactions if base.reactions[r].ec}
    places = dict.fromkeys(s.compartment for s in spec.states)
    uptake = fastest_uptake(network, {p.id: p.value for p in spec.parameters}, medium)
    return SbmlContext(
        states=state_uris(spec, base),
        reactions={r: tuple(f"{_AT}ec-code:{n}" for n in numbers) for r, numbers in ec.items()},
        genes={g: (f"{_AT}{number.lower()}",) for g, number in hgnc.items()},
        compartments={c: (f"{_AT}{_GO[c]}",) for c in places if c in _GO},
        rules=rules,
        flux=flux_model(network, uptake),
    )


def state_uris(spec: ModelSpec, base: KnowledgeBase) -> dict[str, tuple[str, ...]]:
    """State id → identifiers.org URIs of its metabolite in ChEBI and KEGG, where recorded."""
    found: dict[str, tuple[str, ...]] = {}
    for state in spec.states:
        record = base.metabolites.get(state.id.rpartition("_")[0])
        if record is None or state.compartment == "x":
            continue
        chebi = (f"{_AT}{record.chebi}",) if record.chebi else ()
        kegg = (f"{_AT}kegg.compound:{record.kegg}",) if record.kegg else ()
        if chebi or kegg:
            found[state.id] = chebi + kegg
    return found
