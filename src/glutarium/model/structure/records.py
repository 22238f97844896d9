"""Questions to the records of single reactions: constants, membranes, evidence."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.model.assemble import OUTSIDE
from glutarium.model.laws import reaction_rate
from glutarium.model.parameters import WITH_CAPACITY
from glutarium.model.structure.findings import ERROR, WARNING, NetworkFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network, Reaction

__all__ = ["compartments", "constants", "evidence"]

ASSUMED = "assumed"
# Law → beginnings of the names of its constants of which it needs at least one.
_NEEDED = {
    "synthesis": "km:",
    "accretion": "moiety:",
    "gas": "transfer",
    "medium_oxidation": "speed",
}
# Compartments whose pools have no volume of their own.
_NO_VOLUME = (*OUTSIDE, "b", "x")


def constants(base: KnowledgeBase, network: Network) -> Iterator[NetworkFinding]:
    """Constants, fluxes and pools that the equations need and no table has."""
    for reaction in network.reactions.values():
        location = base.reactions[reaction.id].location
        for severity, message in _of_law(reaction, network):
            yield NetworkFinding(severity, "constants", reaction.id, message, location)
    used = {s: r for r in network.reactions.values() for s in r.stoichiometry}
    for species in network.dynamic:
        location = base.reactions[used[species].id].location
        inside = network.substances[species].compartment not in OUTSIDE
        if inside and species not in network.pools:
            message = "has no reference concentration; add a row to pools.tsv"
            yield NetworkFinding(ERROR, "constants", species, message, location)
    yield from _volumes(base, network)


def _of_law(reaction: Reaction, network: Network) -> Iterator[tuple[str, str]]:
    try:
        reaction_rate(reaction, network, {})
    except ModelError as error:
        yield ERROR, error.message
    needed = _NEEDED.get(reaction.law)
    if needed and not any(name.startswith(needed) for name in reaction.constants):
        wanted = f"{needed}<species>" if needed.endswith(":") else needed
        yield ERROR, f"law {reaction.law!r} needs a constant {wanted}; add it to kinetics.tsv"
    if reaction.law in WITH_CAPACITY and reaction.id not in network.fluxes:
        yield ERROR, "has no reference flux, which sets its capacity; add a row to fluxes.tsv"
    if reaction.law == "modular" and not reaction.reversible:
        free = [
            s
            for s in reaction.substrates
            if not network.substances[s].buffered
            and reaction.km(s) is None
            and not any(s in e.effector.split("/") for e in reaction.effects)
        ]
        if free:
            names = ", ".join(free)
            yield WARNING, f"does not slow down as {names} runs out; add a km to kinetics.tsv"


def _volumes(base: KnowledgeBase, network: Network) -> Iterator[NetworkFinding]:
    for compartment in dict.fromkeys(s.compartment for s in network.substances.values()):
        if compartment not in _NO_VOLUME and f"volume.{compartment}" not in network.constants:
            message = f"has no constant volume.{compartment}; add it to constants.tsv"
            location = next(
                base.reactions[r.id].location
                for r in network.reactions.values()
                if any(network.substances[s].compartment == compartment for s in r.stoichiometry)
            )
            yield NetworkFinding(ERROR, "compartments", compartment, message, location)


def compartments(base: KnowledgeBase, network: Network) -> Iterator[NetworkFinding]:
    """Reactions over compartments between which no table knows a membrane."""
    known = {frozenset((row.one, row.other)) for row in base.membranes}
    for reaction in network.reactions.values():
        places = dict.fromkeys(network.substances[s].compartment for s in reaction.stoichiometry)
        for pair in combinations(places, 2):
            if frozenset(pair) in known:
                continue
            one, other = pair
            message = (
                f"goes from _{one} to _{other}, but membranes.tsv knows nothing between them; "
                "correct the equation, or add what lies there"
            )
            location = base.reactions[reaction.id].location
            yield NetworkFinding(ERROR, "compartments", reaction.id, message, location)


def evidence(base: KnowledgeBase, network: Network) -> Iterator[NetworkFinding]:
    """Reactions that rest on nothing, or all of whose constants are assumed."""
    for reaction in network.reactions.values():
        row = base.reactions[reaction.id]
        rows = base.kinetics.where("reaction", reaction.id)
        effects = base.modifiers.where("reaction", reaction.id)
        bases = [r.basis for r in (*rows, *effects)]
        if not row.source and not row.claims:
            message = "has neither a source nor a claim; add one to reactions.tsv"
            yield NetworkFinding(WARNING, "evidence", reaction.id, message, row.location)
        elif bases and all(b == ASSUMED for b in bases):
            message = f"all {len(bases)} constants are assumed"
            location = (*rows, *effects)[0].location
            yield NetworkFinding(WARNING, "evidence", reaction.id, message, location)
