"""Two drugs on a grid of doses: how far their effect departs from what each alone leads to expect.

Four references, computed by the library ``synergy``: Bliss independence, Loewe additivity, the stronger
single agent (HSA) and zero interaction potency (ZIP). The excess is reference minus response, with the
response relative to the run without both drugs: above zero the pair does more than the reference says.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium.errors import MissingExtraError
from glutarium.report.readings import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from glutarium.kernel import Array
    from glutarium.report.readings import Readings, Spread
    from glutarium.study.grids import Grid

__all__ = ["METHODS", "Surface", "excess", "find_surfaces", "mean_excess", "response"]

METHODS = ("Bliss", "Loewe", "HSA", "ZIP")
_PAIR = 2
_LIBRARY = "synergy"  # the extra has its name


@dataclass(frozen=True, slots=True)
class Surface:
    """Arms with two drugs at all pairs of doses.

    Attributes
    ----------
    name
        The arm that was written.
    drugs
        The two.
    doses
        µM of each, rising from zero.
    arms
        Index of the arm of each pair, shape ``(n_first, n_second)``.
    """

    name: str
    drugs: tuple[str, str]
    doses: tuple[tuple[float, ...], tuple[float, ...]]
    arms: tuple[tuple[int, ...], ...]

    @property
    def inner(self) -> frozenset[int]:
        """Arms in which neither drug is absent, but for the pair of the highest doses."""
        inside = {arm for row in self.arms[1:] for arm in row[1:]}
        return frozenset(inside - {self.arms[-1][-1]})


def find_surfaces(readings: Readings, grids: Iterable[Grid]) -> tuple[Surface, ...]:
    """Grids of two drugs whose arms are all in a result."""
    place = {arm: i for i, arm in enumerate(readings.arms)}
    return tuple(
        _surface(grid, place)
        for grid in grids
        if len(grid.drugs) == _PAIR and all(arm in place for arm in grid.arms)
    )


def _surface(grid: Grid, place: Mapping[str, int]) -> Surface:
    first, second = grid.doses
    indices = iter(place[arm] for arm in grid.arms)
    rows = tuple(tuple(next(indices) for _ in second) for _ in first)
    return Surface(grid.arm, (grid.drugs[0], grid.drugs[1]), (first, second), rows)


def response(readings: Readings, observable: str, surface: Surface) -> Array:
    """End values relative to the run without both drugs, shape ``(n_members, n_first, n_second)``."""
    ends = readings.end(observable)[np.array(surface.arms)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.moveaxis(ends / ends[:1, :1], -1, 0)


def excess(effects: Array, surface: Surface, method: str) -> Array:
    """Reference minus response, like the response; NaN for a member without a reference.

    Parameters
    ----------
    effects
        As :func:`response` returns it.
    surface
        Its doses.
    method
        One of :data:`METHODS`.

    Raises
    ------
    MissingExtraError
        The library ``synergy`` is not installed.
    """
    make = _models()[method]
    first, second = np.meshgrid(*surface.doses, indexing="ij")
    found = [_one(make, first.ravel(), second.ravel(), e.ravel()) for e in effects]
    return np.array(found).reshape(effects.shape)


def _models() -> dict[str, Callable[[], Any]]:
    try:
        from synergy.combination import HSA, ZIP, Bliss, Loewe
    except ModuleNotFoundError as error:
        raise MissingExtraError(_LIBRARY, _LIBRARY) from error
    return {"Bliss": Bliss, "Loewe": lambda: Loewe(mode="delta_HSA"), "HSA": HSA, "ZIP": ZIP}


def _one(make: Callable[[], Any], first: Array, second: Array, effect: Array) -> Array:
    """Excess of one member; a curve that no single agent fits leaves no reference."""
    nothing = np.full(effect.shape, np.nan)
    if not np.isfinite(effect).all():
        return nothing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fits of flat curves warn of their covariance
        try:
            return np.array(make().fit(first, second, effect), dtype=np.float64)
        except (RuntimeError, ValueError, FloatingPointError):
            return nothing


def mean_excess(excesses: Array) -> Spread:
    """Mean over the pairs of doses in which both drugs are there, spread over the members."""
    return spread(excesses[:, 1:, 1:].mean(axis=(1, 2)))
