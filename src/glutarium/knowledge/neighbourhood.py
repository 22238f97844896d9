"""The neighbourhood of a node of regulation: who acts on it, on whom it acts, and on what evidence.

>>> from glutarium.knowledge.base import load
>>> found = neighbourhood("GLS", load())
>>> found.node
'GLS'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.records import Edge, Sensor

__all__ = ["Neighbourhood", "edge_text", "neighbourhood", "sensor_text"]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Edges around one node.

    Attributes
    ----------
    node
        Its id.
    senses
        Terms of what it reads from pools.
    incoming, outgoing
        Edges that end and that start there, in table order.
    drugs
        Drug and mode of what acts on it.
    """

    node: str
    senses: tuple[Sensor, ...]
    incoming: tuple[Edge, ...]
    outgoing: tuple[Edge, ...]
    drugs: tuple[tuple[str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.senses or self.incoming or self.outgoing)


def neighbourhood(node: str, base: KnowledgeBase) -> Neighbourhood:
    """Everything that stands next to a node; empty where regulation does not know it."""
    drugs = ((t.drug, t.mode) for t in base.drug_targets.where("target", node))
    return Neighbourhood(
        node,
        base.sensors.where("node", node),
        base.edges.where("target", node),
        base.edges.where("regulator", node),
        tuple(dict.fromkeys(drugs)),
    )


def edge_text(edge: Edge) -> str:
    """Sign, mechanism, size and evidence of an edge, in one line."""
    sign = "raises" if edge.saturated > 1.0 else "lowers"
    bounds = [f"{x:g}" for x in (edge.low, edge.high) if x is not None]
    within = f" ({' to '.join(bounds)})" if bounds else ""
    only = [f"only under {c}" for c in (edge.alternative, edge.context) if c]
    size = f"from {edge.absent:g} without to {edge.saturated:g}{within} with plenty"
    return f"{sign} it by {edge.process}, {', '.join([size, *only])} [{_evidence(edge)}]"


def sensor_text(term: Sensor) -> str:
    """Effector, constant and evidence of a term, in one line."""
    unit = "" if "/" in term.effector else f" {term.unit}"
    return f"{term.kind}d by {term.effector}, half at {term.k:g}{unit} [{_evidence(term)}]"


def _evidence(row: Edge | Sensor) -> str:
    return "; ".join(filter(None, (row.basis, *row.source, ", ".join(row.claims))))
