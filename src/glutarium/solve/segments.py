"""Runs in which parameters or states change at given times: a feed, a dose, a change of medium.

Every change starts the integrator anew, so no step reaches over it. A sample taken at the moment of a
change shows the state before it; a change at the very start comes before the first sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode, Statistics, Trajectory
from glutarium.solve.integrate import integrate, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array, Kernel
    from glutarium.solve.integrate import Options

__all__ = ["Segment", "integrate_segments"]


@dataclass(frozen=True, slots=True)
class Segment:
    """What holds from a time on, until the next segment starts.

    Attributes
    ----------
    start
        Time, h.
    p
        Parameters, shape ``(n_parameters,)``.
    change
        Maps the state before to the state after; None where only parameters change.
    """

    start: float
    p: Array
    change: Callable[[Array], Array] | None = None


def integrate_segments(
    kernel: Kernel,
    y0: Array,
    segments: Sequence[Segment],
    times: Array,
    *,
    options: Options | None = None,
    atol: Array | float = 1e-9,
    positive: npt.NDArray[np.bool_] | None = None,
) -> Trajectory:
    """Integrate through changes; see :func:`glutarium.solve.integrate.integrate`.

    Parameters
    ----------
    kernel, y0, times, options, atol, positive
        As of :func:`~glutarium.solve.integrate.integrate`. The step budget holds for each segment.
    segments
        In order of time; the first one starts at ``times[0]``.

    Raises
    ------
    ValueError
        There is no segment, the first one does not start at ``times[0]``, or they are out of order.
    """
    times = np.asarray(times, dtype=np.float64)
    _refuse_disorder(segments, times)
    y = np.array(y0, dtype=np.float64)
    found: list[Array] = []
    statistics = Statistics()
    for k, segment in enumerate(segments):
        y = segment.change(y.copy()) if segment.change else y
        stop = segments[k + 1].start if k + 1 < len(segments) else float(times[-1])
        stop = min(stop, float(times[-1]))
        if stop <= segment.start:
            continue
        found = found or [y]
        part, n = _part(times, segment.start, stop)
        run = integrate(kernel, y, segment.p, part, options=options, atol=atol, positive=positive)
        statistics = merged(statistics, run.statistics)
        found.extend(run.y[1 : n + 1])
        if run.code is not ResultCode.SUCCESS:
            reached = times[: len(found)].copy()
            return Trajectory(reached, np.array(found), run.code, run.detail, statistics)
        y = run.y[-1]
    return Trajectory(times, np.array(found or [y]), ResultCode.SUCCESS, "", statistics)


def _part(times: Array, start: float, stop: float) -> tuple[Array, int]:
    """Times to integrate over, and how many of them are to be reported after the first."""
    inside = times[(times > start) & (times <= stop)]
    last = [] if len(inside) and inside[-1] == stop else [stop]
    return np.array([start, *inside, *last]), len(inside)


def _refuse_disorder(segments: Sequence[Segment], times: Array) -> None:
    starts = [segment.start for segment in segments]
    if not starts or starts[0] != times[0] or starts != sorted(starts):
        message = f"Segments must start at {times[0]} h and follow in order of time, not {starts}."
        raise ValueError(message)
