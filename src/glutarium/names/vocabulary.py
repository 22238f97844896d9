"""The vocabulary: every name that a study may use, its kind and its synonyms.

Matching goes from strict to lax and stops at the first step that finds something: the very text of
a name or synonym, the text in any case, and at last with separators dropped (``CB839`` is
``CB-839``). Within a step the best kind wins, and a name wins over a synonym.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from glutarium.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.errors import Location

__all__ = ["CONDITION_KINDS", "Match", "Name", "Vocabulary"]

CONDITION_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cells": ("cell", "organ"),
        "cancer": ("cancer",),
        "genotype": ("genotype",),
        "gene": ("gene", "handle", "node"),
        "medium": ("group", "metabolite", "factor", "condition"),
        "supplement": ("group", "metabolite", "pool", "factor"),
        "drug": ("drug", "metabolite"),
        "stimulus": ("stimulus",),
        "tracer": ("tracer",),
        "base": ("medium",),
    }
)
"""Condition key of a study → kinds of name that may stand under it, best first."""

_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "μ": "u"}
_SPELT = str.maketrans(_GREEK)
_LAST = ("reaction", "observable", "condition_key")
_N_CLOSEST = 5
_FEW = 12
_CUTOFF = 0.6
_SEARCH_CUTOFF = 0.72
_NOTE_SCORE = 0.67


@dataclass(frozen=True, slots=True)
class Name:
    """One entry of the vocabulary.

    Attributes
    ----------
    name
        Canonical name.
    kind
        What it names: ``metabolite``, ``gene``, ``drug``, ``cell``, ``process``, …
    synonyms
        Other spellings and identifiers.
    note
        One line for people.
    """

    name: str
    kind: str
    synonyms: tuple[str, ...] = ()
    note: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """The canonical name, then its synonyms."""
        return (self.name, *self.synonyms)


@dataclass(frozen=True, slots=True)
class Match:
    """A hit of :meth:`Vocabulary.search`.

    Attributes
    ----------
    entry
        The entry.
    spelling
        The name or synonym that matched.
    score
        One for the very same text, falling towards zero.
    """

    entry: Name
    spelling: str
    score: float

    @property
    def name(self) -> str:
        """Canonical name."""
        return self.entry.name

    @property
    def kind(self) -> str:
        """Kind of the entry."""
        return self.entry.kind

    @property
    def synonyms(self) -> tuple[str, ...]:
        """Other spellings of the entry."""
        return self.entry.synonyms


@dataclass(frozen=True)
class Vocabulary:
    """All names, frozen; the order of `entries` decides between equals.

    Parameters
    ----------
    entries
        Names; the same text may stand under several kinds (``MYC`` is a gene, a genotype, a node).
    """

    entries: tuple[Name, ...]

    def find(
        self, name: str, kinds: str | Sequence[str] | None = None, *, lax: bool = True
    ) -> Name | None:
        """Look a name up without raising.

        Parameters
        ----------
        name
            Text as a user wrote it.
        kinds
            Allowed kind or kinds, best first; all where None.
        lax
            Whether other cases and separators count as the same name.

        Returns
        -------
        Name or None
            The entry; None where nothing, or more than one name of the best kind, fits.
        """
        allowed = self._allowed(kinds)
        for hits in self._steps(name, lax=lax):
            best = _best(hits, name, allowed)
            if best:
                return best[0] if len({entry.name for entry in best}) == 1 else None
        return None

    def entry(
        self,
        name: str,
        kinds: str | Sequence[str] | None = None,
        *,
        location: Location | None = None,
        label: str | None = None,
    ) -> Name:
        """Look a name up.

        Parameters
        ----------
        name
            Text as a user wrote it.
        kinds
            Allowed kind or kinds, best first; all where None.
        location
            File and line for the message.
        label
            What the message calls the thing looked for; the kinds themselves where None.

        Returns
        -------
        Name
            The entry.

        Raises
        ------
        UnknownNameError
            Carries up to five closest names.
        """
        found = self.find(name, kinds)
        if found is None:
            what = label or ("name" if kinds is None else " or ".join(self._allowed(kinds)))
            raise UnknownNameError(name, what, self.closest(name, kinds), location=location)
        return found

    def resolve(
        self,
        name: str,
        kinds: str | Sequence[str] | None = None,
        *,
        location: Location | None = None,
    ) -> str:
        """Return the canonical name; see :meth:`entry` for parameters and errors."""
        return self.entry(name, kinds, location=location).name

    def closest(self, name: str, kinds: str | Sequence[str] | None = None) -> tuple[str, ...]:
        """Return up to five names near to a misspelt one, best first.

        A name that exists under another kind comes first, with that kind in brackets; a name that
        fits several entries brings all of them.
        """
        allowed = self._allowed(kinds)
        for hits in self._steps(name, lax=True):
            if hits:
                same = [e.name for e in _best(hits, name, allowed)]
                other = [f"{e.name} ({e.kind})" for e in hits]
                return tuple(dict.fromkeys(same or other))[:_N_CLOSEST]
        pool = self._spellings_of(allowed)
        near = difflib.get_close_matches(_fold(name), pool, 4 * _N_CLOSEST, _CUTOFF)
        names = tuple(dict.fromkeys(pool[text] for text in near))
        every = tuple(dict.fromkeys(pool.values()))
        # Where there are only a few, show them all rather than nothing.
        return (names or (every if len(every) <= _FEW else ()))[:_N_CLOSEST]

    def search(
        self, query: str, limit: int = 20, kinds: str | Sequence[str] | None = None
    ) -> tuple[Match, ...]:
        """Rank entries by how well a spelling of theirs, or a word of their note, fits a query.

        Parameters
        ----------
        query
            Any text; for a dotted name its last part is searched too.
        limit
            Largest number of hits.
        kinds
            Kinds to search; all where None.

        Returns
        -------
        tuple of Match
            Best first, one per entry; at equal score shorter names first.
        """
        words = {_fold(query), _fold(query.rpartition(".")[2])} - {""}
        allowed = self._allowed(kinds)
        entries = (entry for entry in self.entries if entry.kind in allowed)
        matches = [m for entry in entries if (m := _match(entry, words)) is not None]
        matches.sort(key=lambda m: (-m.score, len(m.name), m.name, m.kind))
        return tuple(matches[:limit])

    def of_kind(self, kind: str) -> tuple[Name, ...]:
        """Return the entries of one kind, in order."""
        return tuple(entry for entry in self.entries if entry.kind == kind)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds that occur, in order of first appearance."""
        return tuple(dict.fromkeys(entry.kind for entry in self.entries))

    def _steps(self, name: str, *, lax: bool) -> Iterable[Sequence[Name]]:
        yield self._exact.get(name.strip(), ())
        if lax:
            yield self._folded.get(_fold(name), ())
            yield self._bare.get(_bare(name), ())

    @cached_property
    def _exact(self) -> Mapping[str, list[Name]]:
        return _index((text, entry) for entry in self.entries for text in entry.spellings)

    @cached_property
    def _folded(self) -> Mapping[str, list[Name]]:
        return _index((_fold(text), entry) for entry in self.entries for text in entry.spellings)

    @cached_property
    def _bare(self) -> Mapping[str, list[Name]]:
        return _index((_bare(text), entry) for entry in self.entries for text in entry.spellings)

    def _allowed(self, kinds: str | Sequence[str] | None) -> tuple[str, ...]:
        """Kinds as a tuple, best first; where None, all in order but reactions, which come last.

        Reactions are often called by what else is the synonym of a gene.
        """
        if kinds is None:
            return tuple(sorted(self.kinds, key=lambda kind: kind in _LAST))
        return (kinds,) if isinstance(kinds, str) else tuple(kinds)

    def _spellings_of(self, allowed: tuple[str, ...]) -> dict[str, str]:
        """Folded spelling → canonical name, for the allowed kinds."""
        return {
            _fold(text): entry.name
            for entry in reversed(self.entries)
            if entry.kind in allowed
            for text in reversed(entry.spellings)
        }


def _best(hits: Sequence[Name], name: str, allowed: tuple[str, ...]) -> list[Name]:
    """Keep the hits of the first allowed kind that has any; among these, names before synonyms."""
    for kind in allowed:
        if found := [hit for hit in hits if hit.kind == kind]:
            return [hit for hit in found if hit.name == name.strip()] or found
    return []


def _index(pairs: Iterable[tuple[str, Name]]) -> Mapping[str, list[Name]]:
    index: defaultdict[str, list[Name]] = defaultdict(list)
    for text, entry in pairs:
        if text and entry not in index[text]:
            index[text].append(entry)
    return dict(index)


def _fold(text: str) -> str:
    """Case and typography dropped."""
    if text.isascii():
        return text.strip().lower()
    return unicodedata.normalize("NFKC", text.strip()).casefold().translate(_SPELT)


def _bare(text: str) -> str:
    """Case, typography and separators dropped; empty where nothing else was there."""
    return re.sub(r"[\s_\-‐-―/]+", "", _fold(text))


def _match(entry: Name, words: set[str]) -> Match | None:
    """Best match of any spelling with any word, or None."""
    scored = [
        (_score(word, _fold(text)) - (0.01 if i else 0.0), text)
        for i, text in enumerate(entry.spellings)
        for word in words
    ]
    score, spelling = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    if score < _NOTE_SCORE and _in_note(entry, words):
        score, spelling = _NOTE_SCORE, entry.note
    return Match(entry, spelling, score) if score > 0 else None


def _in_note(entry: Name, words: set[str]) -> bool:
    note = _fold(entry.note)
    return any(re.search(rf"\b{re.escape(word)}", note) for word in words)


def _score(word: str, text: str) -> float:
    """Fitness of a folded query against a folded spelling, 0-1; the steps only rank."""
    if word == text:
        return 1.0
    if _bare(word) == _bare(text):
        return 0.95
    if text.startswith(word):
        return 0.9
    if re.search(rf"\b{re.escape(word)}", text):
        return 0.8
    if word in text:
        return 0.7
    matcher = difflib.SequenceMatcher(None, text, word)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _SEARCH_CUTOFF:
        return 0.0
    ratio = matcher.ratio()
    return 0.65 * ratio if ratio >= _SEARCH_CUTOFF else 0.0
