"""Conditions that cross a level within a step, located by bisection on the dense output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.solve.driver.layout import (
    ACCEPTED,
    CHOSEN,
    CROSSED,
    DIRECTION,
    END,
    HIGH,
    INDEX,
    LOW,
    OBSERVED,
    T_OUT,
    THETA,
    H,
    T,
)
from glutarium.solve.native import call, helper

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.solve.driver.layout import Lanes, Tasks

__all__ = ["copy", "find_crossings", "keep_levels", "measure", "passed"]

_ROOT_HALVINGS = 50
"""Bisections that locate a crossing within a step: to the last bit of the share of the step."""


@helper
def copy(source: Array, target: Array) -> None:
    """Copy all vectors."""
    for i in range(target.shape[0]):
        for lane in range(target.shape[1]):
            target[i, lane] = source[i, lane]


@helper
def measure(lanes: Lanes, tasks: Tasks) -> None:
    """Distance of every condition to its level at the states in ``stage``, into ``levels_now``."""
    call(lanes.observe, lanes.block)
    for w in range(tasks.watch.shape[0]):
        i = tasks.watch[w, INDEX]
        for lane in range(lanes.reals.shape[1]):
            seen = lanes.observed[i, lane] if tasks.watch[w, OBSERVED] else lanes.stage[i, lane]
            lanes.levels_now[w, lane] = seen - tasks.watch_level[w]


@helper
def keep_levels(lane: int, lanes: Lanes) -> None:
    """What was measured last is where the lane's conditions stand."""
    for w in range(lanes.levels.shape[0]):
        lanes.levels[w, lane] = lanes.levels_now[w, lane]


@helper
def passed(lane: int, watch: int, lanes: Lanes, tasks: Tasks) -> bool:
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
        found = found or passed(lane, w, lanes, tasks)
    return found


@helper
def _look_at(lane: int, share: float, lanes: Lanes) -> None:
    """Choose a place within the lane's last step."""
    lanes.reals[THETA, lane] = share
    lanes.reals[T_OUT, lane] = lanes.reals[T, lane] + share * lanes.reals[H, lane]


@helper
def find_crossings(lanes: Lanes, tasks: Tasks) -> None:
    """Locate the first crossing within each accepted step by bisection on the dense output."""
    width, searching = lanes.reals.shape[1], False
    for lane in range(width):
        _look_at(lane, 1.0, lanes)
    copy(lanes.new, lanes.stage)
    measure(lanes, tasks)
    for lane in range(width):
        lanes.ints[CHOSEN, lane] = 0
        if lanes.ints[ACCEPTED, lane]:
            if not _crossed(lane, lanes, tasks):
                keep_levels(lane, lanes)
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
        measure(lanes, tasks)


@helper
def _halve(lanes: Lanes, tasks: Tasks) -> None:
    """Halve the brackets of all lanes that look for a crossing."""
    width = lanes.reals.shape[1]
    for lane in range(width):
        if lanes.ints[CHOSEN, lane]:
            _look_at(lane, 0.5 * (lanes.reals[LOW, lane] + lanes.reals[HIGH, lane]), lanes)
    call(lanes.interpolate, lanes.block)
    measure(lanes, tasks)
    for lane in range(width):
        if lanes.ints[CHOSEN, lane]:
            if _crossed(lane, lanes, tasks):
                lanes.reals[HIGH, lane] = lanes.reals[THETA, lane]
            else:
                lanes.reals[LOW, lane] = lanes.reals[THETA, lane]
