"""Many systems of one model to be advanced side by side, and what came of them.

A system starts from a state with a parameter vector; at given times its parameters or states change (a
dose, a change of medium), and when a watched quantity crosses a level (a death threshold) states or
parameters change or the run ends. All arrays are plain and laid out one field after the other, so that
a batch can be cut into chunks, sent elsewhere or copied to another device.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode, Statistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array

__all__ = ["Batch", "BatchResult", "Change", "Crossing", "Edit", "System", "Watch"]


@dataclass(frozen=True, slots=True)
class Edit:
    """What happens to states and parameters at an event: ``x := factor * x + added``.

    Attributes
    ----------
    states, parameters
        Position → (factor, added); (0, v) sets a value, (1, v) adds to it.
    """

    states: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    parameters: Mapping[int, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """An event at a given time.

    Attributes
    ----------
    time
        When, h. A report at the same time shows what was before; one at the very start, what is after.
    p
        New parameter vector, shape ``(n_parameters,)``; None keeps the old one.
    edit
        What else changes, after the parameters.
    """

    time: float
    p: Array | None = None
    edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """An event where a quantity crosses a level.

    Attributes
    ----------
    index
        Position of the state or observable.
    level
        The level, in its unit.
    direction
        1 for upwards, -1 for downwards, 0 for both.
    observable
        Whether the index is that of an observable.
    edit
        What changes.
    stops
        Whether the run ends there.
    """

    index: int
    level: float
    direction: int = 0
    observable: bool = False
    edit: Edit | None = None
    stops: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """One system of a batch.

    Attributes
    ----------
    y0
        State at the first time, shape ``(n_states,)``.
    p
        Parameters, shape ``(n_parameters,)``.
    changes
        Events at given times, in order of time.
    """

    y0: Array
    p: Array
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class Crossing:
    """A watched quantity crossed its level.

    Attributes
    ----------
    system, watch
        Which system, which watch.
    time
        When, h.
    """

    system: int
    watch: int
    time: float


@dataclass(frozen=True)
class Batch:
    """Systems as arrays; made by :meth:`of`.

    Attributes
    ----------
    y0
        Shape ``(n_systems, n_states)``.
    table
        Distinct parameter vectors, shape ``(n_rows, n_parameters)``.
    row
        Row of the table that each system starts with.
    times
        Times to report, h; the first one is the start.
    change_start, change_time, change_row, change_edit
        Changes in compressed rows; a row or edit of -1 is none.
    edits
        What changes refer to.
    watches
        Conditions, the same for all systems.
    """

    y0: Array
    table: Array
    row: npt.NDArray[np.int64]
    times: Array
    change_start: npt.NDArray[np.int64]
    change_time: Array
    change_row: npt.NDArray[np.int64]
    change_edit: npt.NDArray[np.int64]
    edits: tuple[Edit, ...] = ()
    watches: tuple[Watch, ...] = ()

    def __len__(self) -> int:
        return len(self.y0)

    @classmethod
    def of(cls, systems: Iterable[System], times: Array, watches: Sequence[Watch] = ()) -> Batch:
        """Lay out systems one after the other.

        Parameters
        ----------
        systems
            At least one.
        times
            Times to report, h, increasing, shape ``(n_times,)``; the first one is the start.
        watches
            Conditions that hold for all of them.

        Raises
        ------
        ValueError
            There is no system, the times do not increase, or a system's changes are out of order.
        """
        layout = _Layout()
        for system in systems:
            layout.add(system)
        return layout.batch(_checked(times), tuple(watches))

    @classmethod
    def stacked(cls, y0: Array, p: Array, times: Array) -> Batch:
        """Lay out systems without changes that stand in arrays already, such as those of voxels.

        Parameters
        ----------
        y0, p
            One system per row, shapes ``(n_systems, n_states)`` and ``(n_systems, n_parameters)``.
        times
            As of :meth:`of`.

        Raises
        ------
        ValueError
            There is no system, the numbers of rows differ, or the times do not increase.
        """
        if not len(y0) == len(p) > 0:
            message = (
                f"There are {len(y0)} states and {len(p)} sets of parameters; give one of each."
            )
            raise ValueError(message)
        n, none = len(y0), np.zeros(0, dtype=np.int64)
        return cls(
            np.ascontiguousarray(y0, dtype=np.float64),
            np.ascontiguousarray(p, dtype=np.float64),
            np.arange(n),
            _checked(times),
            np.zeros(n + 1, dtype=np.int64),
            np.zeros(0),
            none,
            none,
        )


class _Layout:
    """Collects systems; a parameter vector that is used twice is stored once."""

    def __init__(self) -> None:
        self._y0: list[Array] = []
        self._row: list[int] = []
        self._table: list[Array] = []
        self._found: dict[int, int] = {}
        self._changes: list[tuple[float, int, int]] = []
        self._starts = [0]
        self._edits: list[Edit] = []

    def add(self, system: System) -> None:
        """Append a system."""
        when = [c.time for c in system.changes]
        if when != sorted(when):
            message = f"The changes of system {len(self._y0)} are out of order: {when} h."
            raise ValueError(message)
        self._y0.append(np.asarray(system.y0, dtype=np.float64))
        self._row.append(self._place(system.p))
        for change in system.changes:
            row = -1 if change.p is None else self._place(change.p)
            edit = -1
            if change.edit is not None:
                edit = len(self._edits)
                self._edits.append(change.edit)
            self._changes.append((change.time, row, edit))
        self._starts.append(len(self._changes))

    def _place(self, p: Array) -> int:
        """Row of a vector; one object is stored once."""
        found = self._found.get(id(p))
        if found is None:
            found = self._found[id(p)] = len(self._table)
            self._table.append(p)  # holding it keeps its id from being used again
        return found

    def batch(self, times: Array, watches: tuple[Watch, ...]) -> Batch:
        """Stack everything."""
        if not self._y0:
            message = "A batch needs at least one system."
            raise ValueError(message)
        time, row, edit = ([c[i] for c in self._changes] for i in range(3))
        return Batch(
            np.ascontiguousarray(self._y0, dtype=np.float64),
            np.ascontiguousarray(self._table, dtype=np.float64),
            np.array(self._row, dtype=np.int64),
            times,
            np.array(self._starts, dtype=np.int64),
            np.array(time, dtype=np.float64),
            np.array(row, dtype=np.int64),
            np.array(edit, dtype=np.int64),
            tuple(self._edits),
            watches,
        )


def _checked(times: Array) -> Array:
    times = np.array(times, dtype=np.float64)
    if times.ndim != 1 or len(times) < 1 or not (np.diff(times) > 0).all():
        message = f"Times must be a list that increases, not {times}."
        raise ValueError(message)
    return times


@dataclass(frozen=True)
class BatchResult:
    """What came of a batch, one row per system.

    Attributes
    ----------
    times
        Times to report, h, shape ``(n_times,)``.
    y
        Reported states or observables, shape ``(n_systems, n_times, n_reported)``; NaN from where a run
        ended early.
    reached
        Number of times that were reached.
    codes
        How each run ended.
    details
        Empty, or what exactly went wrong: state, amount, time.
    end_time, end
        Last sound time and state, shapes ``(n_systems,)`` and ``(n_systems, n_states)``.
    steps, rejected
        Accepted and rejected steps.
    first_allowed
        First step that the start allowed, as far as the run could tell, h: what to try first in the next span
        of the same system, where a start is like the last.
    crossings
        Watched crossings, by system and time.
    """

    times: Array
    y: Array
    reached: npt.NDArray[np.int64]
    codes: tuple[ResultCode, ...]
    details: tuple[str, ...]
    end_time: Array
    end: Array
    steps: npt.NDArray[np.int64]
    rejected: npt.NDArray[np.int64]
    first_allowed: Array
    crossings: tuple[Crossing, ...]

    def statistics(self, stages: int) -> Statistics:
        """Cost of the whole batch for a method of so many stages."""
        steps, rejected = int(self.steps.sum()), int(self.rejected.sum())
        tried = steps + rejected
        return Statistics(steps, rejected, stages * tried, tried, tried)
