"""How systems enter lanes, change at given times, and leave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.driver.layout import (
    ATTEMPTS,
    BAD_STATE,
    BAD_VALUE,
    BLAME,
    CODE,
    CROSSED,
    END_TIME,
    FINISHED,
    FRESH,
    INCONSISTENT_START,
    LAST_STEP,
    MADE,
    NEGATIVE_POOL,
    NEXT_CHANGE,
    NEXT_TIME,
    NOT_FINITE,
    REACHED,
    REFUSED,
    REJECTED,
    STEPS,
    SYSTEM,
    WISHED,
    T,
)
from glutarium.solve.native import claim, helper
from glutarium.solve.options import NEGATIVE_FACTOR

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.solve.driver.layout import Answers, Lanes, Queue, Tasks

    Ints = npt.NDArray[np.int64]

__all__ = ["change", "close", "edit", "give_up", "put_aside", "refill", "waiting"]


_STRETCH = 256
"""Rows that are copied for all lanes before the next ones: lanes share the lines of the cache."""


@helper
def _was_aside(system: int, queue: Queue) -> bool:
    """Whether a system goes on rather than begins."""
    return bool(queue.ints.shape[0] > 0 and queue.ints[system, ATTEMPTS] > 0)


@helper
def _copy(entering: int, lanes: Lanes, tasks: Tasks, queue: Queue, answers: Answers) -> None:
    """Fill states and parameters of the lanes whose bits are set."""
    n, m = tasks.y0.shape[1], tasks.table.shape[1]
    for first in range(0, max(n, m), _STRETCH):
        end = first + _STRETCH
        for lane in range(lanes.reals.shape[1]):
            if entering >> lane & 1:
                system = lanes.ints[SYSTEM, lane]
                row = tasks.row[system]
                y = answers.y if _was_aside(system, queue) else tasks.y0
                for i in range(first, min(end, n)):
                    lanes.y[i, lane] = y[system, i]
                for j in range(first, min(end, m)):
                    lanes.p[j, lane] = tasks.table[row, j]


@helper
def _start(lane: int, lanes: Lanes, tasks: Tasks) -> None:
    """Begin with a system; changes due at the start come before anything else."""
    system = lanes.ints[SYSTEM, lane]
    lanes.reals[T, lane] = tasks.times[0]
    lanes.ints[FRESH, lane] = True
    lanes.reals[WISHED, lane] = tasks.first_step[system]
    lanes.ints[NEXT_TIME, lane] = 0
    lanes.ints[NEXT_CHANGE, lane] = tasks.change_start[system]
    lanes.reals[LAST_STEP, lane] = 0.0
    lanes.ints[REFUSED, lane] = False
    lanes.ints[BLAME, lane] = FINISHED
    lanes.ints[ATTEMPTS, lane] = 0
    lanes.ints[MADE, lane] = 0
    lanes.ints[CROSSED, lane] = 0
    change(lane, lanes, tasks)


@helper
def change(lane: int, lanes: Lanes, tasks: Tasks) -> bool:
    """Make all changes that are due; whether there were any."""
    system, changed = lanes.ints[SYSTEM, lane], False
    last = tasks.change_start[system + 1]
    while lanes.ints[NEXT_CHANGE, lane] < last:
        c = lanes.ints[NEXT_CHANGE, lane]
        if tasks.change_time[c] > lanes.reals[T, lane]:
            break
        if tasks.change[c, 0] >= 0:
            for j in range(tasks.table.shape[1]):
                lanes.p[j, lane] = tasks.table[tasks.change[c, 0], j]
        edit(lane, tasks.change[c, 1], lanes, tasks)
        lanes.ints[NEXT_CHANGE, lane] += 1
        changed = True
    return changed


@helper
def edit(lane: int, edit: int, lanes: Lanes, tasks: Tasks) -> None:
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
def waiting(queue: Queue) -> bool:
    """Whether there is a system that no lane has taken."""
    return bool(queue.counter[0] < queue.order.shape[0])


@helper
def _claimed(lanes: Lanes, queue: Queue) -> int:
    """Give each free lane a system of the queue; the bits of these lanes."""
    entering = 0
    for lane in range(lanes.reals.shape[1]):
        if lanes.ints[SYSTEM, lane] < 0 and waiting(queue):
            place = claim(queue.counter)
            if place < queue.order.shape[0]:
                lanes.ints[SYSTEM, lane] = queue.order[place]
                entering |= 1 << lane
    return entering


@helper
def refill(lanes: Lanes, tasks: Tasks, queue: Queue, answers: Answers) -> bool:
    """Fill free lanes from the queue; whether any was filled. Lanes that were refused are filled again."""
    filled = False
    entering = _claimed(lanes, queue)
    while entering:
        filled = True
        _copy(entering, lanes, tasks, queue, answers)
        for lane in range(lanes.reals.shape[1]):
            if not entering >> lane & 1:
                continue
            if _was_aside(lanes.ints[SYSTEM, lane], queue):
                _go_on(lane, lanes, queue)
            else:
                _start(lane, lanes, tasks)
                _refuse(lane, lanes, tasks, answers)
        entering = _claimed(lanes, queue)
    return filled


@helper
def _go_on(lane: int, lanes: Lanes, queue: Queue) -> None:
    """Go on with a system that was put aside."""
    system = lanes.ints[SYSTEM, lane]
    for row in range(lanes.reals.shape[0]):
        lanes.reals[row, lane] = queue.reals[system, row]
    for row in range(lanes.ints.shape[0]):
        lanes.ints[row, lane] = queue.ints[system, row]


@helper
def put_aside(lanes: Lanes, tasks: Tasks, queue: Queue, answers: Answers) -> None:
    """Free the lanes of systems that have come far enough and still have the parameters of their start."""
    for lane in range(lanes.reals.shape[1]):
        system = lanes.ints[SYSTEM, lane]
        if system < 0 or lanes.reals[T, lane] < queue.pause:
            continue
        if lanes.ints[NEXT_CHANGE, lane] != tasks.change_start[system] or not waiting(queue):
            continue
        for row in range(lanes.reals.shape[0]):
            queue.reals[system, row] = lanes.reals[row, lane]
        for row in range(lanes.ints.shape[0]):
            queue.ints[system, row] = lanes.ints[row, lane]
        for i in range(tasks.y0.shape[1]):
            answers.y[system, i] = lanes.y[i, lane]
        lanes.ints[SYSTEM, lane] = -1


@helper
def _refuse(lane: int, lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
    """End a system that cannot start: a pool is no sound number, or a required sum is zero."""
    system, bad = lanes.ints[SYSTEM, lane], _unsound(lane, lanes, tasks)
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
    close(lane, code, lanes, tasks, answers)


@helper
def _unsound(lane: int, lanes: Lanes, tasks: Tasks) -> int:
    """State that keeps a system from starting; -1 for none."""
    for i in range(tasks.y0.shape[1]):
        value = lanes.y[i, lane]
        if not math.isfinite(value) or value < NEGATIVE_FACTOR * tasks.tolerance[1, i]:
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
def close(lane: int, code: int, lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
    """Write what a system came to and free its lane.

    Counts are kept by the lane until then: neighbouring systems share a line of the cache, and threads that
    take turns at it wait for one another.
    """
    system, made = lanes.ints[SYSTEM, lane], lanes.ints[MADE, lane]
    answers.ints[system, STEPS] = made
    answers.ints[system, REJECTED] = lanes.ints[ATTEMPTS, lane] - made
    answers.ints[system, CODE] = code
    answers.reals[system, END_TIME] = lanes.reals[T, lane]
    answers.ints[system, REACHED] = lanes.ints[NEXT_TIME, lane]
    for i in range(tasks.y0.shape[1]):
        answers.y[system, i] = lanes.y[i, lane]
    lanes.ints[SYSTEM, lane] = -1


@helper
def give_up(lane: int, code: int, lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
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
    close(lane, code, lanes, tasks, answers)
