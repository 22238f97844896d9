"""Labels of a model: answers what a study asks of tracers, run by run.

Nothing is prepared before it is asked for, and what is asked decides how much of the network is followed.
Requests that are asked together are answered together, for many runs side by side.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium.model.atommaps import load_atom_maps
from glutarium.model.residues import metabolite_of
from glutarium.simulate.label_answer import isotopologues, share
from glutarium.simulate.label_course import FluxReader
from glutarium.simulate.label_feed import Feed
from glutarium.simulate.label_pools import SiteLayout
from glutarium.simulate.label_request import Chooser
from glutarium.simulate.label_run import Run, follow
from glutarium.simulate.label_scope import Scopes
from glutarium.simulate.label_site import read_trace
from glutarium.solve.native import ABREAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atom_steps import Step
    from glutarium.model.atommaps import AtomMaps
    from glutarium.model.emu import Emu
    from glutarium.model.tracers import Tracer
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.label_pools import LabelCourse, SiteTrace, Watch
    from glutarium.simulate.label_request import LabelRequest, View
    from glutarium.simulate.label_scope import Scope
    from glutarium.simulate.label_system import Systems
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

__all__ = ["Labels", "labels_of"]

BLOOD = "plasma"
COURSE = "course"
"""Where the pools and fluxes of a lane are kept with it."""
FOUND, TABLES = "labels", "isotopologues"
"""Where distributions and isotopologues are kept with a lane, or with the place of lanes that share one."""
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
    def _scopes(self) -> Scopes:
        reactions = tuple(self.model.network.reactions)
        return Scopes(self.maps, self.steps, reactions, self.nutrients)

    def scope(self, lane: Lane) -> Scope:
        """The network that a lane is part of."""
        return self._scopes.alone if lane.trace is None else self._scopes.of(lane.trace.layout)

    @property
    def systems(self) -> Systems:
        """EMUs of what was asked of cells alone so far."""
        return self._scopes.alone.systems

    def trace(
        self,
        lanes: Sequence[Lane],
        zones: tuple[int, ...],
        watches: Sequence[Watch],
        *,
        flowing: bool,
        blood: bool,
    ) -> SiteTrace:
        """A run of cells that share a place, ready for labels.

        Parameters
        ----------
        lanes
            One for every lane of the site, with its own observables.
        zones
            Where each of them is.
        watches
            What else there is to know, at the times of the lanes.
        flowing
            Whether anything flows from outside or between zones.
        blood
            Whether fresh medium is plasma.
        """
        shared = tuple(self.model.shared[: self.model.n_matter])
        layout = SiteLayout(zones, flowing, shared, blood)
        return read_trace(self.model, self.maps, self._reader, lanes, watches, layout)

    @cached_property
    def _reader(self) -> FluxReader:
        return FluxReader(self.model, self.maps)

    @cached_property
    def _chooser(self) -> Chooser:
        return Chooser(self.model.base, self.maps)

    @cached_property
    def _feed(self) -> Feed:
        density = self.model.parameter_index["dish.density"]
        return Feed(self.maps, self._chooser, self.scope, density)

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
        """Answer requests for many lanes at once; see :meth:`prepare_all`.

        Parameters
        ----------
        requests
            All that will be asked.
        lanes
            Runs, of one plan or of several.
        """
        own = list(requests)
        self.prepare_all((request, lane) for lane in lanes for request in own)

    def prepare_all(self, asked: Iterable[tuple[LabelRequest, Lane]]) -> None:
        """Answer what is asked of lanes; their series are then only looked up.

        What is asked together shares its steps in time: a series may differ within their tolerance by
        what is asked beside it, never by the other lanes. Cells that share a place are answered together.
        """
        wanted: defaultdict[tuple[View, int], dict[LabelRequest, Lane]] = defaultdict(dict)
        for request, lane in asked:
            if lane.plan is None or not len(lane.times):
                continue
            local, view = _local(request, lane).alike, self._chooser.view(request, lane.plan)
            if view.tracers and (view, local) not in _kept(lane):
                wanted[view, id(_kept(lane))][local] = lane
        groups: defaultdict[tuple[View, frozenset[LabelRequest], int], list[Lane]]
        groups = defaultdict(list)
        for (view, _), own in wanted.items():
            lane = next(iter(own.values()))
            groups[view, frozenset(own), id(self.scope(lane))].append(lane)
        self._read([lane for group in groups.values() for lane in group])
        for (view, together, _), group in groups.items():
            self._follow(view, sorted(together, key=repr), group)

    def series(self, request: LabelRequest, lane: Lane) -> Array:
        """Values at the lane's times, shape ``(n,)``; NaN where the lane has no such tracer."""
        plan = lane.plan
        view = None if plan is None else self._chooser.view(request, plan)
        if view is None or not len(lane.times) or not view.tracers:
            return np.full(len(lane.times), np.nan)
        local = _local(request, lane)
        key = view, local.alike
        if key not in _kept(lane):
            self.prepare([request], [lane])
        if request.count is None:
            return self._share(local, view, lane)
        tables: dict[tuple[View, LabelRequest], Array] = _memo(lane).setdefault(TABLES, {})
        if key not in tables:
            wanted = self.scope(lane).systems.wanted(local, view)
            tables[key] = isotopologues(self._course(lane), wanted, _kept(lane)[key])
        table = tables[key]
        known = request.count < table.shape[1]
        return table[:, request.count] if known else np.where(np.isnan(table[:, 0]), np.nan, 0.0)

    def _share(self, local: LabelRequest, view: View, lane: Lane) -> Array:
        """Share of a product's atoms that are labelled."""
        scope, found = self.scope(lane), _kept(lane)[view, local.alike]
        counted, wanted = scope.maps.elements, scope.systems.wanted(local, view)
        atoms = {pool: sum(e in view.elements for e in counted[pool]) for pool in local.pools}
        course = self._course(lane)
        labelled = share(local, course, wanted, found, atoms=atoms, trace=lane.trace)
        return labelled / view.tracers[0].purity

    def amount(self, request: LabelRequest, lane: Lane) -> Array:
        """How much of a request's pools there is at the lane's times, mmol per gDW of time zero.

        Where cells share a place, per gram of all of them.
        """
        pools = _local(request, lane).pools
        return np.asarray(self._course(lane).columns(pools).sum(axis=1))

    def _course(self, lane: Lane) -> LabelCourse:
        if lane.trace is not None:
            return lane.trace.course
        self._read([lane])
        course: LabelCourse = lane.memo[COURSE]
        return course

    def _read(self, lanes: Sequence[Lane]) -> None:
        """Pools and fluxes of lanes that stand alone."""
        alone = (lane for lane in lanes if lane.trace is None and COURSE not in lane.memo)
        fresh = {id(lane): lane for lane in alone}
        courses = self._reader.read(list(fresh.values()))
        for lane, course in zip(fresh.values(), courses, strict=True):
            lane.memo[COURSE] = course

    def _follow(self, view: View, requests: Sequence[LabelRequest], lanes: Sequence[Lane]) -> None:
        scope = self.scope(lanes[0])
        emus = [e for r in requests for e in scope.systems.wanted(r, view) if e.atoms]
        wanted = list(dict.fromkeys(emus))
        solver = scope.systems.solver(view, wanted)
        for start in range(0, len(lanes), ABREAST):
            block = lanes[start : start + ABREAST]
            runs = [Run(self._course(lane), self._feed.events(lane, view)) for lane in block]
            answers = follow(solver, runs, scope.marking(view.natural), wanted)
            for lane, answer in zip(block, answers, strict=True):
                _kept(lane).update(dict.fromkeys(((view, r) for r in requests), answer))


def _local(request: LabelRequest, lane: Lane) -> LabelRequest:
    """A request in terms of the pools of the lane's network."""
    return request if lane.trace is None else lane.trace.local(request)


def _kept(lane: Lane) -> dict[tuple[View, LabelRequest], Mapping[Emu, Array]]:
    """What was found for a lane, or for all that share its place, so far."""
    found: dict[tuple[View, LabelRequest], Mapping[Emu, Array]]
    found = _memo(lane).setdefault(FOUND, {})
    return found


def _memo(lane: Lane) -> dict[Any, Any]:
    return lane.memo if lane.trace is None else lane.trace.answers


def labels_of(model: CellModel) -> Labels:
    """Labels of a model, made when they are first asked for and kept with it."""
    kept = model.__dict__
    if "labels" not in kept:
        kept["labels"] = Labels(model)
    found: Labels = kept["labels"]
    return found
