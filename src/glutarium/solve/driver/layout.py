"""What the parts of the driver share: arrays of lanes, tasks and answers, and what stands in their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from glutarium.kernel import Array

    Ints = npt.NDArray[np.int64]

__all__ = [
    "ACCEPTED",
    "ATTEMPTS",
    "BAD_STATE",
    "BAD_VALUE",
    "BLAME",
    "CHOSEN",
    "CODE",
    "CROSSED",
    "DIRECTION",
    "END",
    "END_TIME",
    "ERROR",
    "FINISHED",
    "FIRST_ALLOWED",
    "FRESH",
    "HIGH",
    "INCONSISTENT_START",
    "INDEX",
    "INSTANT",
    "LANDING",
    "LANE_INTS",
    "LANE_REALS",
    "LAST_ROOT",
    "LAST_STEP",
    "LOW",
    "MADE",
    "MAX_STEPS",
    "NEGATIVE_POOL",
    "NEXT_CHANGE",
    "NEXT_TIME",
    "NOT_FINITE",
    "N_CROSSED",
    "OBSERVED",
    "REACHED",
    "REFUSED",
    "REJECTED",
    "ROOM",
    "SPANS",
    "STEPS",
    "STEP_TOO_SMALL",
    "STOP",
    "STOPPED",
    "STOPS",
    "SYSTEM",
    "TAKEN",
    "THETA",
    "T_OUT",
    "WATCH_EDIT",
    "WISHED",
    "Answers",
    "Controls",
    "H",
    "Lanes",
    "T",
    "Tasks",
]

FINISHED, MAX_STEPS, STEP_TOO_SMALL, NEGATIVE_POOL, NOT_FINITE, STOPPED = range(6)
INCONSISTENT_START = 6
"""How a system ended; ``STOPPED`` by a condition that ends its run."""

# Rows of ``Lanes.reals``; the first seven are read and written by step code.
T, H, ERROR, ROOM, THETA, T_OUT, TAKEN = range(7)
WISHED, STOP, LAST_STEP, LAST_ROOT, END, LOW, HIGH = range(7, 14)
LANE_REALS = 14
# Rows of ``Lanes.ints``. Flags are 0 or 1; no system and no condition is -1.
SYSTEM, FRESH, LANDING, NEXT_TIME, NEXT_CHANGE, REFUSED = range(6)
BLAME, ATTEMPTS, CROSSED, ACCEPTED, CHOSEN, SPANS, MADE = range(6, 13)
LANE_INTS = 13
INSTANT = 2
"""A lane's ``LANDING`` where its step is too short to be made: time passes and nothing happens."""
# Columns of ``Answers.ints`` and ``Answers.reals``.
REACHED, CODE, BAD_STATE, STEPS, REJECTED, N_CROSSED = range(6)
BAD_VALUE, END_TIME, FIRST_ALLOWED = range(3)
# Columns of ``Tasks.watch``.
OBSERVED, INDEX, DIRECTION, WATCH_EDIT, STOPS = range(5)


class Lanes(NamedTuple):
    """Working arrays of one thread; vectors have one column per lane.

    Attributes
    ----------
    block
        Address of what step code reads, see :data:`glutarium.solve.blockcode.SLOTS`.
    prepare, attempt, interpolate, observe, take_over
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
    take_over: int
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


class Queue(NamedTuple):
    """Systems to begin or to go on with; shared by all threads.

    Attributes
    ----------
    order
        Their numbers, first come first served.
    counter
        How many were taken, shape ``(1,)``, or a little more.
    pause
        Systems put aside when they have come so far, h, while others wait to be begun; infinity for none.
    reals, ints
        Columns of those that were put aside, see :class:`Lanes`, shapes ``(n_systems, LANE_REALS)`` and
        ``(n_systems, LANE_INTS)``; zero for others, and without rows where none is put aside. Their states
        stand in the answers, their parameters are those that they started with.
    """

    order: Ints
    counter: Ints
    pause: float
    reals: Array
    ints: Ints


class Controls(NamedTuple):
    """Step control, and when the loop ends.

    Attributes
    ----------
    power
        Steps go with the error to this power: one over one more than the order of the embedded solution.
    overestimate
        Error of the embedded solution over that of the solution that is kept.
    within
        Error, over what other steps may have, up to which a step is accepted that has reports inside: what
        is interpolated errs more than the end of a step.
    shorter
        How long control expects such a step to be, over one with no report inside: by one order less than
        that of the estimate, since stiff systems do not show all of it.
    least_root
        Smallest error, to that power, that the next choice of a step remembers.
    max_steps
        Attempts that a system may use.
    min_step, max_step
        Limits of the step, h.
    few
        How many systems may be left in their lanes when the queue is empty.
    """

    power: float
    overestimate: float
    within: float
    shorter: float
    least_root: float
    max_steps: int
    min_step: float
    max_step: float
    few: int


class Answers(NamedTuple):
    """What comes out, one row per system.

    Attributes
    ----------
    values
        Shape ``(n_systems, n_times, n_reported)``.
    ints, reals
        Times reached, code, state to blame, steps …, shape ``(n_systems, 6)``; its value, the last sound
        time, the first step that a like start allows, shape ``(n_systems, 3)``.
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
