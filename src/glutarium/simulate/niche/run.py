"""Plans of one place become a site; what comes of it becomes lanes again, one per plan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.calibrate.draw import Draw
from glutarium.model.niche import load_niche
from glutarium.model.spheroid import load_spheroid
from glutarium.simulate.cell import Lane, at_rest
from glutarium.simulate.labels import labels_of
from glutarium.simulate.niche.hands import Hands, split
from glutarium.simulate.niche.spheroid import balls
from glutarium.simulate.niche.steward import NicheSteward
from glutarium.solve.lanes import LaneOptions
from glutarium.solve.sites.run import run_sites
from glutarium.solve.sites.site import Site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.model.niche import Niche
    from glutarium.model.spheroid import Spheroid
    from glutarium.simulate.cell import Job, RestCache
    from glutarium.simulate.label_pools import SiteTrace
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan
    from glutarium.simulate.site_course import SiteCourse
    from glutarium.solve.sites.site import SiteRun

__all__ = ["run_places"]

TISSUE = "tissue"
COARSE = 5e-3
"""Relative tolerance where zones grow: what is renewed between steps changes them by far more."""


def run_places(model: CellModel, jobs: Sequence[Job], cache: RestCache) -> list[Lane]:
    """Run plans that share places, for members; all plans of a place and member run together.

    Parameters
    ----------
    model
        The compiled model.
    jobs
        Plans with a place, and the member that each is run for.
    cache
        Where states of rest are kept.

    Returns
    -------
    list of Lane
        One per job, with what the place came to in ``course``.
    """
    together: dict[tuple[str, int], list[int]] = defaultdict(list)
    for i, (plan, member) in enumerate(jobs):
        assert plan.place is not None
        together[plan.place.name, member].append(i)
    cast = [_Cast(model, [jobs[i] for i in group], cache) for group in together.values()]
    lanes: list[Lane | None] = [None] * len(jobs)
    ready = [c for c in cast if c.hands.failed is None]
    for alike in _alike(ready):
        _play(model, alike)
    for group, one in zip(together.values(), cast, strict=True):
        for i, lane in zip(group, one.lanes(cache), strict=True):
            lanes[i] = lane
    return [lane for lane in lanes if lane is not None]


def _alike(cast: Sequence[_Cast]) -> list[list[_Cast]]:
    """Sites that can run side by side: same times and as many zones."""
    groups: dict[tuple[object, ...], list[_Cast]] = defaultdict(list)
    for one in cast:
        groups[one.times, len(one.zone_share), one.flowing].append(one)
    return list(groups.values())


def _play(model: CellModel, cast: Sequence[_Cast]) -> None:
    sites, stewards = [], []
    for one in cast:
        y = one.hands.states()
        first = [one.hands.phase_parameters(h, h.plan.phases[0]) for h in one.hands.hands]
        sites.append(Site(y, np.array(first), one.hands.zone))
        stewards.append(one.steward)
    options = model.engine.options
    if cast[0].flowing or not isinstance(options, LaneOptions):
        options = LaneOptions(rtol=COARSE, method="rodas3")
    runs = run_sites(
        model.engine.kernel,  # type: ignore[arg-type]  # the reference has no lanes and is refused before
        model.coupling,
        sites,
        stewards,
        np.array(cast[0].times),
        options=options,
        atol=model.atol,
        positive=model.positive,
        moieties=model.required,
        threads=model.engine.threads,
    )
    for one, run in zip(cast, runs, strict=True):
        one.run = run


@dataclass
class _Cast:
    """Plans of one place for one member, on their way."""

    model: CellModel
    jobs: list[Job]
    cache: RestCache
    run: SiteRun | None = None

    def __post_init__(self) -> None:
        plans = [plan for plan, _ in self.jobs]
        place, member = plans[0].place, self.jobs[0][1]
        assert place is not None
        self.tissue, self.times = place.system == TISSUE, plans[0].times
        self.niche = _niche(self.model, member, place.alternatives)
        core = self.niche.constants["core_share"]
        self.zone_share = np.array([1.0 - core, core]) if self.tissue else np.ones(1)
        shape = _shape(self.model, member, place.diameter) if place.diameter else None
        self.flowing = self.tissue or shape is not None
        shares = [p.place.share for p in plans if p.place is not None]
        whole = self.niche.constants["cell_mass"] if self.tissue else 1.0
        densities = [share * whole for share in shares]
        parts = split(plans, densities, 2 if shape else len(self.zone_share))
        if shape is not None:
            parts, self.zone_share = balls(parts, self.niche.constants["cell_mass"], shape)
        self.hands = Hands(self.model, parts, member, self.cache)
        if self.hands.failed is None:
            self.steward = NicheSteward(
                self.hands,
                self.niche,
                self.zone_share,
                self.times,
                tissue=self.tissue,
                shape=shape,
            )

    def lanes(self, cache: RestCache) -> list[Lane]:
        """One lane per plan: the mean of its parts; beside it those of its clones."""
        return [self._lane(part, job, cache) for part, job in enumerate(self.jobs)]

    def _lane(self, part: int, job: Job, cache: RestCache) -> Lane:
        plan, _ = job
        if self.run is None or not len(self.run.times):  # no rest, or a start that is refused
            failed = self.hands.failed if self.run is None else self.run
            assert failed is not None
            n = len(self.model.kernel.observable_names)
            p = self.model.ensemble.parameters[job[1]]
            empty = np.empty(0), np.empty((0, n)), np.full(n, np.nan), p, p
            return Lane(*empty, failed.code, failed.detail, plan)
        own = [i for i, hand in enumerate(self.hands.hands) if hand.part == part]
        whole = self._mean(own, plan, cache)
        names = dict.fromkeys(self.hands.hands[i].clone for i in own if self.hands.hands[i].clone)
        clones = {}
        for name in names:
            part_of = [i for i in own if self.hands.hands[i].clone == name]
            clones[name] = self._mean(part_of, self.hands.hands[part_of[0]].plan, cache)
        return replace(whole, clones=clones)

    def _mean(self, own: list[int], plan: ArmPlan, cache: RestCache) -> Lane:
        """One lane that stands for some of the site: their mean, weighted by dry mass."""
        assert self.run is not None  # the caller has looked
        weights = self.course.weights[:, own]
        observed = np.einsum("tl,lto->to", weights, self.run.observed[own])
        observed /= weights.sum(axis=1)[:, None]
        mass = self.hands.columns.observed("mass")
        observed[:, mass] = weights.sum(axis=1) / weights[0].sum()
        rest_p, resting = self._at_rest(own, cache)
        end = self.run.end_parameters[own[0]]
        ends = rest_p, end, self.run.code, self.run.detail
        trace = None if self.trace is None else self.trace.seen_by(own)
        return Lane(self.run.times, observed, resting, *ends, plan, course=self.course, trace=trace)

    @cached_property
    def trace(self) -> SiteTrace | None:
        """What labels need, where a tracer is followed."""
        assert self.run is not None  # the caller has looked
        watches = [self.steward.recorder.watches.get(float(t)) for t in self.run.times]
        known = [watch for watch in watches if watch is not None]
        if not known:
            return None
        zones, member = tuple(self.hands.zone.tolist()), self.hands.member
        rest = at_rest(self.model, (self.hands.hands[0].plan, member), self.cache)[0]
        lanes = [
            Lane(self.run.times, rows, rows[0], rest, rest, self.run.code, "", hand.plan)
            for rows, hand in zip(self.run.observed, self.hands.hands, strict=True)
        ]
        return labels_of(self.model).trace(
            lanes, zones, known, flowing=self.flowing, blood=self.tissue
        )

    @cached_property
    def course(self) -> SiteCourse:
        """What the site came to."""
        assert self.run is not None  # the caller has looked
        return self.steward.recorder.course(self.run.times)

    def _at_rest(self, own: list[int], cache: RestCache) -> tuple[Array, Array]:
        job = self.hands.hands[own[0]].plan, self.hands.member
        return at_rest(self.model, job, cache)[0], self.hands.resting[own].mean(axis=0)


def _shape(model: CellModel, member: int, diameter: float) -> Spheroid:
    """Balls of a diameter with a member's numbers."""
    return load_spheroid(model.base, Draw(_seed(model, member)), diameter)


def _niche(model: CellModel, member: int, chosen: tuple[tuple[str, str], ...]) -> Niche:
    """The niche with a member's numbers."""
    return load_niche(model.base, Draw(_seed(model, member)), dict(chosen))


def _seed(model: CellModel, member: int) -> int | None:
    """From which a member's numbers of the niche are drawn; None for the recorded ones."""
    seeds = model.ensemble.provenance.get("seeds", ())
    return seeds[member] if member < len(seeds) else None
