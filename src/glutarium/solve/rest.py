"""States of rest, for many systems at once.

A state of rest is approached by integration and then met by Newton's method. Fast pools make the
integrator's own rates useless as a test of rest (a relative error of 1e-6 in a pool that turns over a
million times an hour is a rate of one per hour), so after every span the distance to rest is measured by
the Newton steps themselves: rest is accepted only where it lies close to the integrated state and every
relative rate is below the tolerance. :mod:`glutarium.solve.newton` takes the steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.solve.batch import Batch, System
from glutarium.solve.newton import newton_step, projection
from glutarium.solve.options import NEGATIVE_FACTOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array, Kernel
    from glutarium.solve.batch import BatchResult

__all__ = ["Advance", "Rest", "RestOptions", "find_rest"]

_SETTLED = 1e-9
"""Newton's method has settled when no pool changes by more than this share of itself."""


class Advance(Protocol):
    """Integrates a batch and reports states; one of the solvers with its options."""

    def __call__(self, batch: Batch) -> BatchResult:
        """Advance all systems."""


@dataclass(frozen=True, slots=True)
class RestOptions:
    """How to look for a state of rest.

    Attributes
    ----------
    tolerance
        Largest relative rate at rest, 1/h.
    horizon
        Longest relaxation, h, of a system that is not diluted.
    dilutions
        Longest relaxation of a system that is, in units of the inverse of its dilution: whatever only
        dilution removes decays at that rate, so a slow grower needs the more time.
    longest
        Longest relaxation of all, h.
    first_span
        First relaxation, h; later ones are twice as long as all before.
    reach
        Largest relative change of a pool by Newton's method.
    iterations
        Newton steps per attempt.
    newton_time
        Time of the implicit Euler step that serves as a Newton step, h; far longer than anything in the
        system takes.
    """

    tolerance: float = 1e-7
    horizon: float = 400.0
    dilutions: float = 10.0
    longest: float = 50_000.0
    first_span: float = 5.0
    reach: float = 0.02
    iterations: int = 12
    newton_time: float = 1e6


@dataclass(frozen=True, slots=True)
class Rest:
    """A state of rest, or how far the search for it came.

    Attributes
    ----------
    y
        State, shape ``(n_states,)``; where none was found, the last one that was reached.
    residual
        Largest relative rate there, 1/h.
    code, detail
        How the search ended.
    hours
        Time that was integrated.
    """

    y: Array
    residual: float
    code: ResultCode
    detail: str
    hours: float


def find_rest(  # noqa: PLR0913 - what most calls leave alone comes last
    kernel: Kernel,
    systems: Sequence[System],
    advance: Advance,
    *,
    atol: Array | float = 1e-9,
    positive: npt.NDArray[np.bool_] | None = None,
    dilution: int | None = None,
    kept: Array | None = None,
    options: RestOptions | None = None,
) -> list[Rest]:
    """Find the states of rest that systems relax to.

    Parameters
    ----------
    kernel
        Rates and Jacobian.
    systems
        Where to start, with which parameters; changes do not count.
    advance
        Solver that integrates.
    atol
        Size below which a rate is not measured relative to its pool, one or shape ``(n_states,)``.
    positive
        States that may not fall below zero; all by default.
    dilution
        Position of the observable that tells how fast a system is diluted, 1/h; none for systems that
        are not.
    kept
        Weights of sums that the systems conserve, shape ``(n_kept, n_states)``.
    options
        Tolerances and horizon.

    Returns
    -------
    list of Rest
        One per system; with the code ``NO_STEADY_STATE`` and the fastest state where no rest was
        reached.
    """
    options = options or RestOptions()
    n = len(kernel.state_names)
    looked_at = _Looked(
        kernel,
        np.broadcast_to(np.asarray(atol, dtype=np.float64), (n,)),
        np.ones(n, dtype=bool) if positive is None else np.asarray(positive),
        dilution,
        np.zeros((0, n)) if kept is None else np.atleast_2d(kept),
        options,
    )
    searches = [_Search(looked_at, s.y0, s.p) for s in systems]
    while True:
        for search in searches:
            search.look()
        waiting = [s for s in searches if s.rest is None]
        if not waiting:
            return [s.rest for s in searches if s.rest is not None]
        for span in sorted({s.span for s in waiting}):  # one batch for all that wait as long
            _relax([s for s in waiting if s.span == span], span, advance)


def _relax(searches: Sequence[_Search], span: float, advance: Advance) -> None:
    """Integrate some searches for a span."""
    batch = Batch.of([System(s.y, s.p) for s in searches], np.array([0.0, span]))
    result = advance(batch)
    for i, search in enumerate(searches):
        search.take(result.end[i], span, result.codes[i], result.details[i])


@dataclass(frozen=True)
class _Looked:
    """What all searches share; as of :func:`find_rest`."""

    kernel: Kernel
    atol: Array
    positive: npt.NDArray[np.bool_]
    dilution: int | None
    kept: Array
    options: RestOptions


class _Search:
    """The search for one state of rest.

    Parameters
    ----------
    shared
        What all searches share.
    y, p
        Start and parameters.

    Attributes
    ----------
    rest
        The answer, once there is one.
    span
        How long to integrate next, h.
    """

    def __init__(self, shared: _Looked, y: Array, p: Array) -> None:
        self.rest: Rest | None = None
        self.span = shared.options.first_span
        self.y, self.p = np.array(y, dtype=np.float64), p
        self._shared = shared
        self._hours = 0.0

    def look(self) -> None:
        """Look for rest near the present state, or decide how long to go on."""
        if self.rest is not None:
            return
        found = self._newton()
        if found is not None:
            self._end(found, ResultCode.SUCCESS, "")
            return
        patience = self._patience()
        if self._hours >= patience:
            self._end(self.y, ResultCode.NO_STEADY_STATE, self._fastest())
            return
        wanted = 2.0 * self._hours if self._hours else self._shared.options.first_span
        self.span = min(wanted, patience - self._hours)

    def take(self, y: Array, span: float, code: ResultCode, detail: str) -> None:
        """Take over what an integration came to."""
        self.y = np.array(y)
        self._hours += span
        if code is not ResultCode.SUCCESS:
            self._end(self.y, code, detail)

    def _end(self, y: Array, code: ResultCode, detail: str) -> None:
        residual = float(self._relative(y).max())
        self.rest = Rest(y, residual, code, detail, self._hours)

    def _patience(self) -> float:
        """How long to relax in all, h, at the present dilution."""
        shared, o = self._shared, self._shared.options
        if shared.dilution is None:
            return o.horizon
        seen = np.empty(len(shared.kernel.observable_names))
        shared.kernel.observe(0.0, self.y, self.p, seen)
        rate = float(seen[shared.dilution])
        return max(o.horizon, min(o.dilutions / rate, o.longest)) if rate > 0.0 else o.horizon

    def _newton(self) -> Array | None:
        """State of rest near the present one; None when the steps lead away or do not settle."""
        shared, o = self._shared, self._shared.options
        y, size = self.y.copy(), np.abs(self.y) + shared.atol
        held = projection(shared.kept * size)
        for _ in range(o.iterations):
            step = newton_step(shared.kernel, y, self.p, (size, held), o.newton_time)
            y = y + size * step
            moved = (np.abs(y - self.y) / size).max()
            low = shared.positive & (y < -NEGATIVE_FACTOR * shared.atol)
            if not moved <= o.reach or low.any():  # NaN counts as too far
                return None
            if np.abs(step).max() < _SETTLED and self._at_rest(y):
                return y
        return y if self._at_rest(y) else None

    def _at_rest(self, y: Array) -> bool:
        return bool(self._relative(y).max() < self._shared.options.tolerance)

    def _relative(self, y: Array) -> Array:
        rates = np.empty_like(y)
        self._shared.kernel.rhs(0.0, y, self.p, rates)
        return np.asarray(np.abs(rates) / (np.abs(y) + self._shared.atol))

    def _fastest(self) -> str:
        relative = self._relative(self.y)
        i = int(np.argmax(np.nan_to_num(relative)))
        return (
            f"after {self._hours:g} h {self._shared.kernel.state_names[i]} = {self.y[i]:.4g} still "
            f"changes by {relative[i]:.3g} of itself per hour; "
            f"{self._shared.options.tolerance:g} is allowed"
        )
