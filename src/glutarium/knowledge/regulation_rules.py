"""What makes rows of regulation meaningless, or contradict each other."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from glutarium.knowledge.effectors import parse_effector
from glutarium.knowledge.regulation_records import (
    ACTIVITY_PROCESSES,
    COMBINATIONS,
    EXPRESSION_PROCESSES,
    MEASURES,
    NODE_KINDS,
    SENSOR_KINDS,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from glutarium.knowledge.evidence import Record
    from glutarium.knowledge.regulation_records import Edge, Node, Sensor

__all__ = ["contradictions", "edge_problems", "node_problems", "sensor_problems", "unknown_nodes"]

_SILENT = ("input", "sensor")
_EXPRESSED = ("gene", "protein")


def node_problems(row: Node) -> Iterator[str]:
    """What is wrong with a node by itself."""
    if row.kind not in NODE_KINDS:
        yield f"kind {row.kind!r} is none of {', '.join(NODE_KINDS)}"
    if row.measure not in MEASURES:
        yield f"measure {row.measure!r} is none of {', '.join(filter(None, MEASURES))}, or empty"
    if row.measure and row.basal is None:
        yield f"a {row.measure} needs its value at rest in 'basal'"
    if row.kind == "input" and row.rest not in (0.0, 1.0):
        yield f"an input rests at 0 or 1, not at {row.rest}"
    times = (row.mrna_half_life, row.protein_half_life, row.response_time)
    if any(t is not None and t <= 0.0 for t in times):
        yield "half-lives and response times must be above zero"


def sensor_problems(row: Sensor, kinds: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with a term of a sensor, given the kinds of all nodes."""
    if kinds.get(row.node) != "sensor":
        yield f"{row.node!r} must be a node of kind sensor"
    if row.kind not in SENSOR_KINDS:
        yield f"kind {row.kind!r} is none of {', '.join(SENSOR_KINDS)}"
    if row.combine not in COMBINATIONS:
        yield f"combine {row.combine!r} is none of {', '.join(COMBINATIONS)}"
    if row.k <= 0.0 or row.n <= 0.0:
        yield "k and n must be above zero"
    for protein in parse_effector(row.effector).proteins:
        yield f"{protein!r} is no species: a sensor reads pools such as leu_c"


def edge_problems(row: Edge, kinds: Mapping[str, str], rests: Mapping[str, float]) -> Iterator[str]:
    """What is wrong with an edge, given kinds of all nodes and what inputs rest at."""
    target = kinds[row.target]
    if row.process not in (*EXPRESSION_PROCESSES, *ACTIVITY_PROCESSES):
        known = ", ".join((*EXPRESSION_PROCESSES, *ACTIVITY_PROCESSES))
        yield f"process {row.process!r} is none of {known}"
    if row.process in EXPRESSION_PROCESSES and target not in _EXPRESSED:
        yield f"{row.process} needs a gene or protein as target; {row.target} is of kind {target}"
    if target in _SILENT:
        yield f"nothing acts on {row.target}, which is of kind {target}"
    if min(row.absent, row.saturated) < 0.0 or row.hill <= 0.0:
        yield "absent and saturated may not be negative, and hill must be above zero"
    yield from _rest(row, rests.get(row.regulator, 1.0))


def _rest(row: Edge, rest: float) -> Iterator[str]:
    """The factor must be 1 at rest."""
    if rest == 0.0:
        if row.absent != 1.0 or row.threshold is None or row.threshold <= 0.0:
            yield f"{row.regulator} rests at 0: 'absent' must be 1, 'threshold' above zero"
        return
    if row.threshold is not None:
        yield f"{row.regulator} rests at 1: the threshold follows from 'absent' and 'saturated'"
    if (row.absent - 1.0) * (row.saturated - 1.0) >= 0.0:
        yield (
            f"absent {row.absent:g} and saturated {row.saturated:g} must lie on either side of 1, "
            "the factor at rest"
        )


def contradictions(rows: Iterable[Edge]) -> Iterator[tuple[Record, str]]:
    """Edges that say opposite things without being alternatives, and groups that may fall below 0."""
    signs: dict[tuple[str, str, str], Edge] = {}
    groups: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        if not row.alternative and not row.context:
            pair = (row.regulator, row.target, row.process)
            other = signs.setdefault(pair, row)
            if (row.saturated - 1.0) * (other.saturated - 1.0) < 0.0:
                yield row, f"contradicts {other.location}; name both as alternatives"
        if row.group:
            key = (row.target, row.group)
            low = row.saturated if row.low is None else row.low
            groups[key] += 1.0 - min(row.absent, row.saturated, low)
            if groups[key] > 1.0 + 1e-9:
                what = f"group {row.group!r} of {row.target} could fall below zero"
                yield row, f"{what}: at the low ends of the ranges, losses exceed 1"


def unknown_nodes(row: Edge, known: Collection[str]) -> Iterator[str]:
    """Names of an edge that are no node, gene or reaction."""
    for name in (row.regulator, row.target):
        if name not in known:
            yield f"{name!r} is no node, no gene and no reaction"
