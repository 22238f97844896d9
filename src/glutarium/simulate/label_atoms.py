"""Atoms of a product that stem from a donor, counted on the atom maps alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.model.residues import metabolite_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.simulate.labels import Labels

__all__ = ["count_atoms"]


def count_atoms(
    labels: Labels, pool: str, element: str, donor: str, place: int | None = None
) -> int:
    """Atoms of a product that its own making takes from a donor, by the atom maps alone.

    The way back from an atom ends at every nutrient, at ammonia and at carbon dioxide: what they are
    made of in turn is not the product's making. It goes against reactions as they are written, which is how
    they run at rest: sugar is not made of aspartate, though glycolysis could turn. An atom counts if any
    way back ends at the donor.

    Parameters
    ----------
    labels
        Where the maps are.
    pool
        The product.
    element
        ``C`` or ``N``.
    donor
        Metabolite.
    place
        Atom of the donor that counts; all by default.
    """
    back: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for step in filter(lambda step: step.forward, labels.steps):
        for atom, d in enumerate(step.donors):
            back.setdefault((step.product, atom), set()).add((d.pool, d.atom))
    found = 0
    for atom, kind in enumerate(labels.maps.elements[pool]):
        if kind == element:
            found += _leads_back(back, (pool, atom), donor, place, labels.nutrients)
    return found


def _leads_back(
    back: Mapping[tuple[str, int], set[tuple[str, int]]],
    start: tuple[str, int],
    donor: str,
    place: int | None,
    ends: frozenset[str],
) -> bool:
    seen, stack = {start}, [start]
    while stack:
        for at in back.get(stack.pop(), set()) - seen:
            seen.add(at)
            metabolite = metabolite_of(at[0].partition("/")[0])
            if metabolite == donor:
                if place is None or at[1] == place:
                    return True
            elif metabolite not in ends:
                stack.append(at)
    return False
