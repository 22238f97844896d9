"""Expression by profile: the largest table by far, of which a study asks for a few profiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.knowledge.records import ExpressionFold

__all__ = ["Expressed", "by_profile"]


@dataclass(frozen=True, slots=True)
class Expressed:
    """What the table says of one profile.

    Attributes
    ----------
    folds
        Gene → expression over that of the reference cell.
    sources
        BibTeX keys of its rows.
    """

    folds: Mapping[str, float] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()


def by_profile(rows: Iterable[ExpressionFold]) -> dict[str, Expressed]:
    """Sort rows by profile."""
    folds: dict[str, dict[str, float]] = {}
    sources: dict[str, set[str]] = {}
    for row in rows:
        folds.setdefault(row.profile, {})[row.gene] = row.fold
        sources.setdefault(row.profile, set()).update(row.source)
    return {name: Expressed(folds[name], frozenset(sources[name])) for name in folds}
