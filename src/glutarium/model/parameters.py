"""All parameters of the base specification with their nominal values and units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.model import drugs
from glutarium.model.alternatives import alternatives
from glutarium.model.regulation import numbers as regulation
from glutarium.model.spec import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network, Reaction

__all__ = ["parameters"]

WITH_CAPACITY = ("modular", "synthesis", "decay")
UNITS = {"keq": "1", "transfer": "1/h", "speed": "1/h"}


def parameters(
    base: KnowledgeBase, network: Network, targets: tuple[drugs.Target, ...]
) -> tuple[Parameter, ...]:
    """Parameters in the order that arrays follow; one that several need stands once.

    Parameters
    ----------
    base
        The knowledge base; constants are read from it.
    network
        Reactions with their constants.
    targets
        Drugs on the network.
    """
    rows: list[Parameter] = [Parameter(c.id, c.value, c.unit) for c in base.constants]
    for reaction in network.reactions.values():
        rows += _of_reaction(reaction)
    rows += _of_drugs(targets)
    rows += regulation.parameters(network)
    rows += [Parameter(f"weight.{s}", w, "1") for s, w in _weights(network).items()]
    rows.append(Parameter("per_mass", 0.0, "1"))
    rows.append(Parameter("dish.share", 1.0, "1"))
    rows.append(Parameter("gas.o2", network.pools["o2_e"].value, "mM"))
    return tuple({row.id: row for row in rows}.values())


def _of_reaction(reaction: Reaction) -> Iterator[Parameter]:
    if reaction.law in WITH_CAPACITY:
        yield Parameter(f"vmax.{reaction.id}", 1.0, "mmol/gDW/h")
    if reaction.law == "accretion":
        yield Parameter(f"content.{reaction.id}", 0.0, "mmol/gDW")
    for name, recorded in reaction.constants.items():
        kind, _, species = name.partition(":")
        if kind == "km":
            yield Parameter(f"km.{reaction.id}.{species}", recorded.value, "mM")
        elif kind in UNITS:
            yield Parameter(f"{kind}.{reaction.id}", recorded.value, UNITS[kind])
    for effect in reaction.effects:
        yield Parameter(f"mod.{reaction.id}.{effect.effector}", effect.k.value, "mM")
    for gene in reaction.proteins:
        yield Parameter(f"level.{gene}", 1.0, "1")


def _of_drugs(targets: Iterable[drugs.Target]) -> Iterator[Parameter]:
    """Every drug is absent; of a disputed mechanism the first answer holds."""
    known = tuple(targets)
    for target in known:
        yield Parameter(f"drug.{target.drug}", 0.0, "uM")
        for name, recorded in target.constants.items():
            yield Parameter(f"{target.id}.{name}", recorded.value, drugs.UNITS.get(name, "1"))
    for question, answers in alternatives(known).items():
        for rank, answer in enumerate(answers):
            yield Parameter(f"alternative.{question}.{answer}", float(rank == 0), "1")


def _weights(network: Network) -> dict[str, float]:
    """Share of dry mass per mmol/gDW of each macromolecule; the reference composition weighs one.

    Small molecules and ions, the rest of dry mass, are taken to scale with the macromolecules.
    """
    grams: dict[str, float] = {}
    for species in network.in_compartment("b"):
        formula = network.substances[species].formula
        grams[species] = sum(
            n * network.constants[f"element.{e}"].value for e, n in formula.items()
        )
    whole = sum(g * network.pools[s].value for s, g in grams.items())
    return {s: g / whole for s, g in grams.items()}
