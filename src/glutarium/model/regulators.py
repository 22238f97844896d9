"""Regulation as the tables state it, joined and indexed; still without equations.

Everything is relative to rest: a node's activity is 1 in the reference state, an input's is what the
table says. A gene that the tables name as the target of an expression edge needs no row of its own; it
then turns over with the half-lives of ``constants.tsv``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.knowledge.drug_rules import EXPRESSION_MODES, drug_problems
from glutarium.knowledge.effectors import parse_effector
from glutarium.knowledge.regulation_records import ACTIVITY_PROCESSES
from glutarium.knowledge.regulation_rules import edge_problems
from glutarium.model.ranges import Range

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.records import DrugTarget
    from glutarium.knowledge.records import Edge as EdgeRecord
    from glutarium.knowledge.records import Node as NodeRecord
    from glutarium.knowledge.records import Sensor as SensorRecord

__all__ = ["Edge", "Node", "Regulation", "Sensor", "Term", "load_regulation"]

_MRNA = ("transcription", "splicing", "mrna_stability")
_PROTEIN = ("translation", "stability")
_DEFAULTS = {
    "mrna_half_life": "regulation.mrna_half_life",
    "protein_half_life": "regulation.protein_half_life",
    "response_time": "regulation.response_time",
}


@dataclass(frozen=True, slots=True)
class Node:
    """Something that regulates or is regulated.

    Attributes
    ----------
    id, name, kind
        See :class:`glutarium.knowledge.regulation_records.Node`.
    rest
        Activity at rest: 1, or what an input has.
    mrna_half_life, protein_half_life, response_time
        h.
    measure, basal
        What its activity is read as, and the value of that at rest.
    """

    id: str
    name: str
    kind: str
    rest: float
    mrna_half_life: float
    protein_half_life: float
    response_time: float
    measure: str
    basal: float


@dataclass(frozen=True, slots=True)
class Term:
    """One saturation that a sensor consists of.

    ``k`` is in mM; if ``relative``, in multiples of what the effector is in the member's own reference state.
    """

    effector: str
    kind: str
    k: Range
    n: float
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Sensor:
    """What a node reads from pools: a product or a sum of terms, over its value at reference."""

    node: str
    terms: tuple[Term, ...]
    combine: str


@dataclass(frozen=True, slots=True)
class Edge:
    """How a regulator changes a target; see :mod:`glutarium.model.regulation.factors`.

    ``id`` is ``edge.<regulator>.<target>.<process>``, with alternative and context where it has any.
    """

    id: str
    regulator: str
    target: str
    process: str
    absent: float
    saturated: Range
    hill: float
    threshold: float | None
    group: str
    alternative: str
    context: str


@dataclass(frozen=True)
class Regulation:
    """All nodes, sensors and edges.

    Attributes
    ----------
    nodes
        Name → node, in table order; genes without a row come last.
    sensors
        Node → what it reads.
    edges
        All edges, in table order.
    drugged
        (Node, process of expression) that some drug acts on.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    sensors: Mapping[str, Sensor] = field(default_factory=dict)
    edges: tuple[Edge, ...] = ()
    drugged: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def _onto(self) -> Mapping[str, tuple[Edge, ...]]:
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.target].append(edge)
        return {target: tuple(edges) for target, edges in found.items()}

    def onto(self, node: str, *processes: str) -> tuple[Edge, ...]:
        """Edges on a node by some processes."""
        return tuple(e for e in self._onto.get(node, ()) if e.process in processes)

    def has_mrna(self, node: str) -> bool:
        """Whether a node's mRNA is a state: something changes it."""
        return self._changed(node, *_MRNA)

    def has_protein(self, node: str) -> bool:
        """Whether a node's protein is a state: something changes it or its mRNA."""
        return self._changed(node, *_MRNA, *_PROTEIN)

    def changes(self, node: str, process: str) -> bool:
        """Whether an edge or a drug acts on one process of a node's expression."""
        return self._changed(node, process)

    def _changed(self, node: str, *processes: str) -> bool:
        drugged = any((node, process) in self.drugged for process in processes)
        return drugged or bool(self.onto(node, *processes))

    def responds(self, node: str) -> bool:
        """Whether what the present amount does is a state: something changes it."""
        return bool(self.onto(node, *ACTIVITY_PROCESSES))

    @cached_property
    def digest(self) -> str:
        """Hash of everything that a member's numbers of regulation depend on."""
        drugged = sorted(self.drugged)
        parts = (tuple(self.nodes.values()), tuple(self.sensors.values()), self.edges, drugged)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def hazards(self) -> tuple[Node, ...]:
        """Nodes that kill."""
        return tuple(n for n in self.nodes.values() if n.measure == "hazard")

    @property
    def inputs(self) -> tuple[Node, ...]:
        """Nodes that are set from outside."""
        return tuple(n for n in self.nodes.values() if n.kind == "input")


def load_regulation(
    base: KnowledgeBase, genes: Collection[str], reactions: Collection[str]
) -> Regulation:
    """Join the tables of regulation.

    Parameters
    ----------
    base
        The knowledge base.
    genes, reactions
        Of the metabolic network; edges may end there.

    Raises
    ------
    ModelError
        If an edge names what is nowhere, or does not fit its target; names file and line.
    """
    nodes = {row.node: _node(row, base) for row in base.nodes}
    for row in base.edges:
        for name in (row.regulator, row.target):
            if name not in nodes:
                nodes[name] = _implied(name, row, base, genes, reactions)
    drugged = _drugged(nodes, base, genes, reactions)
    sensors = {name: _sensor(name, base) for name in dict.fromkeys(r.node for r in base.sensors)}
    edges = tuple(_edge(row, nodes) for row in base.edges)
    return Regulation(nodes, sensors, edges, drugged)


def _node(row: NodeRecord, base: KnowledgeBase) -> Node:
    times = {
        name: base.constants[default].value if (own := getattr(row, name)) is None else float(own)
        for name, default in _DEFAULTS.items()
    }
    rest = 1.0 if row.rest is None else row.rest
    basal = 1.0 if row.basal is None else row.basal
    return Node(row.node, row.name, row.kind, rest, measure=row.measure, basal=basal, **times)


def _implied(
    name: str,
    row: EdgeRecord | DrugTarget,
    base: KnowledgeBase,
    genes: Collection[str],
    reactions: Collection[str],
) -> Node:
    """A gene or reaction that the tables name without a row of its own."""
    kind = "gene" if name in genes or name in base.genes else "activity"
    if kind == "activity" and name not in reactions:
        message = f"{row.label!r} names {name!r}: it is no node, no gene and no reaction"
        raise ModelError(message, location=row.location)
    times = {key: base.constants[default].value for key, default in _DEFAULTS.items()}
    return Node(name, name, kind, 1.0, measure="", basal=1.0, **times)


def _drugged(
    nodes: dict[str, Node],
    base: KnowledgeBase,
    genes: Collection[str],
    reactions: Collection[str],
) -> frozenset[tuple[str, str]]:
    """Processes of expression that drugs act on; what drugs act on becomes a node.

    As elsewhere, a drug on something that the network does not hold is left out.
    """
    found: set[tuple[str, str]] = set()
    for row in base.drug_targets:
        present = {*nodes, *genes, *reactions}
        if row.mode not in {*EXPRESSION_MODES, "activates"} or row.target not in present:
            continue
        if row.target not in nodes:
            nodes[row.target] = _implied(row.target, row, base, genes, reactions)
        for problem in drug_problems(row, {row.target: nodes[row.target].kind}):
            message = f"{row.label!r}: {problem}"
            raise ModelError(message, location=row.location)
        if row.mode in EXPRESSION_MODES:
            found.add((row.target, EXPRESSION_MODES[row.mode]))
    return frozenset(found)


def _sensor(name: str, base: KnowledgeBase) -> Sensor:
    rows = base.sensors.where("node", name)
    return Sensor(name, tuple(_term(row) for row in rows), rows[0].combine)


def _term(row: SensorRecord) -> Term:
    k = Range(row.k, *_bounds(row.k, row.k_low, row.k_high))
    # A ratio has no unit either way; a constant of a pool that has none counts in pools at rest.
    relative = row.unit == "1" and not parse_effector(row.effector).bottom
    return Term(row.effector, row.kind, k, row.n, relative)


def _bounds(value: float, low: float | None, high: float | None) -> tuple[float, float]:
    return value if low is None else low, value if high is None else high


def _edge(row: EdgeRecord, nodes: Mapping[str, Node]) -> Edge:
    concerned = [nodes[row.regulator], nodes[row.target]]
    kinds = {n.id: n.kind for n in concerned}
    for problem in edge_problems(row, kinds, {n.id: n.rest for n in concerned}):
        message = f"Edge {row.label!r}: {problem}"
        raise ModelError(message, location=row.location)
    saturated = Range(row.saturated, *_bounds(row.saturated, row.low, row.high))
    names = ("edge", row.regulator, row.target, row.process, row.alternative, row.context)
    return Edge(
        ".".join(filter(None, names)),
        row.regulator,
        row.target,
        row.process,
        row.absent,
        saturated,
        row.hill,
        row.threshold,
        row.group,
        row.alternative,
        row.context,
    )
