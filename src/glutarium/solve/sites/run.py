"""Many sites side by side, each with its own time and step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.solve.lanes import LaneOptions, default_threads
from glutarium.solve.methods import METHODS
from glutarium.solve.sites.blocks import Block, Code
from glutarium.solve.sites.control import Pace
from glutarium.solve.sites.shared import SharedSteps
from glutarium.solve.sites.site import Flow, Present
from glutarium.solve.sites.start import Start
from glutarium.solve.sites.task import Crew, Task, blocks_of, by_zone
from glutarium.solve.sites.threads import Queue, run_threads

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array, Coupling, LaneKernel
    from glutarium.solve.sites.site import Site, SiteRun, Steward

__all__ = ["run_sites"]

CAPACITY = 64
"""Lanes in use at a time: enough to keep the machine code busy, few enough to stay in its caches."""


def run_sites(  # noqa: PLR0913 - one argument per thing that may be said about sites
    kernel: LaneKernel,
    coupling: Coupling,
    sites: Sequence[Site],
    stewards: Sequence[Steward],
    times: Array,
    *,
    options: LaneOptions | None = None,
    atol: Array,
    positive: npt.NDArray[np.bool_] | None = None,
    moieties: Array | None = None,
    observables: bool = True,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[SiteRun]:
    """Advance sites; what comes of one does not depend on the others.

    Parameters
    ----------
    kernel, coupling
        The model, and the elimination of what its systems do not share.
    sites, stewards
        The sites, all with as many zones, and who looks after each.
    times
        Times to report, h, increasing, shape ``(n_times,)``; the first one is the start. Steps end there.
    options, atol, positive
        As of :func:`glutarium.solve.lanes.run_batch`; tolerances have shape ``(n_states,)``.
    moieties
        As of :func:`glutarium.solve.lanes.run_batch`, for every cell with what it shares.
    observables
        Whether observables are reported instead of states.
    threads
        How many; the cores of this process by default. They do not change the result. Stewards of different
        sites are called from different threads.
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
    start = Start(kernel.state_names, floor, moieties)
    times = np.asarray(times, dtype=np.float64)
    pairs = enumerate(zip(sites, stewards, strict=True))
    queue = Queue(Task(i, site, steward) for i, (site, steward) in pairs)
    found: dict[int, SiteRun] = {}

    def tell() -> None:
        if progress is not None:
            progress(len(found))

    count = max(1, min(threads or default_threads(), len(sites)))

    def work(halt: threading.Event) -> None:
        yard = _Yard(code, options, times, start, observables=observables)
        while not halt.is_set():
            while (task := queue.take(yard.admits)) is not None:
                yard.admit(task)
            if not yard.active:
                return
            for task in yard.round():
                found[task.position] = task.result(times)
            if count == 1:
                tell()

    run_threads(work, count, tell)
    return [found[i] for i in range(len(sites))]


class _Yard:
    """Lanes with the sites in them."""

    def __init__(
        self, code: Code, options: LaneOptions, times: Array, start: Start, *, observables: bool
    ) -> None:
        self.code, self.options, self.times, self._observables = code, options, times, observables
        self._start = start
        self.active: list[Task] = []
        self._free: list[tuple[Block, int]] = []
        self._shared = code.coupling.positions

    def admits(self, task: Task) -> bool:
        """Whether there is room for a site; one that is alone always finds some."""
        used = sum(len(t.lanes) for t in self.active)
        return not self.active or used + len(task.site.zone) <= CAPACITY

    def admit(self, task: Task) -> None:
        """Give a site its lanes and begin."""
        while len(self._free) < len(task.site.zone):
            block = Block(self.code)
            self._free = [(block, i) for i in range(self.code.kernel.width)] + self._free
        task.lanes = [self._free.pop(0) for _ in task.site.zone]
        n_zones, n_shared = task.site.n_zones, len(self._shared)
        flow = Flow.none(n_zones, n_shared)
        taken = np.zeros((n_zones, n_shared))
        y, p = task.site.y.copy(), task.site.p.copy()
        start, observed = float(self.times[0]), np.empty((0, 0))
        task.present = Present(start, y, p, flow, taken, observed, math.inf)
        first = self.options.first_step
        task.pace = Pace(self.code.method, first, first)
        self.active.append(task)
        refusal = self._start.refusal(y, start)
        if refusal is not None:
            task.code, task.detail = refusal
            return
        self._enter([task])
        self._tend([task])

    def round(self) -> list[Task]:
        """One attempt of every site; those that are done leave."""
        running = [task for task in self.active if task.code is None]
        if running:
            self._attempt(running)
            self._tend([task for task in running if self._settle(task)])
        done = [task for task in self.active if task.code is not None]
        for task in done:
            self.active.remove(task)
            self._free += task.lanes
            for block, lane in task.lanes:
                block.numbers["h"][lane] = 1.0  # an idle lane goes through the motions
        return done

    def _tend(self, tasks: Sequence[Task]) -> None:
        """What is due at the present of some sites: their stewards' changes, and the reports."""
        if not tasks:
            return
        self._look(tasks)
        for task in tasks:
            task.now.jumped = False
            task.steward.tend(task.now)
            assert task.pace is not None
            if task.now.jumped:
                task.pace.restart()
        self._enter(tasks)
        due = [task for task in tasks if task.now.t >= self.times[len(task.reported)]]
        if due and self._observables:
            self._look(due)
        for task in due:
            now = task.now
            task.taken.append(now.taken.copy())
            task.reported.append(now.observed if self._observables else now.y.copy())
            if len(task.reported) == len(self.times):
                task.code = ResultCode.SUCCESS

    def _enter(self, tasks: Sequence[Task]) -> None:
        """Write states and parameters of sites into their lanes."""
        for task in tasks:
            for i, (block, lane) in enumerate(task.lanes):
                block.y[:, lane], block.p[:, lane] = task.now.y[i], task.now.p[i]
        for block in blocks_of(tasks):
            block.do("prepare")

    def _look(self, tasks: Sequence[Task]) -> None:
        """Observables of the cells of sites, under the parameters that their lanes hold."""
        for task in tasks:
            for i, (block, lane) in enumerate(task.lanes):
                block.stage[:, lane], block.numbers["t_out"][lane] = task.now.y[i], task.now.t
        for block in blocks_of(tasks):
            block.do("observe")
        n = len(self.code.kernel.observable_names)
        for task in tasks:
            rows = [block.observed[:n, lane] for block, lane in task.lanes]
            task.now.observed = np.array(rows)

    def _attempt(self, tasks: list[Task]) -> None:
        """One step of every site, into ``new`` of its lanes."""
        crew = Crew(tasks)
        h = np.array([self._choose(task) for task in tasks])
        for block in crew.blocks:
            block.do("begin")
        values = np.array([by_zone(task.now.y[:, self._shared], task.site) for task in tasks])
        flows = [task.now.flow for task in tasks]
        left = crew.gathered([block.s[self.code.coupling.block] for block in crew.blocks])
        steps = SharedSteps(self.code.method, h, flows, values, crew.home, left)
        for i in range(self.code.method.stages):
            self._stage(i, crew, steps)
        for block in crew.blocks:
            block.do("finish")
        for task, taken, singular in zip(tasks, steps.taken(), steps.singular, strict=True):
            task.step, task.singular = taken, bool(singular)

    def _choose(self, task: Task) -> float:
        now, pace = task.now, task.pace
        assert pace is not None
        h = pace.choose(now.t, self._stop(task), min(now.max_step, self.options.max_step))
        for block, lane in task.lanes:
            block.numbers["h"][lane], block.numbers["t"][lane] = h, now.t
        return h

    def _stop(self, task: Task) -> float:
        """Where the next step must end at the latest."""
        following = float(self.times[len(task.reported)])
        return min(following, task.steward.next_stop(task.now.t))

    def _stage(self, i: int, crew: Crew, steps: SharedSteps) -> None:
        if i:
            for block in crew.blocks:
                block.do(f"stage_{i}")
        left = crew.gathered([block.k[i][self._shared] for block in crew.blocks])
        crew.handed(steps.solve(left), [block.k[i] for block in crew.blocks], self._shared)
        for block in crew.blocks:
            block.do(f"back_{i}")

    def _settle(self, task: Task) -> bool:
        """Accept or reject an attempt; whether the site has come to a new present."""
        pace, now = task.pace, task.now
        assert pace is not None
        errors = [float(block.numbers["error"][lane]) for block, lane in task.lanes]
        broken = task.singular or not all(map(math.isfinite, errors))
        room = min(float(block.numbers["room"][lane]) for block, lane in task.lanes)
        accepted = pace.judge(math.nan if broken else max(errors), room)
        if accepted:
            task.steps += 1
            now.t = self._stop(task) if pace.landing else now.t + pace.h
            now.taken = now.taken + task.step
            now.y = np.array([block.new[:, lane] for block, lane in task.lanes])
        else:
            task.rejected += 1
            if pace.wished < max(self.options.min_step, 1e-15 * abs(now.t)):
                self._fail(task, pace.blame)
        if task.code is None and task.steps + task.rejected >= self.options.max_steps:
            self._fail(task, ResultCode.MAX_STEPS)
        return accepted

    def _fail(self, task: Task, code: ResultCode) -> None:
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
