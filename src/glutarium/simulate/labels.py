"""Labels of a model: answers what a study asks of tracers, run by run.

Nothing is prepared before it is asked for, and what is asked decides how much of the network is followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import ModelError
from glutarium.model.atommaps import load_atom_maps
from glutarium.model.emu import Emu, decompose, flux_index, reachable, trimmed
from glutarium.model.residues import metabolite_of
from glutarium.model.tracers import nitrogen_place, read_tracers
from glutarium.simulate.label_course import FluxReader
from glutarium.simulate.label_run import Event, Marking, follow, source_pool
from glutarium.simulate.label_solver import LabelSolver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atom_steps import Step
    from glutarium.model.atommaps import AtomMaps
    from glutarium.model.tracers import Tracer
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.label_course import LabelCourse
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

__all__ = ["LabelRequest", "Labels", "labels_of"]

BLOOD = "plasma"
SMALL = frozenset({"nh4", "co2", "hco3"})
VIA = "~"
"""Before a pool: the same pool, seen for label that came by way of one donor."""


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """What is asked of labels.

    Attributes
    ----------
    pools
        Pools of the product; read together, by their amounts.
    weights
        Fixed weights of the pools in place of their amounts; empty for amounts.
    count
        Number of labelled atoms of an isotopologue; None for a share of atoms.
    element
        ``C`` or ``N``; empty for all that the tracers label.
    donor
        Metabolite that the label stems from; empty for any tracer.
    position
        ``amide`` or ``alpha``: only this nitrogen of the donor counts; empty for all its atoms.
    """

    pools: tuple[str, ...]
    weights: tuple[float, ...] = ()
    count: int | None = None
    element: str = ""
    donor: str = ""
    position: str = ""


@dataclass
class Labels:
    """Labels of one model.

    Attributes
    ----------
    model
        The model.
    """

    model: CellModel
    _systems: dict[object, tuple[LabelSolver, list[Emu]]] = field(default_factory=dict, repr=False)

    @cached_property
    def maps(self) -> AtomMaps:
        """Atom maps of the network."""
        return load_atom_maps(self.model.base, self.model.network)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Steps that change a label: a ledger of the surroundings is too large for that."""
        return tuple(s for s in self.maps.steps if not s.product.endswith("_g"))

    @cached_property
    def _reader(self) -> FluxReader:
        return FluxReader(self.model, self.maps)

    @cached_property
    def _fluxes(self) -> Mapping[tuple[str, bool], int]:
        return flux_index(list(self.model.network.reactions))

    @cached_property
    def nutrients(self) -> frozenset[str]:
        """What blood brings to cells, and ammonia and carbon dioxide: where the way to a donor ends."""
        blood = self.model.base.media.where("medium", BLOOD)
        supplied = {metabolite_of(m.species) for m in blood if m.value > 0.0}
        return frozenset(supplied | SMALL)

    def tracers(self, text: str) -> tuple[Tracer, ...]:
        """Read what a study says of its tracers; raises where a molecule lacks the atom."""
        return read_tracers(text, self.model.base, self.maps)

    def lacks(self, request: LabelRequest, plan: ArmPlan) -> str:
        """Why an arm cannot answer a request; empty where it can."""
        tracers = self._meant(request, plan)
        if not any(phase.tracer for phase in plan.phases):
            return "the arm has no tracer"
        if not tracers:
            return "no tracer of the arm labels the atom that is asked for"
        elements = self._elements(request, tracers)
        _, emus = self._system(request, tracers, elements)
        if not any(e.atoms for e in emus):
            return "no mapped path leads to it from the tracer"
        return ""

    def series(self, request: LabelRequest, lane: Lane) -> Array:
        """Values at the lane's times, shape ``(n,)``; NaN where the lane has no such tracer."""
        plan = lane.plan
        if plan is None or not len(lane.times):
            return np.full(len(lane.times), np.nan)
        tracers = self._meant(request, plan)
        if not tracers:
            return np.full(len(lane.times), np.nan)
        elements = self._elements(request, tracers)
        course = self._course(lane)
        wanted = self._system(request, tracers, elements)[1]
        found = self._distributions(request, tracers, lane)
        if request.count is not None:
            return self._isotopologue(request, course, wanted, found)
        purity = tracers[0].purity
        return self._share(request, course, elements, found) / purity

    def _distributions(
        self, request: LabelRequest, tracers: tuple[Tracer, ...], lane: Lane
    ) -> Mapping[Emu, Array]:
        """What a request reads over a lane; isotopologues of one molecule share it."""
        key = f"labels {_alike(request)}"
        if key not in lane.memo:
            elements = self._elements(request, tracers)
            solver, wanted = self._system(request, tracers, elements)
            events = self._events(lane, request)
            kept = [e for e in dict.fromkeys(wanted) if e.atoms]
            lane.memo[key] = follow(solver, self._course(lane), events, Marking(self.maps), kept)
        found: Mapping[Emu, Array] = lane.memo[key]
        return found

    def _course(self, lane: Lane) -> LabelCourse:
        if "course" not in lane.memo:
            lane.memo["course"] = self._reader.read(lane)
        course: LabelCourse = lane.memo["course"]
        return course

    def _meant(self, request: LabelRequest, plan: ArmPlan) -> tuple[Tracer, ...]:
        """Tracers of an arm whose label counts."""
        found: dict[str, Tracer] = {}
        for phase in plan.phases:
            for tracer in self.tracers(phase.tracer):
                kept = self._restricted(tracer, request)
                if kept.atoms:
                    found[tracer.name] = kept
        own = tuple(t for t in found.values() if t.metabolite == request.donor)
        return own or tuple(found.values())

    def _restricted(self, tracer: Tracer, request: LabelRequest) -> Tracer:
        """The tracer with only the atom that is asked for, and of the element that is asked for."""
        elements = self._elements_of(tracer.metabolite)
        atoms = tracer.atoms
        if request.position and request.donor in {"", tracer.metabolite}:
            place = self._place(tracer, request.position, elements)
            atoms = tuple(a for a in atoms if a == place)
        if request.element:
            atoms = tuple(a for a in atoms if elements[a] == request.element)
        return replace(tracer, atoms=atoms)

    def _place(self, tracer: Tracer, position: str, elements: str) -> int | None:
        """Place of a named nitrogen; None where the nutrient has none of this name."""
        try:
            return nitrogen_place(
                tracer.metabolite, position, elements, self.model.base, tracer.name
            )
        except ModelError:
            return None

    def _elements_of(self, metabolite: str) -> str:
        pools = (p for p in self.maps.elements if metabolite_of(p.partition("/")[0]) == metabolite)
        return self.maps.elements[next(pools)]

    def _elements(self, request: LabelRequest, tracers: Sequence[Tracer]) -> frozenset[str]:
        if request.element:
            return frozenset({request.element})
        return frozenset(self._elements_of(t.metabolite)[atom] for t in tracers for atom in t.atoms)

    def _system(
        self, request: LabelRequest, tracers: tuple[Tracer, ...], elements: frozenset[str]
    ) -> tuple[LabelSolver, list[Emu]]:
        """EMUs that a request needs, and those that it reads."""
        key = _alike(request), tracers, elements
        if key not in self._systems:
            via = request.donor and request.donor not in {t.metabolite for t in tracers}
            steps = (*self.steps, *self._by_way_of(request.donor)) if via else self.steps
            mark = VIA if via else ""
            emus: list[Emu] = []
            for pool in request.pools:
                own = [i for i, e in enumerate(self.maps.elements[pool]) if e in elements]
                parts = [(i,) for i in own] if request.count is None else [tuple(own)]
                emus += [Emu(f"{mark}{pool}", atoms) for atoms in parts]
            sources = [
                (pool, atom)
                for t in tracers
                for pool in self.maps.elements
                if pool.endswith("_e") and metabolite_of(pool) == t.metabolite
                for atom in t.atoms
            ]
            live = reachable(steps, sources)
            solver = LabelSolver(decompose(steps, emus, self._fluxes, live))
            self._systems[key] = solver, [trimmed(e, live) for e in emus]
        return self._systems[key]

    def _by_way_of(self, donor: str) -> list[Step]:
        """The network seen for label that came from a donor and through no other nutrient since."""
        found = []
        for step in self.steps:
            donors = []
            for d in step.donors:
                metabolite = metabolite_of(d.pool.partition("/")[0])
                # A pool that nothing makes stays unlabelled: what other nutrients bring.
                mark = "" if metabolite == donor else VIA
                donors.append(d._replace(pool=f"{mark}{d.pool}"))
            product = metabolite_of(step.product.partition("/")[0])
            if product not in self.nutrients:
                found.append(step._replace(product=f"{VIA}{step.product}", donors=tuple(donors)))
        return found

    def _events(self, lane: Lane, request: LabelRequest) -> list[Event]:
        """Fresh medium of a lane's phases with the label that counts."""
        plan = lane.plan
        assert plan is not None  # the caller has seen to it
        density = lane.end_parameters[self.model.parameter_index["dish.density"]]
        events, before = [], ""
        for phase in plan.phases:
            tracers = tuple(self._restricted(t, request) for t in self.tracers(phase.tracer))
            own = tuple(t for t in tracers if t.metabolite == request.donor)
            species = set(phase.medium)
            if phase.tracer != before:
                both = (*self.tracers(before), *self.tracers(phase.tracer))
                species |= {f"{t.metabolite}_e" for t in both}
            before = phase.tracer
            fresh = frozenset(p for s in species for p in self.maps.pools_of(s))
            added = {
                p: self.maps.number[p] * amount / density
                for s, amount in phase.added.items()
                for p in self.maps.pools_of(s)
            }
            events.append(Event(phase.start_h, fresh, added, own or tracers))
        return events

    def _isotopologue(
        self,
        request: LabelRequest,
        course: LabelCourse,
        wanted: Sequence[Emu],
        found: Mapping[Emu, Array],
    ) -> Array:
        top, bottom = np.zeros(len(course.times)), np.zeros(len(course.times))
        for emu in wanted:
            amount = course.amounts[source_pool(emu.pool)]
            if len(emu.atoms) == 0:
                part = np.full(len(amount), float(request.count == 0))
            else:
                count = request.count or 0
                own = found[emu]
                part = own[:, count] if count < own.shape[1] else np.zeros(len(amount))
            top += amount * part
            bottom += amount
        return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0.0)

    def _share(
        self,
        request: LabelRequest,
        course: LabelCourse,
        elements: frozenset[str],
        found: Mapping[Emu, Array],
    ) -> Array:
        weights = dict(zip(request.pools, request.weights, strict=False))
        labelled: dict[str, Array] = {}
        for emu, own in found.items():
            pool = source_pool(emu.pool)
            labelled[pool] = labelled.get(pool, np.zeros(len(course.times))) + own[:, 1]
        top, bottom = np.zeros(len(course.times)), np.zeros(len(course.times))
        for pool in request.pools:
            amount = weights.get(pool, course.amounts[pool])
            count = sum(e in elements for e in self.maps.elements[pool])
            top += amount * labelled.get(pool, np.zeros(len(top)))
            bottom += amount * count
        return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0.0)


def _alike(request: LabelRequest) -> LabelRequest:
    """The request that all isotopologues of a molecule share."""
    return request if request.count is None else replace(request, count=0)


def labels_of(model: CellModel) -> Labels:
    """Labels of a model, made when they are first asked for and kept with it."""
    kept = model.__dict__
    if "labels" not in kept:
        kept["labels"] = Labels(model)
    found: Labels = kept["labels"]
    return found
