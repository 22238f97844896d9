"""Many sites side by side, each with its own time and step."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.solve.lanes import LaneOptions
from glutarium.solve.methods import METHODS
from glutarium.solve.sites.blocks import Block, Code
from glutarium.solve.sites.control import Pace
from glutarium.solve.sites.shared import SharedStep
from glutarium.solve.sites.site import Flow, Present, SiteRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from glutarium.compile.coupled import CompiledCoupling
    from glutarium.kernel import Array, LaneKernel
    from glutarium.solve.sites.site import Site, Steward

__all__ = ["run_sites"]

CAPACITY = 64
"""Lanes in use at a time: enough to keep the machine code busy, few enough to stay in its caches."""


def run_sites(  # noqa: PLR0913 - one argument per thing that may be said about sites
    kernel: LaneKernel,
    coupling: CompiledCoupling,
    sites: Sequence[Site],
    stewards: Sequence[Steward],
    times: Array,
    *,
    options: LaneOptions | None = None,
    atol: Array,
    positive: npt.NDArray[np.bool_] | None = None,
    observables: bool = True,
    progress: Callable[[int], None] | None = None,
) -> list[SiteRun]:
    """Advance sites; what comes of one does not depend on the others.

    Parameters
    ----------
    kernel, coupling
        The model, and the elimination of what its systems do not share.
    sites, stewards
        The sites, and who looks after each.
    times
        Times to report, h, increasing, shape ``(n_times,)``; the first one is the start. Steps end there.
    options, atol, positive
        As of :func:`glutarium.solve.lanes.run_batch`; tolerances have shape ``(n_states,)``.
    observables
        Whether observables are reported instead of states.
    progress
        Called now and then with the number of sites that are done.

    Returns
    -------
    list of SiteRun
        One per site.
    """
    options = options or LaneOptions()
    floor = -np.asarray(atol, dtype=np.float64)
    if positive is not None:
        floor[~np.asarray(positive)] = -np.inf
    code = Code(kernel, coupling, METHODS[options.method], options.rtol, np.array(atol), floor)
    yard = _Yard(code, options, np.asarray(times, dtype=np.float64), observables=observables)
    waiting = deque(
        _Task(i, site, steward)
        for i, (site, steward) in enumerate(zip(sites, stewards, strict=True))
    )
    found: dict[int, SiteRun] = {}
    while waiting or yard.active:
        while waiting and yard.admits(waiting[0]):
            yard.admit(waiting.popleft())
        for task in yard.round():
            found[task.position] = task.result(yard)
        if progress is not None:
            progress(len(found))
    return [found[i] for i in range(len(sites))]


@dataclass(eq=False)
class _Task:
    """A site on its way."""

    position: int
    site: Site
    steward: Steward
    lanes: list[tuple[Block, int]] = field(default_factory=list)
    present: Present | None = None
    pace: Pace | None = None
    step: SharedStep | None = None
    reported: list[Array] = field(default_factory=list)
    taken: list[Array] = field(default_factory=list)
    steps: int = 0
    rejected: int = 0
    code: ResultCode | None = None
    detail: str = ""

    @property
    def now(self) -> Present:
        """The present; there is one once the site is admitted."""
        assert self.present is not None
        return self.present

    def result(self, yard: _Yard) -> SiteRun:
        """What came of it."""
        n = len(self.reported)
        assert self.code is not None
        observed = np.stack(self.reported, axis=1) if n else np.empty((len(self.site.zone), 0, 0))
        taken = np.array(self.taken)
        ends = self.now.y, self.now.p, self.code, self.detail, self.steps, self.rejected
        return SiteRun(yard.times[:n], observed, taken, *ends)


class _Yard:
    """Lanes with the sites in them."""

    def __init__(
        self, code: Code, options: LaneOptions, times: Array, *, observables: bool
    ) -> None:
        self.code, self.options, self.times, self._observables = code, options, times, observables
        self.active: list[_Task] = []
        self._free: list[tuple[Block, int]] = []
        self._lanes = 0
        self._shared = code.coupling.positions

    def admits(self, task: _Task) -> bool:
        """Whether there is room for a site; one that is alone always finds some."""
        used = sum(len(t.lanes) for t in self.active)
        return not self.active or used + len(task.site.zone) <= CAPACITY

    def admit(self, task: _Task) -> None:
        """Give a site its lanes and begin."""
        while len(self._free) < len(task.site.zone):
            block = Block(self.code)
            self._free = [(block, i) for i in range(self.code.kernel.width)] + self._free
        task.lanes = [self._free.pop(0) for _ in task.site.zone]
        n_zones, n_shared = task.site.n_zones, len(self._shared)
        flow = Flow.none(n_zones, n_shared)
        taken = np.zeros((n_zones, n_shared))
        y, p = task.site.y.copy(), task.site.p.copy()
        task.present = Present(float(self.times[0]), y, p, flow, taken, math.inf)
        first = self.options.first_step
        task.pace = Pace(self.code.method, first, first)
        self.active.append(task)
        self._tend(task)

    def round(self) -> list[_Task]:
        """One attempt of every site; those that are done leave."""
        running = [task for task in self.active if task.code is None]
        if running:
            self._attempt(running)
            for task in running:
                self._settle(task)
        done = [task for task in self.active if task.code is not None]
        for task in done:
            self.active.remove(task)
            self._free += task.lanes
            for block, lane in task.lanes:
                block.numbers["h"][lane] = 1.0  # an idle lane goes through the motions
        return done

    def _tend(self, task: _Task) -> None:
        """What is due at a site's present: its steward's changes, and the report."""
        now = task.now
        now.jumped = False
        task.steward.tend(now)
        assert task.pace is not None
        if now.jumped:
            task.pace.restart()
        for i, (block, lane) in enumerate(task.lanes):
            block.y[:, lane], block.p[:, lane] = now.y[i], now.p[i]
        for block in _blocks([task]):
            block.do("prepare")
        while len(task.reported) < len(self.times) and now.t >= self.times[len(task.reported)]:
            self._report(task)
        if len(task.reported) == len(self.times):
            task.code = ResultCode.SUCCESS

    def _report(self, task: _Task) -> None:
        now = task.now
        task.taken.append(now.taken.copy())
        if not self._observables:
            task.reported.append(now.y.copy())
            return
        n = len(self.code.kernel.observable_names)
        for block, lane in task.lanes:
            block.stage[:, lane], block.numbers["t_out"][lane] = block.y[:, lane], now.t
        for block in _blocks([task]):
            block.do("observe")
        task.reported.append(np.array([block.observed[:n, lane] for block, lane in task.lanes]))

    def _attempt(self, tasks: list[_Task]) -> None:
        blocks = list(_blocks(tasks))
        for task in tasks:
            self._choose(task)
        for block in blocks:
            block.do("begin")
        places = self.code.coupling.block
        left = {id(block): block.s[places] for block in blocks}
        for task in tasks:
            matrices = [left[id(block)][:, :, lane] for block, lane in task.lanes]
            now, site = task.now, task.site
            assert task.pace is not None
            values = _by_zone(now.y[:, self._shared], site)
            task.step = SharedStep(
                self.code.method, task.pace.h, now.flow, values, site.zone, matrices
            )
        for i in range(self.code.method.stages):
            self._stage(i, tasks, blocks)
        for block in blocks:
            block.do("finish")

    def _choose(self, task: _Task) -> None:
        now, pace = task.now, task.pace
        assert pace is not None
        following = float(self.times[len(task.reported)])
        stop = min(following, task.steward.next_stop(now.t))
        h = pace.choose(now.t, stop, min(now.max_step, self.options.max_step))
        for block, lane in task.lanes:
            block.numbers["h"][lane], block.numbers["t"][lane] = h, now.t

    def _stage(self, i: int, tasks: list[_Task], blocks: list[Block]) -> None:
        if i:
            for block in blocks:
                block.do(f"stage_{i}")
        for task in tasks:
            assert task.step is not None
            stage = task.step.solve([b.k[i][self._shared, lane] for b, lane in task.lanes])
            for (block, lane), z in zip(task.lanes, task.site.zone, strict=True):
                block.k[i][self._shared, lane] = stage[z]
        for block in blocks:
            block.do(f"back_{i}")

    def _settle(self, task: _Task) -> None:
        """Accept or reject an attempt."""
        pace, now = task.pace, task.now
        assert pace is not None
        assert task.step is not None
        error = max(float(b.numbers["error"][lane]) for b, lane in task.lanes)
        room = min(float(b.numbers["room"][lane]) for b, lane in task.lanes)
        if task.step.singular or any(math.isnan(b.numbers["error"][lane]) for b, lane in task.lanes):
            error = math.nan
        if pace.judge(error, room):
            task.steps += 1
            stop = now.t + pace.h
            if pace.landing:
                following = float(self.times[len(task.reported)])
                stop = min(following, task.steward.next_stop(now.t))
            now.t = stop
            now.taken = now.taken + task.step.taken()
            now.y = np.array([block.new[:, lane] for block, lane in task.lanes])
            self._tend(task)
        else:
            task.rejected += 1
            if pace.wished < max(self.options.min_step, 1e-15 * abs(now.t)):
                self._fail(task, pace.blame)
        if task.code is None and task.steps + task.rejected >= self.options.max_steps:
            self._fail(task, ResultCode.MAX_STEPS)

    def _fail(self, task: _Task, code: ResultCode) -> None:
        """End a site, naming the state to blame."""
        task.code = code
        names, floor = self.code.kernel.state_names, self.code.common["floor"]
        new = np.array([block.new[:, lane] for block, lane in task.lanes])
        low = np.where(np.isfinite(new), new - floor, -math.inf).min(axis=0)
        name, t = names[int(np.argmin(low))], task.now.t
        task.detail = {
            ResultCode.NOT_FINITE: f"{name} has no finite value after {t:.6g} h",
            ResultCode.NEGATIVE_POOL: f"{name} would fall below its floor after {t:.6g} h",
        }.get(code, f"{task.steps + task.rejected} steps reached {t:.6g} h")


def _blocks(tasks: Sequence[_Task]) -> Iterator[Block]:
    """Blocks in which sites have lanes, each once."""
    return iter({id(block): block for task in tasks for block, _ in task.lanes}.values())


def _by_zone(shared: Array, site: Site) -> Array:
    """Shared states of every zone, from the first of its cells."""
    first = [int(np.flatnonzero(site.zone == z)[0]) for z in range(site.n_zones)]
    return np.asarray(shared[first])
