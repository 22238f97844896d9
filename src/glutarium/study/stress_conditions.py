"""Conditions of the whole stress screen: made from the network, so that nothing in it goes unasked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model import drugs
from glutarium.model.alternatives import alternatives
from glutarium.model.genes import rule_genes
from glutarium.model.parameters import WITH_CAPACITY
from glutarium.simulate.plan import Phase
from glutarium.study.screen import halves, reference_plan
from glutarium.study.stress_levels import read_levels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glutarium.model.network import Network, Reaction
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.stress_levels import Levels

__all__ = ["JUDGE", "SELECT", "StressCondition", "conditions", "stress_plan", "undosed"]

SELECT, JUDGE = "select", "judge"
_SAMPLES = 25
_POTENCIES = ("ki", "KI")
# What is held by the gas phase is no nutrient that is taken away; oxygen has levels of its own.
_OF_THE_GAS = "gas"


@dataclass(frozen=True, slots=True)
class StressCondition:
    """One thing that is done to the cell.

    Attributes
    ----------
    condition
        Name.
    kind
        ``block``, ``raise``, ``nutrient``, ``oxygen`` or ``drug``.
    half
        ``select`` or ``judge``: whether such a run may choose members of the ensemble.
    factors, parameters, medium
        Parameter → factor; parameter → value; species of the medium → mM.
    blocks
        Reactions that it holds up; some pools then pile up in reality too.
    """

    condition: str
    kind: str
    half: str = JUDGE
    factors: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    medium: Mapping[str, float] = field(default_factory=dict)
    blocks: frozenset[str] = frozenset()


def conditions(model: CellModel) -> tuple[StressCondition, ...]:
    """All conditions of a model.

    A condition that the short screen holds too is in the half where that has it, so that a run which
    chose members is not one that judges them; of the others a hash of the name decides.
    """
    levels = read_levels(model.base)
    made = (
        *_capacities(model.network, levels),
        *_nutrients(model, levels),
        *_oxygen(model, levels),
        *_drugs(model, levels),
    )
    short = halves(tuple(model.base.screen))
    known = {c.condition: h for h, cs in zip((SELECT, JUDGE), short, strict=True) for c in cs}
    return tuple(replace(c, half=known.get(c.condition) or _half(c.condition)) for c in made)


def _half(name: str) -> str:
    return (SELECT, JUDGE)[hashlib.sha256(name.encode()).digest()[0] % 2]


def _capacities(network: Network, levels: Levels) -> Iterator[StressCondition]:
    left, fold = levels.value("block"), levels.value("raise")
    free = frozenset(row.target for row in levels.rows("permeates"))
    for reaction in network.reactions.values():
        if _by_protein(reaction, network, free):
            vmax, own = f"vmax.{reaction.id}", frozenset({reaction.id})
            yield StressCondition(f"block {reaction.id}", "block", factors={vmax: left}, blocks=own)
            yield StressCondition(f"raise {reaction.id}", "raise", factors={vmax: fold})
    for alike in _isozymes(network, free):
        factors = {f"vmax.{name}": left for name in alike}
        yield StressCondition(
            f"block {' and '.join(alike)}", "block", factors=factors, blocks=frozenset(alike)
        )


def _isozymes(network: Network, free: frozenset[str]) -> list[tuple[str, ...]]:
    """Proteins that do the same: alone, one of them is replaced by the other."""
    alike: defaultdict[frozenset[tuple[str, float]], list[str]] = defaultdict(list)
    for reaction in network.reactions.values():
        if _by_protein(reaction, network, free):
            alike[frozenset(reaction.stoichiometry.items())].append(reaction.id)
    return [tuple(names) for names in alike.values() if len(names) > 1]


def _by_protein(reaction: Reaction, network: Network, free: frozenset[str]) -> bool:
    """Whether it is an enzyme or a transporter; of some transporters the gene is not known.

    What crosses the lipid of a membrane by itself passes no protein that could be blocked or raised.
    """
    if reaction.id in free:
        return False
    places = {network.substances[s].compartment for s in reaction.stoichiometry}
    moves = len(places) > 1 and "b" not in places
    return reaction.law in WITH_CAPACITY and (bool(reaction.genes) or moves)


def _nutrients(model: CellModel, levels: Levels) -> Iterator[StressCondition]:
    left = levels.value("nutrient")
    gases = {
        s for r in model.network.reactions.values() if r.law == _OF_THE_GAS for s in r.stoichiometry
    }
    dissolved = {*model.network.in_compartment("e")}  # the pH of the medium is no nutrient
    for species, amount in reference_plan(model).phases[0].medium.items():
        if amount > left and species in dissolved and species not in gases:
            yield StressCondition(f"no {species}", "nutrient", medium={species: left})


def _oxygen(model: CellModel, levels: Levels) -> Iterator[StressCondition]:
    solubility = model.network.constants["gas.oxygen_solubility"].value
    for row in levels.rows("oxygen"):
        dissolved = row.value * solubility
        yield StressCondition(
            row.level, "oxygen", parameters={"gas.o2": dissolved}, medium={"o2_e": dissolved}
        )


def _drugs(model: CellModel, levels: Levels) -> Iterator[StressCondition]:
    multiple = levels.value("dose")
    carried: dict[str, set[str]] = defaultdict(set)
    for reaction in model.network.reactions.values():
        for gene in rule_genes(reaction.genes):
            carried[gene].add(reaction.id)
    for drug, potencies in _potencies(model).items():
        if potencies:
            dose = multiple * min(potencies.values())
            blocks = frozenset(r for gene in potencies for r in carried[gene])
            name = f"{drug} {dose:.3g} uM"
            yield StressCondition(name, "drug", parameters={f"drug.{drug}": dose}, blocks=blocks)


def _potencies(model: CellModel) -> dict[str, dict[str, float]]:
    """Drug → target → potency, uM, by the mechanism that holds where the literature disputes it."""
    targets = drugs.load_targets(model.base, model.network)
    first = {q: answers[0] for q, answers in alternatives(targets).items()}
    found: dict[str, dict[str, float]] = {t.drug: {} for t in targets}
    for target in targets:
        question, _, answer = target.alternative.partition(":")
        known = [target.constants[p].value for p in _POTENCIES if p in target.constants]
        if known and first.get(question, answer) == answer:
            found[target.drug][target.target] = known[0]
    return found


def undosed(model: CellModel) -> tuple[str, ...]:
    """Drugs of the network without a potency from which a dose could follow (enzymes, metabolites)."""
    return tuple(drug for drug, potencies in _potencies(model).items() if not potencies)


def stress_plan(model: CellModel, condition: StressCondition) -> ArmPlan:
    """The plan of a condition: from rest in the reference medium into a closed dish."""
    plain = reference_plan(model, condition.condition)
    medium = dict(plain.phases[0].medium) | dict(condition.medium)
    phase = Phase(0.0, condition.parameters, medium, factors=condition.factors)
    times = np.linspace(0.0, read_levels(model.base).value("length"), _SAMPLES)
    return replace(plain, phases=(phase,), times=tuple(times.tolist()))
