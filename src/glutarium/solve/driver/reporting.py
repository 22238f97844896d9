"""What is written to the answers, at the start and at the times asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.solve.driver.crossings import copy, keep_levels, measure
from glutarium.solve.driver.layout import (
    ACCEPTED,
    CHOSEN,
    END,
    FINISHED,
    FRESH,
    INSTANT,
    LANDING,
    NEXT_TIME,
    SYSTEM,
    T_OUT,
    THETA,
    H,
    T,
)
from glutarium.solve.driver.loading import close
from glutarium.solve.native import call, helper

if TYPE_CHECKING:
    from glutarium.solve.driver.layout import Answers, Lanes, Tasks

__all__ = ["begin", "report"]


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
def _keep_instants(lanes: Lanes) -> None:
    """A lane that made no step has nothing to interpolate: it is where it was."""
    for lane in range(lanes.reals.shape[1]):
        if lanes.ints[CHOSEN, lane] and lanes.ints[LANDING, lane] == INSTANT:
            for i in range(lanes.y.shape[0]):
                lanes.stage[i, lane] = lanes.y[i, lane]


@helper
def report(lanes: Lanes, tasks: Tasks, answers: Answers) -> None:
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
            copy(lanes.new, lanes.stage)
        else:
            call(lanes.interpolate, lanes.block)
            _keep_instants(lanes)
        _write(lanes, tasks, answers)


@helper
def begin(lanes: Lanes, tasks: Tasks, answers: Answers, watching: bool | None) -> None:
    """First report of new lanes; where the conditions of new and changed ones stand."""
    copy(lanes.y, lanes.stage)
    first = False
    for lane in range(lanes.reals.shape[1]):
        lanes.reals[T_OUT, lane] = lanes.reals[T, lane]
        fresh = lanes.ints[FRESH, lane] == 1 and lanes.ints[SYSTEM, lane] >= 0
        lanes.ints[CHOSEN, lane] = int(fresh and lanes.ints[NEXT_TIME, lane] == 0)
        first = first or lanes.ints[CHOSEN, lane] == 1
    if watching is not None:
        measure(lanes, tasks)
        for lane in range(lanes.reals.shape[1]):
            if lanes.ints[FRESH, lane]:
                keep_levels(lane, lanes)
    for lane in range(lanes.reals.shape[1]):
        lanes.ints[FRESH, lane] = 0
    if first:
        _write(lanes, tasks, answers)
    for lane in range(lanes.reals.shape[1]):  # the start may be all that is asked for
        if lanes.ints[SYSTEM, lane] >= 0 and lanes.ints[NEXT_TIME, lane] >= tasks.times.shape[0]:
            close(lane, FINISHED, lanes, tasks, answers)
