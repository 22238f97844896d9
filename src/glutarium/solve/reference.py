"""The same batches by SUNDIALS CVODE, one system after the other: slow, independent, the yardstick.

Takes what :func:`glutarium.solve.lanes.run_batch` takes and answers alike, so that either can stand in for
the other. Watches are not supported: the reference has no root search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.solve.batch import BatchResult
from glutarium.solve.segments import Segment, integrate_segments

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from glutarium.kernel import Array, Kernel, Trajectory
    from glutarium.solve.batch import Batch, Edit
    from glutarium.solve.integrate import Options

__all__ = ["run_reference"]


def run_reference(
    kernel: Kernel,
    batch: Batch,
    *,
    options: Options | None = None,
    atol: Array | float = 1e-9,
    positive: npt.NDArray[np.bool_] | None = None,
    report: npt.NDArray[np.int64] | None = None,
    observables: bool = False,
) -> BatchResult:
    """Advance all systems of a batch by CVODE.

    Parameters
    ----------
    kernel
        The scalar kernel of the model.
    batch
        The systems.
    options
        How to integrate.
    atol, positive, report, observables
        As of :func:`glutarium.solve.lanes.run_batch`.

    Raises
    ------
    ValueError
        The batch has watches, or shapes do not fit.
    """
    if batch.watches:
        message = "The reference solver cannot locate crossings; use the batched one."
        raise ValueError(message)
    runs = []
    columns = slice(None) if report is None else report
    values = []
    for system in range(len(batch)):
        segments, start = _segments(batch, system)
        run = integrate_segments(
            kernel,
            start,
            segments,
            batch.times,
            options=options,
            atol=atol,
            positive=positive,
        )
        runs.append(run)
        seen = _observed(kernel, run, segments) if observables else run.y
        values.append(_padded(seen[:, columns], len(batch.times)))
    return _result(batch, runs, np.array(values))


def _segments(batch: Batch, system: int) -> tuple[list[Segment], Array]:
    """Segments of one system, and its start after what changes there."""
    begin = float(batch.times[0])
    p, y = batch.table[batch.row[system]].copy(), batch.y0[system].copy()
    segments = [Segment(begin, p)]
    for c in range(batch.change_start[system], batch.change_start[system + 1]):
        if batch.change_row[c] >= 0:
            p = batch.table[batch.change_row[c]].copy()
        edit = batch.edits[batch.change_edit[c]] if batch.change_edit[c] >= 0 else None
        if edit is not None:
            p = p.copy()
            for j, (factor, added) in edit.parameters.items():
                p[j] = factor * p[j] + added
        change = None if edit is None else _changer(edit)
        if batch.change_time[c] <= begin:
            y = change(y) if change else y
            segments[0] = Segment(begin, p)
        else:
            segments.append(Segment(float(batch.change_time[c]), p, change))
    return segments, y


def _changer(edit: Edit) -> Callable[[Array], Array]:
    def change(y: Array) -> Array:
        for i, (factor, added) in edit.states.items():
            y[i] = factor * y[i] + added
        return y

    return change


def _observed(kernel: Kernel, run: Trajectory, segments: list[Segment]) -> Array:
    """Observables along a run; at a change they show what was before."""
    starts = np.array([s.start for s in segments])
    out = np.empty((len(run.t), len(kernel.observable_names)))
    for k, (t, y) in enumerate(zip(run.t, run.y, strict=True)):
        segment = segments[max(int(np.searchsorted(starts, t, side="left")) - 1, 0)]
        kernel.observe(float(t), np.ascontiguousarray(y), segment.p, out[k])
    return out


def _padded(values: Array, n: int) -> Array:
    """NaN from where a run ended early."""
    full = np.full((n, values.shape[1]), np.nan)
    full[: len(values)] = values
    return full


def _result(batch: Batch, runs: list[Trajectory], values: Array) -> BatchResult:
    n = len(runs)
    return BatchResult(
        batch.times,
        values,
        np.array([len(r.t) for r in runs], dtype=np.int64),
        tuple(r.code for r in runs),
        tuple("" if r.code is ResultCode.SUCCESS else r.detail for r in runs),
        np.array([r.t[-1] for r in runs]),
        np.array([r.y[-1] for r in runs]),
        np.array([r.statistics.steps for r in runs], dtype=np.int64),
        np.array([r.statistics.rejected for r in runs], dtype=np.int64),
        np.zeros(n),
        (),
    )
