"""Arrays that a batch hands to the driver: working memory of a thread, tasks and answers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from glutarium.machine import Library, object_code
from glutarium.solve.batch import Crossing
from glutarium.solve.blockcode import SLOTS
from glutarium.solve.driver.layout import LANE_INTS, LANE_REALS, SYSTEM, Answers, H, Lanes, Tasks
from glutarium.solve.stepcode import STEP_FUNCTIONS, step_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from glutarium.kernel import Array, LaneKernel
    from glutarium.solve.batch import Batch, Edit
    from glutarium.solve.methods import Method

__all__ = [
    "ONE_PER_LANE",
    "aligned",
    "answers",
    "crossings",
    "lane_arrays",
    "step_library",
    "tasks",
]

_ALIGNMENT = 64
ONE_PER_LANE = ("t", "h", "error", "room", "theta", "t_out", "taken")
"""First rows of the driver's ``reals``, which step code reads and writes."""
_MOST_CROSSINGS = 16
"""Crossings that are kept per system; further ones still happen."""


@functools.cache
def step_library(method: Method, width: int, slopes: bool) -> Library:  # noqa: FBT001
    """Step functions of a method; assembled once per process, which takes a tenth of a second."""
    return Library(object_code(step_code(method, width, slopes=slopes)), STEP_FUNCTIONS)


def aligned(rows: int, width: int) -> Array:
    """Zeros at an address that suits the widest vector loads."""
    raw = np.zeros(rows * width + _ALIGNMENT // 8)
    start = (-raw.ctypes.data % _ALIGNMENT) // 8
    return raw[start : start + rows * width].reshape(rows, width)


def lane_arrays(
    k: LaneKernel, method: Method, steps: Library, shared: Mapping[str, Array], watches: int
) -> tuple[Lanes, list[object]]:
    """Working arrays of one thread; the second value must be held as long as the first is used.

    Parameters
    ----------
    k, method, steps
        The model, and what advances it.
    shared
        Values that all lanes share: tolerances and floors of the states.
    watches
        How many conditions are watched.
    """
    w = k.width
    n, unknowns = len(k.state_names), k.n_unknowns
    rows = {"y": n, "new": n, "slopes": n, "stage": n, "p": len(k.parameter_names)}
    rows |= {"d": k.n_derived, "m": k.n_entries + 1, "observed": len(k.observable_names)}
    rows |= {"k": method.stages * unknowns + 1, "reals": LANE_REALS}
    arrays = {name: aligned(max(count, 1), w) for name, count in rows.items()}
    arrays |= {name: arrays["reals"][i : i + 1] for i, name in enumerate(ONE_PER_LANE)}
    ints = np.zeros((LANE_INTS, w), dtype=np.int64)
    ints[SYSTEM] = -1
    arrays["reals"][H] = 1.0  # lanes without a system go through the motions, with a harmless step
    levels = [np.zeros((watches, w)) for _ in range(2)]
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
    dense = steps.address("interpolate") if method.dense else 0
    lanes = Lanes(
        block.ctypes.data,
        steps.address("prepare"),
        steps.address("attempt"),
        dense,
        steps.address("observe"),
        steps.address("take_over"),
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


def tasks(
    b: Batch,
    columns: npt.NDArray[np.int64],
    first_step: Array,
    bounds: Array,
    required: Array,
    *,
    observables: bool,
) -> Tasks:
    """All that the systems of a batch are to do, as plain arrays.

    Parameters
    ----------
    b
        The batch.
    columns, observables
        What is reported.
    first_step
        Of each system, h.
    bounds
        Absolute tolerance and floor of every state, shape ``(2, n_states)``.
    required
        Weights of sums that must be above zero at the start.
    """
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
        bounds,
        required,
    )


def _entries(edit: Edit) -> list[tuple[bool, int, float, float]]:
    found = [(True, i, f, a) for i, (f, a) in edit.states.items()]
    return found + [(False, i, f, a) for i, (f, a) in edit.parameters.items()]


def answers(batch: Batch, n_reported: int) -> Answers:
    """Room for what is found; what is never reached is filled in at the end."""
    n, n_states = batch.y0.shape
    most = _MOST_CROSSINGS if batch.watches else 0
    return Answers(
        np.empty((n, len(batch.times), n_reported)),
        np.zeros((n, 6), dtype=np.int64),
        np.zeros((n, 3)),
        np.zeros((n, n_states)),
        np.zeros((n, most)),
        np.zeros((n, most), dtype=np.int64),
    )


def crossings(a: Answers) -> list[Crossing]:
    """Crossings that were kept, system by system."""
    kept = a.crossed_time.shape[1]
    return [
        Crossing(int(i), int(a.crossed_watch[i, j]), float(a.crossed_time[i, j]))
        for i in np.flatnonzero(a.ints[:, 5])
        for j in range(min(int(a.ints[i, 5]), kept))
    ]
