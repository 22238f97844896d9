"""Checks the tables: numbers have unit, source and basis, names exist, reactions are balanced.

A check returns findings instead of raising, so that one look shows all that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, TypeAlias

from glutarium.errors import Location
from glutarium.knowledge import check_names, check_network, check_rows
from glutarium.knowledge import records as rec
from glutarium.knowledge.check_context import Finding, Knowledge, Tables, from_error
from glutarium.knowledge.check_niche import niche, tissue, told_apart
from glutarium.knowledge.check_regulation import regulation
from glutarium.knowledge.tables import parse_tables

if TYPE_CHECKING:
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.evidence import Record

__all__ = ["Finding", "check"]

Check: TypeAlias = Callable[[Knowledge], Iterator[Finding]]


def check(
    base: KnowledgeBase, record_types: Collection[type[Record]] = rec.RECORDS
) -> list[Finding]:
    """Check tables of a knowledge base.

    Parameters
    ----------
    base
        The tables; they are read anew, row by row, so that bad rows do not hide others.
    record_types
        Which tables; what they refer to is looked up in the others. Names, groups and the screen are
        looked at only where all tables are checked.

    Returns
    -------
    list of Finding
        Empty where all is well; in the order of tables and lines otherwise.
    """
    tables: Tables = {}
    findings: list[Finding] = []
    for record_type in record_types:
        tables[record_type], errors = _rows(base, record_type)
        findings += errors
    knowledge = Knowledge(base, tables)
    whole = set(record_types) == set(rec.RECORDS)
    for step in (*_CHECKS, *(_CHECKS_OF_THE_WHOLE if whole else ())):
        findings += step(knowledge)
    return sorted(findings, key=lambda found: (str(found.location.path), found.location.line or 0))


def _rows(
    base: KnowledgeBase, record_type: type[Record]
) -> tuple[tuple[Record, ...], list[Finding]]:
    table = Location(base.path(record_type.TABLE))
    rows, errors = parse_tables(base.paths(record_type.TABLE), record_type)
    return rows, [from_error(error, table) for error in errors]


_CHECKS: tuple[Check, ...] = (
    check_rows.duplicates,
    check_rows.units,
    check_rows.sources,
    check_rows.claims,
    check_network.formulas,
    check_network.species,
    check_network.equations,
    check_network.genes,
    check_network.effectors,
    check_names.references,
    check_network.constants_of_others,
    regulation,
    niche,
    tissue,
    told_apart,
)
_CHECKS_OF_THE_WHOLE: tuple[Check, ...] = (check_names.members, check_names.names)
