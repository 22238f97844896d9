"""Elementary metabolite units that always hold the same: one of them is followed for all.

Halves of a symmetric molecule, atoms that a tracer labels alike and that no reaction tells apart, molecules
that enter a product twice: their equations are the same, term by term, and so is what they start from.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from glutarium.model.emu_unit import Emu, Inflow

__all__ = ["lump"]

_Made: TypeAlias = "list[tuple[int, Hashable, Emu | None, float]]"
# Flux, what it brings, or the unit of the same size that it brings, and molecules made per turnover.


def lump(
    inflow: Mapping[Emu, Inflow], alike: Callable[[Emu], Hashable]
) -> tuple[dict[Emu, Inflow], dict[Emu, Emu]]:
    """Leave out units that hold the same as another one.

    Parameters
    ----------
    inflow
        What makes every unit.
    alike
        Units of one pool for which this is the same start from the same, and medium brings them the same.

    Returns
    -------
    dict, dict
        What makes the units that are kept; every unit → the one that stands for it.
    """
    sizes: defaultdict[int, list[Emu]] = defaultdict(list)
    for emu in sorted(inflow):
        sizes[len(emu.atoms)].append(emu)
    stands: dict[Emu, Emu] = {}
    for size in sorted(sizes):
        made = {emu: _made(emu, inflow[emu], stands) for emu in sizes[size]}
        stands |= _coarsest(made, alike)
    kept: dict[Emu, Inflow] = {}
    for emu in dict.fromkeys(stands.values()):
        found: defaultdict[tuple[int, tuple[Emu, ...]], float] = defaultdict(float)
        for (flux, sources), number in inflow[emu].items():
            found[flux, tuple(sorted(stands[s] for s in sources))] += number
        kept[emu] = dict(found)
    return kept, stands


def _made(emu: Emu, inflow: Inflow, stands: Mapping[Emu, Emu]) -> _Made:
    """What makes a unit; those of smaller ones are known to stand for each other."""
    found: _Made = []
    for (flux, sources), number in inflow.items():
        if len(sources) == 1 and len(sources[0].atoms) == len(emu.atoms):
            found.append((flux, None, sources[0], number))
        else:
            found.append((flux, tuple(sorted(stands[s] for s in sources)), None, number))
    return found


def _coarsest(made: Mapping[Emu, _Made], alike: Callable[[Emu], Hashable]) -> dict[Emu, Emu]:
    """Units of one size → the first of those that cannot be told apart, by their sources' groups."""
    group = _numbered({emu: (emu.pool, alike(emu)) for emu in made})
    while True:
        finer = _numbered({emu: (group[emu], _seen(own, group)) for emu, own in made.items()})
        if len(set(finer.values())) == len(set(group.values())):
            break
        group = finer
    first: dict[int, Emu] = {}
    return {emu: first.setdefault(number, emu) for emu, number in group.items()}


def _seen(made: _Made, group: Mapping[Emu, int]) -> frozenset[tuple[Hashable, float]]:
    total: defaultdict[Hashable, float] = defaultdict(float)
    for flux, brought, same, number in made:
        total[flux, brought if same is None else group[same]] += number
    return frozenset(total.items())


def _numbered(keys: Mapping[Emu, Hashable]) -> dict[Emu, int]:
    known: dict[Hashable, int] = {}
    return {emu: known.setdefault(key, len(known)) for emu, key in keys.items()}
