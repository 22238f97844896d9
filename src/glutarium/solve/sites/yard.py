"""Lanes of a thread, with the sites in them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.solve.sites.control import Pace
from glutarium.solve.sites.crew import crew_of, factorise, system_for
from glutarium.solve.sites.moving import moves
from glutarium.solve.sites.site import Flow, Present

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array
    from glutarium.solve.lanes import LaneOptions
    from glutarium.solve.sites.blocks import Code
    from glutarium.solve.sites.layout import Crew, System
    from glutarium.solve.sites.start import Start
    from glutarium.solve.sites.task import Task

__all__ = ["CAPACITY", "Yard"]

CAPACITY = 16
"""Lanes in use at a time: enough to keep the machine code busy, few enough to stay in its caches."""


class Yard:
    """Lanes of a thread.

    Parameters
    ----------
    code, options, times, start
        What runs in them, how, until when, and what a start must hold.
    count
        How many there are at least.
    observables
        Whether observables are reported instead of states.

    Attributes
    ----------
    active
        Sites in them.
    """

    def __init__(
        self,
        code: Code,
        options: LaneOptions,
        times: Array,
        start: Start,
        count: int,
        *,
        observables: bool,
    ) -> None:
        self._code, self._options, self._times, self._observables = (
            code,
            options,
            times,
            observables,
        )
        self._start = start
        self.active: list[Task] = []
        self._lanes, self._held = code.lanes(count)
        blocks, width = len(self._lanes.blocks), code.kernel.width
        self._free = [(block, lane) for block in range(blocks) for lane in range(width)]
        self._every = np.arange(len(code.kernel.parameter_names))
        self._states = np.arange(len(code.kernel.state_names))
        self._together: list[Task] = []
        self._crew: Crew | None = None
        self._system: System | None = None

    def admits(self, task: Task) -> bool:
        """Whether there is room for a site; one that is alone always finds some."""
        used = sum(len(t.lane) for t in self.active)
        return not self.active or used + len(task.site.zone) <= CAPACITY

    def admit(self, task: Task) -> None:
        """Give a site its lanes and begin."""
        own, self._free = self._free[: len(task.site.zone)], self._free[len(task.site.zone) :]
        task.block, task.lane = (np.array(part) for part in zip(*own, strict=True))
        task.blocks = frozenset(task.block.tolist())
        n_zones, n_shared = task.site.n_zones, len(self._code.scheme.shared)
        flow = Flow.none(n_zones, n_shared)
        taken = np.zeros((n_zones, n_shared))
        y, p = task.site.y.copy(), task.site.p.copy()
        start, observed = float(self._times[0]), np.empty((0, 0))
        task.present = Present(start, y, p, flow, taken, observed, math.inf)
        first = self._options.first_step
        task.pace = Pace(self._code.method, first, first)
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
            self._tend([task for i, task in enumerate(running) if self._settle(i, task)])
        done = [task for task in self.active if task.code is not None]
        for task in done:
            self.active.remove(task)
            lanes = zip(task.block.tolist(), task.lane.tolist(), strict=True)
            self._free = sorted([*self._free, *lanes])
            self._lanes.h[task.block, 0, task.lane] = 1.0  # an idle lane goes through the motions
        return done

    def _tend(self, tasks: Sequence[Task]) -> None:
        """What is due at the present of some sites: their stewards' changes, and the reports."""
        self._look(tasks)
        for task in tasks:
            task.now.jumped, task.now.renewed = False, None
            _renew(task, task.steward.tend)
            assert task.pace is not None
            if task.now.jumped:
                task.pace.restart()
        tasks = [task for task in tasks if task.code is None]
        due = [task for task in tasks if task.now.t >= self._times[len(task.reported)]]
        self._enter([task for task in tasks if task.now.jumped or task in due])
        if self._observables:
            self._look(due)
        for task in due:
            self._report(task)
        self._lead([task for task in tasks if task.code is None])

    def _report(self, task: Task) -> None:
        now = task.now
        task.taken.append(now.taken.copy())
        task.reported.append(now.observed if self._observables else now.y.copy())
        if len(task.reported) == len(self._times):
            task.code = ResultCode.SUCCESS

    def _lead(self, tasks: Sequence[Task]) -> None:
        """Let stewards look ahead, and hand on what they set."""
        for task in tasks:
            now, pace = task.now, task.pace
            assert pace is not None
            longest = min(now.max_step, self._options.max_step)
            now.ahead = pace.expected(now.t, self._stop(task), longest)
            _renew(task, task.steward.lead)
        self._enter(tasks)

    def _enter(self, tasks: Sequence[Task]) -> None:
        """Write states and parameters of sites into their lanes."""
        for task in tasks:
            now = task.now
            columns = self._every if now.renewed is None else now.renewed
            moves.put(self._lanes.y, task.block, task.lane, now.y, self._states)
            moves.put(self._lanes.p, task.block, task.lane, now.p, columns)
        changed = [t for t in tasks if t.now.renewed is None or len(t.now.renewed)]
        if changed:
            moves.run(self._code.scheme.prepare, self._lanes.places, _blocks(changed))

    def _look(self, tasks: Sequence[Task]) -> None:
        """Observables of the cells of sites, under the parameters that their lanes hold."""
        if not tasks:
            return
        for task in tasks:
            moves.put(self._lanes.stage, task.block, task.lane, task.now.y, self._states)
            self._lanes.t_out[task.block, 0, task.lane] = task.now.t
        moves.run(self._code.scheme.observe, self._lanes.places, _blocks(tasks))
        n = len(self._code.kernel.observable_names)
        for task in tasks:
            task.now.observed = np.empty((len(task.lane), n))
            moves.take(self._lanes.observed, task.block, task.lane, task.now.observed)

    def _attempt(self, tasks: list[Task]) -> None:
        """One step of every site, into ``new`` of its lanes."""
        crew, system = self._gathered(tasks)
        for i, task in enumerate(tasks):
            system.t[i], system.h[i] = task.now.t, self._choose(task)
            system.gain[i], system.loss[i] = task.now.flow.gain, task.now.flow.loss
        moves.begin(self._lanes, self._code.scheme, crew, system)
        sound = [factorise(m, s) for m, s in zip(system.matrix, system.swaps, strict=False)]
        moves.end(self._lanes, self._code.scheme, crew, system)
        system.error[: len(tasks)][~np.array(sound[: len(tasks)])] = math.nan

    def _gathered(self, tasks: list[Task]) -> tuple[Crew, System]:
        """Lanes and shared states of the sites that take a step; most often the same as in the last round."""
        if self._crew is None or self._system is None or tasks != self._together:
            self._together, self._crew = list(tasks), crew_of(tasks)
            sizes = len(tasks), tasks[0].site.n_zones, len(self._code.scheme.shared)
            self._system = system_for(*sizes, self._code.method.stages)
        return self._crew, self._system

    def _choose(self, task: Task) -> float:
        now, pace = task.now, task.pace
        assert pace is not None
        return pace.choose(now.t, self._stop(task), min(now.max_step, self._options.max_step))

    def _stop(self, task: Task) -> float:
        """Where the next step must end at the latest."""
        following = float(self._times[len(task.reported)])
        return min(following, task.steward.next_stop(task.now.t))

    def _settle(self, i: int, task: Task) -> bool:
        """Accept or reject the attempt of a site; whether it has come to a new present."""
        pace, now, system = task.pace, task.now, self._system
        assert pace is not None
        assert system is not None
        accepted = pace.judge(float(system.error[i]), float(system.room[i]))
        if accepted:
            task.steps += 1
            now.t = self._stop(task) if pace.landing else now.t + pace.h
            now.taken = now.taken + system.taken[i]
            now.y = self._new(task)
        else:
            task.rejected += 1
            if pace.wished < max(self._options.min_step, 1e-15 * abs(now.t)):
                self._fail(task, pace.blame)
        if task.code is None and task.steps + task.rejected >= self._options.max_steps:
            self._fail(task, ResultCode.MAX_STEPS)
        return accepted

    def _new(self, task: Task) -> Array:
        """States after the attempt of a site."""
        new = np.empty_like(task.now.y)
        moves.take(self._lanes.new, task.block, task.lane, new)
        return new

    def _fail(self, task: Task, code: ResultCode) -> None:
        """End a site, naming the state to blame."""
        task.code = code
        names, floor = self._code.kernel.state_names, self._code.common["floor"]
        new = self._new(task)
        low = np.where(np.isfinite(new), new - floor, -math.inf).min(axis=0)
        name, t = names[int(np.argmin(low))], task.now.t
        task.detail = {
            ResultCode.NOT_FINITE: f"{name} has no finite value after {t:.6g} h",
            ResultCode.NEGATIVE_POOL: f"{name} would fall below its floor after {t:.6g} h",
        }.get(code, f"{task.steps + task.rejected} steps reached {t:.6g} h")


def _renew(task: Task, act: Callable[[Present], None]) -> None:
    """Let a steward act; what it cannot reckon ends its site, and no other."""
    try:
        act(task.now)
    except ArithmeticError as error:
        task.code = ResultCode.NOT_FINITE
        task.detail = (
            f"what is renewed between steps has no finite value after {task.now.t:.6g} h: {error}"
        )


def _blocks(tasks: Sequence[Task]) -> npt.NDArray[np.int64]:
    """Blocks in which sites have lanes, each once."""
    return np.array(sorted({block for task in tasks for block in task.blocks}))
