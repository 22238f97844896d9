"""Read-outs of regulation: which observable of the kernel a study's name stands for.

Expression and activity are read only where regulation reaches them: what nothing changes would read as
"unchanged" and answer a question that the model cannot ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.names import families

if TYPE_CHECKING:
    from glutarium.model.regulators import Regulation
    from glutarium.names import Observable
    from glutarium.simulate.model import CellModel

__all__ = ["STEERED", "competitors", "kernel_name"]

DIFFERENTIATION = "differentiation"
"""Kind of groups, of cells that compete for one lineage."""
PROGRAMME = "_programme"

INDICES = (
    "cell_size",
    "invasion",
    "migration",
    "stemness",
    "dna_methylation",
    "activation",
    "killing",
    "immune_killing",
    "exhaustion",
    "priming",
    "antigen_presentation",
    "antigen_uptake",
    "phagocytosis",
    "maturation",
)
STEERED = (
    "viability",
    "expression",
    "activity",
    "fate",
    "cell_cycle",
    "halflife",
    *INDICES,
)
"""Families that are read from regulation."""


def kernel_name(observable: Observable, model: CellModel) -> tuple[str, str]:
    """The kernel's observable and its unit; an empty name and the reason where there is none."""
    regulation = model.network.regulation
    if observable.family == "viability":
        return _known("viability", model, "no hazard of the model ends a cell's life yet")
    if observable.family == "expression":
        return _expression(observable, model)
    if observable.family == "halflife":
        why = "nothing in the model changes the lifetime of this protein"
        return _known(f"halflife.{observable.item}", model, why)
    node = _node(observable)
    if not _moves(node, regulation):
        return "", f"no regulation of the model reaches {node} yet"
    measured = f"measure.{node}"
    if (
        observable.family in {"fate", "cell_cycle", "immune_killing"}
        and measured in model.observable_index
    ):
        return measured, families()[observable.family].unit
    return f"available.{node}", "1"


def competitors(cell: str, model: CellModel) -> dict[str, dict[str, float]]:
    """Programmes that compete with that of a cell, itself included.

    Returns
    -------
    dict
        Cell → kernel observable of its programme → its share of the lineage at rest; empty where no
        programme of the model leads to the cell.
    """
    nodes = model.network.regulation.nodes
    for group in model.base.groups.where("kind", DIFFERENTIATION):
        if cell in group.members:
            there = {m: nodes[m + PROGRAMME] for m in group.members if m + PROGRAMME in nodes}
            return {m: {f"available.{n.id}": n.basal} for m, n in there.items()}
    return {}


def _known(name: str, model: CellModel, why: str) -> tuple[str, str]:
    unit = families()[name.partition(".")[0]].unit
    return (name, unit) if name in model.observable_index else ("", why)


def _expression(observable: Observable, model: CellModel) -> tuple[str, str]:
    what = "expressed_mrna" if observable.form == "mRNA" else "expressed"
    name = f"{what}.{observable.item}"
    if name in model.observable_index:
        return name, "1"
    return "", f"no regulation of the model reaches the expression of {observable.item} yet"


def _node(observable: Observable) -> str:
    """Name of the node that a family asks about."""
    if observable.family in INDICES:
        return observable.family
    if observable.family == "cell_cycle":
        return observable.name.rpartition(".")[2]
    return observable.item


def _moves(node: str, regulation: Regulation) -> bool:
    """Whether anything in the model changes a node."""
    found = regulation.nodes.get(node)
    if found is None:
        return False
    reached = regulation.has_protein(node) or regulation.responds(node)
    return reached or node in regulation.sensors or found.kind == "input"
