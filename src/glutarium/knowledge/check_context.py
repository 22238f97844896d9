"""What the checks of the tables share: the rows, the sets of what exists, and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from glutarium.knowledge import records as rec
from glutarium.knowledge.evidence import AnyRecord, Record
from glutarium.knowledge.tables import parse_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.errors import GlutariumError, Location
    from glutarium.knowledge.base import KnowledgeBase

__all__ = ["Finding", "Knowledge", "Tables", "at", "from_error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    location
        File and line.
    message
        What is wrong and what was allowed.
    """

    location: Location
    message: str

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


Tables: TypeAlias = dict[type[Record], tuple[Record, ...]]


class Knowledge:
    """The rows of the tables that are checked and the sets of what exists."""

    def __init__(self, base: KnowledgeBase, tables: Tables) -> None:
        self.base = base
        self.tables = tables
        self.metabolites = {row.id: row for row in self.rows(rec.Metabolite)}
        self.reactions = {row.id: row for row in self.rows(rec.Reaction)}
        self.claims = {row.id for row in self.rows(rec.Claim)}
        self.genes = {row.symbol for row in self.rows(rec.Gene)}

    def rows(self, record_type: type[AnyRecord]) -> tuple[AnyRecord, ...]:
        """Rows of one table, whether it is checked or only referred to."""
        if record_type not in self.tables:
            return parse_tables(self.base.paths(record_type.TABLE), record_type)[0]
        return tuple(row for row in self.tables[record_type] if isinstance(row, record_type))

    def all_rows(self) -> Iterator[Record]:
        """Rows of all tables that are checked."""
        for rows in self.tables.values():
            yield from rows


def at(row: Record, message: str) -> Finding:
    """A finding where a row stands."""
    return Finding(row.location, message)


def from_error(error: GlutariumError, otherwise: Location) -> Finding:
    """A finding from an error that stopped a reader."""
    return Finding(error.location or otherwise, error.message)
