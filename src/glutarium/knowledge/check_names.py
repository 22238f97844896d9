"""Checks of names: that what a row is about exists, and that spellings lead where they should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.errors import GlutariumError, KnowledgeError, Location
from glutarium.knowledge import records as rec
from glutarium.knowledge.check_context import Finding, at
from glutarium.knowledge.vocabulary import build_vocabulary
from glutarium.names import Observable
from glutarium.units import is_unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.check_context import Knowledge
    from glutarium.knowledge.evidence import Record
    from glutarium.names import Vocabulary

__all__ = ["members", "names", "references"]

_TARGET_KINDS = ("gene", "handle", "node", "process", "reaction", "metabolite", "stimulus")
_GENE_GROUPS = ("gene", "marker")
_CELL_GROUPS = ("lineage", "differentiation", "population")
_CONTEXTS = {"cell": ("cell", "organ"), "cancer": ("cancer",), "genotype": ("genotype",)}
_SHARED_SPELLINGS = ("gene", "reaction")


def references(knowledge: Knowledge) -> Iterator[Finding]:
    """Reactions, media, drugs, profiles and genes that a row is about and that have no row."""
    media = {row.medium for row in knowledge.rows(rec.MediumName)}
    drugs = {row.drug for row in knowledge.rows(rec.Drug)}
    known = (("reaction", knowledge.reactions), ("medium", media), ("drug", drugs))
    for row in knowledge.all_rows():
        if isinstance(row, rec.MediumName | rec.Drug):
            continue
        for column, names in known:
            name = getattr(row, column, None)
            if name is not None and name not in names:
                yield at(row, f"{row.label!r} is about {column} {name!r}, which has no row")
    yield from _expression(knowledge)


def _expression(knowledge: Knowledge) -> Iterator[Finding]:
    """Check that expression is about genes and profiles that exist, and above zero."""
    profiles = {row.profile for row in knowledge.rows(rec.CellProfile)}
    for row in knowledge.rows(rec.ExpressionFold):
        if row.profile not in profiles:
            yield at(row, f"{row.label!r} is about profile {row.profile!r}, which has no row")
        if row.fold <= 0.0:
            yield at(row, f"{row.label!r} is {row.fold:g}: a fold of expression is above zero")
    for mass in knowledge.rows(rec.DryMass):
        if mass.profile not in profiles:
            yield at(mass, f"{mass.label!r} has a dry mass, but no row in profiles.tsv")
    named: list[tuple[Record, str]] = [(r, r.gene) for r in knowledge.rows(rec.ExpressionFold)]
    named += [(r, r.gene) for r in knowledge.rows(rec.ReferenceExpression)]
    for record, gene in named:
        if gene not in knowledge.genes:
            message = f"{record.label!r} names gene {gene!r}, which genes.tsv does not have"
            yield at(record, message)


def members(knowledge: Knowledge) -> Iterator[Finding]:
    """Check what groups are made of and what the stress screen changes."""
    cells = {row.profile for row in knowledge.rows(rec.CellProfile)}
    for row in knowledge.rows(rec.Group):
        known: Collection[str] = knowledge.metabolites
        if row.kind in _GENE_GROUPS:
            known = knowledge.genes
        elif row.kind in _CELL_GROUPS:
            known = cells
        for member in row.members:
            if member not in known:
                yield at(row, f"{row.label!r} has member {member!r}, which has no row")
    for condition in knowledge.rows(rec.ScreenCondition):
        for target in condition.target if condition.kind == "reaction" else ():
            if target not in knowledge.reactions:
                yield at(condition, f"{condition.label!r} blocks {target!r}: no such reaction")
        if not is_unit(condition.unit):
            yield at(condition, f"{condition.label!r} has unknown unit {condition.unit!r}")


def names(knowledge: Knowledge) -> Iterator[Finding]:
    """Check what is looked up in the vocabulary: observables, drug targets, altered genes."""
    try:
        vocabulary = build_vocabulary(knowledge.base)
    except KnowledgeError:
        return  # a table that cannot be read is reported already
    yield from _ambiguous(vocabulary, knowledge.base)
    yield from _contexts(knowledge, vocabulary)
    for row in knowledge.all_rows():
        try:
            match row:
                case rec.Physiology() | rec.PublishedFold():
                    Observable.parse(row.observable, vocabulary)
                case rec.NamedRatio():
                    for side in (row.top, row.bottom):
                        Observable.parse(f"tumour.{side}", vocabulary)
                case rec.DrugTarget() if row.target.rpartition("_")[0] not in knowledge.metabolites:
                    vocabulary.resolve(row.target, _TARGET_KINDS)
                case rec.Alteration():
                    vocabulary.resolve(row.alteration, "genotype")
                    vocabulary.resolve(row.gene, ("gene", "handle"))
                case rec.CellProfile():
                    vocabulary.resolve(row.profile, ("cell", "cancer", "organ"))
        except GlutariumError as error:
            yield at(row, f"{row.label!r}: {error.message}")


def _contexts(knowledge: Knowledge, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Check where edges act."""
    lineages = [row.name for row in knowledge.rows(rec.Group) if row.kind == "lineage"]
    for edge in knowledge.rows(rec.Edge):
        try:
            if edge.context:
                _resolve_context(edge.context, vocabulary, lineages)
        except GlutariumError as error:
            yield at(edge, f"{edge.label!r}: {error.message}")


def _resolve_context(context: str, vocabulary: Vocabulary, lineages: Collection[str]) -> None:
    """Look up where an edge acts: ``kind:name``.

    Raises
    ------
    GlutariumError
        There is no such kind or name.
    """
    kind, _, name = context.partition(":")
    if kind in _CONTEXTS:
        vocabulary.resolve(name, _CONTEXTS[kind])
    elif kind != "lineage":
        kinds = ", ".join(["lineage", *_CONTEXTS])
        message = (
            f"context {context!r} is none; it is a kind and a name, as cell:treg, kinds {kinds}"
        )
        raise KnowledgeError(message)
    elif name not in lineages:
        message = (
            f"context {context!r} is no lineage of groups.tsv, which has {', '.join(lineages)}"
        )
        raise KnowledgeError(message)


def _ambiguous(vocabulary: Vocabulary, base: KnowledgeBase) -> Iterator[Finding]:
    """Find spellings that lead to another name of the same kind.

    Genes share old symbols and reactions EC numbers; who writes one is asked which is meant.
    """
    for entry in vocabulary.entries:
        if entry.kind in _SHARED_SPELLINGS:
            continue
        for spelling in entry.spellings:
            found = vocabulary.find(spelling, entry.kind)
            if found is None or found.name != entry.name:
                others = ", ".join(vocabulary.closest(spelling, entry.kind))
                message = f"{spelling!r} does not lead to {entry.kind} {entry.name!r}: {others}"
                yield Finding(Location(base.folder), message)
