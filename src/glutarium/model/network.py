"""The network as the knowledge tables state it, parsed and indexed; still without equations.

:func:`load_network` joins the tables of reactions, kinetics, modifiers, pools and metabolites into one
frozen :class:`Network`. Rate laws (:mod:`glutarium.model.laws`), calibration and checks start from it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.knowledge.effectors import parse_effector
from glutarium.knowledge.equations import parse_equation, parse_formula
from glutarium.model.genes import rule_genes
from glutarium.model.ranges import Range
from glutarium.model.regulators import Regulation, load_regulation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.knowledge.base import KnowledgeBase

__all__ = ["Effect", "Network", "Range", "Reaction", "Substance", "load_network"]

BUFFERED = "buffered"
ION = "ion"


@dataclass(frozen=True, slots=True)
class Substance:
    """A species: one metabolite in one compartment.

    Attributes
    ----------
    id
        ``<metabolite>_<compartment>``.
    name
        Study name of the metabolite.
    compartment
        ``e``, ``c``, ``m``, ``b``, ``g`` or ``x``.
    formula, charge
        Of the major form at pH 7.2.
    buffered
        Whether its concentration is held (water, protons).
    ion
        Whether it binds to a site of its own beside what a carrier carries.
    """

    id: str
    name: str
    compartment: str
    formula: Mapping[str, float]
    charge: float
    buffered: bool
    ion: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """An allosteric term: how an effector changes a reaction's rate (see ``laws.modifier``)."""

    effector: str
    kind: str
    k: Range
    n: float
    floor: float


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction with its records.

    Attributes
    ----------
    stoichiometry
        Species id → coefficient, buffered species included.
    constants
        Parameter (``km:<species>``, ``keq``, ``rho`` …) → recorded range.
    charge_into_matrix
        Elementary charges that one turnover moves into the matrix; derived from the equation.
    ions
        Species of the equation that are ions: the fuel of a carrier, not what it carries.
    """

    id: str
    name: str
    law: str
    reversible: bool
    stoichiometry: Mapping[str, float]
    genes: str
    subsystem: str
    constants: Mapping[str, Range]
    effects: tuple[Effect, ...]
    charge_into_matrix: float
    ions: frozenset[str] = frozenset()

    def km(self, species: str) -> Range | None:
        """Recorded Michaelis constant of a species, if it has one."""
        return self.constants.get(f"km:{species}")

    @property
    def proteins(self) -> tuple[str, ...]:
        """Genes of the enzyme, then those of proteins that act on it, without repeats."""
        acting = (p for e in self.effects for p in parse_effector(e.effector).proteins)
        return tuple(dict.fromkeys((*rule_genes(self.genes), *acting)))

    @property
    def substrates(self) -> tuple[str, ...]:
        """Consumed species."""
        return tuple(s for s, n in self.stoichiometry.items() if n < 0)

    @property
    def products(self) -> tuple[str, ...]:
        """Produced species."""
        return tuple(s for s, n in self.stoichiometry.items() if n > 0)


@dataclass(frozen=True)
class Network:
    """All reactions and species of the model.

    Attributes
    ----------
    substances
        Species id → :class:`Substance`, in table order of first use.
    reactions
        Reaction id → :class:`Reaction`.
    pools
        Species id → recorded reference concentration.
    fluxes
        Reaction id → recorded reference flux, mmol/gDW/h.
    constants
        Constant id → range.
    regulation
        Who steers whom; edges may end at the network's genes and reactions.
    """

    substances: Mapping[str, Substance]
    reactions: Mapping[str, Reaction]
    pools: Mapping[str, Range]
    fluxes: Mapping[str, Range]
    constants: Mapping[str, Range]
    regulation: Regulation = field(default_factory=Regulation)

    @cached_property
    def genes(self) -> tuple[str, ...]:
        """Genes of all enzymes, carriers and proteins that act on rates, in order."""
        return tuple(dict.fromkeys(g for r in self.reactions.values() for g in r.proteins))

    @cached_property
    def steered(self) -> frozenset[str]:
        """Reactions whose rate follows a node of their own name; a gene's node acts by its protein."""
        return frozenset(r for r in self.reactions if r in self.regulation.nodes) - set(self.genes)

    @cached_property
    def dynamic(self) -> tuple[str, ...]:
        """Species that are states, in order: everything that is matter and not buffered."""
        return tuple(s.id for s in self.substances.values() if not s.buffered)

    def in_compartment(self, *compartments: str) -> tuple[str, ...]:
        """Dynamic species of some compartments."""
        return tuple(s for s in self.dynamic if self.substances[s].compartment in compartments)


def load_network(base: KnowledgeBase) -> Network:
    """Join the knowledge tables into a :class:`Network`.

    Parameters
    ----------
    base
        The knowledge base.

    Raises
    ------
    ModelError
        If a reaction uses a species without metabolite record.
    """
    constants: dict[str, dict[str, Range]] = defaultdict(dict)
    for record in base.kinetics:
        constants[record.reaction][record.parameter] = _range(record)
    effects: dict[str, list[Effect]] = defaultdict(list)
    for item in base.modifiers:
        k = Range(item.k, item.k_low, item.k_high)
        effects[item.reaction].append(Effect(item.effector, item.kind, k, item.n, item.floor))
    substances: dict[str, Substance] = {}
    reactions: dict[str, Reaction] = {}
    for row in base.reactions:
        equation = parse_equation(row.equation)
        for species in equation.stoichiometry:
            if species not in substances:
                substances[species] = _substance(species, row.id, base)
        reactions[row.id] = Reaction(
            id=row.id,
            name=row.name,
            law=row.law,
            reversible=equation.reversible,
            stoichiometry=equation.stoichiometry,
            genes=row.genes,
            subsystem=row.subsystem,
            constants=constants[row.id],
            effects=tuple(effects[row.id]),
            charge_into_matrix=_charge_into_matrix(equation.stoichiometry, substances),
            ions=frozenset(s for s in equation.stoichiometry if substances[s].ion),
        )
    genes = {g for r in reactions.values() for g in r.proteins}
    return Network(
        substances=substances,
        reactions=reactions,
        pools={p.species: _range(p) for p in base.pools},
        fluxes={f.reaction: _range(f) for f in base.fluxes},
        constants={c.id: _range(c) for c in base.constants},
        regulation=load_regulation(base, genes, reactions),
    )


def _range(record: object) -> Range:
    value = float(getattr(record, "value"))  # noqa: B009 - records share these three fields
    low, high = getattr(record, "low"), getattr(record, "high")  # noqa: B009
    return Range(value, value if low is None else low, value if high is None else high)


def _substance(species: str, reaction: str, base: KnowledgeBase) -> Substance:
    metabolite, _, compartment = species.rpartition("_")
    record = base.metabolites.get(metabolite)
    if record is None:
        message = (
            f"Reaction {reaction} uses species {species!r}, but metabolites.tsv has no row "
            f"{metabolite!r}; add it or correct the equation in reactions.tsv"
        )
        raise ModelError(message)
    return Substance(
        id=species,
        name=record.name,
        compartment=compartment,
        formula=parse_formula(record.formula),
        charge=record.charge,
        buffered=record.kind == BUFFERED or (metabolite, compartment) == ("h2o2", "e"),
        ion=record.kind in (ION, BUFFERED),
    )


def _charge_into_matrix(
    stoichiometry: Mapping[str, float], substances: Mapping[str, Substance]
) -> float:
    moved = sum(n * substances[s].charge for s, n in stoichiometry.items() if s.endswith("_m"))
    return round(moved, 9)
