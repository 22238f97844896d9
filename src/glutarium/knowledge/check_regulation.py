"""Checks of regulation and of what drugs act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.knowledge import records as rec
from glutarium.knowledge import regulation_rules as rules
from glutarium.knowledge.check_context import at
from glutarium.knowledge.drug_rules import drug_problems, incomplete_drugs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glutarium.knowledge.check_context import Finding, Knowledge

__all__ = ["regulation"]


def regulation(knowledge: Knowledge) -> Iterator[Finding]:
    """Check nodes, sensors and edges, each by itself and against the others."""
    nodes = knowledge.rows(rec.Node)
    for node in nodes:
        yield from (at(node, f"{node.label!r}: {text}") for text in rules.node_problems(node))
    kinds = dict.fromkeys(knowledge.reactions, "activity")
    kinds |= dict.fromkeys(knowledge.genes, "gene") | {n.node: n.kind for n in nodes}
    rests = {n.node: 1.0 if n.rest is None else n.rest for n in nodes}
    for term in knowledge.rows(rec.Sensor):
        found = rules.sensor_problems(term, kinds)
        yield from (at(term, f"{term.label!r}: {text}") for text in found)
    edges = knowledge.rows(rec.Edge)
    for edge in edges:
        unknown = tuple(rules.unknown_nodes(edge, kinds))
        found = iter(unknown) if unknown else rules.edge_problems(edge, kinds, rests)
        yield from (at(edge, f"{edge.label!r}: {text}") for text in found)
    for row, text in rules.contradictions(edges):
        yield at(row, f"{row.label!r} {text}")
    yield from _drugs(knowledge, kinds)


def _drugs(knowledge: Knowledge, kinds: Mapping[str, str]) -> Iterator[Finding]:
    """Check the modes of drugs, what they act on, and that no constant of a mode lacks."""
    rows = knowledge.rows(rec.DrugTarget)
    for row in rows:
        yield from (at(row, f"{row.label!r}: {text}") for text in drug_problems(row, kinds))
    for row, text in incomplete_drugs(rows):
        yield at(row, f"{row.label!r}: {text}")
