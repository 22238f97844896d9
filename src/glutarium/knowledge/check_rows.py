"""Checks of single rows: repeats, units, sources, claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.errors import KnowledgeError, Location
from glutarium.knowledge import records as rec
from glutarium.knowledge.check_context import at, from_error
from glutarium.knowledge.evidence import Evidence
from glutarium.units import has_dimension, is_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.knowledge.check_context import Finding, Knowledge
    from glutarium.knowledge.evidence import Record

__all__ = ["claims", "duplicates", "sources", "units"]

_UNIT_DIMENSIONS: dict[type[Record], tuple[str, ...]] = {
    rec.Pool: ("concentration", "content"),
    rec.ReferenceFlux: ("flux",),
    rec.MediumEntry: ("concentration",),
    rec.Alteration: ("fold",),
    rec.CellProfile: ("fold",),
    rec.ExpressionFold: ("fold",),
}
_KM = "km:"
_NO_MATTER = "_x"


def duplicates(knowledge: Knowledge) -> Iterator[Finding]:
    """Rows whose key stands twice."""
    for rows in knowledge.tables.values():
        seen: dict[tuple[str, ...], Record] = {}
        for row in rows:
            if row.key in seen:
                yield at(row, f"{row.label!r} stands already in {seen[row.key].location}; keep one")
            seen.setdefault(row.key, row)


def units(knowledge: Knowledge) -> Iterator[Finding]:
    """Units that are unknown or measure something else."""
    for row in knowledge.all_rows():
        if not isinstance(row, Evidence):
            continue
        wanted = _dimensions(row)
        if not is_unit(row.unit):
            yield at(row, f"{row.label!r} has unit {row.unit!r}, which is unknown")
        elif wanted and not any(has_dimension(row.unit, dimension) for dimension in wanted):
            yield at(row, f"{row.label!r} has unit {row.unit!r}: must be a {' or '.join(wanted)}")


def _dimensions(row: Evidence) -> tuple[str, ...]:
    """Return what the unit of a record must measure; nothing where the table says it itself."""
    if isinstance(row, rec.KineticConstant) and row.parameter.startswith(_KM):
        return _UNIT_DIMENSIONS[rec.Pool]
    if isinstance(row, rec.Pool) and row.species.endswith(_NO_MATTER):
        return ()
    return _UNIT_DIMENSIONS.get(type(row), ())


def sources(knowledge: Knowledge) -> Iterator[Finding]:
    """Keys that the bibliography does not have."""
    try:
        known = knowledge.base.sources
    except KnowledgeError as error:
        yield from_error(error, Location(knowledge.base.bibliography))
        return
    for row in knowledge.all_rows():
        cited = (row.review,) if isinstance(row, rec.Claim) else getattr(row, "source", ())
        for key in cited:
            if key not in known:
                yield at(row, f"{row.label!r} cites {key!r}, which sources.bib does not have")


def claims(knowledge: Knowledge) -> Iterator[Finding]:
    """Claims that do not exist."""
    for row in knowledge.all_rows():
        for claim in getattr(row, "claims", ()):
            if claim not in knowledge.claims:
                yield at(row, f"{row.label!r} rests on claim {claim!r}, which does not exist")
