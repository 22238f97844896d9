"""One CVODE run, step by step, with everything the library needs around it."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode, Statistics
from glutarium.solve.quiet import muted_output

if TYPE_CHECKING:
    from glutarium.kernel import Array, Kernel

__all__ = ["Options", "Stepper"]

_ADVICE = {-3: ResultCode.STEP_TOO_SMALL, -4: ResultCode.STEP_TOO_SMALL}
"""CVODE gives up on a step after repeated error-test or convergence failures, or at the floor."""

_LONGEST = 1e12
"""Stands for an infinite step, h; CVODE accepts a floor only together with a limit."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to integrate.

    Attributes
    ----------
    rtol
        Relative tolerance of every step.
    max_steps
        Budget of steps for the whole run; glycolysis may swing with a period of minutes, some 600 steps
        an hour, so that a run of days may need a hundred thousand.
    min_step
        Floor of the step size, h.
    max_step
        Largest step, h; infinite by default.
    retries
        How often a run whose pool fell below zero, or whose steps failed, goes on from the last sound
        step with ten times tighter tolerances, before it fails.
    """

    rtol: float = 1e-6
    max_steps: int = 200_000
    min_step: float = 1e-12
    max_step: float = math.inf
    retries: int = 2


class Stepper:
    """Advances one initial value problem by accepted steps and counts what it costs.

    Measured at 170 states, plain dense factorisation is as fast as LAPACK's and as the sparse one on one
    thread; the threads of those two made runs several times slower when other work competed for the
    cores. So the sparse Jacobian is spread into a full matrix.

    Parameters
    ----------
    kernel
        Rates and Jacobian.
    p
        Parameters, shape ``(n_parameters,)``; they must not change during the run.
    options
        How to integrate.
    atol
        Absolute tolerances, shape ``(n_states,)``.

    Attributes
    ----------
    t, y
        Time and state of the last accepted step.
    failure
        Code and detail once a step has failed.
    """

    def __init__(self, kernel: Kernel, p: Array, options: Options, atol: Array) -> None:
        self.t = math.nan
        self.y = np.empty(0)
        self.failure: tuple[ResultCode, str] | None = None
        self._kernel = kernel
        self._p = p
        self._spread = _Spread(kernel)
        self._steps = self._attempts = self._rhs_calls = self._jacobian_calls = 0
        self._tried = math.nan
        self._bad: tuple[str, float, float] | None = None
        from sksundae.cvode import CVODE  # noqa: PLC0415  (slow to import; the lanes never need it)

        limit = min(options.max_step, _LONGEST)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its constructor warns about choices made on purpose
            self._solver = CVODE(
                self._rhs,
                jacfn=self._jacobian,
                linsolver="dense",
                rtol=options.rtol,
                atol=np.asarray(atol, dtype=np.float64),
                min_step=min(options.min_step, limit),
                max_step=limit,
            )

    def start(self, t: float, y: Array) -> None:
        """Begin at a time and state."""
        self.t, self.y = t, np.array(y, dtype=np.float64)
        rates = np.empty_like(self.y)
        self._rhs(t, self.y, rates)
        if self._bad is not None:
            self._fail_not_finite()
        else:
            self._solver.init_step(t, self.y)

    def advance(self, end: float) -> bool:
        """Make one step, at most to ``end``; whether it succeeded."""
        if self.failure is not None:
            return False
        while True:
            with muted_output():  # it prints what the status says
                result = self._solver.step(end, method="onestep", tstop=end)
            if result.status < 0:
                self._fail(int(result.status), result.message)
                return False
            if result.t > self.t:  # after a look back the last step is handed out once more
                break
        self.t, self.y = float(result.t), result.y
        self._steps += 1
        self._attempts = 1 if self._steps == 1 else self._attempts
        self._bad = None
        return True

    def look_back(self, t: float) -> Array:
        """State at a time inside the last step, interpolated."""
        if t == self.t:
            return self.y
        with muted_output():
            result = self._solver.step(t, method="normal")
        return np.asarray(result.y)

    def statistics(self) -> Statistics:
        """Return the counts so far.

        Rejected steps are inferred from the times that were tried; at least as many factorisations
        were made as Jacobians, and the binding does not tell more.
        """
        return Statistics(
            steps=self._steps,
            rejected=max(0, self._attempts - self._steps),
            rhs_calls=self._rhs_calls,
            jacobian_calls=self._jacobian_calls,
            factorisations=self._jacobian_calls,
        )

    def fastest(self) -> str:
        """Name of the state that changes fastest for its size, for messages."""
        rates = np.empty_like(self.y)
        self._kernel.rhs(self.t, self.y, self._p, rates)
        relative = np.abs(rates) / (np.abs(self.y) + 1e-12)
        return self._kernel.state_names[int(np.argmax(np.nan_to_num(relative)))]

    def _rhs(self, t: float, y: Array, out: Array) -> None:
        self._kernel.rhs(t, y, self._p, out)
        self._rhs_calls += 1
        if t != self._tried:
            self._tried = t
            self._attempts += 1
        if not np.isfinite(out).all():
            self._note_bad(t, out)

    def _jacobian(self, t: float, y: Array, _: Array, out: Array) -> None:
        self._spread.jacobian(t, y, self._p, out)
        self._jacobian_calls += 1

    def _note_bad(self, t: float, rates: Array) -> None:
        """Remember a rate that is not finite; the solver tries a smaller step first."""
        i = int(np.flatnonzero(~np.isfinite(rates))[0])
        self._bad = (self._kernel.state_names[i], float(rates[i]), t)

    def _fail(self, status: int, message: str) -> None:
        if self._bad is not None:
            self._fail_not_finite()
            return
        code = _ADVICE.get(status, ResultCode.SOLVER_ERROR)
        where = f"at {self.t:.6g} h, where {self.fastest()} changes fastest"
        self.failure = (code, f"{where}: {message}")

    def _fail_not_finite(self) -> None:
        if self._bad is not None:
            name, value, t = self._bad
            self.failure = (ResultCode.NOT_FINITE, f"the rate of {name} is {value} at {t:.6g} h")


class _Spread:
    """Writes the sparse Jacobian of a kernel into a full matrix.

    Parameters
    ----------
    kernel
        The kernel.
    """

    def __init__(self, kernel: Kernel) -> None:
        n, pattern = len(kernel.state_names), kernel.sparsity
        columns = np.repeat(np.arange(n), np.diff(pattern.indptr))
        self._kernel = kernel
        self._flat = pattern.indices.astype(np.intp) * n + columns
        self._values = np.empty(len(self._flat))

    def jacobian(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the entries to ``out``, shape ``(n_states, n_states)``; others stay as they are."""
        self._kernel.jacobian(t, y, p, self._values)
        out.reshape(-1)[self._flat] = self._values
