"""Readings of labels, and of atoms counted on the maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.simulate.label_read import atoms_request, label_request
from glutarium.simulate.reading import Missing, Reading

if TYPE_CHECKING:
    from glutarium.names import Observable, Vocabulary
    from glutarium.simulate.model import CellModel

__all__ = ["read_atoms", "read_label"]


def read_label(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """An isotopologue, or a share of a precursor."""
    del vocabulary
    found = label_request(observable, model)
    if isinstance(found, str):
        return Missing(observable.name, found)
    return Reading({}, "1", label=found)


def read_atoms(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """Atoms of a product that stem from a donor; a constant."""
    del vocabulary
    found = atoms_request(observable, model)
    if isinstance(found, str):
        return Missing(observable.name, found)
    return Reading({}, "1", constant=float(found))
