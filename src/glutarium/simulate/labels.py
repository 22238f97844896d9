"""Labels of a model: answers what a study asks of tracers, run by run.

Nothing is prepared before it is asked for, and what is asked decides how much of the network is followed.
Requests that are asked together are answered together, for many runs side by side.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.atommaps import load_atom_maps
from glutarium.model.residues import metabolite_of
from glutarium.simulate.label_course import FluxReader
from glutarium.simulate.label_isotopes import natural_abundance
from glutarium.simulate.label_request import Chooser
from glutarium.simulate.label_run import Event, Marking, Run, follow, source_pool
from glutarium.simulate.label_system import Systems
from glutarium.solve.native import ABREAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atom_steps import Step
    from glutarium.model.atommaps import AtomMaps
    from glutarium.model.emu import Emu
    from glutarium.model.tracers import Tracer
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.label_course import LabelCourse
    from glutarium.simulate.label_request import LabelRequest, View
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

__all__ = ["Labels", "labels_of"]

BLOOD = "plasma"
COURSE = "course"
"""Where the pools and fluxes of a lane are kept with it."""
SMALL = frozenset({"nh4", "co2", "hco3"})


@dataclass
class Labels:
    """Labels of one model.

    Attributes
    ----------
    model
        The model.
    """

    model: CellModel

    @cached_property
    def maps(self) -> AtomMaps:
        """Atom maps of the network."""
        return load_atom_maps(self.model.base, self.model.network)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Steps that change a label: a ledger of the surroundings is too large for that."""
        return tuple(s for s in self.maps.steps if not s.product.endswith("_g"))

    @cached_property
    def nutrients(self) -> frozenset[str]:
        """What blood brings to cells, and ammonia and carbon dioxide: where the way to a donor ends."""
        blood = self.model.base.media.where("medium", BLOOD)
        supplied = {metabolite_of(m.species) for m in blood if m.value > 0.0}
        return frozenset(supplied | SMALL)

    @cached_property
    def systems(self) -> Systems:
        """EMUs of what was asked so far."""
        reactions = list(self.model.network.reactions)
        return Systems(self.maps, self.steps, reactions, self.nutrients)

    @cached_property
    def _reader(self) -> FluxReader:
        return FluxReader(self.model, self.maps)

    @cached_property
    def _chooser(self) -> Chooser:
        return Chooser(self.model.base, self.maps)

    @cached_property
    def _markings(self) -> Mapping[bool, Marking]:
        return {True: Marking(self.maps, natural_abundance()), False: Marking(self.maps)}

    def tracers(self, text: str) -> tuple[Tracer, ...]:
        """Read what a study says of its tracers; raises where a molecule lacks the atom."""
        return self._chooser.tracers(text)

    def lacks(self, request: LabelRequest, plan: ArmPlan) -> str:
        """Why an arm cannot answer a request; empty where it can."""
        view = self._chooser.view(request, plan)
        if not any(phase.tracer for phase in plan.phases):
            return "the arm has no tracer"
        if not view.tracers:
            return "no tracer of the arm labels the atom that is asked for"
        if not any(e.atoms for e in self.systems.wanted(request, view)):
            return "no mapped path leads to it from the tracer"
        return ""

    def prepare(self, requests: Iterable[LabelRequest], lanes: Iterable[Lane]) -> None:
        """Answer requests for many lanes at once; their series are then only looked up.

        What is asked together shares its steps in time: a series may differ within their tolerance by
        what is asked beside it, never by the other lanes.

        Parameters
        ----------
        requests
            All that will be asked.
        lanes
            Runs, of one plan or of several.
        """
        own = list(dict.fromkeys(r.alike for r in requests))
        open_lanes = [lane for lane in lanes if lane.plan is not None and len(lane.times)]
        groups: defaultdict[tuple[View, frozenset[LabelRequest]], list[Lane]] = defaultdict(list)
        for lane in open_lanes:
            for view, asked in self._views(own, lane).items():
                groups[view, frozenset(asked)].append(lane)
        self._read([lane for group in groups.values() for lane in group])
        for (view, together), group in groups.items():
            self._follow(view, sorted(together, key=repr), group)

    def series(self, request: LabelRequest, lane: Lane) -> Array:
        """Values at the lane's times, shape ``(n,)``; NaN where the lane has no such tracer."""
        plan = lane.plan
        view = None if plan is None else self._chooser.view(request, plan)
        if view is None or not len(lane.times) or not view.tracers:
            return np.full(len(lane.times), np.nan)
        if (view, request.alike) not in _kept(lane):
            self.prepare([request], [lane])
        found = _kept(lane)[view, request.alike]
        course: LabelCourse = lane.memo[COURSE]
        if request.count is not None:
            return self._isotopologue(request, course, self.systems.wanted(request, view), found)
        return self._share(request, course, view, found) / view.tracers[0].purity

    def amount(self, request: LabelRequest, lane: Lane) -> Array:
        """How much of a request's pools there is at the lane's times, mmol per gDW of time zero."""
        self._read([lane])
        course: LabelCourse = lane.memo[COURSE]
        return np.asarray(course.columns(request.pools).sum(axis=1))

    def _views(
        self, requests: Sequence[LabelRequest], lane: Lane
    ) -> Mapping[View, list[LabelRequest]]:
        """What a lane has not answered yet, by what counts for it."""
        assert lane.plan is not None  # the caller has seen to it
        found: defaultdict[View, list[LabelRequest]] = defaultdict(list)
        for request in requests:
            view = self._chooser.view(request, lane.plan)
            if view.tracers and (view, request) not in _kept(lane):
                found[view].append(request)
        return found

    def _read(self, lanes: Sequence[Lane]) -> None:
        """Pools and fluxes of lanes."""
        fresh = {id(lane): lane for lane in lanes if COURSE not in lane.memo}
        courses = self._reader.read(list(fresh.values()))
        for lane, course in zip(fresh.values(), courses, strict=True):
            lane.memo[COURSE] = course

    def _follow(self, view: View, requests: Sequence[LabelRequest], lanes: Sequence[Lane]) -> None:
        emus = [e for r in requests for e in self.systems.wanted(r, view) if e.atoms]
        wanted = list(dict.fromkeys(emus))
        solver = self.systems.solver(view, wanted)
        for start in range(0, len(lanes), ABREAST):
            block = lanes[start : start + ABREAST]
            runs = [Run(lane.memo[COURSE], self._events(lane, view)) for lane in block]
            answers = follow(solver, runs, self._markings[view.natural], wanted)
            for lane, answer in zip(block, answers, strict=True):
                _kept(lane).update(dict.fromkeys(((view, r) for r in requests), answer))

    def _events(self, lane: Lane, view: View) -> list[Event]:
        """Fresh medium of a lane's phases with the label that counts."""
        plan = lane.plan
        assert plan is not None  # the caller has seen to it
        density = lane.end_parameters[self.model.parameter_index["dish.density"]]
        events, before = [], ""
        for phase in plan.phases:
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
            events.append(Event(phase.start_h, fresh, added, self._chooser.marked(view, phase)))
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
        self, request: LabelRequest, course: LabelCourse, view: View, found: Mapping[Emu, Array]
    ) -> Array:
        weights = dict(zip(request.pools, request.weights, strict=False))
        labelled: dict[str, Array] = {}
        for emu in dict.fromkeys(self.systems.wanted(request, view)):
            if emu.atoms:
                pool = source_pool(emu.pool)
                labelled[pool] = labelled.get(pool, np.zeros(len(course.times))) + found[emu][:, 1]
        top, bottom = np.zeros(len(course.times)), np.zeros(len(course.times))
        for pool in request.pools:
            amount = weights.get(pool, course.amounts[pool])
            count = sum(e in view.elements for e in self.maps.elements[pool])
            top += amount * labelled.get(pool, np.zeros(len(top)))
            bottom += amount * count
        return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0.0)


def _kept(lane: Lane) -> dict[tuple[View, LabelRequest], Mapping[Emu, Array]]:
    """What was found for a lane so far."""
    found: dict[tuple[View, LabelRequest], Mapping[Emu, Array]]
    found = lane.memo.setdefault("labels", {})
    return found


def labels_of(model: CellModel) -> Labels:
    """Labels of a model, made when they are first asked for and kept with it."""
    kept = model.__dict__
    if "labels" not in kept:
        kept["labels"] = Labels(model)
    found: Labels = kept["labels"]
    return found
