"""Readings of what regulation changes: levels and activities, shares of lineages, times of change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from glutarium.simulate.reading import Missing, Reading
from glutarium.simulate.steering import competitors, kernel_name

if TYPE_CHECKING:
    from glutarium.names import Observable, Vocabulary
    from glutarium.simulate.model import CellModel

__all__ = ["read_fraction", "read_half_time", "read_inhibition", "read_steered"]


def read_steered(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """What regulation changes; what it does not reach must not read as unchanged."""
    del vocabulary
    name, unit = kernel_name(observable, model)
    if name:
        return Reading({name: 1.0}, unit)
    return Missing(
        "_".join(filter(None, (observable.item or observable.family, observable.form))), unit
    )


def read_fraction(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """Share of a cell in its lineage: its programme over all that compete with it."""
    del vocabulary
    programmes = competitors(observable.place, model)
    if observable.place not in programmes:
        return Missing("fraction", f"no programme of the model leads to {observable.place} yet")
    everyone = {name: share for one in programmes.values() for name, share in one.items()}
    return Reading(programmes[observable.place], "1", bottom=everyone)


def read_inhibition(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """Share of a protein that drugs block."""
    del vocabulary
    level, free = f"level.{observable.item}", f"unblocked.{observable.item}"
    if level not in model.observable_index:
        return Missing(observable.item, "the network has no such protein")
    if free in model.observable_index:
        return Reading({free: 1.0}, "1", complement=True)
    return Reading({level: 1.0}, "1", bottom={level: 1.0}, complement=True)  # no drug is on it


def read_half_time(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """Time of half of the change of what is expressed or else active."""
    for family in ("expression", "activity"):
        decay = observable.form == "decay"
        form = "" if decay else observable.form
        found = read_steered(replace(observable, family=family, form=form), model, vocabulary)
        if isinstance(found, Reading):
            return replace(found, unit="h", half=True, decay=decay)
    return found
