"""The loop that advances lanes: one fixed program for every model and method.

A lane holds one system of the batch with its own time and step. In every round all lanes attempt one
step together; each accepts or rejects its own, reports, meets its events, and takes the next system from
the queue when it is done. Nothing is shared between lanes but the instruction stream, so results do not
depend on how systems are packed or on the number of threads, which share one counter.

Compiled once by Numba and kept on its disk cache. It calls the machine code of model and method by address
(:mod:`glutarium.solve.stepcode`), holds no lock of the interpreter and allocates nothing per step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from glutarium.kernel import Array

__all__ = [
    "FINISHED",
    "MAX_STEPS",
    "NEGATIVE_POOL",
    "NOT_FINITE",
    "STEP_TOO_SMALL",
    "STOPPED",
    "Answers",
    "Controls",
    "Lanes",
    "Tasks",
    "advance",
]

FINISHED, MAX_STEPS, STEP_TOO_SMALL, NEGATIVE_POOL, NOT_FINITE, STOPPED = range(6)
"""How a lane ended; ``STOPPED`` by a condition that ends its run."""

_ROOT_HALVINGS = 50
"""Bisections that locate a crossing within a step: to the last bit of the share of the step."""


class Lanes(NamedTuple):
    """Working arrays of one thread; vectors have one column per lane.

    Attributes
    ----------
    block
        What step code reads, see :data:`glutarium.solve.stepcode.SLOTS`.
    prepare, attempt, interpolate, observe
        Addresses of the step functions; ``interpolate`` is zero without dense output.
    t, h, error, room, theta, t_out
        Shape ``(1, width)``.
    y, new, stage
        Shape ``(n_states or more, width)``.
    p
        Shape ``(n_parameters, width)``.
    observed
        Shape ``(n_observables, width)``.
    """

    block: int
    prepare: int
    attempt: int
    interpolate: int
    observe: int
    t: Array
    h: Array
    error: Array
    room: Array
    theta: Array
    t_out: Array
    y: Array
    new: Array
    stage: Array
    p: Array
    observed: Array


class Tasks(NamedTuple):
    """What is to be computed; read only and shared by all threads.

    Attributes
    ----------
    y0
        Shape ``(n_systems, n_states)``.
    table
        Parameter vectors, shape ``(n_rows, n_parameters)``.
    row
        Parameters that each system starts with, shape ``(n_systems,)``.
    times
        Times to report, shape ``(n_times,)``.
    first_step
        Step to try first, h, shape ``(n_systems,)``.
    change_start, change_time, change_row, change_edit
        Changes of every system in order of time (compressed rows); a row or edit of -1 is none.
    edit_start, edit_of_state, edit_index, edit_factor, edit_added
        Entries of every edit: ``x := factor * x + added`` for a state or parameter.
    watch_observed, watch_index, watch_level, watch_direction, watch_edit, watch_stops
        Conditions: an observable or state crosses a level upwards (1), downwards (-1) or either way (0).
    columns, report_observables
        What is reported: these states, or these observables.
    atol, floor
        Shape ``(n_states,)``.
    """

    y0: Array
    table: Array
    row: Any
    times: Array
    first_step: Array
    change_start: Any
    change_time: Array
    change_row: Any
    change_edit: Any
    edit_start: Any
    edit_of_state: Any
    edit_index: Any
    edit_factor: Array
    edit_added: Array
    watch_observed: Any
    watch_index: Any
    watch_level: Array
    watch_direction: Any
    watch_edit: Any
    watch_stops: Any
    columns: Any
    report_observables: bool
    atol: Array
    floor: Array


class Controls(NamedTuple):
    """Step control.

    Attributes
    ----------
    error_order
        Order of the embedded solution.
    max_steps
        Attempts that a system may use.
    min_step, max_step
        Limits of the step, h.
    """

    error_order: int
    max_steps: int
    min_step: float
    max_step: float


class Answers(NamedTuple):
    """What comes out, one row per system.

    Attributes
    ----------
    values
        Shape ``(n_systems, n_times, n_reported)``.
    reached
        Number of times that were reached.
    code, bad_state, bad_value
        How it ended; which state was to blame, and its value.
    t, y
        Last sound time and state, shapes ``(n_systems,)`` and ``(n_systems, n_states)``.
    steps, rejected
        Accepted and rejected steps.
    first_accepted
        First step that was accepted, h.
    n_crossed, crossed_time, crossed_watch
        Conditions that were met, at most as many as the second dimension holds.
    """

    values: Array
    reached: Any
    code: Any
    bad_state: Any
    bad_value: Array
    t: Array
    y: Array
    steps: Any
    rejected: Any
    first_accepted: Array
    n_crossed: Any
    crossed_time: Array
    crossed_watch: Any


@intrinsic  # type: ignore[untyped-decorator]
def _call(_context: Any, address: Any, block: Any) -> Any:  # noqa: ANN401
    """Call the function at an address with the block as its only argument."""
    signature = types.void(types.int64, types.int64)

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:  # noqa: ANN401
        from llvmlite import ir  # noqa: PLC0415 - the code generator's own vocabulary

        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer])
        function = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(function, [builder.inttoptr(args[1], pointer)])
        return context.get_dummy_value()

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def _claim(_context: Any, counter: Any) -> Any:  # noqa: ANN401
    """Take the next number of a counter that threads share."""
    signature = types.int64(counter)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:  # noqa: ANN401
        array = context.make_array(sig.args[0])(context, builder, args[0])
        one = context.get_constant(types.int64, 1)
        return builder.atomic_rmw("add", array.data, one, "monotonic")

    return signature, generate



class _State(NamedTuple):
    """Bookkeeping of the lanes, shape ``(width,)`` unless noted.

    Attributes
    ----------
    system
        System in the lane; -1 for none.
    fresh
        Whether the first report is still due.
    wished
        Step that control would take, h.
    stop, landing
        Where this step must end at the latest, and whether it does.
    next_time, next_change
        Next time to report and next change.
    last_step, last_error
        Those of the last accepted step; zero for none.
    refused, blame
        Whether the last attempt was rejected, and why.
    attempts
        Attempts so far.
    end
        Time that the accepted step reaches.
    low, high, crossed
        Bracket of a crossing as shares of the step, and the condition; -1 for none.
    levels
        Value of every condition at the last sound time, shape ``(n_watch, width)``.
    """

    system: Any
    fresh: Any
    wished: Array
    stop: Array
    landing: Any
    next_time: Any
    next_change: Any
    last_step: Array
    last_error: Array
    refused: Any
    blame: Any
    attempts: Any
    end: Array
    low: Array
    high: Array
    crossed: Any
    levels: Array


_fast = njit(nogil=True, cache=True, error_model="numpy")


@_fast  # type: ignore[untyped-decorator]
def _state(width: int, n_watch: int) -> _State:
    return _State(
        np.full(width, -1, np.int64),
        np.zeros(width, np.bool_),
        np.zeros(width),
        np.zeros(width),
        np.zeros(width, np.bool_),
        np.zeros(width, np.int64),
        np.zeros(width, np.int64),
        np.zeros(width),
        np.zeros(width),
        np.zeros(width, np.bool_),
        np.zeros(width, np.int64),
        np.zeros(width, np.int64),
        np.zeros(width),
        np.zeros(width),
        np.zeros(width),
        np.full(width, -1, np.int64),
        np.zeros((n_watch, width)),
    )


@_fast  # type: ignore[untyped-decorator]
def _load(lane: int, system: int, lanes: Lanes, tasks: Tasks, state: _State) -> None:
    """Put a system into a lane; changes due at the start come before anything else."""
    for i in range(tasks.y0.shape[1]):
        lanes.y[i, lane] = tasks.y0[system, i]
    for j in range(tasks.table.shape[1]):
        lanes.p[j, lane] = tasks.table[tasks.row[system], j]
    lanes.t[0, lane] = tasks.times[0]
    state.system[lane] = system
    state.fresh[lane] = True
    state.wished[lane] = tasks.first_step[system]
    state.next_time[lane] = 0
    state.next_change[lane] = tasks.change_start[system]
    state.last_step[lane] = 0.0
    state.refused[lane] = False
    state.blame[lane] = FINISHED
    state.attempts[lane] = 0
    state.crossed[lane] = -1
    _change(lane, lanes, tasks, state)


@_fast  # type: ignore[untyped-decorator]
def _change(lane: int, lanes: Lanes, tasks: Tasks, state: _State) -> bool:
    """Make all changes that are due; whether there were any."""
    system, changed = state.system[lane], False
    last = tasks.change_start[system + 1]
    while state.next_change[lane] < last:
        c = state.next_change[lane]
        if tasks.change_time[c] > lanes.t[0, lane]:
            break
        if tasks.change_row[c] >= 0:
            for j in range(tasks.table.shape[1]):
                lanes.p[j, lane] = tasks.table[tasks.change_row[c], j]
        _edit(lane, tasks.change_edit[c], lanes, tasks)
        state.next_change[lane] += 1
        changed = True
    return changed


@_fast  # type: ignore[untyped-decorator]
def _edit(lane: int, edit: int, lanes: Lanes, tasks: Tasks) -> None:
    """Change states and parameters of one lane."""
    if edit < 0:
        return
    for e in range(tasks.edit_start[edit], tasks.edit_start[edit + 1]):
        i, factor, added = tasks.edit_index[e], tasks.edit_factor[e], tasks.edit_added[e]
        if tasks.edit_of_state[e]:
            lanes.y[i, lane] = factor * lanes.y[i, lane] + added
        else:
            lanes.p[i, lane] = factor * lanes.p[i, lane] + added


@_fast  # type: ignore[untyped-decorator]
def _restart(lane: int, tasks: Tasks, state: _State) -> None:
    """Begin again with a small step: rates may have jumped."""
    state.wished[lane] = min(state.wished[lane], tasks.first_step[state.system[lane]])
    state.last_step[lane] = 0.0


@_fast  # type: ignore[untyped-decorator]
def _choose_step(lane: int, lanes: Lanes, tasks: Tasks, controls: Controls, state: _State) -> None:
    """Step of the next attempt; it ends at most at the next change, the end, or the next report
    where there is no dense output.
    """
    system, t = state.system[lane], lanes.t[0, lane]
    stop = tasks.times[-1]
    if lanes.interpolate == 0:
        stop = tasks.times[state.next_time[lane]]
    if state.next_change[lane] < tasks.change_start[system + 1]:
        stop = min(stop, tasks.change_time[state.next_change[lane]])
    h = min(state.wished[lane], controls.max_step)
    left = stop - t
    state.landing[lane] = h >= left * (1.0 - 1e-10)
    if state.landing[lane]:
        h = left
    elif h > 0.5 * left:
        h = 0.5 * left
    state.stop[lane] = stop
    lanes.h[0, lane] = h


@_fast  # type: ignore[untyped-decorator]
def _judge(lane: int, lanes: Lanes, controls: Controls, state: _State) -> bool:
    """Accept or reject an attempt and choose the step to try next (Gustafsson's controller)."""
    error, h = lanes.error[0, lane], lanes.h[0, lane]
    state.attempts[lane] += 1
    if not math.isfinite(error) or not math.isfinite(lanes.room[0, lane]):
        state.blame[lane], state.refused[lane] = NOT_FINITE, True
        state.wished[lane] = 0.1 * h
        return False
    error = max(error, 1e-8)
    power = 1.0 / (controls.error_order + 1.0)
    factor = max(1.0 / 6.0, min(5.0, error**power / 0.9))
    if error > 1.0:
        state.blame[lane], state.refused[lane] = STEP_TOO_SMALL, True
        state.wished[lane] = h / factor
        return False
    if lanes.room[0, lane] < 0.0:
        state.blame[lane], state.refused[lane] = NEGATIVE_POOL, True
        state.wished[lane] = 0.25 * h
        return False
    if state.last_step[lane] > 0.0:
        growth = error * error / state.last_error[lane]
        predicted = (state.last_step[lane] / h) * growth**power / 0.9
        factor = max(factor, max(1.0 / 6.0, min(5.0, predicted)))
    wished = h / factor
    if state.refused[lane]:
        wished = min(wished, h)
    if state.landing[lane]:  # a step cut short says little about the one that control wanted
        wished = max(wished, min(state.wished[lane], 5.0 * h))
    state.wished[lane] = wished
    state.last_step[lane], state.last_error[lane] = h, max(error, 1e-2)
    state.refused[lane] = False
    return True


@_fast  # type: ignore[untyped-decorator]
def _close(lane: int, code: int, lanes: Lanes, tasks: Tasks, answers: Answers, state: _State) -> None:
    """Write what a system came to and free its lane."""
    system = state.system[lane]
    answers.code[system] = code
    answers.t[system] = lanes.t[0, lane]
    answers.reached[system] = state.next_time[lane]
    for i in range(tasks.y0.shape[1]):
        answers.y[system, i] = lanes.y[i, lane]
    state.system[lane] = -1


@_fast  # type: ignore[untyped-decorator]
def _give_up(
    lane: int, code: int, lanes: Lanes, tasks: Tasks, answers: Answers, state: _State
) -> None:
    """End a system that cannot go on, and find the state to blame."""
    system, worst, at = state.system[lane], -np.inf, 0
    for i in range(tasks.y0.shape[1]):
        if code == NEGATIVE_POOL:
            badness = (tasks.floor[i] - lanes.new[i, lane]) / tasks.atol[i]
        else:
            size = abs(lanes.y[i, lane]) + tasks.atol[i]
            badness = abs(lanes.new[i, lane] - lanes.y[i, lane]) / size
        if code == NOT_FINITE and not math.isfinite(lanes.new[i, lane]):
            badness = np.inf
        if badness > worst:
            worst, at = badness, i
    answers.bad_state[system] = at
    answers.bad_value[system] = lanes.new[at, lane]
    _close(lane, code, lanes, tasks, answers, state)


@_fast  # type: ignore[untyped-decorator]
def _measure(lanes: Lanes, tasks: Tasks, levels: Array, only: Any) -> None:  # noqa: ANN401
    """Distance of every condition to its level at the states in ``stage``, for the chosen lanes."""
    n_watch, width = levels.shape
    if n_watch == 0:
        return
    _call(lanes.observe, lanes.block)
    for w in range(n_watch):
        i = tasks.watch_index[w]
        for lane in range(width):
            if only[lane]:
                value = lanes.observed[i, lane] if tasks.watch_observed[w] else lanes.stage[i, lane]
                levels[w, lane] = value - tasks.watch_level[w]


@_fast  # type: ignore[untyped-decorator]
def _crosses(before: float, after: float, direction: int) -> bool:
    up, down = before < 0.0 <= after, before > 0.0 >= after
    return (up and direction >= 0) or (down and direction <= 0)


@_fast  # type: ignore[untyped-decorator]
def _find_crossings(
    lanes: Lanes, tasks: Tasks, state: _State, accepted: Any, levels: Array  # noqa: ANN401
) -> None:
    """Locate the first crossing within each accepted step by bisection on the dense output."""
    n_watch, width = levels.shape
    searching = np.zeros(width, np.bool_)
    for lane in range(width):
        if accepted[lane]:
            lanes.theta[0, lane], state.low[lane], state.high[lane] = 1.0, 0.0, 1.0
            lanes.t_out[0, lane] = lanes.t[0, lane] + lanes.h[0, lane]
    _call(lanes.interpolate, lanes.block)
    _measure(lanes, tasks, levels, accepted)
    for lane in range(width):
        for w in range(n_watch):
            if accepted[lane] and _crosses(
                state.levels[w, lane], levels[w, lane], tasks.watch_direction[w]
            ):
                searching[lane] = True
    if not searching.any():
        return
    for _ in range(_ROOT_HALVINGS):
        for lane in range(width):
            if searching[lane]:
                lanes.theta[0, lane] = 0.5 * (state.low[lane] + state.high[lane])
                lanes.t_out[0, lane] = lanes.t[0, lane] + lanes.theta[0, lane] * lanes.h[0, lane]
        _call(lanes.interpolate, lanes.block)
        _measure(lanes, tasks, levels, searching)
        for lane in range(width):
            if searching[lane]:
                met = -1
                for w in range(n_watch):
                    if met < 0 and _crosses(
                        state.levels[w, lane], levels[w, lane], tasks.watch_direction[w]
                    ):
                        met = w
                if met >= 0:
                    state.high[lane] = lanes.theta[0, lane]
                    state.crossed[lane] = met
                else:
                    state.low[lane] = lanes.theta[0, lane]
    for lane in range(width):
        if searching[lane] and state.crossed[lane] < 0:  # it lies between the last halving and the end
            state.crossed[lane] = _last_crossing(lane, lanes, tasks, state, levels)


@_fast  # type: ignore[untyped-decorator]
def _last_crossing(lane: int, lanes: Lanes, tasks: Tasks, state: _State, levels: Array) -> int:
    """Condition met at the very end of the step."""
    lanes.theta[0, lane] = 1.0
    _call(lanes.interpolate, lanes.block)
    only = np.zeros(levels.shape[1], np.bool_)
    only[lane] = True
    _measure(lanes, tasks, levels, only)
    for w in range(levels.shape[0]):
        if _crosses(state.levels[w, lane], levels[w, lane], tasks.watch_direction[w]):
            return w
    return 0


@_fast  # type: ignore[untyped-decorator]
def _report(lanes: Lanes, tasks: Tasks, answers: Answers, state: _State, accepted: Any) -> None:  # noqa: ANN401
    """Report all times that the accepted steps have passed."""
    n_times, width = tasks.times.shape[0], lanes.t.shape[1]
    due = np.zeros(width, np.bool_)
    while True:
        any_due, at_end = False, True
        for lane in range(width):
            k = state.next_time[lane]
            due[lane] = accepted[lane] and k < n_times and tasks.times[k] <= state.end[lane]
            if due[lane]:
                any_due = True
                lanes.t_out[0, lane] = tasks.times[k]
                share = (tasks.times[k] - lanes.t[0, lane]) / lanes.h[0, lane]
                lanes.theta[0, lane] = min(share, 1.0)
                at_end = at_end and share >= 1.0
        if not any_due:
            return
        if at_end or lanes.interpolate == 0:
            lanes.stage[: lanes.new.shape[0]] = lanes.new
        else:
            _call(lanes.interpolate, lanes.block)
        _write(lanes, tasks, answers, state, due)


@_fast  # type: ignore[untyped-decorator]
def _write(lanes: Lanes, tasks: Tasks, answers: Answers, state: _State, due: Any) -> None:  # noqa: ANN401
    """Copy what is asked for from ``stage`` to the answers."""
    if tasks.report_observables:
        _call(lanes.observe, lanes.block)
    for lane in range(due.shape[0]):
        if due[lane]:
            row = answers.values[state.system[lane], state.next_time[lane]]
            for c in range(tasks.columns.shape[0]):
                i = tasks.columns[c]
                row[c] = lanes.observed[i, lane] if tasks.report_observables else lanes.stage[i, lane]
            state.next_time[lane] += 1


@_fast  # type: ignore[untyped-decorator]
def _begin(lanes: Lanes, tasks: Tasks, answers: Answers, state: _State) -> None:
    """First report of fresh lanes, and where their conditions stand."""
    for lane in range(lanes.t.shape[1]):
        if state.fresh[lane]:
            lanes.t_out[0, lane] = lanes.t[0, lane]
    lanes.stage[: lanes.y.shape[0]] = lanes.y
    _measure(lanes, tasks, state.levels, state.fresh)
    first = np.zeros(lanes.t.shape[1], np.bool_)
    for lane in range(first.shape[0]):
        first[lane] = state.fresh[lane] and state.next_time[lane] == 0
        state.fresh[lane] = False
    if first.any():
        _write(lanes, tasks, answers, state, first)


@_fast  # type: ignore[untyped-decorator]
def _sound(lane: int, lanes: Lanes, tasks: Tasks) -> int:
    """State that keeps a system from starting; -1 for none."""
    for i in range(tasks.y0.shape[1]):
        value = lanes.y[i, lane]
        if not math.isfinite(value) or value < 10.0 * tasks.floor[i]:
            return i
    return -1


@_fast  # type: ignore[untyped-decorator]
def _refill(
    counter: Any, lanes: Lanes, tasks: Tasks, answers: Answers, state: _State  # noqa: ANN401
) -> bool:
    """Fill free lanes from the queue; whether any was filled."""
    filled = False
    for lane in range(lanes.t.shape[1]):
        while state.system[lane] < 0 and counter[0] < tasks.y0.shape[0]:
            system = _claim(counter)
            if system >= tasks.y0.shape[0]:
                break
            _load(lane, system, lanes, tasks, state)
            bad = _sound(lane, lanes, tasks)
            if bad >= 0:
                finite = math.isfinite(lanes.y[bad, lane])
                answers.bad_state[system] = bad
                answers.bad_value[system] = lanes.y[bad, lane]
                code = NEGATIVE_POOL if finite else NOT_FINITE
                _close(lane, code, lanes, tasks, answers, state)
            filled = True
    return filled


@_fast  # type: ignore[untyped-decorator]
def _attempt_all(
    lanes: Lanes, tasks: Tasks, controls: Controls, answers: Answers, state: _State, accepted: Any  # noqa: ANN401
) -> None:
    """One attempt of every lane; ``accepted`` tells which ones may go on from it."""
    width = lanes.t.shape[1]
    for lane in range(width):
        if state.system[lane] >= 0:
            _choose_step(lane, lanes, tasks, controls, state)
    _call(lanes.attempt, lanes.block)
    for lane in range(width):
        accepted[lane] = False
        system = state.system[lane]
        if system < 0:
            continue
        accepted[lane] = _judge(lane, lanes, controls, state)
        if accepted[lane]:
            if answers.steps[system] == 0:
                answers.first_accepted[system] = lanes.h[0, lane]
            answers.steps[system] += 1
            t, h = lanes.t[0, lane], lanes.h[0, lane]
            state.end[lane] = state.stop[lane] if state.landing[lane] else t + h
            state.crossed[lane], state.high[lane] = -1, 1.0
            continue
        answers.rejected[system] += 1
        floor = max(controls.min_step, 1e-15 * abs(lanes.t[0, lane]))
        if state.wished[lane] < floor:
            _give_up(lane, state.blame[lane], lanes, tasks, answers, state)
        elif state.attempts[lane] >= controls.max_steps:
            _give_up(lane, MAX_STEPS, lanes, tasks, answers, state)


@_fast  # type: ignore[untyped-decorator]
def _take_over(lanes: Lanes, state: _State, accepted: Any) -> None:  # noqa: ANN401
    """Make the end of each accepted step, or its crossing, the lane's present."""
    width, n = lanes.t.shape[1], lanes.y.shape[0]
    cut = False
    for lane in range(width):
        if accepted[lane] and state.crossed[lane] >= 0:
            cut = True
            lanes.theta[0, lane] = state.high[lane]
    if cut:
        _call(lanes.interpolate, lanes.block)
    for lane in range(width):
        if accepted[lane]:
            lanes.t[0, lane] = state.end[lane]
    for i in range(n):
        for lane in range(width):
            if accepted[lane]:
                source = lanes.stage if state.crossed[lane] >= 0 else lanes.new
                lanes.y[i, lane] = source[i, lane]


@_fast  # type: ignore[untyped-decorator]
def _settle(
    lane: int, lanes: Lanes, tasks: Tasks, controls: Controls, answers: Answers, state: _State
) -> bool:
    """Meet what is due at a lane's present: conditions, changes, the end; whether it was changed."""
    system, watch, changed = state.system[lane], state.crossed[lane], False
    if watch >= 0:
        n = answers.n_crossed[system]
        if n < answers.crossed_time.shape[1]:
            answers.crossed_time[system, n] = lanes.t[0, lane]
            answers.crossed_watch[system, n] = watch
        answers.n_crossed[system] += 1
        _edit(lane, tasks.watch_edit[watch], lanes, tasks)
        changed = tasks.watch_edit[watch] >= 0
        if tasks.watch_stops[watch]:
            _close(lane, STOPPED, lanes, tasks, answers, state)
            return changed
    if state.next_time[lane] >= tasks.times.shape[0]:
        _close(lane, FINISHED, lanes, tasks, answers, state)
        return False
    changed = _change(lane, lanes, tasks, state) or changed
    if changed:
        _restart(lane, tasks, state)
    if state.attempts[lane] >= controls.max_steps:
        _give_up(lane, MAX_STEPS, lanes, tasks, answers, state)
    return changed


@_fast  # type: ignore[untyped-decorator]
def advance(
    counter: Any,  # noqa: ANN401
    halt: Any,  # noqa: ANN401
    lanes: Lanes,
    tasks: Tasks,
    controls: Controls,
    answers: Answers,
) -> None:
    """Advance systems of the queue until none is left.

    Parameters
    ----------
    counter
        Number of the next system, shape ``(1,)``; threads share it.
    halt
        Set to a value other than zero to end early, shape ``(1,)``.
    lanes, tasks, controls, answers
        See their classes.
    """
    width, n_watch = lanes.t.shape[1], tasks.watch_index.shape[0]
    state = _state(width, n_watch)
    accepted = np.zeros(width, np.bool_)
    levels = np.zeros((n_watch, width))
    lanes.h[:] = 1.0  # lanes without a system go through the motions
    changed = False
    while halt[0] == 0:
        filled = _refill(counter, lanes, tasks, answers, state)
        if filled or changed:
            _call(lanes.prepare, lanes.block)
        if filled or state.fresh.any():
            _begin(lanes, tasks, answers, state)
        if not (state.system >= 0).any():
            break
        _attempt_all(lanes, tasks, controls, answers, state, accepted)
        if n_watch:
            _find_crossings(lanes, tasks, state, accepted, levels)
            for lane in range(width):
                if accepted[lane]:
                    if state.crossed[lane] >= 0:
                        state.end[lane] = lanes.t[0, lane] + state.high[lane] * lanes.h[0, lane]
                    else:
                        state.levels[:, lane] = levels[:, lane]
        _report(lanes, tasks, answers, state, accepted)
        _take_over(lanes, state, accepted)
        changed = False
        for lane in range(width):
            if accepted[lane]:
                altered = _settle(lane, lanes, tasks, controls, answers, state)
                changed = altered or changed
                if n_watch and state.system[lane] >= 0 and (altered or state.crossed[lane] >= 0):
                    state.fresh[lane] = True  # measure where the conditions stand now
