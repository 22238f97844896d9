"""Checks of what passes between cells and of the tissue around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.knowledge import niche_rules
from glutarium.knowledge import records as rec
from glutarium.knowledge.check_context import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.knowledge.check_context import Finding, Knowledge

__all__ = ["niche", "tissue", "told_apart"]

_SOLUTE, _ACIDITY = "solute", "pH_e"
_MESSENGERS = "messenger"
"""Name of all signalling proteins in the table of what vessels let through."""


def niche(knowledge: Knowledge) -> Iterator[Finding]:
    """Check messengers, nodes and edges of the tissue against regulation and cells."""
    known = knowledge.rows(rec.Node)
    kinds = dict.fromkeys(knowledge.genes, "gene") | {n.node: n.kind for n in known}
    rests = {n.node: n.rest for n in known if n.rest is not None}
    secreting = {n.node for n in known if n.measure == "secretion"}
    cells = _cells(knowledge)
    for row in knowledge.rows(rec.Messenger):
        found = niche_rules.messenger_problems(row, kinds, rests, secreting, cells)
        yield from (at(row, f"{row.label!r}: {text}") for text in found)
    for node in knowledge.rows(rec.NicheNode):
        found = niche_rules.niche_node_problems(node, cells)
        yield from (at(node, f"{node.label!r}: {text}") for text in found)
    nodes = {row.node for row in knowledge.rows(rec.NicheNode)}
    made = {row.messenger: row.kind for row in knowledge.rows(rec.Messenger)}
    solutes = {f"{metabolite}_e" for metabolite in knowledge.metabolites}
    for edge in knowledge.rows(rec.NicheEdge):
        found = niche_rules.niche_edge_problems(edge, nodes, made, solutes, cells)
        yield from (at(edge, f"{edge.label!r}: {text}") for text in found)


def tissue(knowledge: Knowledge) -> Iterator[Finding]:
    """Check that a tissue consists of cells and species that exist, in amounts above zero."""
    cells = _cells(knowledge)
    for row in knowledge.rows(rec.Population):
        if row.cell not in cells:
            yield at(
                row, f"{row.label!r} is no cell or lineage; profiles.tsv and groups.tsv have them"
            )
    solutes = {f"{metabolite}_e" for metabolite in knowledge.metabolites} | {_MESSENGERS}
    for passing in knowledge.rows(rec.Permeation):
        if passing.species not in solutes:
            yield at(passing, f"{passing.label!r} is no species of the medium, nor {_MESSENGERS!r}")
    for spread in knowledge.rows(rec.Diffusion):
        if spread.species not in {*solutes, _SOLUTE, _ACIDITY}:
            yield at(spread, f"{spread.label!r} is no species of the medium, nor {_SOLUTE!r}")
    kinds = (
        rec.Marker,
        rec.Population,
        rec.Permeation,
        rec.TissueConstant,
        rec.Diffusion,
        rec.SpheroidConstant,
    )
    for kind in kinds:
        for found in knowledge.rows(kind):
            if found.value <= 0.0:
                yield at(found, f"{found.label!r} is {found.value:g}: it must be above zero")


def told_apart(knowledge: Knowledge) -> Iterator[Finding]:
    """Check that what tells cells apart is about cells that exist."""
    cells = _cells(knowledge)
    for label in knowledge.rows(rec.CellLabel):
        for cell in label.cells:
            if cell not in cells:
                yield at(label, f"{label.label!r} stands for {cell!r}, no cell or lineage")
    for marker in knowledge.rows(rec.Marker):
        if marker.cell not in cells:
            yield at(marker, f"{marker.label!r} is about {marker.cell!r}, no cell or lineage")


def _cells(knowledge: Knowledge) -> set[str]:
    cells = {row.profile for row in knowledge.rows(rec.CellProfile)}
    return cells | {row.name for row in knowledge.rows(rec.Group) if row.kind == "lineage"}
