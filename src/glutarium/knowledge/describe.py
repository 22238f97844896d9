"""Describes a name: what it is, its ids, its numbers with sources, where it takes part, its claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.knowledge.base import load
from glutarium.knowledge.facts import Fact, Relation, gather
from glutarium.knowledge.mentions import mentions
from glutarium.knowledge.vocabulary import build_vocabulary, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.records import Claim
    from glutarium.knowledge.sources import Source

__all__ = ["Description", "describe"]

_MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class Description:
    """Everything that is known about one name.

    Attributes
    ----------
    name, kind
        Canonical name and what it is.
    summary
        One line: the note, description or equation.
    synonyms
        Other spellings.
    ids
        Pairs such as ``("ChEBI", "CHEBI:58359")`` or ``("formula", "C5H10N2O3")``.
    facts
        Numbers, each with unit, range, basis and sources.
    relations
        Reactions, modifiers, drugs and processes that it stands in.
    claims
        The statements that fit best, subjects and objects first.
    n_claims
        How many statements mention it in all.
    sources
        Publications behind the facts, in order of first use.
    also
        Other kinds of thing that bear the same name.
    """

    name: str
    kind: str
    summary: str
    synonyms: tuple[str, ...]
    ids: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    relations: tuple[Relation, ...]
    claims: tuple[Claim, ...]
    n_claims: int
    sources: tuple[Source, ...]
    also: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(_lines(self))


def describe(
    name: str,
    base: KnowledgeBase | None = None,
    *,
    kind: str | None = None,
    limit: int = 10,
) -> Description:
    """Describe a name.

    Parameters
    ----------
    name
        Any spelling: a metabolite, gene, reaction, drug, medium, cell, process, …
    base
        The tables; the packaged ones where None.
    kind
        Which of several things of that name; the first that fits where None.
    limit
        Largest number of claims to list.

    Raises
    ------
    UnknownNameError
        Nothing has that name; carries the closest matches.
    """
    names = vocabulary() if base is None else build_vocabulary(base)
    base = base or load()
    entry = names.entry(name, kind)
    ids, facts, relations = gather(entry, base)
    claims = mentions(entry, base.claims)
    cited = dict.fromkeys(key for fact in facts for key in fact.source)
    same = (e.kind for e in names.entries if e.name == entry.name and e.kind != entry.kind)
    return Description(
        name=entry.name,
        kind=entry.kind,
        summary=entry.note,
        synonyms=entry.synonyms,
        ids=ids,
        facts=facts,
        relations=relations,
        claims=claims[:limit],
        n_claims=len(claims),
        sources=tuple(base.sources[key] for key in cited if key in base.sources),
        also=tuple(dict.fromkeys(same)),
    )


def _lines(d: Description) -> Iterator[str]:
    """Plain text, one item a line."""
    yield f"{d.name} ({d.kind})"
    if d.summary:
        yield f"  {d.summary}"
    if d.synonyms:
        yield f"  also called {', '.join(d.synonyms)}"
    if d.also:
        yield f"  the name also stands for: {', '.join(d.also)}"
    yield from _section("Identifiers", [f"{label}: {value}" for label, value in d.ids])
    yield from _section("Numbers", [str(fact) for fact in d.facts])
    yield from _section("Takes part in", [str(relation) for relation in d.relations])
    shown = [f"{c.id} {c.statement}" for c in d.claims]
    yield from _section(f"Claims ({len(shown)} of {d.n_claims})", shown)
    yield from _section("Sources", [f"{source.key}: {source.citation}" for source in d.sources])


def _section(title: str, rows: Sequence[str]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield title
    yield from (f"  {row}" for row in rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        yield f"  and {len(rows) - _MOST_ROWS} more"
