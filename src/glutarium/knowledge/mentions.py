"""Which claims speak of a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glutarium.knowledge.records import Claim
    from glutarium.names import Name

__all__ = ["mentions"]

_IDENTIFIER = re.compile(r"CHEBI:\d+|ENSG\d+|HGNC:\d+|[CDG]\d{5}|[\d.]+")
_SHORTEST = 3


def mentions(entry: Name, claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return the claims whose subject, object or statement names an entry.

    Parameters
    ----------
    entry
        Entry of the vocabulary; synonyms count, but for identifiers and very short ones.
    claims
        All claims.

    Returns
    -------
    tuple of Claim
        Those with the name as subject or object first, otherwise in order.
    """
    words = [entry.name, *(text for text in entry.synonyms if _telling(text))]
    names = {word.casefold() for word in words}
    pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in words))
    ranked: list[tuple[int, Claim]] = []
    for claim in claims:
        if {claim.subject.casefold(), claim.object.casefold()} & names:
            ranked.append((0, claim))
        elif pattern.search(f"{claim.subject} {claim.object} {claim.statement}"):
            ranked.append((1, claim))
    return tuple(claim for _, claim in sorted(ranked, key=lambda pair: pair[0]))


def _telling(text: str) -> bool:
    """Tell a word that people write from an identifier or an ambiguous short form."""
    return len(text) >= _SHORTEST and not _IDENTIFIER.fullmatch(text)
