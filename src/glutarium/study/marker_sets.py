"""Markers in two steps: cells and lineages are told from all others, then members of a lineage apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from glutarium.knowledge.base import KnowledgeBase

__all__ = ["MarkerSets", "marker_sets"]

LINEAGE = "lineage"


@dataclass(frozen=True)
class MarkerSets:
    """Markers by the step in which they are used.

    Attributes
    ----------
    first
        Cell or lineage → marker → level in it, TPM.
    within
        Lineage → member → marker → level in it, TPM.
    members
        Lineage → all cells of it.
    """

    first: Mapping[str, Mapping[str, float]]
    within: Mapping[str, Mapping[str, Mapping[str, float]]]
    members: Mapping[str, frozenset[str]]

    @property
    def genes(self) -> tuple[str, ...]:
        """All markers, each once."""
        sets = [*self.first.values(), *(s for own in self.within.values() for s in own.values())]
        return tuple(dict.fromkeys(gene for one in sets for gene in one))

    def cells(self, names: Iterable[str]) -> frozenset[str]:
        """Cells that some names of cells and lineages stand for."""
        return frozenset(c for n in names for c in self.members.get(n, frozenset((n,))))

    def among(self, cells: Collection[str] | None) -> tuple[str, ...]:
        """Sets of the first step that fit cells; all of them for None."""
        if cells is None:
            return tuple(self.first)
        return tuple(n for n in self.first if self.cells((n,)) & set(cells))


def marker_sets(base: KnowledgeBase) -> MarkerSets:
    """Markers of the tables."""
    members = {r.name: frozenset(r.members) for r in base.groups.where("kind", LINEAGE)}
    every: dict[str, dict[str, float]] = {}
    for row in base.markers:
        every.setdefault(row.cell, {})[row.gene] = row.value
    lineages = [name for name in every if name in members]
    within = {
        name: {cell: own for cell, own in every.items() if cell in members[name]}
        for name in lineages
    }
    inner = {cell for own in within.values() for cell in own}
    first = {name: own for name, own in every.items() if name not in inner}
    return MarkerSets(first, within, members)
