"""Read-outs of what the cells of a place share: interstitium, messengers, vessels, numbers of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array
    from glutarium.names import Observable
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

__all__ = ["shared_series", "tissue_course"]

CONCENTRATION = "concentration"
OF_CELLS = ("fraction",)
OVERALL = {
    "tumour_volume": "tumour_volume",
    "pH": "medium.pH_e",
    "cure_fraction": "cure_fraction",
}


def tissue_course(observable: Observable, model: CellModel) -> dict[str, float] | str:
    """Names and weights of the courses that a tissue's observable is read from, or why there are none."""
    item, family = observable.item, observable.family
    region = observable.place or "medium"
    if family in OF_CELLS:
        return {f"fraction.{item}": 1.0}
    if family == CONCENTRATION:
        return _amount(item, region, model)
    if family in OVERALL:
        return {OVERALL[family]: 1.0}
    return _named(family, model) or f"the tissue of the model has no {family} yet"


def _amount(item: str, region: str, model: CellModel) -> dict[str, float] | str:
    """A species of the interstitium, or a messenger."""
    ids = [m.id for m in model.base.metabolites if m.name == item]
    group = model.base.groups.get("pool", item)
    names = [f"{i}_e" for i in (group.members if group is not None else ids)]
    species = [s for s in names if s in model.shared]
    if species:
        return {f"{region}.{s}": 1.0 for s in species}
    return _named(item, model) or f"the interstitium of the model does not hold {item} yet"


def _named(name: str, model: CellModel) -> dict[str, float]:
    """A messenger (uM where it has a concentration) or a node of the niche."""
    messenger = model.base.messengers.get(name)
    if messenger is not None:
        weight = convert(1.0, "nM", "uM") if messenger.kind == "secreted" else 1.0
        return {f"level.{name}": weight}
    return {f"node.{name}": 1.0} if model.base.niche_nodes.get(name) is not None else {}


def shared_series(weights: Mapping[str, float], lane: Lane) -> Array:
    """Values over a lane's times; NaN where its place has no such course."""
    course = lane.course
    missing = np.full(len(lane.times), np.nan)
    if course is None or not set(weights) <= course.values.keys():
        return missing
    return np.asarray(sum(w * course.values[name] for name, w in weights.items()))
