"""States of rest of balanced growth.

A state of rest is approached by integration and then met by Newton's method. Fast pools make the
integrator's own rates useless as a test of rest (a relative error of 1e-6 in a pool that turns over a
million times an hour is a rate of one per hour), so after every span the distance to rest is measured by
the Newton steps themselves: rest is accepted only where it lies close to the integrated state and every
relative rate is below the tolerance.

Linear sums that the system conserves make its Jacobian singular; Newton steps keep them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode, Statistics
from glutarium.solve.balanced import Balance, BalancedKernel
from glutarium.solve.integrate import NEGATIVE_FACTOR, Options, integrate, merged
from glutarium.solve.modes import complement, invariants, solve_kept

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array, Kernel, Trajectory

__all__ = ["Rest", "RestOptions", "rest"]

_SETTLED = 1e-9
"""Newton's method has settled when no pool changes by more than this share of itself."""


@dataclass(frozen=True, slots=True)
class RestOptions:
    """How to look for a state of rest.

    Attributes
    ----------
    integration
        How to integrate.
    atol
        Absolute tolerance, one for all states or shape ``(n_states,)``; also the size below which a
        rate is not measured relative to its pool.
    tolerance
        Largest relative rate at rest, 1/h.
    horizon
        Longest relaxation, h, of a system that does not grow.
    dilutions
        Longest relaxation of a system that grows, in units of the inverse of its growth rate: whatever
        only growth dilutes decays at that rate, so a slow grower needs the more time.
    longest
        Longest relaxation of all, h.
    first_span
        First relaxation, h; later ones are twice as long as all before.
    reach
        Largest relative change of a pool by Newton's method.
    iterations
        Newton steps per attempt.
    """

    integration: Options = field(default_factory=Options)
    atol: Array | float = 1e-9
    tolerance: float = 1e-7
    horizon: float = 400.0
    dilutions: float = 10.0
    longest: float = 50_000.0
    first_span: float = 5.0
    reach: float = 0.02
    iterations: int = 12


@dataclass(frozen=True, slots=True)
class Rest:
    """A state of rest, or how far the search for it came.

    Attributes
    ----------
    y
        State, shape ``(n_states,)``; where none was found, the last one that was reached.
    growth_rate
        Growth rate there, 1/h.
    residual
        Largest relative rate there, 1/h.
    code, detail
        How the search ended.
    hours
        Time that was integrated.
    statistics
        Cost of the integration.
    """

    y: Array
    growth_rate: float
    residual: float
    code: ResultCode
    detail: str
    hours: float
    statistics: Statistics


def rest(
    kernel: Kernel,
    y0: Array,
    p: Array,
    balance: Balance,
    *,
    moieties: Array | None = None,
    positive: npt.NDArray[np.bool_] | None = None,
    options: RestOptions | None = None,
) -> Rest:
    """Find the state of rest of balanced growth that a state relaxes to.

    Parameters
    ----------
    kernel
        The growing system.
    y0
        Where to start, shape ``(n_states,)``.
    p
        Parameters, shape ``(n_parameters,)``.
    balance
        Part of each state.
    moieties
        Sums that fluxes cannot change, one per row, shape ``(n, n_states)``; those that growth
        dilutes or that hold frozen states are no invariants here and are left out.
    positive
        States that may not fall below zero; all by default.
    options
        Tolerances and horizon.

    Returns
    -------
    Rest
        With the code ``NO_STEADY_STATE`` and the fastest state where no rest was reached.
    """
    search = _Search(BalancedKernel(kernel, balance), p, moieties, positive, options)
    run = search.relax(np.array(y0, dtype=np.float64))
    return search.result(run)


class _Search:
    """One search for rest.

    Parameters
    ----------
    system, p, moieties, positive, options
        As of :func:`rest`.
    """

    def __init__(
        self,
        system: BalancedKernel,
        p: Array,
        moieties: Array | None,
        positive: npt.NDArray[np.bool_] | None,
        options: RestOptions | None,
    ) -> None:
        n = len(system.state_names)
        self._system = system
        self._p = p
        self._moieties = moieties
        self._options = options or RestOptions()
        self._positive = np.ones(n, dtype=bool) if positive is None else positive
        self._atol = np.broadcast_to(np.asarray(self._options.atol, dtype=np.float64), (n,))
        self._hours = 0.0
        self._statistics = Statistics()
        self._found: Array | None = None
        self._failure: tuple[ResultCode, str] | None = None

    def relax(self, y: Array) -> Array:
        """Integrate in growing spans until Newton's method finds rest nearby."""
        span = self._options.first_span
        while self._found is None and self._failure is None:
            self._found = self._newton(y)
            if self._found is not None:
                return self._found
            patience = self._patience(y)
            if self._hours >= patience:
                self._failure = (ResultCode.NO_STEADY_STATE, self._fastest(y))
                return y
            y = self._integrate(y, min(span, patience - self._hours))
            span = 2.0 * self._hours
        return y

    def _patience(self, y: Array) -> float:
        """How long to relax in all, h, as the growth rate is now."""
        options = self._options
        mu = self._system.growth_rate(0.0, y, self._p)
        if mu <= 0.0:
            return options.horizon
        slow = min(options.dilutions / mu, options.longest)
        return max(options.horizon, slow)

    def _integrate(self, y: Array, span: float) -> Array:
        run: Trajectory = integrate(
            self._system,
            y,
            self._p,
            np.array([0.0, span]),
            options=self._options.integration,
            atol=self._atol,
            positive=self._positive,
        )
        self._hours += span
        self._statistics = merged(self._statistics, run.statistics)
        if run.code is not ResultCode.SUCCESS:
            self._failure = (run.code, run.detail)
        return np.asarray(run.y[-1])

    def _newton(self, start: Array) -> Array | None:
        """State of rest near a state; None when the steps lead away or do not settle."""
        y, size = start.copy(), np.abs(start) + self._atol
        for _ in range(self._options.iterations):
            step = self._step(y, size)
            y = y + size * step
            moved = (np.abs(y - start) / size).max()
            low = self._positive & (y < -NEGATIVE_FACTOR * self._atol)
            if not moved <= self._options.reach or low.any():  # NaN counts as too far
                return None
            if np.abs(step).max() < _SETTLED and self._at_rest(y):
                return y
        return y if self._at_rest(y) else None

    def _at_rest(self, y: Array) -> bool:
        return bool(self._relative(y).max() < self._options.tolerance)

    def _step(self, y: Array, size: Array) -> Array:
        """Newton step of the relative changes that leaves all invariants as they are."""
        rates = np.empty_like(y)
        self._system.rhs(0.0, y, self._p, rates)
        matrix = self._system.matrix(0.0, y, self._p) * size / size[:, None]
        if not np.isfinite(matrix).all():
            return np.full_like(y, np.nan)
        free = ~np.asarray(self._system.balance.frozen)
        fixed = invariants(matrix, size, self._system.balance, self._moieties)[:, free]
        basis = complement(fixed)
        step = np.zeros_like(y)
        step[free] = basis @ solve_kept(
            basis.T @ matrix[np.ix_(free, free)] @ basis, basis.T @ (-rates / size)[free]
        )
        return step

    def _relative(self, y: Array) -> Array:
        rates = np.empty_like(y)
        self._system.rhs(0.0, y, self._p, rates)
        return np.abs(rates) / (np.abs(y) + self._atol)

    def _fastest(self, y: Array) -> str:
        relative = self._relative(y)
        i = int(np.argmax(np.nan_to_num(relative)))
        return (
            f"after {self._hours:g} h {self._system.state_names[i]} = {y[i]:.4g} still changes by "
            f"{relative[i]:.3g} of itself per hour; {self._options.tolerance:g} is allowed"
        )

    def result(self, y: Array) -> Rest:
        """Describe how the search ended."""
        code, detail = self._failure or (ResultCode.SUCCESS, "")
        return Rest(
            y,
            self._system.growth_rate(0.0, y, self._p),
            float(self._relative(y).max()),
            code,
            detail,
            self._hours,
            self._statistics,
        )
