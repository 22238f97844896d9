"""One step of every lane: how long it is, whether it counts, and where it leads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from glutarium.solve.driver.layout import (
    ACCEPTED,
    ATTEMPTS,
    BLAME,
    CROSSED,
    END,
    ERROR,
    FIRST_ALLOWED,
    HIGH,
    INSTANT,
    LANDING,
    LAST_ROOT,
    LAST_STEP,
    MADE,
    MAX_STEPS,
    NEGATIVE_POOL,
    NEXT_CHANGE,
    NEXT_TIME,
    NOT_FINITE,
    REFUSED,
    ROOM,
    SPANS,
    STEP_TOO_SMALL,
    STOP,
    SYSTEM,
    TAKEN,
    THETA,
    WISHED,
    H,
    T,
)
from glutarium.solve.driver.loading import give_up
from glutarium.solve.native import call, helper
from glutarium.solve.options import (
    AFTER_NEGATIVE,
    AFTER_NOT_FINITE,
    LEAST_ERROR,
    MOST_CUT,
    MOST_GROWTH,
    MOST_LEARNT,
    MOST_WISHED,
    SAFETY,
    SHORTEST,
    WORTH_LANDING,
)

if TYPE_CHECKING:
    from glutarium.solve.driver.layout import Answers, Controls, Lanes, Tasks

__all__ = ["attempt_all", "restart", "take_over"]


@helper
def _choose_step(lane: int, lanes: Lanes, tasks: Tasks, controls: Controls) -> None:
    """Step of the next attempt.

    It ends at most at the next change, at the end, or at the next report without dense output. With that it
    either ends at a report that it would pass by little, or is short enough for what is interpolated.
    """
    system, t = lanes.ints[SYSTEM, lane], lanes.reals[T, lane]
    dense, due = lanes.interpolate != 0, tasks.times[lanes.ints[NEXT_TIME, lane]]
    stop = tasks.times[-1] if dense else due
    if lanes.ints[NEXT_CHANGE, lane] < tasks.change_start[system + 1]:
        stop = min(stop, tasks.change_time[lanes.ints[NEXT_CHANGE, lane]])
    h = min(lanes.reals[WISHED, lane], controls.max_step)
    if dense and due - t < h:
        if due - t > WORTH_LANDING * h:
            stop = min(stop, due)
        else:
            h *= controls.shorter
    left = stop - t
    lanes.ints[LANDING, lane] = h >= left * (1.0 - 1e-10)
    if lanes.ints[LANDING, lane]:
        h = left
    elif h > 0.5 * left:
        h = 0.5 * left
    if left <= SHORTEST:
        lanes.ints[LANDING, lane] = INSTANT
    lanes.ints[SPANS, lane] = dense and due < (stop if lanes.ints[LANDING, lane] else t + h)
    lanes.reals[STOP, lane] = stop
    lanes.reals[H, lane] = h


@helper
def attempt_all(lanes: Lanes, tasks: Tasks, controls: Controls, answers: Answers) -> None:
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
        if lanes.ints[LANDING, lane] == INSTANT:
            _wait(lane, lanes)
            continue
        if _judge(lane, lanes, controls):
            _accept(lane, lanes, controls, answers)
            continue
        least = max(controls.min_step, 1e-15 * abs(lanes.reals[T, lane]))
        if lanes.reals[WISHED, lane] < least:
            give_up(lane, lanes.ints[BLAME, lane], lanes, tasks, answers)
        elif lanes.ints[ATTEMPTS, lane] >= controls.max_steps:
            give_up(lane, MAX_STEPS, lanes, tasks, answers)


@helper
def _wait(lane: int, lanes: Lanes) -> None:
    """Let an instant pass in which nothing happens, whatever the attempt came to."""
    for i in range(lanes.y.shape[0]):
        lanes.new[i, lane] = lanes.y[i, lane]
    lanes.ints[ACCEPTED, lane], lanes.ints[CROSSED, lane] = 1, 0
    lanes.reals[END, lane] = lanes.reals[STOP, lane]


@helper
def _judge(lane: int, lanes: Lanes, controls: Controls) -> bool:
    """Accept or reject an attempt and choose the step to try next (Gustafsson's controller)."""
    error, h = lanes.reals[ERROR, lane], lanes.reals[H, lane]
    lanes.ints[ATTEMPTS, lane] += 1
    if not math.isfinite(error):
        lanes.ints[BLAME, lane], lanes.ints[REFUSED, lane] = NOT_FINITE, True
        lanes.reals[WISHED, lane] = AFTER_NOT_FINITE * h
        return False
    error = error / controls.overestimate
    if lanes.ints[SPANS, lane]:  # as one that need not be interpolated: longer, with a larger error
        error, h = error / controls.within, h / controls.shorter
    error = max(error, LEAST_ERROR)
    root = error**controls.power
    factor = max(MOST_GROWTH, min(MOST_CUT, root / SAFETY))
    if error > 1.0:
        lanes.ints[BLAME, lane], lanes.ints[REFUSED, lane] = STEP_TOO_SMALL, True
        lanes.reals[WISHED, lane] = h / factor
        return False
    if lanes.reals[ROOM, lane] < 0.0:
        lanes.ints[BLAME, lane], lanes.ints[REFUSED, lane] = NEGATIVE_POOL, True
        lanes.reals[WISHED, lane] = AFTER_NEGATIVE * h
        return False
    if lanes.reals[LAST_STEP, lane] > 0.0:
        growth = root * root / lanes.reals[LAST_ROOT, lane]
        predicted = (lanes.reals[LAST_STEP, lane] / h) * growth / SAFETY
        factor = max(factor, MOST_GROWTH, min(MOST_CUT, predicted))
    wished = h / factor
    if lanes.ints[REFUSED, lane]:
        wished = min(wished, h)
    if lanes.ints[LANDING, lane]:  # a step cut short says little about the one that control wanted
        wished = max(wished, min(lanes.reals[WISHED, lane], MOST_WISHED * h))
    lanes.reals[WISHED, lane] = wished
    lanes.reals[LAST_STEP, lane], lanes.reals[LAST_ROOT, lane] = h, max(root, controls.least_root)
    lanes.ints[REFUSED, lane] = False
    return True


@helper
def _allowed(lane: int, lanes: Lanes, controls: Controls) -> float:
    """First step that would have been accepted, as far as the error of the one that was can tell."""
    if lanes.ints[ATTEMPTS, lane] > 1:  # a longer one was tried
        return float(lanes.reals[WISHED, lane])
    error = max(lanes.reals[ERROR, lane] / controls.overestimate, LEAST_ERROR)
    growth = SAFETY * error**-controls.power
    return float(lanes.reals[H, lane] * min(growth, MOST_LEARNT))


@helper
def _accept(lane: int, lanes: Lanes, controls: Controls, answers: Answers) -> None:
    """Note where an accepted step leads."""
    system, h = lanes.ints[SYSTEM, lane], lanes.reals[H, lane]
    if lanes.ints[MADE, lane] == 0:
        answers.reals[system, FIRST_ALLOWED] = _allowed(lane, lanes, controls)
    lanes.ints[MADE, lane] += 1
    lanes.ints[ACCEPTED, lane], lanes.ints[CROSSED, lane] = 1, 0
    lanes.reals[END, lane] = lanes.reals[T, lane] + h
    if lanes.ints[LANDING, lane]:
        lanes.reals[END, lane] = lanes.reals[STOP, lane]


@helper
def restart(lane: int, lanes: Lanes, tasks: Tasks) -> None:
    """Begin again with a small step: rates may have jumped."""
    lanes.reals[WISHED, lane] = min(
        lanes.reals[WISHED, lane], tasks.first_step[lanes.ints[SYSTEM, lane]]
    )
    lanes.reals[LAST_STEP, lane] = 0.0


@helper
def take_over(lanes: Lanes) -> None:
    """Make the end of each accepted step, or its crossing, the lane's present."""
    cut = False
    for lane in range(lanes.reals.shape[1]):
        lanes.reals[TAKEN, lane] = lanes.ints[ACCEPTED, lane]
        if lanes.ints[ACCEPTED, lane] and lanes.ints[CROSSED, lane]:
            lanes.reals[THETA, lane], cut = lanes.reals[HIGH, lane], True
    if cut:
        call(lanes.interpolate, lanes.block)
        for lane in range(lanes.reals.shape[1]):
            if lanes.ints[ACCEPTED, lane] and lanes.ints[CROSSED, lane]:
                for i in range(lanes.y.shape[0]):
                    lanes.new[i, lane] = lanes.stage[i, lane]
    call(lanes.take_over, lanes.block)  # should the budget be spent, old and new tell what changes
    for lane in range(lanes.reals.shape[1]):
        if lanes.ints[ACCEPTED, lane]:
            lanes.reals[T, lane] = lanes.reals[END, lane]
