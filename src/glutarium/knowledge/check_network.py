"""Checks of the metabolic network: formulas, species, balance, genes, effectors, partners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.errors import KnowledgeError
from glutarium.knowledge import records as rec
from glutarium.knowledge.balance import imbalance
from glutarium.knowledge.check_context import at
from glutarium.knowledge.effectors import parse_effector
from glutarium.knowledge.equations import parse_equation, parse_formula, parse_genes, split_species

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from glutarium.knowledge.check_context import Finding, Knowledge
    from glutarium.knowledge.evidence import Record

__all__ = ["constants_of_others", "effectors", "equations", "formulas", "genes", "species"]

_KM = "km:"
_MODULAR = "modular"


def formulas(knowledge: Knowledge) -> Iterator[Finding]:
    """Formulas that cannot be read, and substances without one."""
    for row in knowledge.rows(rec.Metabolite):
        try:
            parse_formula(row.formula)
        except KnowledgeError as error:
            yield at(row, error.message)
        if not row.formula and row.kind != "tag":
            yield at(row, f"{row.label!r} has no formula: only a tag may be without")


def species(knowledge: Knowledge) -> Iterator[Finding]:
    """Species of substances that have no row."""
    for row in knowledge.all_rows():
        for species in _named_species(row):
            try:
                metabolite, _ = split_species(species)
            except KnowledgeError as error:
                yield at(row, f"{row.label!r}: {error.message}")
                continue
            if metabolite not in knowledge.metabolites:
                yield at(row, f"{row.label!r} names {species!r}, but there is no {metabolite!r}")


def _named_species(row: Record) -> Iterable[str]:
    match row:
        case rec.Pool() | rec.MediumEntry() | rec.Expected():
            return (row.species,)
        case rec.KineticConstant() if row.parameter.startswith(_KM):
            return (row.parameter.removeprefix(_KM),)
        case rec.Modifier() | rec.Sensor():
            return parse_effector(row.effector).species
        case rec.ScreenCondition() if row.kind == "medium":
            return row.target
        case rec.DrugTarget() if ":" in row.parameter:
            return (row.parameter.partition(":")[2],)
        case rec.Reaction():
            try:
                return parse_equation(row.equation).stoichiometry
            except KnowledgeError:
                return ()  # reported by the check of equations
        case _:
            return ()


def equations(knowledge: Knowledge) -> Iterator[Finding]:
    """Equations that cannot be read or do not balance."""
    for row in knowledge.rows(rec.Reaction):
        try:
            equation = parse_equation(row.equation)
            excess = imbalance(equation, knowledge.metabolites)
        except KnowledgeError as error:
            yield at(row, f"{row.label!r}: {error.message}")
            continue
        if excess:
            left = ", ".join(f"{name} {amount:+.6g}" for name, amount in excess.items())
            yield at(row, f"{row.label!r} is not balanced: products less substrates {left}")


def genes(knowledge: Knowledge) -> Iterator[Finding]:
    """Genes of reactions that have no row."""
    for row in knowledge.rows(rec.Reaction):
        try:
            rules = parse_genes(row.genes)
        except KnowledgeError as error:
            yield at(row, f"{row.label!r}: {error.message}")
            continue
        for gene in dict.fromkeys(gene for rule in rules for gene in rule.genes):
            if gene not in knowledge.genes:
                yield at(row, f"{row.label!r} names gene {gene!r}, which genes.tsv does not have")


def effectors(knowledge: Knowledge) -> Iterator[Finding]:
    """Find proteins that act on a rate and that no gene makes."""
    for row in knowledge.rows(rec.Modifier):
        for gene in parse_effector(row.effector).proteins:
            if gene not in knowledge.genes:
                yield at(
                    row,
                    f"{row.label!r} names {gene!r}, which is neither a species nor in genes.tsv",
                )


def constants_of_others(knowledge: Knowledge) -> Iterator[Finding]:
    """Find Michaelis constants for species that do not take part in the reaction.

    Only the modular law has one for each partner and no others.
    """
    for row in knowledge.rows(rec.KineticConstant):
        reaction = knowledge.reactions.get(row.reaction)
        if reaction is None or reaction.law != _MODULAR or not row.parameter.startswith(_KM):
            continue
        species = row.parameter.removeprefix(_KM)
        try:
            taking_part = parse_equation(reaction.equation).stoichiometry
        except KnowledgeError:
            continue  # reported by the check of equations
        if species not in taking_part:
            yield at(row, f"{row.label!r}: {species!r} takes no part in {reaction.equation!r}")
