"""What studies ask of labels, in terms of pools: isotopologues, shares of a tracer, counted atoms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.model.residues import metabolite_of
from glutarium.model.tracers import nitrogen_place
from glutarium.simulate.label_atoms import count_atoms
from glutarium.simulate.label_request import LabelRequest
from glutarium.simulate.labels import labels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.names import Observable
    from glutarium.simulate.model import CellModel

__all__ = ["atoms_request", "label_request"]

PLACES = {"cytosol": "c", "mito": "m", "": "cm"}
KEPT, OUTSIDE = "cmb", "e"
MEDIUM = "medium"
WHERE = {"medium": MEDIUM, "tissue": MEDIUM, "sample": "sample"}
"""System of an observable → where its label is, if not in one cell."""
# Kinds of groups.tsv: pools read together; amino acids as protein synthesis draws them.
GROUP, DRAWN, POOL = "label", "residues", "pool"
PROTEIN = "prot_b"


def label_request(observable: Observable, model: CellModel) -> LabelRequest | str:
    """How to read a label, or why the model cannot."""
    donor = _metabolite(observable.other, model)
    if observable.other and not donor:
        return f"the network has no {observable.other}"
    pools, weights = _pools(observable, model)
    if not pools:
        return "the network follows no atoms of it"
    element, where = observable.element, WHERE.get(observable.system, "")
    if observable.count is None:
        position = observable.position
        return LabelRequest(pools, weights, None, element, donor, position, where)
    wrong = _no_isotopologue(observable, pools, model)
    if wrong:
        return wrong
    return LabelRequest(pools, (), observable.count, element, where=where)


def atoms_request(observable: Observable, model: CellModel) -> int | str:
    """Atoms that a product takes from a donor, or why the model cannot tell."""
    donor = _metabolite(observable.other, model)
    pools, _ = _pools(observable, model)
    if not donor or len(pools) < 1:
        name = observable.other if not donor else observable.item
        return f"the network follows no atoms of {name}"
    labels = labels_of(model)
    place = None
    if observable.position:
        own = next(p for p in labels.maps.elements if metabolite_of(p) == donor)
        elements = labels.maps.elements[own]
        try:
            place = nitrogen_place(
                donor, observable.position, elements, model.base, observable.name
            )
        except ModelError as error:
            return error.message
    return count_atoms(labels, pools[0], observable.element, donor, place)


def _no_isotopologue(observable: Observable, pools: Sequence[str], model: CellModel) -> str:
    """Why pools have no isotopologue of this number; empty where they have."""
    if len({metabolite_of(p.partition("/")[0]) for p in pools}) > 1 or any("/" in p for p in pools):
        return "isotopologues belong to one molecule, and this is made of several"
    elements = labels_of(model).maps.elements[pools[0]]
    size = elements.count(observable.element) if observable.element else len(elements)
    if (observable.count or 0) > size:
        kind = {"C": "carbons", "N": "nitrogens"}.get(observable.element, "carbons and nitrogens")
        return f"it has {size} {kind} that are followed, so M{observable.count} cannot be"
    return ""


def _metabolite(name: str, model: CellModel) -> str:
    ids = [m.id for m in model.base.metabolites if m.name == name]
    known = {metabolite_of(p.partition("/")[0]) for p in labels_of(model).maps.elements}
    return next((i for i in ids if i in known), "")


def _pools(observable: Observable, model: CellModel) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Pools of the product in the cell, and their weights where amounts do not decide."""
    maps, groups = labels_of(model).maps, model.base.groups
    drawn = groups.get(DRAWN, observable.item)
    if drawn is not None and WHERE.get(observable.system) != MEDIUM:
        pairs = {
            f"{m}_c": maps.number[f"{PROTEIN}/{m}"]
            for m in drawn.members
            if f"{PROTEIN}/{m}" in maps.number
        }
        return tuple(pairs), tuple(pairs.values())
    group = groups.get(GROUP, observable.item) or groups.get(POOL, observable.item)
    named = tuple(m.id for m in model.base.metabolites if m.name == observable.item)
    members = group.members if group else named
    places = KEPT if not observable.compartment else PLACES[observable.compartment]
    if WHERE.get(observable.system) == MEDIUM:
        places = OUTSIDE
    species = [f"{m}_{place}" for m in members for place in places]
    return tuple(p for s in species for p in maps.pools_of(s)), ()
