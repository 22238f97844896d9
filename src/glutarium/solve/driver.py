"""The loop that advances lanes: one fixed program for every model and method.

A lane holds one system of the batch with its own time and step. In every round all lanes attempt one
step together; each accepts or rejects its own, reports, meets its events, and takes the next system from
the queue when it is done. Nothing is shared between lanes but the instruction stream, so results do not
depend on how systems are packed or on the number of threads, which share one counter.

Compiled once by Numba and kept on its disk cache. It calls the machine code of model and method by address
(:mod:`glutarium.solve.stepcode`), holds no lock of the interpreter and allocates nothing. Values of one
kind share an array, and the helpers have no entry from Python: both keep the compilation short.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glutarium.solve.native import call, claim, entry, helper

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array

    Ints = npt.NDArray[np.int64]

__all__ = [
    "FINISHED",
    "INCONSISTENT_START",
    "LANE_INTS",
    "LANE_REALS",
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
INCONSISTENT_START = 6
"""How a system ended; ``STOPPED`` by a condition that ends its run."""

_ROOT_HALVINGS = 50
"""Bisections that locate a crossing within a step: to the last bit of the share of the step."""

_INSTANT = 1e-15
"""Changes closer than this, h, happen at once: a shorter step has no inverse that arithmetic can hold."""

_SAFETY = 0.9
"""Share of the step that control expects to be just accepted."""
_MOST_GROWTH, _MOST_CUT = 1.0 / 6.0, 5.0
"""Limits of the old step over the new one."""

# Rows of ``Lanes.reals``; the first six are read and written by step code.
T, H, ERROR, ROOM, THETA, T_OUT = range(6)
WISHED, STOP, LAST_STEP, LAST_ERROR, END, LOW, HIGH = range(6, 13)
LANE_REALS = 13
# Rows of ``Lanes.ints``. Flags are 0 or 1; no system and no condition is -1.
SYSTEM, FRESH, LANDING, NEXT_TIME, NEXT_CHANGE, REFUSED = range(6)
BLAME, ATTEMPTS, CROSSED, ACCEPTED, CHOSEN = range(6, 11)
LANE_INTS = 11
# Columns of ``Answers.ints`` and ``Answers.reals``.
REACHED, CODE, BAD_STATE, STEPS, REJECTED, N_CROSSED = range(6)
BAD_VALUE, END_TIME, FIRST_ACCEPTED = range(3)
# Columns of ``Tasks.watch``.
OBSERVED, INDEX, DIRECTION, WATCH_EDIT, STOPS = range(5)


class Lanes(NamedTuple):
    """Working arrays of one thread; vectors have one column per lane.

    Attributes
    ----------
    block
        Address of what step code reads, see :data:`glutarium.solve.stepcode.SLOTS`.
    prepare, attempt, interpolate, observe
        Addresses of the step functions; ``interpolate`` is zero without dense output.
    reals, ints
        One value per lane: time, step, error … in rows, shapes ``(LANE_REALS, width)`` and
        ``(LANE_INTS, width)``.
    y, new, stage
        Shape ``(n_states, width)``.
    p
        Shape ``(n_parameters, width)``.
    observed
        Shape ``(n_observables, width)``.
    levels, levels_now
        Distance of every condition to its level at the last sound time and at the time looked at,
        shape ``(n_watches, width)``.
    """

    block: int
    prepare: int
    attempt: int
    interpolate: int
    observe: int
    reals: Array
    ints: Ints
    y: Array
    new: Array
    stage: Array
    p: Array
    observed: Array
    levels: Array
    levels_now: Array


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
    change_start, change_time, change
        Changes of every system in order of time (compressed rows); ``change`` holds the new row of
        parameters and the edit, -1 for none, shape ``(n_changes, 2)``.
    edit_start, edit_place, edit_value
        Entries of every edit: ``x := factor * x + added``. ``edit_place`` tells state (1) or parameter
        (0) and its position, ``edit_value`` factor and summand, shapes ``(n, 2)``.
    watch, watch_level
        Conditions: observable (1) or state (0), its position, direction, edit, whether the run ends;
        shape ``(n_watches, 5)``.
    columns, report_observables
        What is reported: these states, or these observables.
    tolerance
        Absolute tolerance and floor of every state, shape ``(2, n_states)``.
    required
        Weights of sums that must be above zero at the start, shape ``(n_sums, n_states)``.
    """

    y0: Array
    table: Array
    row: Ints
    times: Array
    first_step: Array
    change_start: Ints
    change_time: Array
    change: Ints
    edit_start: Ints
    edit_place: Ints
    edit_value: Array
    watch: Ints
    watch_level: Array
    columns: Ints
    report_observables: bool
    tolerance: Array
    required: Array


class Controls(NamedTuple):
    """Step control.

    Attributes
    ----------
    error_order
        Order of the embedded solution.
    overestimate
        Error of the embedded solution over that of the solution that is kept.
    max_steps
        Attempts that a system may use.
    min_step, max_step
        Limits of the step, h.
    """

    error_order: int
    overestimate: float
    max_steps: int
    min_step: float
    max_step: float


class Answers(NamedTuple):
    """What comes out, one row per system.

    Attributes
    ----------
    values
        Shape ``(n_systems, n_times, n_reported)``.
    ints, reals
        Times reached, code, state to blame, steps …, shape ``(n_systems, 6)``; its value, the last sound
        time, the first accepted step, shape ``(n_systems, 3)``.
    y
        Last sound state, shape ``(n_systems, n_states)``.
    crossed_time, crossed_watch
        Conditions that were met, at most as many as the second dimension holds.
    """

    values: Array
    ints: Ints
    reals: Array
    y: Array
    crossed_time: Array
    crossed_watch: Ints


@helper
def _load(lane: int, system: int, lanes: Lanes, tasks: Tasks) -> None:
    """Put a system into a lane; changes due at the start come before anything else."""
    for i in range(tasks.y0.shape[1]):
        lanes.y[i, lane] = tasks.y0[system, i]
    for j in range(tasks.table.shape[1]):
        lanes.p[j, lane] = tasks.table[tasks.row[system], j]
    lanes.reals[T, lane] = tasks.times[0]
    lanes.ints[SYSTEM, lane] = system
    lanes.ints[FRESH, lane] = True
    lanes.reals[WISHED, lane] = tasks.first_step[system]
    lanes.ints[NEXT_TIME, lane] = 0
    lanes.ints[NEXT_CHANGE, lane] = tasks.change_start[system]
    lanes.reals[LAST_STEP, lane] = 0.0
    lanes.ints[REFUSED, lane] = False
    lanes.ints[BLAME, lane] = FINISHED
    lanes.ints[ATTEMPTS, lane] = 0
    lanes.ints[CROSSED, lane] = 0
    _change(lane, lanes, tasks)


@helper
def _change(lane: int, lanes: Lanes, tasks: Tasks) -> bool:
    """Make all changes that are due; whether there were any."""
    system, changed = lanes.ints[SYSTEM, lane], False
    last = tasks.change_start[system + 1]
    while lanes.ints[NEXT_CHANGE, lane] < last:
        c = lanes.ints[NEXT_CHANGE, lane]
        if tasks.change_time[c] > lanes.reals[T, lane] + _INSTANT:
            break
        if tasks.change[c, 0] >= 0:
            for j in range(tasks.table.shape[1]):
                lanes.p[j, lane] = tasks.table[tasks.change[c, 0], j]
        _edit(lane, tasks.change[c, 1], lanes, tasks)
        lanes.ints[NEXT_CHANGE, lane] += 1
        changed = True
    return changed


@helper
def _edit(lane: int, edit: int, lanes: Lanes, tasks: Tasks) -> None:
    """Change states and parameters of one lane."""
    if edit < 0:
        return
    for e in range(tasks.edit_start[edit], tasks.edit_start[edit + 1]):
        i, factor, added = tasks.edit_place[e, 1], tasks.edit_value[e, 0], tasks.edit_value[e, 1]
        if tasks.edit_place[e, 0] == 1:
            lanes.y[i, lane] = factor * lanes.y[i, lane] + added
        else:
            lanes.p[i, lane] = factor * lanes.p[i, lane] + added


@helper
def _restart(lane: int, lanes: Lanes, tasks: Tasks) -> None:
    """Begin again with a small step: rates may have jumped."""
    lanes.reals[WISHED, lane] = min(
        lanes.reals[WISHED, lane], tasks.first_step[lanes.ints[SYSTEM, lane]]
    )
    lanes.reals[LAST_STEP, lane] = 0.0


@helper
def _choose_step(lane: int, lanes: Lanes, tasks: Tasks, controls: Controls) -> None:
    """Step of the next attempt.

    It ends at most at the next change, at the end, or at the next report without dense output.
    """
    system, t = lanes.ints[SYSTEM, lane], lanes.reals[T, lane]
    stop = tasks.times[-1]
    if lanes.interpolate == 0:
        stop = tasks.times[lanes.ints[NEXT_TIME, lane]]
    if lanes.ints[NEXT_CHANGE, lane] < tasks.change_start[system + 1]:
        stop = min(stop, tasks.change_time[lanes.ints[NEXT_CHANGE, lane]])
    h = min(lanes.reals[WISHED, lane], controls.max_step)
    left = stop - t
    lanes.ints[LANDING, lane] = h >= left * (1.0 - 1e-10)
    if lanes.ints[LANDING, lane]:
        h = left
    elif h > 0.5 * left:
        h = 0.5 * left
    lanes.reals[STOP, lane] = stop
    lanes.reals[H, lane] = h


@helper
def _judge(lane: int, lanes: Lanes, controls: Controls) -> bool:
    """Accept or reject an attempt and choose the step to try next (Gustafsson's controller)."""
    error, h = lanes.reals[ERROR, lane], lanes.reals[H, lane]
    lanes.ints[ATTEMPTS, lane] += 1
    if not math.isfinite(error):
        lanes.ints[BLAME, lane], lanes.ints[REFUSED, lane] = NOT_FINITE, True
        lanes.reals[WISHED, lane] = 0.1 * h
        return False
    error = max(error / controls.overestimate, 1e-8)
    power = 1.0 / (controls.error_order + 1.0)
    factor = max(_MOST_GROWTH, min(_MOST_CUT, error**power / _SAFETY))
    if error > 1.0:
        lanes.ints[BLAME, lane], lanes.ints[REFUSED, lane] = STEP_TOO_SMALL, True
        lanes.reals[WISHED, lane] = h / factor
        return False
    if lanes.reals[ROOM, lane] < 0.0:
        lanes.ints[BLAME, lane], lanes.ints[REFUSED, lane] = NEGATIVE_POOL, True
        lanes.reals[WISHED, lane] = 0.25 * h
        return False
    if lanes.reals[LAST_STEP, lane] > 0.0:
        growth = error * error / lanes.reals[LAST_ERROR, lane]
        predicted = (lanes.reals[LAST_STEP, lane] / h) * growth**power / _SAFETY
        factor = max(factor, _MOST_GROWTH, min(_MOST_CUT, predicted))
    wished = h / factor
    if lanes.ints[REFUSED, lane]:
        wished = min(wished, h)
    if lanes.ints[LANDING, lane]:  # a step cut short says little about the one that control wanted
        wished = max(wished, min(lanes.reals[WISHED, lane], 5.0 * h))
    lanes.reals[WISHED, lane] = wished
    lanes.reals[LAST_STEP, lane], lanes.reals[LAST_ERROR, lane] = h, max(error, 1e-2)
    lanes.ints[REFUSED, lane] = False
    return True


@helper
def _close(lane: int, code: int, lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
    """Write what a system came to and free its lane."""
    system = lanes.ints[SYSTEM, lane]
    answers.ints[system, CODE] = code
    answers.reals[system, END_TIME] = lanes.reals[T, lane]
    answers.ints[system, REACHED] = lanes.ints[NEXT_TIME, lane]
    for i in range(tasks.y0.shape[1]):
        answers.y[system, i] = lanes.y[i, lane]
    lanes.ints[SYSTEM, lane] = -1


@helper
def _give_up(lane: int, code: int, lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
    """End a system that cannot go on, and find the state to blame."""
    system, worst, at = lanes.ints[SYSTEM, lane], -np.inf, 0
    for i in range(tasks.y0.shape[1]):
        if code == NEGATIVE_POOL:
            badness = (tasks.tolerance[1, i] - lanes.new[i, lane]) / tasks.tolerance[0, i]
        else:
            size = abs(lanes.y[i, lane]) + tasks.tolerance[0, i]
            badness = abs(lanes.new[i, lane] - lanes.y[i, lane]) / size
        if code == NOT_FINITE and not math.isfinite(lanes.new[i, lane]):
            badness = np.inf
        if badness > worst:
            worst, at = badness, i
    answers.ints[system, BAD_STATE] = at
    answers.reals[system, BAD_VALUE] = lanes.new[at, lane]
    _close(lane, code, lanes, tasks, answers)


@helper
def _sound(lane: int, lanes: Lanes, tasks: Tasks) -> int:
    """State that keeps a system from starting; -1 for none."""
    for i in range(tasks.y0.shape[1]):
        value = lanes.y[i, lane]
        if not math.isfinite(value) or value < 10.0 * tasks.tolerance[1, i]:
            return i
    return -1


@helper
def _missing(lane: int, lanes: Lanes, tasks: Tasks) -> int:
    """First required sum that is not above zero; -1 for none."""
    for r in range(tasks.required.shape[0]):
        total = 0.0
        for i in range(tasks.y0.shape[1]):
            total += tasks.required[r, i] * lanes.y[i, lane]
        if total <= 0.0:
            return r
    return -1


@helper
def _refuse(lane: int, lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
    """End a system that cannot start: a pool is no sound number, or a required sum is zero."""
    system, bad = lanes.ints[SYSTEM, lane], _sound(lane, lanes, tasks)
    if bad >= 0:
        finite = math.isfinite(lanes.y[bad, lane])
        code = NEGATIVE_POOL if finite else NOT_FINITE
    else:
        row, code = _missing(lane, lanes, tasks), INCONSISTENT_START
        if row < 0:
            return
        bad = 0
        while tasks.required[row, bad] == 0.0:
            bad += 1
    answers.ints[system, BAD_STATE] = bad
    answers.reals[system, BAD_VALUE] = lanes.y[bad, lane]
    _close(lane, code, lanes, tasks, answers)


@helper
def _refill(counter: Ints, lanes: Lanes, tasks: Tasks, answers: Answers) -> bool:
    """Fill free lanes from the queue; whether any was filled."""
    filled = False
    for lane in range(lanes.reals.shape[1]):
        while lanes.ints[SYSTEM, lane] < 0 and counter[0] < tasks.y0.shape[0]:
            system = claim(counter)
            if system >= tasks.y0.shape[0]:
                break
            _load(lane, system, lanes, tasks)
            _refuse(lane, lanes, tasks, answers)
            filled = True
    return filled


@helper
def _copy(source: Array, target: Array) -> None:
    """Copy all vectors."""
    for i in range(target.shape[0]):
        for lane in range(target.shape[1]):
            target[i, lane] = source[i, lane]


@helper
def _measure(lanes: Lanes, tasks: Tasks) -> None:
    """Distance of every condition to its level at the states in ``stage``, into ``levels_now``."""
    call(lanes.observe, lanes.block)
    for w in range(tasks.watch.shape[0]):
        i = tasks.watch[w, INDEX]
        for lane in range(lanes.reals.shape[1]):
            seen = lanes.observed[i, lane] if tasks.watch[w, OBSERVED] else lanes.stage[i, lane]
            lanes.levels_now[w, lane] = seen - tasks.watch_level[w]


@helper
def _keep_levels(lane: int, lanes: Lanes) -> None:
    """What was measured last is where the lane's conditions stand."""
    for w in range(lanes.levels.shape[0]):
        lanes.levels[w, lane] = lanes.levels_now[w, lane]


@helper
def _passed(lane: int, watch: int, lanes: Lanes, tasks: Tasks) -> bool:
    """Whether a condition has crossed its level since the last sound time."""
    before, now = lanes.levels[watch, lane], lanes.levels_now[watch, lane]
    direction = tasks.watch[watch, DIRECTION]
    upwards = before < 0.0 <= now and direction >= 0
    downwards = before > 0.0 >= now and direction <= 0
    return bool(upwards or downwards)


@helper
def _crossed(lane: int, lanes: Lanes, tasks: Tasks) -> bool:
    """Whether any condition has."""
    found = False
    for w in range(lanes.levels.shape[0]):
        found = found or _passed(lane, w, lanes, tasks)
    return found


@helper
def _look_at(lane: int, share: float, lanes: Lanes) -> None:
    """Choose a place within the lane's last step."""
    lanes.reals[THETA, lane] = share
    lanes.reals[T_OUT, lane] = lanes.reals[T, lane] + share * lanes.reals[H, lane]


@helper
def _find_crossings(lanes: Lanes, tasks: Tasks) -> None:
    """Locate the first crossing within each accepted step by bisection on the dense output."""
    width, searching = lanes.reals.shape[1], False
    for lane in range(width):
        _look_at(lane, 1.0, lanes)
    _copy(lanes.new, lanes.stage)
    _measure(lanes, tasks)
    for lane in range(width):
        lanes.ints[CHOSEN, lane] = 0
        if lanes.ints[ACCEPTED, lane]:
            if not _crossed(lane, lanes, tasks):
                _keep_levels(lane, lanes)
            else:
                lanes.ints[CROSSED, lane], lanes.ints[CHOSEN, lane], searching = 1, 1, True
                lanes.reals[LOW, lane], lanes.reals[HIGH, lane] = 0.0, 1.0
    if searching:
        for _ in range(_ROOT_HALVINGS):
            _halve(lanes, tasks)
    for lane in range(width):
        if lanes.ints[CHOSEN, lane]:
            _look_at(lane, lanes.reals[HIGH, lane], lanes)
            lanes.reals[END, lane] = lanes.reals[T_OUT, lane]
    if searching:  # several conditions may be met there
        call(lanes.interpolate, lanes.block)
        _measure(lanes, tasks)


@helper
def _halve(lanes: Lanes, tasks: Tasks) -> None:
    """Halve the brackets of all lanes that look for a crossing."""
    width = lanes.reals.shape[1]
    for lane in range(width):
        if lanes.ints[CHOSEN, lane]:
            _look_at(lane, 0.5 * (lanes.reals[LOW, lane] + lanes.reals[HIGH, lane]), lanes)
    call(lanes.interpolate, lanes.block)
    _measure(lanes, tasks)
    for lane in range(width):
        if lanes.ints[CHOSEN, lane]:
            if _crossed(lane, lanes, tasks):
                lanes.reals[HIGH, lane] = lanes.reals[THETA, lane]
            else:
                lanes.reals[LOW, lane] = lanes.reals[THETA, lane]


@helper
def _write(lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
    """Copy what is asked for from ``stage`` to the answers of the chosen lanes."""
    if tasks.report_observables:
        call(lanes.observe, lanes.block)
    for lane in range(lanes.reals.shape[1]):
        if lanes.ints[CHOSEN, lane]:
            system, k = lanes.ints[SYSTEM, lane], lanes.ints[NEXT_TIME, lane]
            for c in range(tasks.columns.shape[0]):
                i = tasks.columns[c]
                if tasks.report_observables:
                    answers.values[system, k, c] = lanes.observed[i, lane]
                else:
                    answers.values[system, k, c] = lanes.stage[i, lane]
            lanes.ints[NEXT_TIME, lane] += 1


@helper
def _report(lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
    """Report all times that the accepted steps have passed."""
    n_times = tasks.times.shape[0]
    while True:
        due, at_end = False, True
        for lane in range(lanes.reals.shape[1]):
            k = lanes.ints[NEXT_TIME, lane]
            lanes.ints[CHOSEN, lane] = 0
            if (
                lanes.ints[ACCEPTED, lane]
                and k < n_times
                and tasks.times[k] <= lanes.reals[END, lane]
            ):
                lanes.ints[CHOSEN, lane], due = 1, True
                share = (tasks.times[k] - lanes.reals[T, lane]) / lanes.reals[H, lane]
                lanes.reals[THETA, lane] = min(share, 1.0)
                lanes.reals[T_OUT, lane] = tasks.times[k]
                at_end = at_end and share >= 1.0
        if not due:
            return
        if at_end or lanes.interpolate == 0:
            _copy(lanes.new, lanes.stage)
        else:
            call(lanes.interpolate, lanes.block)
        _write(lanes, tasks, answers)


@helper
def _begin(lanes: Lanes, tasks: Tasks, answers: Answers, watching: bool | None) -> None:
    """First report of new lanes; where the conditions of new and changed ones stand."""
    _copy(lanes.y, lanes.stage)
    first = False
    for lane in range(lanes.reals.shape[1]):
        lanes.reals[T_OUT, lane] = lanes.reals[T, lane]
        fresh = lanes.ints[FRESH, lane] == 1 and lanes.ints[SYSTEM, lane] >= 0
        lanes.ints[CHOSEN, lane] = int(fresh and lanes.ints[NEXT_TIME, lane] == 0)
        first = first or lanes.ints[CHOSEN, lane] == 1
    if watching is not None:
        _measure(lanes, tasks)
        for lane in range(lanes.reals.shape[1]):
            if lanes.ints[FRESH, lane]:
                _keep_levels(lane, lanes)
    for lane in range(lanes.reals.shape[1]):
        lanes.ints[FRESH, lane] = 0
    if first:
        _write(lanes, tasks, answers)
    for lane in range(lanes.reals.shape[1]):  # the start may be all that is asked for
        if lanes.ints[SYSTEM, lane] >= 0 and lanes.ints[NEXT_TIME, lane] >= tasks.times.shape[0]:
            _close(lane, FINISHED, lanes, tasks, answers)


@helper
def _attempt_all(lanes: Lanes, tasks: Tasks, controls: Controls, answers: Answers) -> None:
    """One attempt of every lane; ``ACCEPTED`` tells which ones may go on from it."""
    width = lanes.reals.shape[1]
    for lane in range(width):
        if lanes.ints[SYSTEM, lane] >= 0:
            _choose_step(lane, lanes, tasks, controls)
    call(lanes.attempt, lanes.block)
    for lane in range(width):
        lanes.ints[ACCEPTED, lane] = 0
        system = lanes.ints[SYSTEM, lane]
        if system < 0:
            continue
        if _judge(lane, lanes, controls):
            _accept(lane, lanes, answers)
            continue
        answers.ints[system, REJECTED] += 1
        least = max(controls.min_step, 1e-15 * abs(lanes.reals[T, lane]))
        if lanes.reals[WISHED, lane] < least:
            _give_up(lane, lanes.ints[BLAME, lane], lanes, tasks, answers)
        elif lanes.ints[ATTEMPTS, lane] >= controls.max_steps:
            _give_up(lane, MAX_STEPS, lanes, tasks, answers)


@helper
def _accept(lane: int, lanes: Lanes, answers: Answers) -> None:
    """Note where an accepted step leads."""
    system, h = lanes.ints[SYSTEM, lane], lanes.reals[H, lane]
    if answers.ints[system, STEPS] == 0:
        answers.reals[system, FIRST_ACCEPTED] = h
    answers.ints[system, STEPS] += 1
    lanes.ints[ACCEPTED, lane], lanes.ints[CROSSED, lane] = 1, 0
    lanes.reals[END, lane] = lanes.reals[T, lane] + h
    if lanes.ints[LANDING, lane]:
        lanes.reals[END, lane] = lanes.reals[STOP, lane]


@helper
def _take_over(lanes: Lanes) -> None:
    """Make the end of each accepted step, or its crossing, the lane's present."""
    cut = False
    for lane in range(lanes.reals.shape[1]):
        if lanes.ints[ACCEPTED, lane] and lanes.ints[CROSSED, lane]:
            lanes.reals[THETA, lane], cut = lanes.reals[HIGH, lane], True
    if cut:
        call(lanes.interpolate, lanes.block)
    for i in range(lanes.y.shape[0]):
        for lane in range(lanes.reals.shape[1]):
            if lanes.ints[ACCEPTED, lane]:
                before = lanes.y[i, lane]
                if lanes.ints[CROSSED, lane]:
                    lanes.y[i, lane] = lanes.stage[i, lane]
                else:
                    lanes.y[i, lane] = lanes.new[i, lane]
                lanes.new[i, lane] = before  # tells who changes fastest, should the budget be spent
    for lane in range(lanes.reals.shape[1]):
        if lanes.ints[ACCEPTED, lane]:
            lanes.reals[T, lane] = lanes.reals[END, lane]


@helper
def _meet(lane: int, watch: int, lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
    """Note a crossing and make its change."""
    system = lanes.ints[SYSTEM, lane]
    n = answers.ints[system, N_CROSSED]
    if n < answers.crossed_time.shape[1]:
        answers.crossed_time[system, n] = lanes.reals[T, lane]
        answers.crossed_watch[system, n] = watch
    answers.ints[system, N_CROSSED] += 1
    _edit(lane, tasks.watch[watch, WATCH_EDIT], lanes, tasks)
    lanes.ints[FRESH, lane] = 1  # measure anew where the conditions stand


@helper
def _settle(
    lane: int,
    lanes: Lanes,
    tasks: Tasks,
    controls: Controls,
    answers: Answers,
    watching: bool | None,
) -> bool:
    """Meet what is due at a lane's present: conditions, changes, the end; whether anything changed."""
    changed = False
    if watching is not None and lanes.ints[CROSSED, lane]:
        stops = False
        for w in range(tasks.watch.shape[0]):
            if _passed(lane, w, lanes, tasks):
                _meet(lane, w, lanes, tasks, answers)
                changed = changed or tasks.watch[w, WATCH_EDIT] >= 0
                stops = stops or tasks.watch[w, STOPS] == 1
        if stops:
            _close(lane, STOPPED, lanes, tasks, answers)
            return changed
    if lanes.ints[NEXT_TIME, lane] >= tasks.times.shape[0]:
        _close(lane, FINISHED, lanes, tasks, answers)
        return changed
    if _change(lane, lanes, tasks):
        changed = True
    if changed:
        lanes.ints[FRESH, lane] = 1
        _restart(lane, lanes, tasks)
    if lanes.ints[ATTEMPTS, lane] >= controls.max_steps:
        _give_up(lane, MAX_STEPS, lanes, tasks, answers)
    return changed


@helper
def _any(row: int, lanes: Lanes) -> bool:
    """Whether a flag is set, or a number not negative, in any lane."""
    found = False
    for lane in range(lanes.reals.shape[1]):
        found = found or lanes.ints[row, lane] > (-1 if row == SYSTEM else 0)
    return found


@entry
def advance(
    counter: Ints,
    halt: Ints,
    lanes: Lanes,
    tasks: Tasks,
    controls: Controls,
    answers: Answers,
    watching: bool | None,
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
    watching
        Whether there are conditions to watch; None for no, so that Numba leaves out what they need.
    """
    for lane in range(lanes.reals.shape[1]):
        lanes.ints[SYSTEM, lane] = -1
        lanes.reals[H, lane] = 1.0  # lanes without a system go through the motions
    changed = False
    while halt[0] == 0:
        if _refill(counter, lanes, tasks, answers) or changed:
            call(lanes.prepare, lanes.block)
        if _any(FRESH, lanes):
            _begin(lanes, tasks, answers, watching)
        if not _any(SYSTEM, lanes):
            if counter[0] < tasks.y0.shape[0]:
                continue
            break
        _attempt_all(lanes, tasks, controls, answers)
        if watching is not None:
            _find_crossings(lanes, tasks)
        _report(lanes, tasks, answers)
        _take_over(lanes)
        changed = False
        for lane in range(lanes.reals.shape[1]):
            if lanes.ints[ACCEPTED, lane]:
                changed = _settle(lane, lanes, tasks, controls, answers, watching) or changed
