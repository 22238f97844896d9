"""Advance a batch: many systems side by side in the lanes of the processor's vector registers.

Each lane has its own time, step, events and fate; a lane whose system is done takes the next one. Threads
share the queue. Results are the same to the last bit for any number of threads and any packing.

A run never raises and never changes a pool to keep it positive: a step that would take one below its
tolerance is tried again with a smaller step, and a system that cannot go on ends with a code and a detail.
"""

from __future__ import annotations

import functools
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.machine import Library, object_code
from glutarium.solve.batch import BatchResult, Crossing
from glutarium.solve.driver.layout import LANE_INTS, LANE_REALS, Answers, Controls, Lanes, Tasks
from glutarium.solve.methods import METHODS, RODAS5P
from glutarium.solve.stepcode import SLOTS, STEP_FUNCTIONS, step_code

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from glutarium.kernel import Array, LaneKernel
    from glutarium.solve.batch import Batch, Edit
    from glutarium.solve.methods import Method

__all__ = ["LaneOptions", "Run", "default_threads", "run_batch"]

_ALIGNMENT = 64
_ONE_PER_LANE = ("t", "h", "error", "room", "theta", "t_out")
"""First rows of the driver's ``reals``, which step code reads and writes."""
_POLL_SECONDS = 0.1
_MOST_CROSSINGS = 16
"""Crossings that are kept per system; further ones still happen."""

_CODES = (
    ResultCode.SUCCESS,
    ResultCode.MAX_STEPS,
    ResultCode.STEP_TOO_SMALL,
    ResultCode.NEGATIVE_POOL,
    ResultCode.NOT_FINITE,
    ResultCode.STOPPED,
    ResultCode.INCONSISTENT_START,
)


@dataclass(frozen=True, slots=True)
class LaneOptions:
    """How to integrate.

    Attributes
    ----------
    rtol
        Relative tolerance of every step, between 1e-13 and 0.1.
    method
        ``rodas5p``, or ``rodas3`` for short spans at tolerances of 1e-3 and more.
    max_steps
        Attempts that one system may use.
    min_step, max_step
        Limits of the step, h.
    first_step
        Step that is tried first, also after every event, h.
    """

    rtol: float = 1e-6
    method: str = "rodas5p"
    max_steps: int = 200_000
    min_step: float = 1e-13
    max_step: float = math.inf
    first_step: float = 1e-5


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
        Called now and then with the number of systems that were begun.

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
    run.advance(threads or default_threads(), progress)
    return run.result()


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
        self.method = _method(options, batch)
        n = len(kernel.state_names)
        _refuse_misfits(kernel, batch)
        self.atol = _tolerances(atol, n, options)
        self.floor = -self.atol
        if positive is not None:
            self.floor[~np.asarray(positive)] = -np.inf
        self.steps = _step_library(self.method, kernel.width, kernel.time_dependent)
        self.counter = np.zeros(1, dtype=np.int64)
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
        self.tasks = _tasks(self, columns.astype(np.int64), first_step, observables=observables)
        self.answers = _answers(self.batch, len(columns))

    def advance(self, threads: int, progress: Callable[[int], None] | None) -> None:
        """Let threads empty the queue; an interrupt ends them soon."""
        from glutarium.solve.driver.loop import advance  # noqa: PLC0415 - loads Numba

        o = self.options
        controls = Controls(
            self.method.error_order, self.method.overestimate, o.max_steps, o.min_step, o.max_step
        )

        watching = True if self.batch.watches else None

        def work() -> None:
            lanes, _held = _lanes(self)
            advance(self.counter, self.halt, lanes, self.tasks, controls, self.answers, watching)

        threads = max(1, min(threads, math.ceil(len(self.batch) / self.kernel.width)))
        if (
            threads == 1
            and progress is None
            and threading.current_thread() is not threading.main_thread()
        ):
            work()
            return
        with ThreadPoolExecutor(threads) as pool:
            pending = {pool.submit(work) for _ in range(threads)}
            try:
                while pending:
                    done, pending = wait(pending, timeout=_POLL_SECONDS)
                    if progress is not None:
                        progress(min(int(self.counter[0]), len(self.batch)))
                    for future in done:
                        future.result()
            finally:  # where a thread failed or the user stopped, the others stop soon
                self.halt[0] = 1

    def result(self) -> BatchResult:
        """Name what happened."""
        a = self.answers
        reached, code, _, steps, rejected, _ = a.ints.T
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
            tuple(_crossings(a)),
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
            return f"{name} became {value} after {t:.6g} h"
        return f"{steps + rejected} steps reached {t:.6g} h, where {name} changes fastest"


def _method(options: LaneOptions, batch: Batch) -> Method:
    method = METHODS.get(options.method)
    if method is None:
        message = f"Unknown method {options.method!r}; choose one of {', '.join(METHODS)}."
        raise ValueError(message)
    if batch.watches and not method.dense:
        message = (
            f"{method.name} has no dense output and cannot locate crossings; "
            f"use {RODAS5P.name.lower()} for batches with watches."
        )
        raise ValueError(message)
    return method


def _refuse_misfits(kernel: LaneKernel, batch: Batch) -> None:
    expected = len(kernel.state_names), len(kernel.parameter_names)
    found = batch.y0.shape[1], batch.table.shape[1]
    if found != expected:
        message = (
            f"The batch has {found[0]} states and {found[1]} parameters; the kernel has "
            f"{expected[0]} and {expected[1]}. Build the batch from this kernel's model."
        )
        raise ValueError(message)
    for watch in batch.watches:
        names = kernel.observable_names if watch.observable else kernel.state_names
        if not 0 <= watch.index < len(names):
            message = f"A watch looks at position {watch.index}; there are {len(names)}."
            raise ValueError(message)


def _tolerances(atol: Array | float, n: int, options: LaneOptions) -> Array:
    found = np.broadcast_to(np.asarray(atol, dtype=np.float64), (n,)).copy()
    if not (np.isfinite(found) & (found > 0.0)).all():
        worst = int(np.flatnonzero(~(np.isfinite(found) & (found > 0.0)))[0])
        message = f"Absolute tolerances must be positive; number {worst} is {found[worst]}."
        raise ValueError(message)
    if not 1e-13 <= options.rtol <= 0.1:  # noqa: PLR2004 - round-off, and no tolerance at all
        message = f"rtol must lie between 1e-13 and 0.1, not at {options.rtol}."
        raise ValueError(message)
    return found


@functools.cache
def _step_library(method: Method, width: int, slopes: bool) -> Library:  # noqa: FBT001
    """Step functions of a method; assembled once per process, which takes a tenth of a second."""
    return Library(object_code(step_code(method, width, slopes=slopes)), STEP_FUNCTIONS)


def _aligned(rows: int, width: int) -> Array:
    """Zeros at an address that suits the widest vector loads."""
    raw = np.zeros(rows * width + _ALIGNMENT // 8)
    start = (-raw.ctypes.data % _ALIGNMENT) // 8
    return raw[start : start + rows * width].reshape(rows, width)


def _lanes(run: Run) -> tuple[Lanes, list[Array]]:
    """Working arrays of one thread; the second value must be held as long as the first is used."""
    k, w = run.kernel, run.kernel.width
    n, unknowns = len(k.state_names), k.n_unknowns
    rows = {"y": n, "new": n, "slopes": n, "stage": n, "p": len(k.parameter_names)}
    rows |= {"d": k.n_derived, "m": k.n_entries + 1, "observed": len(k.observable_names)}
    rows |= {"k": run.method.stages * unknowns + 1, "reals": LANE_REALS}
    arrays = {name: _aligned(max(count, 1), w) for name, count in rows.items()}
    arrays |= {name: arrays["reals"][i : i + 1] for i, name in enumerate(_ONE_PER_LANE)}
    ints = np.zeros((LANE_INTS, w), dtype=np.int64)
    levels = [np.zeros((len(run.batch.watches), w)) for _ in range(2)]
    shared = {"atol": run.atol, "floor": run.floor, "rtol": np.array([run.options.rtol])}
    block = np.zeros(len(SLOTS), dtype=np.int64)
    for i, name in enumerate(SLOTS):
        if name in arrays:
            block[i] = arrays[name].ctypes.data
        elif name in shared:
            block[i] = shared[name].ctypes.data
        elif name.startswith("n_"):
            block[i] = n if name == "n_states" else unknowns
        elif name != "slope" or k.time_dependent:
            block[i] = k.address(name)
    dense = run.steps.address("interpolate") if run.method.dense else 0
    lanes = Lanes(
        block.ctypes.data,
        run.steps.address("prepare"),
        run.steps.address("attempt"),
        dense,
        run.steps.address("observe"),
        arrays["reals"],
        ints,
        arrays["y"],
        arrays["new"],
        arrays["stage"],
        arrays["p"],
        arrays["observed"],
        levels[0],
        levels[1],
    )
    return lanes, [block, *arrays.values(), *shared.values()]


def _tasks(
    run: Run, columns: npt.NDArray[np.int64], first_step: Array, *, observables: bool
) -> Tasks:

    b = run.batch
    edits = [*b.edits, *(w.edit for w in b.watches if w.edit is not None)]
    numbers = iter(range(len(b.edits), len(edits)))
    watch_edit = [-1 if w.edit is None else next(numbers) for w in b.watches]
    entries = [entry for edit in edits for entry in _entries(edit)]
    starts = np.cumsum([0, *(len(_entries(edit)) for edit in edits)])
    return Tasks(
        b.y0,
        b.table,
        b.row,
        b.times,
        first_step,
        b.change_start,
        b.change_time,
        np.column_stack([b.change_row, b.change_edit]).astype(np.int64),
        starts.astype(np.int64),
        np.array([e[:2] for e in entries], dtype=np.int64).reshape(-1, 2),
        np.array([e[2:] for e in entries], dtype=np.float64).reshape(-1, 2),
        np.array(
            [
                (w.observable, w.index, w.direction, edit, w.stops)
                for w, edit in zip(b.watches, watch_edit, strict=True)
            ],
            dtype=np.int64,
        ).reshape(-1, 5),
        np.array([w.level for w in b.watches], dtype=np.float64),
        columns,
        observables,
        np.vstack([run.atol, run.floor]),
        run.required,
    )


def _entries(edit: Edit) -> list[tuple[bool, int, float, float]]:
    found = [(True, i, f, a) for i, (f, a) in edit.states.items()]
    return found + [(False, i, f, a) for i, (f, a) in edit.parameters.items()]


def _answers(batch: Batch, n_reported: int) -> Answers:

    n, n_states = batch.y0.shape
    most = _MOST_CROSSINGS if batch.watches else 0
    return Answers(
        np.full((n, len(batch.times), n_reported), np.nan),
        np.zeros((n, 6), dtype=np.int64),
        np.zeros((n, 3)),
        np.zeros((n, n_states)),
        np.zeros((n, most)),
        np.zeros((n, most), dtype=np.int64),
    )


def _crossings(a: Answers) -> list[Crossing]:
    kept = a.crossed_time.shape[1]
    return [
        Crossing(int(i), int(a.crossed_watch[i, j]), float(a.crossed_time[i, j]))
        for i in np.flatnonzero(a.ints[:, 5])
        for j in range(min(int(a.ints[i, 5]), kept))
    ]
