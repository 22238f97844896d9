"""Builds the vocabulary from the tables: whatever has a row can be named in a study."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from glutarium.knowledge.base import KnowledgeBase, load
from glutarium.names import Name, Vocabulary, families

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["build_vocabulary", "vocabulary"]


def build_vocabulary(base: KnowledgeBase) -> Vocabulary:
    """Return the names of all tables, in the order in which equal texts are preferred.

    Parameters
    ----------
    base
        The tables.

    Raises
    ------
    KnowledgeError
        A table cannot be read.
    """
    return Vocabulary(
        (
            *_metabolites(base),
            *_genes(base),
            *_drugs(base),
            *_media(base),
            *(Name(row.name, row.kind, row.synonyms, row.note) for row in base.names),
            *_reactions(base),
            *_processes(base),
            *_nodes(base),
            *(Name(f.name, "observable", (f.pattern,), f.meaning) for f in families().values()),
        )
    )


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary of the packaged tables, the same object at every call."""
    return build_vocabulary(load())


def _metabolites(base: KnowledgeBase) -> Iterator[Name]:
    for row in base.metabolites:
        # The BiGG id of one substance may be our own id of another.
        bigg = "" if row.bigg in base.metabolites else row.bigg
        spellings = (row.id, row.chebi, row.kegg, bigg, *row.synonyms)
        yield Name(row.name, "metabolite", _distinct(row.name, *spellings), row.note)


def _genes(base: KnowledgeBase) -> Iterator[Name]:
    for row in base.genes:
        spellings = (row.hgnc, row.name, *row.synonyms)
        yield Name(row.symbol, "gene", _distinct(row.symbol, *spellings), row.note or row.name)


def _drugs(base: KnowledgeBase) -> Iterator[Name]:
    for row in base.drugs:
        yield Name(row.drug, "drug", _distinct(row.drug, row.chebi, *row.synonyms), row.description)


def _media(base: KnowledgeBase) -> Iterator[Name]:
    for row in base.media_names:
        yield Name(row.medium, "medium", _distinct(row.medium, row.name, *row.synonyms), row.note)


def _reactions(base: KnowledgeBase) -> Iterator[Name]:
    for row in base.reactions:
        yield Name(row.id, "reaction", _distinct(row.id, row.name, *row.ec), row.equation)


def _processes(base: KnowledgeBase) -> Iterator[Name]:
    """Processes of the table that no other row names."""
    known = {row.name for row in base.names} | {row.symbol for row in base.genes}
    for process in dict.fromkeys(row.process for row in base.processes):
        if process not in known:
            yield Name(process, "process", (), "sum of reactions; see processes.tsv")


def _nodes(base: KnowledgeBase) -> Iterator[Name]:
    """Nodes of regulation that no other row names."""
    known = {row.name for row in base.names} | {row.symbol for row in base.genes}
    known |= {row.id for row in base.reactions}
    for row in base.nodes:
        if row.node not in known:
            kind = "stimulus" if row.kind == "input" else "node"
            yield Name(row.node, kind, _distinct(row.node, row.name), row.note or row.name)


def _distinct(name: str, *spellings: str) -> tuple[str, ...]:
    return tuple(text for text in dict.fromkeys(spellings) if text and text != name)
