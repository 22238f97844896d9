"""Elementary metabolite units: which parts of which molecules must be followed for what is asked.

An **EMU** is a set of atoms of one pool; its state is the distribution of the number of labelled atoms among
them. Walking back from what is asked through the atom maps finds all EMUs that it depends on and no
others. EMUs of one size depend on each other linearly and on smaller ones through products of
distributions, so they are solved size by size.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from glutarium.model.emu_lump import lump
from glutarium.model.emu_unit import Emu

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atom_steps import Step
    from glutarium.model.emu_unit import Inflow

__all__ = ["Emu", "EmuSystem", "Level", "decompose", "flux_index", "reachable"]

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Level:
    """All EMUs of one size.

    Attributes
    ----------
    emus
        The EMUs.
    row, column, flux, weight
        Inflow from EMUs of the same size: made EMU, its source, position of the flux, molecules made
        per turnover.
    mixed_row, mixed_column, mixed_flux, mixed_weight
        Inflow from products of smaller EMUs: ``mixed_column`` counts through ``mixtures``.
    mixtures
        The EMUs whose distributions are multiplied; none: nothing of it can be labelled.
    """

    emus: tuple[Emu, ...]
    row: Indices
    column: Indices
    flux: Indices
    weight: Array
    mixed_row: Indices
    mixed_column: Indices
    mixed_flux: Indices
    mixed_weight: Array
    mixtures: tuple[tuple[Emu, ...], ...]


@dataclass(frozen=True, eq=False)
class EmuSystem:
    """EMUs by their size, in rising order of it.

    Attributes
    ----------
    levels
        Size → EMUs.
    stands
        EMU that was found → the one of the levels that holds the same; empty: each stands for itself.
    """

    levels: Mapping[int, Level]
    stands: Mapping[Emu, Emu] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many EMUs there are."""
        return sum(len(level.emus) for level in self.levels.values())


def flux_index(reactions: Sequence[str]) -> dict[tuple[str, bool], int]:
    """Position of the forward (True) and backward (False) gross flux of every reaction."""
    return {
        (r, forward): 2 * i + (not forward)
        for i, r in enumerate(reactions)
        for forward in (True, False)
    }


def reachable(steps: Iterable[Step], sources: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Atoms (pool, place) that a label in some atoms can ever reach, those included."""
    onward: defaultdict[tuple[str, int], set[tuple[str, int]]] = defaultdict(set)
    for step in steps:
        for place, donor in enumerate(step.donors):
            onward[donor.pool, donor.atom].add((step.product, place))
    found = set(sources)
    stack = list(found)
    while stack:
        fresh = onward[stack.pop()] - found
        found |= fresh
        stack += fresh
    return found


def decompose(
    steps: Iterable[Step],
    wanted: Iterable[Emu],
    fluxes: Mapping[tuple[str, bool], int],
    live: set[tuple[str, int]] | None = None,
    alike: Callable[[Emu], Hashable] | None = None,
) -> EmuSystem:
    """Find all EMUs that some depend on.

    Parameters
    ----------
    steps
        The way of single atoms.
    wanted
        What is asked for.
    fluxes
        Position of every gross flux.
    live
        Atoms that can be labelled at all; the others are left out. All by default.
    alike
        EMUs of one pool for which this is the same start from the same, and medium brings them the same;
        of those that hold the same at all times one is followed. None: every EMU is.

    Returns
    -------
    EmuSystem
        The wanted EMUs without the atoms that cannot be labelled, and what they depend on.
    """
    makers: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        makers[step.product].append(step)
    inflow: dict[Emu, Inflow] = {}
    stack = [trimmed(emu, live) for emu in wanted]
    while stack:
        emu = stack.pop()
        if emu in inflow or not emu.atoms:
            continue
        found: defaultdict[tuple[int, tuple[Emu, ...]], float] = defaultdict(float)
        for step in makers[emu.pool]:
            sources = _sources(step, emu.atoms, live)
            found[fluxes[step.reaction, step.forward], sources] += step.number
            stack += sources
        inflow[emu] = dict(found)
    stands: dict[Emu, Emu] = {}
    if alike is not None:
        inflow, stands = lump(inflow, alike)
    sizes: defaultdict[int, list[Emu]] = defaultdict(list)
    for emu in inflow:
        sizes[len(emu.atoms)].append(emu)
    return EmuSystem({n: _level(sorted(sizes[n]), inflow) for n in sorted(sizes)}, stands)


def trimmed(emu: Emu, live: set[tuple[str, int]] | None) -> Emu:
    """An EMU without the atoms that cannot be labelled."""
    atoms = sorted(a for a in emu.atoms if live is None or (emu.pool, a) in live)
    return Emu(emu.pool, tuple(atoms))


def _sources(
    step: Step, atoms: Sequence[int], live: set[tuple[str, int]] | None
) -> tuple[Emu, ...]:
    """The EMUs of the molecules that some atoms of a product come from."""
    parts: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for atom in atoms:
        donor = step.donors[atom]
        parts[donor.molecule, donor.pool].append(donor.atom)
    whole = (trimmed(Emu(pool, tuple(places)), live) for (_, pool), places in parts.items())
    return tuple(sorted(emu for emu in whole if emu.atoms))


def _level(emus: list[Emu], inflow: Mapping[Emu, Inflow]) -> Level:
    at = {emu: i for i, emu in enumerate(emus)}
    size = len(emus[0].atoms)
    same: list[tuple[int, int, int, float]] = []
    mixed: list[tuple[int, int, int, float]] = []
    mixtures: dict[tuple[Emu, ...], int] = {}
    for emu in emus:
        for (flux, sources), number in inflow[emu].items():
            if len(sources) == 1 and len(sources[0].atoms) == size:
                same.append((at[emu], at[sources[0]], flux, number))
            else:
                place = mixtures.setdefault(sources, len(mixtures))
                mixed.append((at[emu], place, flux, number))
    return Level(tuple(emus), *_columns(same), *_columns(mixed), tuple(mixtures))


def _columns(
    links: Sequence[tuple[int, int, int, float]],
) -> tuple[Indices, Indices, Indices, Array]:
    table = np.array(links, dtype=np.float64).reshape(-1, 4)
    row, column, flux = (table[:, i].astype(np.intp) for i in range(3))
    return row, column, flux, table[:, 3].copy()
