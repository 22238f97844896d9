"""Time courses of one kernel.

A run never raises and never changes a pool to keep it positive: it ends with a
:class:`~glutarium.kernel.ResultCode`, a detail that names state, amount and time, and the part of the
trajectory that was reached. For changes of parameters or states at given times, see
:mod:`glutarium.solve.segments`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode, Statistics, Trajectory
from glutarium.solve.options import NEGATIVE_FACTOR
from glutarium.solve.stepper import Options, Stepper

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array, Kernel

__all__ = ["Options", "integrate", "merged"]

_RETRIED = frozenset({ResultCode.NEGATIVE_POOL, ResultCode.STEP_TOO_SMALL})
"""Failures that errors of loose steps can bring about; tighter tolerances may pass them."""

_HALVINGS = 40
"""Bisections that find when a pool fell below its floor."""


def integrate(
    kernel: Kernel,
    y0: Array,
    p: Array,
    times: Array,
    *,
    options: Options | None = None,
    atol: Array | float = 1e-9,
    positive: npt.NDArray[np.bool_] | None = None,
) -> Trajectory:
    """Integrate ``dy/dt = f(t, y, p)`` by variable-order BDF (SUNDIALS CVODE).

    Parameters
    ----------
    kernel
        Rates and Jacobian.
    y0
        State at ``times[0]``, shape ``(n_states,)``.
    p
        Parameters, shape ``(n_parameters,)``.
    times
        Increasing times to report, h, shape ``(n,)``; the first one is the start.
    options
        How to integrate.
    atol
        Absolute tolerance, one for all states or shape ``(n_states,)``.
    positive
        States that may not fall below ``-10 * atol``, shape ``(n_states,)``; all by default.

    Returns
    -------
    Trajectory
        The times that were reached, with code, detail and statistics.

    Raises
    ------
    ValueError
        Lengths do not fit, or the times do not increase.
    """
    run = _Run(kernel, p, times, options or Options(), y0)
    run.tolerate(atol, positive)
    for attempt in range(run.options.retries + 1):
        run.advance(tighten=10.0**-attempt)
        if run.code not in _RETRIED:
            break
    return run.trajectory()


class _Run:
    """State of one run across its attempts.

    Parameters
    ----------
    kernel, p, times, options, y0
        As of :func:`integrate`.
    """

    def __init__(self, kernel: Kernel, p: Array, times: Array, options: Options, y0: Array) -> None:
        self.options = options
        self.code = ResultCode.SUCCESS
        self.detail = ""
        self._kernel = kernel
        self._p = np.ascontiguousarray(p, dtype=np.float64)
        self._times = np.asarray(times, dtype=np.float64)
        self._y = np.array(y0, dtype=np.float64)
        _refuse_misfits(kernel, self._y, self._p, self._times)
        self._t = float(self._times[0])
        self._found: list[Array] = [self._y]
        self._last: list[Array] = []  # samples of a step in which a pool fell below its floor
        self._statistics = Statistics()
        self._atol = self._floor = np.empty(0)

    def tolerate(self, atol: Array | float, positive: npt.NDArray[np.bool_] | None) -> None:
        """Set the absolute tolerances and what follows from them."""
        self._atol = np.broadcast_to(np.asarray(atol, dtype=np.float64), self._y.shape).copy()
        self._floor = -NEGATIVE_FACTOR * self._atol
        if positive is not None:
            self._floor[~np.asarray(positive)] = -np.inf

    def advance(self, *, tighten: float) -> None:
        """Go on from the last sound step with tolerances multiplied by ``tighten``."""
        self.code, self.detail, self._last = ResultCode.SUCCESS, "", []
        options = replace(self.options, rtol=max(self.options.rtol * tighten, 1e-13))
        stepper = Stepper(self._kernel, self._p, options, self._atol * tighten)
        stepper.start(self._t, self._y)
        end = float(self._times[-1])
        budget = self.options.max_steps - self._statistics.steps
        while self._t < end and self.code is ResultCode.SUCCESS:
            if stepper.statistics().steps >= budget:
                self._fail(ResultCode.MAX_STEPS, _budget_detail(self.options, stepper))
            elif not stepper.advance(end):
                self._fail(*(stepper.failure or (ResultCode.SOLVER_ERROR, "")))
            else:
                self._accept(stepper)
        self._statistics = merged(self._statistics, stepper.statistics())

    def _accept(self, stepper: Stepper) -> None:
        """Take over a step unless a pool fell below its floor in it."""
        y, t = stepper.y, stepper.t
        low = bool((y < self._floor).any())
        if low:
            t = self._crossing(stepper)
            self._fail(ResultCode.NEGATIVE_POOL, self._negative_detail(stepper, t))
        before = len(self._found)
        while len(self._found) < len(self._times) and self._times[len(self._found)] <= t:
            self._found.append(stepper.look_back(float(self._times[len(self._found)])))
        if low:  # a tighter attempt finds these samples again
            self._found, self._last = self._found[:before], self._found[before:]
        else:
            self._t, self._y = t, y

    def _fail(self, code: ResultCode, detail: str) -> None:
        self.code, self.detail = code, detail

    def _crossing(self, stepper: Stepper) -> float:
        """Latest time within the last step at which every pool was above its floor."""
        sound, low = self._t, stepper.t
        for _ in range(_HALVINGS):
            middle = 0.5 * (sound + low)
            if (stepper.look_back(middle) < self._floor).any():
                low = middle
            else:
                sound = middle
        return sound

    def _negative_detail(self, stepper: Stepper, crossing: float) -> str:
        i = int(np.argmax((self._floor - stepper.y) / self._atol))
        return (
            f"{self._kernel.state_names[i]} fell below {self._floor[i]:.3g} after {crossing:.6g} h, "
            f"to {stepper.y[i]:.4g} at {stepper.t:.6g} h"
        )

    def trajectory(self) -> Trajectory:
        """Return what was reached."""
        found = np.array(self._found + self._last)
        times = self._times[: len(found)].copy()
        return Trajectory(times, found, self.code, self.detail, self._statistics)


def _budget_detail(options: Options, stepper: Stepper) -> str:
    return (
        f"{options.max_steps} steps reached {stepper.t:.6g} h, "
        f"where {stepper.fastest()} changes fastest"
    )


def _refuse_misfits(kernel: Kernel, y0: Array, p: Array, times: Array) -> None:
    expected = (len(kernel.state_names),), (len(kernel.parameter_names),)
    if (y0.shape, p.shape) != expected:
        message = f"States and parameters have shapes {y0.shape} and {p.shape}, not {expected}."
        raise ValueError(message)
    if times.ndim != 1 or not len(times) or not (np.diff(times) > 0).all():
        message = f"Times must be a list that increases, not {times}."
        raise ValueError(message)


def merged(first: Statistics, second: Statistics) -> Statistics:
    """Add up the costs of two parts of a run."""
    return Statistics(
        first.steps + second.steps,
        first.rejected + second.rejected,
        first.rhs_calls + second.rhs_calls,
        first.jacobian_calls + second.jacobian_calls,
        first.factorisations + second.factorisations,
    )
