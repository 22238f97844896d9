"""The loop that advances lanes until the queue is empty, and what is due at a lane's present."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.driver.crossings import find_crossings, passed
from glutarium.solve.driver.layout import (
    ACCEPTED,
    ATTEMPTS,
    CROSSED,
    FINISHED,
    FRESH,
    MAX_STEPS,
    N_CROSSED,
    NEXT_TIME,
    STOPPED,
    STOPS,
    SYSTEM,
    WATCH_EDIT,
    T,
)
from glutarium.solve.driver.loading import (
    change,
    close,
    edit,
    give_up,
    put_aside,
    refill,
    waiting,
)
from glutarium.solve.driver.reporting import begin, report
from glutarium.solve.driver.stepping import attempt_all, restart, take_over
from glutarium.solve.native import call, entry, helper

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from glutarium.solve.driver.layout import Answers, Controls, Lanes, Queue, Tasks

    Ints = npt.NDArray[np.int64]

__all__ = ["advance"]


@helper
def _meet(lane: int, watch: int, lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
    """Note a crossing and make its change."""
    system = lanes.ints[SYSTEM, lane]
    n = answers.ints[system, N_CROSSED]
    if n < answers.crossed_time.shape[1]:
        answers.crossed_time[system, n] = lanes.reals[T, lane]
        answers.crossed_watch[system, n] = watch
    answers.ints[system, N_CROSSED] += 1
    edit(lane, tasks.watch[watch, WATCH_EDIT], lanes, tasks)
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
            if passed(lane, w, lanes, tasks):
                _meet(lane, w, lanes, tasks, answers)
                changed = changed or tasks.watch[w, WATCH_EDIT] >= 0
                stops = stops or tasks.watch[w, STOPS] == 1
        if stops:
            close(lane, STOPPED, lanes, tasks, answers)
            return changed
    if lanes.ints[NEXT_TIME, lane] >= tasks.times.shape[0]:
        close(lane, FINISHED, lanes, tasks, answers)
        return changed
    if change(lane, lanes, tasks):
        changed = True
    if changed:
        lanes.ints[FRESH, lane] = 1
        restart(lane, lanes, tasks)
    if lanes.ints[ATTEMPTS, lane] >= controls.max_steps:
        give_up(lane, MAX_STEPS, lanes, tasks, answers)
    return changed


@helper
def _any_fresh(lanes: Lanes) -> bool:
    """Whether a lane has a new system, or one whose states or parameters were changed."""
    found = False
    for lane in range(lanes.reals.shape[1]):
        found = found or lanes.ints[FRESH, lane] > 0
    return found


@helper
def _busy(lanes: Lanes) -> int:
    """How many lanes hold a system."""
    count = 0
    for lane in range(lanes.reals.shape[1]):
        count += lanes.ints[SYSTEM, lane] >= 0
    return count


@helper
def _round(
    lanes: Lanes, tasks: Tasks, controls: Controls, answers: Answers, watching: bool | None
) -> bool:
    """One step of every lane with all that follows; whether parameters or states were changed."""
    attempt_all(lanes, tasks, controls, answers)
    if watching is not None:
        find_crossings(lanes, tasks)
    report(lanes, tasks, answers)
    take_over(lanes)
    changed = False
    for lane in range(lanes.reals.shape[1]):
        if lanes.ints[ACCEPTED, lane]:
            changed = _settle(lane, lanes, tasks, controls, answers, watching) or changed
    return changed


def _loop(parts: int) -> Callable[..., None]:
    """Return the loop; Numba keeps the compiled one until ``parts`` changes, or this file."""

    @entry
    def advance(
        queue: Queue,
        halt: Ints,
        lanes: Lanes,
        tasks: Tasks,
        controls: Controls,
        answers: Answers,
        watching: bool | None,
    ) -> None:
        """Advance the systems that lanes hold, and those of the queue, until few or none are left.

        Where systems are put aside, it ends when the queue is empty, with whatever the lanes hold.

        Parameters
        ----------
        halt
            Set to a value other than zero to end early, shape ``(1,)``.
        queue, lanes, tasks, controls, answers
            See their classes.
        watching
            Whether there are conditions to watch; None for no, so that Numba leaves out what they need.
        """
        _ = parts
        changed = True  # of what lanes hold already nothing is derived yet
        while halt[0] == 0:
            if refill(lanes, tasks, queue, answers) or changed:
                call(lanes.prepare, lanes.block)
            if _any_fresh(lanes):
                begin(lanes, tasks, answers, watching)
            busy, changed = _busy(lanes), False
            if not waiting(queue) and (busy <= controls.few or queue.pause < np.inf):
                break
            if busy > 0:
                changed = _round(lanes, tasks, controls, answers, watching)
            if queue.pause < np.inf:
                put_aside(lanes, tasks, queue, answers)

    return advance


def _digest() -> int:
    """Number for the source of all parts: Numba would look at the file of the loop alone."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    others = [folder.parent / name for name in ("native.py", "options.py")]
    for file in sorted([*folder.glob("*.py"), *others]):
        digest.update(file.read_bytes())
    return int.from_bytes(digest.digest()[:7], "big")


advance = _loop(_digest())
"""Advance systems of the queue until few or none are left."""
