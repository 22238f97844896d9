"""What makes rows of the niche meaningless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.knowledge.niche_records import (
    CELL_SHARE,
    MESSENGER_KINDS,
    NICHE_NODE_KINDS,
    NICHE_PROCESSES,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from glutarium.knowledge.niche_records import Messenger, NicheEdge, NicheNode

__all__ = ["messenger_problems", "niche_edge_problems", "niche_node_problems"]

_SECRETION = "secretion"
_BY_NAME = ("recruitment", "migration")
_PACKING = "packing"


def messenger_problems(
    row: Messenger,
    kinds: Mapping[str, str],
    rests: Mapping[str, float],
    secreting: Collection[str],
    cells: Collection[str],
) -> Iterator[str]:
    """What is wrong with a messenger.

    Parameters
    ----------
    row
        The messenger.
    kinds
        Node of regulation → its kind.
    rests
        Node → its activity at rest.
    secreting
        Nodes with the measure ``secretion``.
    cells
        Names of cells and lineages.
    """
    if row.kind not in MESSENGER_KINDS:
        yield f"kind {row.kind!r} is none of {', '.join(MESSENGER_KINDS)}"
    if row.kind == _PACKING:
        yield from _packing(row)
        yield from _input(row, kinds, rests)
        yield from _search(row)
        return
    if row.node not in kinds:
        yield f"its node {row.node!r} is no node of regulation; add a row to regulation/*/nodes.tsv"
    for maker in row.makers:
        if maker not in cells:
            yield f"{maker!r} is neither a cell of profiles.tsv nor a lineage of groups.tsv"
    yield from _amount(row, secreting)
    yield from _life(row)
    yield from _input(row, kinds, rests)
    yield from _search(row)


def _packing(row: Messenger) -> Iterator[str]:
    """What packing cannot have: it is there with the cells, whatever they do."""
    for column in ("node", "cells", "amount", "half_life"):
        if getattr(row, column):
            yield f"packing is the dry mass of all cells; leave {column!r} empty"
    if not row.input:
        yield "packing that no 'input' reads does nothing"


def _amount(row: Messenger, secreting: Collection[str]) -> Iterator[str]:
    if row.amount is None:
        if row.kind != "secreted" or row.node not in secreting:
            yield "'amount' may be empty only where the node has a basal secretion"
    elif row.amount < 0.0:
        yield f"amount {row.amount:g} is negative"
    elif row.kind == "secreted" and row.node in secreting:
        yield f"both 'amount' and the basal secretion of {row.node} say how much; keep one"


def _life(row: Messenger) -> Iterator[str]:
    if row.kind == "contact" and row.half_life is not None:
        yield "a contact has no half_life: it is there as long as the cells are"
    if row.kind in {"secreted", "matrix"} and (row.half_life is None or row.half_life <= 0.0):
        yield f"what is {row.kind} needs a half_life above zero, h"


def _input(row: Messenger, kinds: Mapping[str, str], rests: Mapping[str, float]) -> Iterator[str]:
    if not row.input:
        if row.half is not None:
            yield "'half' without an input that reads it"
        return
    if kinds.get(row.input) != "input" or rests.get(row.input) != 0.0:
        yield f"{row.input!r} must be a node of kind input that rests at 0"
    if row.half is None or row.half <= 0.0:
        yield f"{row.input} needs 'half', the level at half effect, above zero"
        return
    yield from _rising("half", row.half, row.half_low, row.half_high)


def _search(row: Messenger) -> Iterator[str]:
    if row.search is None:
        return
    if row.kind != "contact":
        yield f"'search' is of contacts: what is {row.kind} is not looked for"
    yield from _rising("search", row.search, row.search_low, row.search_high)


def _rising(name: str, value: float, low: float | None, high: float | None) -> Iterator[str]:
    """A value outside its range; a bound that is not said is the value."""
    low = value if low is None else low
    high = value if high is None else high
    if not 0.0 < low <= value <= high:
        yield f"{name}_low {low:g}, {name} {value:g}, {name}_high {high:g} must rise from above zero"


def niche_node_problems(row: NicheNode, cells: Collection[str]) -> Iterator[str]:
    """What is wrong with a node of the tissue, given cells and lineages."""
    if row.kind not in NICHE_NODE_KINDS:
        yield f"kind {row.kind!r} is none of {', '.join(NICHE_NODE_KINDS)}"
    if row.response_time is not None and row.response_time <= 0.0:
        yield "response times must be above zero"
    if row.kind not in _BY_NAME:
        return
    kind, _, about = row.node.partition(".")
    if kind != row.kind:
        yield f"a node of kind {row.kind} is called {row.kind}.<cell or lineage>"
    elif about not in cells:
        yield f"{about!r} is neither a cell of profiles.tsv nor a lineage of groups.tsv"
    if row.basal is None or row.basal <= 0.0:
        yield f"a {row.kind} needs its rate at rest in 'basal', 1/h"


def niche_edge_problems(
    row: NicheEdge,
    nodes: Collection[str],
    messengers: Mapping[str, str],
    species: Collection[str],
    cells: Collection[str],
) -> Iterator[str]:
    """What is wrong with an edge of the tissue.

    Parameters
    ----------
    row
        The edge.
    nodes
        Nodes of the tissue.
    messengers
        Messenger → its kind.
    species
        Solutes of the medium, ``lac_e``.
    cells
        Names of cells and lineages.
    """
    if row.process not in NICHE_PROCESSES:
        yield f"process {row.process!r} is none of {', '.join(NICHE_PROCESSES)}"
    elif row.process == "signal" and row.target not in nodes:
        yield f"signal needs a node of niche/nodes.tsv as target, not {row.target!r}"
    elif row.process != "signal" and messengers.get(row.target) in {
        None,
        "contact",
        _PACKING,
    }:
        yield f"{row.process} needs a messenger that is secreted or matrix, not {row.target!r}"
    if min(row.absent, row.saturated) < 0.0 or row.hill <= 0.0:
        yield "absent and saturated may not be negative, and hill must be above zero"
    if row.regulator in nodes or messengers.get(row.regulator) == "matrix":
        yield from _from_one(row)
    elif row.regulator in messengers or row.regulator in species or _share(row, cells):
        yield from _from_zero(row)
    else:
        yield (
            f"{row.regulator!r} is no messenger, no node of the tissue, no solute of the medium such "
            f"as lac_e, and no {CELL_SHARE}<cell>"
        )


def _share(row: NicheEdge, cells: Collection[str]) -> bool:
    head, prefix, cell = row.regulator.partition(CELL_SHARE)
    return bool(prefix) and not head and cell in cells


def _from_one(row: NicheEdge) -> Iterator[str]:
    if row.threshold is not None:
        yield f"{row.regulator} rests at 1: the threshold follows from 'absent' and 'saturated'"
    if (row.absent - 1.0) * (row.saturated - 1.0) >= 0.0:
        yield (
            f"absent {row.absent:g} and saturated {row.saturated:g} must lie on either side of 1, "
            "the factor at rest"
        )


def _from_zero(row: NicheEdge) -> Iterator[str]:
    if row.absent != 1.0 or row.threshold is None or row.threshold <= 0.0:
        yield f"{row.regulator} rests at 0: 'absent' must be 1, 'threshold' above zero"
