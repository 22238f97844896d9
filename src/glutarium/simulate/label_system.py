"""Which part of the network is followed for what is asked: EMUs by view, made once and kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from glutarium.model.emu import Emu, decompose, flux_index, reachable, trimmed
from glutarium.simulate.label_run import VIA, metabolite_in, source_pool
from glutarium.simulate.label_solver import LabelSolver

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence

    from glutarium.model.atom_steps import Step
    from glutarium.model.atommaps import AtomMaps
    from glutarium.simulate.label_request import LabelRequest, View

__all__ = ["Systems"]

Atoms = set[tuple[str, int]]


class Systems:
    """EMUs of one network.

    Parameters
    ----------
    maps
        Its atom maps.
    steps
        Those of its steps that are followed.
    reactions
        Its reactions, in the order of fluxes.
    nutrients
        Metabolites that label does not come by way of: what is seen through a donor ends at them.
    """

    def __init__(
        self,
        maps: AtomMaps,
        steps: Sequence[Step],
        reactions: Sequence[str],
        nutrients: frozenset[str],
    ) -> None:
        self._maps, self._steps, self._nutrients = maps, steps, nutrients
        self._fluxes = flux_index(reactions)
        self._through: dict[str, tuple[Step, ...]] = {"": tuple(steps)}
        self._wanted: dict[tuple[LabelRequest, View], list[Emu]] = {}
        self._live: dict[View, Atoms] = {}
        self._solvers: dict[tuple[View, frozenset[Emu]], LabelSolver] = {}

    @property
    def solvers(self) -> tuple[LabelSolver, ...]:
        """Systems that were needed so far."""
        return tuple(self._solvers.values())

    def wanted(self, request: LabelRequest, view: View) -> list[Emu]:
        """EMUs that a request reads; one without atoms cannot be labelled."""
        key = request.alike, view
        if key not in self._wanted:
            self._wanted[key] = self._read_by(request, view)
        return self._wanted[key]

    def _read_by(self, request: LabelRequest, view: View) -> list[Emu]:
        mark = VIA if view.via else ""
        live = self._reached(view)
        emus: list[Emu] = []
        for pool in request.pools:
            own = [i for i, e in enumerate(self._maps.elements[pool]) if e in view.elements]
            parts = [(i,) for i in own] if request.count is None else [tuple(own)]
            emus += [trimmed(Emu(f"{mark}{pool}", atoms), live) for atoms in parts]
        return emus

    def solver(self, view: View, emus: Collection[Emu]) -> LabelSolver:
        """The system of all that some EMUs depend on."""
        key = view, frozenset(emus)
        if key not in self._solvers:
            steps, live = self._seen(view.via), self._reached(view)
            alike = partial(self._brought, view)
            system = decompose(steps, sorted(emus), self._fluxes, live, alike)
            self._solvers[key] = LabelSolver(system)
        return self._solvers[key]

    def _brought(self, view: View, emu: Emu) -> Hashable:
        """What fresh medium and natural abundance make of an EMU, as far as atoms decide it."""
        pool = source_pool(emu.pool)
        elements = "".join(sorted(self._maps.elements[pool][a] for a in emu.atoms))
        if not pool.partition("/")[0].endswith("_e"):
            return elements
        own = [t for t in view.tracers if t.metabolite == metabolite_in(emu.pool)]
        # A mixture takes one tracer or another: what counts is the atoms that each of them labels.
        return elements, *(len({*emu.atoms} & {*t.atoms}) for t in own)

    def _reached(self, view: View) -> Atoms:
        """Atoms that can be heavy: those that the label reaches, or all that are followed."""
        if view.natural and view not in self._live:
            self._live[view] = {
                (pool, atom)
                for pool, elements in self._maps.elements.items()
                for atom, element in enumerate(elements)
                if element in view.elements
            }
        if view not in self._live:
            sources = [
                (pool, atom)
                for t in view.tracers
                for pool in self._maps.elements
                if pool.endswith("_e") and metabolite_in(pool) == t.metabolite
                for atom in t.atoms
            ]
            self._live[view] = reachable(self._seen(view.via), sources)
        return self._live[view]

    def _seen(self, via: str) -> tuple[Step, ...]:
        if via not in self._through:
            self._through[via] = (*self._steps, *self._by_way_of(via))
        return self._through[via]

    def _by_way_of(self, donor: str) -> list[Step]:
        """The network seen for label that came from a donor and through no other nutrient since."""
        found = []
        for step in self._steps:
            donors = []
            for d in step.donors:
                metabolite = metabolite_in(d.pool)
                # A pool that nothing makes stays unlabelled: what other nutrients bring.
                mark = "" if metabolite == donor else VIA
                donors.append(d._replace(pool=f"{mark}{d.pool}"))
            product = metabolite_in(step.product)
            if product not in self._nutrients:
                found.append(step._replace(product=f"{VIA}{step.product}", donors=tuple(donors)))
        return found
