"""The niche as the tables state it, joined and with one member's numbers: what passes between cells.

Nutrients and waste pass through the medium by themselves. What is here is everything else: messengers that
cells release or show, what the tissue does with them, and how much of each cell there is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from glutarium.model.ranges import Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.evidence import Measurement
    from glutarium.knowledge.records import Group, NicheEdge
    from glutarium.knowledge.records import Messenger as MessengerRecord
    from glutarium.model.calibrate.draw import Draw

__all__ = ["BedNode", "Influence", "Messenger", "Niche", "load_niche", "population"]

LINEAGE = "lineage"
"""Kind of groups, of cells that share receptors; edges may act in all cells of one."""
POPULATION = "population"
"""Kind of groups, of cells whose number is held by the same things."""


@dataclass(frozen=True, slots=True)
class Messenger:
    """What some cells make and others meet; see the records of the same name.

    Attributes
    ----------
    makers
        Cells that make it; empty: all.
    amount
        What a cell at rest makes; None: what its node's basal secretion says, fmol/cell/h.
    half_life
        h; zero for what does not last.
    search
        Share of the dry mass at which receivers that look for makers spend half of their time on the
        way; None where contact is a matter of who lies beside.
    """

    id: str
    kind: str
    node: str
    makers: frozenset[str]
    amount: float | None
    half_life: float
    input: str
    half: float
    search: float | None = None

    def made_by(self, cell: str) -> bool:
        """Whether a kind of cell makes it."""
        return not self.makers or cell in self.makers


@dataclass(frozen=True, slots=True)
class BedNode:
    """Something that the tissue does, 1 in normal tissue; ``basal`` in 1/h, ``response_time`` in h."""

    id: str
    kind: str
    basal: float
    response_time: float


@dataclass(frozen=True, slots=True)
class Influence:
    """An edge of the niche: ``absent + (saturated - absent) x^n / (k + x^n)``."""

    regulator: str
    target: str
    process: str
    absent: float
    saturated: float
    k: float
    hill: float

    def factor(self, x: float) -> float:
        """Factor on the target at a level of the regulator."""
        power = x**self.hill if x > 0.0 else 0.0
        return self.absent + (self.saturated - self.absent) * power / (self.k + power)


@dataclass(frozen=True)
class Niche:
    """One member's niche.

    Attributes
    ----------
    messengers, nodes
        By id.
    influences
        Edges that hold under the chosen alternatives.
    constants
        Constants of the tissue by id.
    shares
        Cell or lineage → share of the dry mass, relative to a tumour's.
    permeation
        Species → exchange with plasma over that of small solutes.
    lineages
        Cell → lineages that it belongs to.
    """

    messengers: Mapping[str, Messenger]
    nodes: Mapping[str, BedNode]
    influences: tuple[Influence, ...]
    constants: Mapping[str, float]
    shares: Mapping[str, float]
    permeation: Mapping[str, float]
    lineages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _onto(self) -> Mapping[tuple[str, str], tuple[Influence, ...]]:
        found: dict[tuple[str, str], list[Influence]] = defaultdict(list)
        for influence in self.influences:
            found[influence.target, influence.process].append(influence)
        return {key: tuple(edges) for key, edges in found.items()}

    def onto(self, target: str, process: str) -> tuple[Influence, ...]:
        """Edges on a target by a process."""
        return self._onto.get((target, process), ())

    def about(self, kind: str, cell: str) -> BedNode | None:
        """The node ``<kind>.<cell>``, or that of its narrowest lineage."""
        for name in (cell, *self.lineages.get(cell, ())):
            node = self.nodes.get(f"{kind}.{name}")
            if node is not None:
                return node
        return None

    def share(self, cell: str) -> float | None:
        """Share of a cell, by its own row or that of a lineage."""
        for name in (cell, *self.lineages.get(cell, ())):
            if name in self.shares:
                return self.shares[name]
        return None


def load_niche(base: KnowledgeBase, draw: Draw, chosen: Mapping[str, str] | None = None) -> Niche:
    """Join the tables with one member's numbers.

    Parameters
    ----------
    base
        The knowledge base.
    draw
        Source of numbers.
    chosen
        Question → answer, where it is not the first one of the tables.
    """
    groups = base.groups.where("kind", LINEAGE)
    lineages = {cell: _lineages(cell, groups) for row in groups for cell in row.members}
    members = {row.name: frozenset(row.members) for row in groups}
    messengers = {m.messenger: _messenger(m, members, draw) for m in base.messengers}
    nodes = {
        n.node: BedNode(n.node, n.kind, n.basal or 0.0, n.response_time or 0.0)
        for n in base.niche_nodes
    }
    return Niche(
        messengers,
        nodes,
        tuple(_influence(e, draw) for e in _holding(base.niche_edges, chosen or {})),
        {c.id: _drawn(c, "tissue", draw) for c in base.tissue},
        {p.cell: p.value for p in base.populations},
        {e.species: _drawn(e, "exchange", draw) for e in base.permeations},
        lineages,
    )


def population(base: KnowledgeBase, name: str) -> frozenset[str]:
    """Cells of a group that says what holds their number; none where there is no such group."""
    group = base.groups.get(POPULATION, name)
    return frozenset() if group is None else frozenset(group.members)


def _lineages(cell: str, groups: Iterable[Group]) -> tuple[str, ...]:
    """Lineages of a cell, the narrowest first."""
    holding = [row for row in groups if cell in row.members]
    return tuple(row.name for row in sorted(holding, key=lambda row: len(row.members)))


def _drawn(record: Measurement, table: str, draw: Draw) -> float:
    return draw.number(
        f"niche.{table}.{record.label}", _range(record.value, record.low, record.high)
    )


def _range(value: float, low: float | None, high: float | None) -> Range:
    return Range(value, value if low is None else low, value if high is None else high)


def _messenger(
    record: MessengerRecord, members: Mapping[str, frozenset[str]], draw: Draw
) -> Messenger:
    key = f"niche.messenger.{record.messenger}"
    amount = record.amount
    if amount is not None:
        amount = draw.number(f"{key}.amount", _range(amount, record.low, record.high))
    half = record.half or 1.0
    return Messenger(
        record.messenger,
        record.kind,
        record.node,
        frozenset(c for name in record.makers for c in members.get(name, frozenset((name,)))),
        amount,
        record.half_life or 0.0,
        record.input,
        draw.number(f"{key}.half", _range(half, record.half_low, record.half_high)),
        _search(record, key, draw),
    )


def _search(record: MessengerRecord, key: str, draw: Draw) -> float | None:
    """Share of makers at which receivers spend half of their time looking."""
    if record.search is None:
        return None
    return draw.number(
        f"{key}.search", _range(record.search, record.search_low, record.search_high)
    )


def _holding(edges: Iterable[NicheEdge], chosen: Mapping[str, str]) -> Iterable[NicheEdge]:
    """Edges without an alternative, and those of the answers that hold."""
    answers = dict(chosen)
    for edge in edges:
        question, _, answer = edge.alternative.partition(":")
        if not question or answers.setdefault(question, answer) == answer:
            yield edge


def _influence(edge: NicheEdge, draw: Draw) -> Influence:
    key = f"niche.edge.{edge.label}"
    saturated = draw.number(f"{key}.saturated", _range(edge.saturated, edge.low, edge.high))
    # Without a threshold the regulator is 1 at rest, and so is the factor.
    balanced = edge.threshold is None
    k = (saturated - 1.0) / (1.0 - edge.absent) if balanced else edge.threshold**edge.hill  # type: ignore[operator]
    return Influence(
        edge.regulator, edge.target, edge.process, edge.absent, saturated, k, edge.hill
    )
