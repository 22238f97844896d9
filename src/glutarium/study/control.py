"""Who controls a flux or a pool: control coefficients of the cell at rest in its reference medium.

The coefficient of an enzyme on a flux is the per cent by which the flux changes, in the next state of rest,
for one per cent more of the enzyme (metabolic control analysis). Scaling every capacity alike only lets time
run faster, so over all reactions the coefficients of a flux sum to one and those of a pool to zero.

Regulation is part of the system: what a changed pool does to expression and signals counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import UnknownNameError
from glutarium.simulate.model import PER_MASS
from glutarium.solve.modes import relative_jacobian

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.model import CellModel

__all__ = ["ControlCoefficient", "control_coefficients", "controllable"]

GROWTH = "growth_rate"
# Relative change of a parameter for differences of rates, and largest relative change of a state along the
# answer for differences of what is read.
_STEP, _ALONG = 1e-5, 1e-4
# Pools below this, mM, are not measured by themselves.
_SMALLEST = 1e-9
# Hours to the next rest: endless for all that decays, while sums that nothing changes stay.
_HOURS = 1e6


@dataclass(frozen=True, slots=True)
class ControlCoefficient:
    """Control of one reaction, or response to one gene.

    Attributes
    ----------
    name
        Reaction, or gene or other node of regulation.
    value
        Median over the members: relative change of what is controlled per relative change of capacity
        or level.
    low, high
        10th and 90th percentile over the members.
    agreement
        Share of the members that agree with the median's sign.
    """

    name: str
    value: float
    low: float
    high: float
    agreement: float


def controllable(model: CellModel) -> list[str]:
    """Names whose control can be asked for: growth, reactions, species."""
    rates = (
        o.removeprefix("rate.") for o in model.kernel.observable_names if o.startswith("rate.")
    )
    return [GROWTH, *rates, *_pools(model)]


def control_coefficients(
    model: CellModel,
    name: str,
    *,
    genes: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[ControlCoefficient]:
    """Control coefficients of all reactions on one flux or pool, largest first.

    Parameters
    ----------
    model
        The model; each of its members is looked at in its own reference state.
    name
        ``growth_rate``, a reaction or a species.
    genes
        Responses to the levels of genes and other nodes instead.
    progress
        Called with what is done, how many members are done and how many there are.

    Raises
    ------
    UnknownNameError
        If the model has no such flux or pool.
    """
    known = controllable(model)
    if name not in known:
        raise UnknownNameError(name, "flux or pool", get_close_matches(name, known, 5, 0.4))
    prefix = "level." if genes else "vmax."
    names = [p for p in model.spec.parameter_ids if p.startswith(prefix)]
    found = []
    for member in range(len(model.ensemble)):
        if progress is not None:
            progress("finding control coefficients", member, len(model.ensemble))
        found.append(_Member(model, member).coefficients(name, names))
    rows = [_row(p.removeprefix(prefix), v) for p, v in zip(names, np.array(found).T, strict=True)]
    return sorted(rows, key=lambda row: -abs(row.value))


def _pools(model: CellModel) -> list[str]:
    return [s for s, out in zip(model.spec.state_ids, model.outside, strict=True) if not out]


def _row(name: str, values: Array) -> ControlCoefficient:
    low, median, high = np.quantile(values, [0.1, 0.5, 0.9])
    alike = float(np.mean(np.sign(values) == np.sign(median)))
    return ControlCoefficient(name, float(median), float(low), float(high), alike)


class _Member:
    """One member in its reference state, with the medium held.

    The answer of the states, ``dx = -J⁻¹ df``, is one linear solution for all parameters; that of what is
    read from them follows from looking at it a little way along.
    """

    def __init__(self, model: CellModel, member: int) -> None:
        self._model = model
        self._p = model.parameters(member, PER_MASS)
        self._y: Array = model.ensemble.initial[member].copy()
        self._free = np.flatnonzero(~model.outside)

    def coefficients(self, name: str, names: Sequence[str]) -> Array:
        """Coefficients of some parameters on one flux or pool, shape ``(len(names),)``."""
        places = [self._model.parameter_index[n] for n in names]
        read = self._reader(name)
        rest = read(self._y, self._p)
        pairs = zip(places, self._answers(places).T, strict=True)
        return np.array([self._slope(read, i, dx) / rest for i, dx in pairs])

    def _reader(self, name: str) -> Callable[[Array, Array], float]:
        """What reads a flux or pool of a state with its parameters."""
        at = self._model.state_index.get(name)
        if at is not None:
            return lambda y, _: float(y[at])
        kernel = self._model.kernel
        column = self._model.observable_index[name if name == GROWTH else f"rate.{name}"]
        values = np.empty(len(kernel.observable_names))

        def read(y: Array, p: Array) -> float:
            kernel.observe(0.0, y, p, values)
            return float(values[column])

        return read

    def _answers(self, places: Sequence[int]) -> Array:
        """Change of each free state per relative change of each parameter, shape ``(n_free, n_places)``."""
        free = self._free
        size = np.ones_like(self._y)
        jacobian = relative_jacobian(self._model.kernel, self._y, self._p, size)[np.ix_(free, free)]
        still = self._rates(self._p)
        moved = np.array([self._rates(self._scaled(i, 1.0 + _STEP)) - still for i in places])
        return np.asarray(
            np.linalg.solve(np.eye(len(free)) / _HOURS - jacobian, moved.T[free] / _STEP)
        )

    def _slope(self, read: Callable[[Array, Array], float], place: int, answer: Array) -> float:
        """Change of what is read per relative change of a parameter, states answering."""
        largest = np.abs(answer / np.maximum(self._y[self._free], _SMALLEST)).max()
        step = _ALONG / max(float(largest), 1.0)
        ends = []
        for side in (step, -step):
            y = self._y.copy()
            y[self._free] += side * answer
            ends.append(read(y, self._scaled(place, 1.0 + side)))
        return (ends[0] - ends[1]) / (2.0 * step)

    def _rates(self, p: Array) -> Array:
        rates = np.empty_like(self._y)
        self._model.kernel.rhs(0.0, self._y, p, rates)
        return rates

    def _scaled(self, place: int, factor: float) -> Array:
        p: Array = self._p.copy()
        p[place] *= factor
        return p
