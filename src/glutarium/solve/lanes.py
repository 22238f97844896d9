"""Advance a batch: many systems side by side in the lanes of the processor's vector registers.

Each lane has its own time, step, events and fate; a lane whose system is done takes the next one. Threads
share the queue, which :mod:`glutarium.solve.queue` puts in order. Results are the same to the last bit for
any number of threads and any packing.

A run never raises and never changes a pool to keep it positive: a step that would take one below its
tolerance is tried again with a smaller step, and a system that cannot go on ends with a code and a detail.
"""

from __future__ import annotations

import math
import os
import threading
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.solve.arrays import answers, crossings, lane_arrays, step_library, tasks
from glutarium.solve.batch import BatchResult
from glutarium.solve.blame import parameter_that_is_none, worst_state
from glutarium.solve.checks import chosen_method, refuse_misfits, tolerances
from glutarium.solve.crew import Crew
from glutarium.solve.driver.layout import Controls
from glutarium.solve.leftover import few_of, leftovers, resume
from glutarium.solve.options import REMEMBERED_ERROR, LaneOptions
from glutarium.solve.queue import begin_all, go_on, is_worth_scouting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from glutarium.kernel import Array, LaneKernel
    from glutarium.solve.batch import Batch
    from glutarium.solve.crew import Job
    from glutarium.solve.driver.layout import Lanes, Queue
    from glutarium.solve.leftover import Leftover

__all__ = ["LaneOptions", "Run", "default_threads", "run_batch"]

_CODES = (
    ResultCode.SUCCESS,
    ResultCode.MAX_STEPS,
    ResultCode.STEP_TOO_SMALL,
    ResultCode.NEGATIVE_POOL,
    ResultCode.NOT_FINITE,
    ResultCode.STOPPED,
    ResultCode.INCONSISTENT_START,
)


def default_threads() -> int:
    """Number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_batch(  # noqa: PLR0913 - one argument per thing that may be said about a batch
    kernel: LaneKernel,
    batch: Batch,
    *,
    options: LaneOptions | None = None,
    atol: Array | float = 1e-9,
    positive: npt.NDArray[np.bool_] | None = None,
    moieties: Array | None = None,
    report: npt.NDArray[np.int64] | None = None,
    observables: bool = False,
    first_steps: Array | None = None,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    alone: Callable[[], LaneKernel] | None = None,
) -> BatchResult:
    """Advance all systems of a batch.

    Parameters
    ----------
    kernel
        The model, compiled for lanes.
    batch
        The systems.
    options
        How to integrate.
    atol
        Absolute tolerance, one for all states or shape ``(n_states,)``.
    positive
        States that may not fall below ``-10 * atol``, shape ``(n_states,)``; all by default. Steps are
        accepted only above ``-atol``, so that only a start or an event can take a state lower; from there
        it may only rise.
    moieties
        Weights of conserved sums that a system needs, shape ``(n_sums, n_states)``: one whose sum is not
        above zero at its start ends there with ``INCONSISTENT_START``. Rows with a negative weight are
        differences, which may have any sign, and are passed over; none by default. See
        :func:`glutarium.compile.required_moieties`.
    report
        Positions of the states or observables to report; all by default.
    observables
        Whether observables are reported instead of states.
    first_steps
        First step of each system, h, shape ``(n_systems,)``; the option's by default.
    threads
        How many; the cores of this process by default. They do not change the result.
    progress
        Called now and then with the number of systems that were begun; one that pauses counts half.
    alone
        Gives the model compiled for one lane, in which the last systems end sooner; it is called when there
        are such, and does not change the result. All stay in the kernel's lanes by default.

    Raises
    ------
    ValueError
        Shapes do not fit the kernel, a tolerance cannot be met by arithmetic, or the method lacks what
        is asked of it.
    """
    options = options or LaneOptions()
    run = Run(kernel, batch, options, atol, positive)
    run.require(moieties)
    run.ask(report, observables=observables, first_steps=first_steps)
    run.advance(threads or default_threads(), progress, alone)
    return run.result()


class Hand(NamedTuple):
    """Lanes for one thread at a time, and what must live as long as they do."""

    lanes: Lanes
    held: list[object]


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _tell(progress: Callable[[int], None], queue: Queue, known: int, passes: int) -> None:
    """Say how many systems were begun; where they pause, each time counts half."""
    progress(known + min(int(queue.counter[0]), len(queue.order)) // passes)


class Run:
    """One batch on its way.

    Parameters
    ----------
    kernel, batch, options, atol, positive
        As of :func:`run_batch`.
    """

    def __init__(
        self,
        kernel: LaneKernel,
        batch: Batch,
        options: LaneOptions,
        atol: Array | float = 1e-9,
        positive: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        self.kernel, self.batch, self.options = kernel, batch, options
        self.method = chosen_method(options, batch)
        n = len(kernel.state_names)
        refuse_misfits(kernel, batch)
        self.atol = tolerances(atol, n, options)
        self.floor = -self.atol
        if positive is not None:
            self.floor[~np.asarray(positive)] = -np.inf
        self.halt = np.zeros(1, dtype=np.int64)

    def require(self, moieties: Array | None) -> None:
        """Keep the sums that must be above zero at the start."""
        n = len(self.kernel.state_names)
        rows = np.zeros((0, n)) if moieties is None else np.array(moieties, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != n:  # noqa: PLR2004 - rows and columns
            message = f"Moieties are rows of {n} weights, not an array of shape {rows.shape}."
            raise ValueError(message)
        self.required = np.ascontiguousarray(rows[(rows >= 0.0).all(axis=1) & rows.any(axis=1)])

    def ask(
        self,
        report: npt.NDArray[np.int64] | None,
        *,
        observables: bool,
        first_steps: Array | None,
    ) -> None:
        """Lay out what is to be computed and where the answers go."""
        k = self.kernel
        available = len(k.observable_names if observables else k.state_names)
        columns = np.arange(available) if report is None else np.asarray(report)
        first = self.options.first_step if first_steps is None else first_steps
        first_step = np.broadcast_to(np.asarray(first, dtype=np.float64), len(self.batch)).copy()
        self.tasks = tasks(
            self.batch,
            columns.astype(np.int64),
            first_step,
            np.vstack([self.atol, self.floor]),
            self.required,
            observables=observables,
        )
        self.answers = answers(self.batch, len(columns))

    def advance(
        self,
        threads: int,
        progress: Callable[[int], None] | None,
        alone: Callable[[], LaneKernel] | None = None,
    ) -> None:
        """Let threads empty the queue; an interrupt ends them soon."""
        threads = max(1, min(threads, math.ceil(len(self.batch) / self.kernel.width)))
        here = threads == 1 and progress is None and not _is_main_thread()
        scouts = is_worth_scouting(self.batch, self.method, threads * self.kernel.width)
        queue = begin_all(self.batch, scouts=scouts)
        with Crew(0 if here else threads, self._stop) as crew:
            hands = [self._hand(self.kernel) for _ in range(threads)]
            if scouts:
                jobs = [partial(self._advance, hand, queue, 0) for hand in hands]
                crew.do(jobs, progress and partial(_tell, progress, queue, 0, 2))
                queue = go_on(queue)
            known = len(self.batch) - len(queue.order) // 2 if scouts else 0
            crew.do(
                [partial(self._end, hand, queue, alone) for hand in hands],
                progress and partial(_tell, progress, queue, known, 2 if scouts else 1),
            )

    def _stop(self) -> None:
        """Let all threads end soon."""
        self.halt[0] = 1

    def _end(
        self, hand: Hand, queue: Queue, alone: Callable[[], LaneKernel] | None
    ) -> Iterable[Job]:
        """Advance systems until the queue is empty; the few that are then left go on alone."""
        self._advance(hand, queue, few_of(self.kernel.width) if alone else 0)
        if alone is None or self.halt[0] != 0:
            return ()
        return (partial(self._finish, left, queue, alone()) for left in leftovers(hand.lanes))

    def _finish(self, left: Leftover, queue: Queue, kernel: LaneKernel) -> Iterable[Job]:
        """End one system in a lane of its own; nothing is left of it."""
        hand = self._hand(kernel)
        resume(left, hand.lanes)
        return self._advance(hand, queue, 0)

    def _hand(self, kernel: LaneKernel) -> Hand:
        """Lanes for one thread at a time."""
        steps = step_library(self.method, kernel.width, kernel.time_dependent)
        shared = {"atol": self.atol, "floor": self.floor, "rtol": np.array([self.options.rtol])}
        lanes, held = lane_arrays(kernel, self.method, steps, shared, len(self.batch.watches))
        return Hand(lanes, [*held, steps])

    def _advance(self, hand: Hand, queue: Queue, few: int) -> Iterable[Job]:
        """Advance systems until the queue is empty and few are left in lanes; no jobs come of it."""
        from glutarium.solve.driver.loop import advance  # noqa: PLC0415 - loads Numba

        numbers = hand.lanes, self.tasks, self._controls(few), self.answers
        advance(queue, self.halt, *numbers, True if self.batch.watches else None)
        return ()

    def _controls(self, few: int) -> Controls:
        o = self.options
        power = 1.0 / (self.method.error_order + 1.0)
        within = self.method.overestimate_inside
        # A condition is located by interpolation, in whichever step it is met.
        overestimate = within if self.batch.watches else self.method.overestimate
        return Controls(
            power,
            overestimate,
            within / overestimate,
            (within / overestimate) ** (1.0 / self.method.error_order),
            REMEMBERED_ERROR**power,
            o.max_steps,
            o.min_step,
            o.max_step,
            few,
        )

    def result(self) -> BatchResult:
        """Name what happened."""
        a = self.answers
        reached, code, _, steps, rejected, _ = a.ints.T
        for i in np.flatnonzero(reached < len(self.batch.times)):
            a.values[i, reached[i] :] = np.nan
        codes = tuple(_CODES[c] for c in code)
        return BatchResult(
            self.batch.times,
            a.values,
            reached,
            codes,
            tuple(self._detail(i, code) for i, code in enumerate(codes)),
            a.reals[:, 1],
            a.y,
            steps,
            rejected,
            a.reals[:, 2],
            tuple(crossings(a)),
        )

    def _detail(self, i: int, code: ResultCode) -> str:
        if code in (ResultCode.SUCCESS, ResultCode.STOPPED):
            return ""
        _, _, bad, steps, rejected, _ = self.answers.ints[i]
        value, t, _ = self.answers.reals[i]
        name = self.kernel.state_names[bad]
        if code is ResultCode.NEGATIVE_POOL:
            floor = self.floor[bad]
            return f"{name} would fall below {floor:.3g}, to {value:.4g}, after {t:.6g} h"
        if code is ResultCode.INCONSISTENT_START:
            return f"{name} and all that it can turn into add up to zero at {t:.6g} h"
        if code is ResultCode.NOT_FINITE:
            return self._not_finite(i, bad, value, t)
        return f"{steps + rejected} steps reached {t:.6g} h, where {name} changes fastest"

    def _not_finite(self, i: int, bad: int, value: float, t: float) -> str:
        """What left arithmetic first, and the parameter that made it do so, where these can be told."""
        about = self.kernel, self.batch, i, t
        parameter = parameter_that_is_none(*about)
        why = f"parameter {parameter} is nan, and " if parameter else ""
        found = worst_state(*about, self.answers.y[i], atol=self.atol)
        bad, value = (bad, value) if found is None else (found, math.nan)
        return f"{why}{self.kernel.state_names[bad]} became {value} after {t:.6g} h"
