"""Drugs as terms of the model: what a concentration does to proteins, Michaelis constants and the medium.

Modes (``drug_targets.tsv``)
----------------------------
``reversible``
    Fast non-competitive block of a protein: remaining share ``1 - max_inhibition * h(C / ki)``.
``slow_reversible``
    The same in equilibrium, but reached with rate constant ``koff``: occupancy is a state.
``covalent``
    Occupancy grows with ``kinact * C / (KI + C)`` and is lost with the protein's turnover. At the site of
    a substrate (``KI:<species>``) that shields the protein: ``KI`` rises by ``1 + S / km``.
``competitive``
    Raises the Km of one species in the reactions of the target by ``1 + C / ki``.
``silences``
    Holds the promoter: mRNA is made at ``1 - max_inhibition * h(C / ki)`` of its rate.
``interferes``
    RNA interference: the lifetime of the mRNA falls to that share.
``degrades``
    The lifetime of the protein falls to that share.
``activates``
    An agonist: what the target does, or the rate of a reaction, rises by ``1 + max * h(C / ec50)``.
``hydrolysis``
    The drug is an enzyme that splits a compound of the medium.
``source``
    The drug is a metabolite that is held in the medium.
``induces``
    The drug causes a kind of damage or stress, an input of regulation: ``max * h(C / ec50)``.

``activation``
    The drug is a prodrug: besides the share ``free`` that is active from the start, a cell sees of it what
    its own enzyme (the target) sets free. At rest that is all of it.

Every drug is always in the model; one that is not given has concentration zero.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.knowledge.drug_rules import EXPRESSION_MODES
from glutarium.knowledge.equations import parse_genes
from glutarium.model.expr import Expr, Number, Symbol, product, total
from glutarium.model.genes import rule_genes
from glutarium.model.ranges import Range
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.records import DrugTarget
    from glutarium.model.network import Network, Reaction

__all__ = [
    "UNITS",
    "Target",
    "activated",
    "competition",
    "competitors",
    "concentration",
    "expressed",
    "induced",
    "load_targets",
    "occupancy_rate",
    "remaining",
    "shielded",
]

ONE = Number(1.0)
ACTIVATION = "activation"
# Units in which the equations take the constants; concentrations of drugs are in uM.
UNITS = {
    "ki": "uM",
    "ec50": "uM",
    "KI": "uM",
    "koff": "1/h",
    "kinact": "1/h",
    "km": "mM",
    "kcat": "1/h",
}


@dataclass(frozen=True, slots=True)
class Target:
    """One drug on one target by one mode.

    Attributes
    ----------
    drug
        Canonical drug name.
    alternative
        Empty, or ``question:answer`` where the literature disputes the target.
    target
        Gene or node of regulation, or species for ``hydrolysis`` and ``source``.
    mode
        See the module's docstring.
    constants
        Parameter → range.
    against
        Species that the drug competes with (``ki:<species>`` or ``KI:<species>`` in the table).
    activator
        Enzyme that sets a prodrug free.
    """

    drug: str
    alternative: str
    target: str
    mode: str
    constants: Mapping[str, Range]
    against: str = ""
    activator: str = ""

    @property
    def id(self) -> str:
        """``<drug>.<target>``; names the occupancy state and the constants.

        A drug may block a protein and lower its amount too: those modes have names of their own.
        """
        own = (*EXPRESSION_MODES, "activates")
        return ".".join((self.drug, self.target, *([self.mode] if self.mode in own else [])))

    @property
    def occupancy(self) -> str | None:
        """Id of the occupancy state of slow modes."""
        return f"occupancy.{self.id}" if self.mode in {"slow_reversible", "covalent"} else None


def load_targets(base: KnowledgeBase, network: Network) -> tuple[Target, ...]:
    """Drug targets that the network contains, in table order."""
    proteins = {*network.genes, *network.regulation.nodes}
    grouped: dict[tuple[str, str, str, str], dict[str, Range]] = defaultdict(dict)
    against: dict[tuple[str, str, str, str], str] = {}
    for row in base.drug_targets:
        if row.target not in proteins and row.target not in network.substances:
            continue
        key = (row.drug, row.alternative, row.target, row.mode)
        name, _, species = row.parameter.partition(":")
        against[key] = species or against.get(key, "")
        grouped[key][name] = _canonical(name, row)
    activators = {drug: target for drug, _, target, mode in grouped if mode == ACTIVATION}
    return tuple(
        Target(*key, constants=values, against=against[key], activator=activators.get(key[0], ""))
        for key, values in grouped.items()
    )


def _canonical(name: str, row: DrugTarget) -> Range:
    """The recorded range in the unit that the equations use."""
    unit = UNITS.get(name)
    if unit is None:
        return Range(row.value, *(row.value if x is None else x for x in (row.low, row.high)))
    value = convert(row.value, row.unit, unit)
    low = value if row.low is None else convert(row.low, row.unit, unit)
    high = value if row.high is None else convert(row.high, row.unit, unit)
    return Range(value, low, high)


def concentration(target: Target) -> Expr:
    """Drug concentration, uM, that acts on this target; zero under another alternative."""
    drug: Expr = Symbol(f"drug.{target.drug}")
    if target.activator:
        free = Symbol(f"{target.drug}.{target.activator}.free")
        drug = drug * (free + (1.0 - free) * Symbol(f"available.{target.activator}"))
    if not target.alternative:
        return drug
    question, _, answer = target.alternative.partition(":")
    return drug * Symbol(f"alternative.{question}.{answer}")


def _constant(target: Target, name: str) -> Expr:
    return Symbol(f"{target.id}.{name}") if name in target.constants else Number(1.0)


def _relative_dose(target: Target, half: str = "ki") -> Expr:
    """Concentration over that of half the effect, to the power of the Hill coefficient if recorded."""
    ratio = concentration(target) / _constant(target, half)
    return ratio ** _constant(target, "hill") if "hill" in target.constants else ratio


def _left(target: Target) -> Expr:
    """Share that a drug in fast equilibrium leaves of what it lowers."""
    ratio = _relative_dose(target)
    return 1.0 - _constant(target, "max_inhibition") * ratio / (1.0 + ratio)


def _gain(target: Target) -> Expr:
    """What a drug in fast equilibrium adds, up to its ``max``."""
    ratio = _relative_dose(target, "ec50")
    return _constant(target, "max") * ratio / (1.0 + ratio)


def remaining(gene: str, targets: Iterable[Target]) -> Expr:
    """Share of a protein that the drugs on it leave active."""
    factors: list[Expr] = []
    for t in targets:
        if t.target != gene:
            continue
        if t.occupancy is not None:
            factors.append(1.0 - _constant(t, "max_inhibition") * Symbol(f"state:{t.occupancy}"))
        elif t.mode == "reversible":
            factors.append(_left(t))
    return product(factors)


def expressed(gene: str, process: str, targets: Iterable[Target]) -> Expr:
    """Factor of the drugs on one process of a gene's expression: synthesis or lifetime of its product."""
    return product(
        _left(t) for t in targets if t.target == gene and EXPRESSION_MODES.get(t.mode) == process
    )


def activated(node: str, targets: Iterable[Target]) -> Expr:
    """Factor of the agonists of a node."""
    return product(1.0 + _gain(t) for t in targets if t.target == node and t.mode == "activates")


def induced(node: str, targets: Iterable[Target]) -> Expr:
    """What drugs add to an input of regulation."""
    return total(_gain(t) for t in targets if t.target == node and t.mode == "induces")


def occupancy_rate(target: Target, shield: Expr = ONE) -> Expr:
    """Rate of change of a slow drug's occupancy, 1/h; ``shield`` as of :func:`shielded`."""
    occupied = Symbol(f"state:{target.occupancy}")
    dose = concentration(target)
    if target.mode == "covalent":
        half = _constant(target, "KI") * shield
        speed = _constant(target, "kinact") * dose / (half + dose)
        return speed * (1.0 - occupied) - Symbol("protein.turnover") * occupied
    return _constant(target, "koff") * (
        dose / _constant(target, "ki") * (1.0 - occupied) - occupied
    )


def shielded(target: Target, network: Network) -> Expr:
    """Factor of the substrate at the site on ``KI``, by the Km of the first reaction that has one."""
    species = target.against
    for reaction in network.reactions.values():
        if target.target in rule_genes(reaction.genes) and reaction.km(species) is not None:
            return 1.0 + Symbol(species) / Symbol(f"km.{reaction.id}.{species}")
    return ONE


def competitors(reaction: Reaction, targets: Iterable[Target]) -> dict[str, Expr]:
    """Species → factor on its Km from competitive drugs; see :func:`competition`."""
    constants = (s for s in reaction.stoichiometry if reaction.km(s) is not None)
    bound = tuple(s for s in constants if s not in reaction.ions)
    return competition(reaction.genes, targets, bound)


def competition(rule: str, targets: Iterable[Target], bound: Sequence[str] = ()) -> dict[str, Expr]:
    """Species → factor on its Km from competitive drugs on a reaction's proteins.

    Drugs that compete for one site add up; a drug counts by the share of the isozymes that it hits. A
    protein that also carries other compounds than the one that the drug was measured against has one
    site for all on that side of the membrane: the drug keeps out each of them.

    Parameters
    ----------
    rule
        Gene rule of the reaction.
    targets
        Drugs on the network.
    bound
        Species that bind in the reaction, ions at sites of their own left out; empty: what the drug
        competes with.
    """
    shares: dict[str, float] = defaultdict(float)
    for isozyme in parse_genes(rule):
        for gene in isozyme.genes:
            shares[gene] += isozyme.share
    terms: dict[str, list[Expr]] = defaultdict(list)
    for t in targets:
        if t.mode == "competitive" and t.target in shares:
            for species in _contested(t.against, bound):
                terms[species].append(Number(shares[t.target]) * _relative_dose(t))
    return {species: 1.0 + total(doses) for species, doses in terms.items()}


def _contested(against: str, bound: Sequence[str]) -> tuple[str, ...]:
    """What a drug competes with where these bind: its own compound, else all on that side."""
    if not bound or against in bound:
        return (against,)
    side = against.rpartition("_")[2]
    return tuple(s for s in bound if s.rpartition("_")[2] == side)
