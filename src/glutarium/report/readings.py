"""What the report reads from a result: arms, runs that finished, time courses and end values.

A run that failed is left out of every number here, and is listed with its reason elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from glutarium.simulate.readout import LAST_SHARE, RATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.named import AnyData

__all__ = ["PLACES", "Readings", "Spread", "read_dataset", "split_name", "spread"]

PLACES = ("medium", "tissue", "body", "sample")
"""First words of observables that belong to no cell."""

_QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Spread:
    """What an ensemble says about one number.

    Attributes
    ----------
    median, low, high
        50, 10 and 90 % quantile over the members; NaN where no member has a value.
    count
        How many members have a value.
    """

    median: float
    low: float
    high: float
    count: int

    def __bool__(self) -> bool:
        return self.count > 0


def spread(values: Array) -> Spread:
    """Quantiles over members.

    Parameters
    ----------
    values
        One number per member, shape ``(n,)``; NaN is a member without a value.
    """
    present = sorted(v for v in values.tolist() if math.isfinite(v))
    if not present:
        return Spread(np.nan, np.nan, np.nan, 0)
    low, median, high = (_quantile(present, q) for q in _QUANTILES)
    return Spread(median, low, high, len(present))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Quantile by linear interpolation; a report asks for thousands, each of a few numbers."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def split_name(observable: str) -> tuple[str, str, str]:
    """Split ``tumour.pool.glutamine`` into cell, family and rest (which may be empty)."""
    first, _, tail = observable.partition(".")
    family, _, rest = tail.partition(".")
    return first, family, rest


@dataclass(frozen=True, slots=True)
class Readings:
    """Plain arrays behind a result.

    Attributes
    ----------
    arms
        Names of the arms; the first one is the comparison.
    members
        Ensemble members.
    time
        Hours, shape ``(n_times,)``.
    units
        Observable → unit, in the order of the result.
    values
        Shape ``(n_arms, n_members, n_times, n_observables)``.
    finished
        Which runs ended well, shape ``(n_arms, n_members)``.
    codes, details
        How each run ended and what it said, same shape.
    """

    arms: tuple[str, ...]
    members: tuple[int, ...]
    time: Array
    units: dict[str, str]
    values: Array
    finished: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    codes: tuple[tuple[str, ...], ...]
    details: tuple[tuple[str, ...], ...]
    _ends: dict[str, Array] = field(default_factory=dict, init=False, repr=False)
    _places: dict[str, int] = field(default_factory=dict, init=False, repr=False)
    remembered: dict[tuple[str, int], object] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What :mod:`glutarium.report.change` has found of an observable and arm: asked for many times."""

    @property
    def cells(self) -> tuple[str, ...]:
        """Cells in the order of their first observable."""
        return tuple(
            c for c in dict.fromkeys(n.split(".")[0] for n in self.units) if c not in PLACES
        )

    def position(self, observable: str) -> int:
        """Index of an observable on the last axis of ``values``."""
        if not self._places:
            self._places.update({name: i for i, name in enumerate(self.units)})
        return self._places[observable]

    def course(self, observable: str, arm: int) -> Array:
        """Quantiles over time of one arm, shape ``(3, n_times)``: 10 %, median, 90 %."""
        runs = self.values[arm, self.finished[arm], :, self.position(observable)]
        if runs.size == 0:
            return np.full((3, self.time.size), np.nan)
        ordered = np.quantile(runs, _QUANTILES, axis=0)
        return np.asarray(ordered, dtype=np.float64)

    def end(self, observable: str) -> Array:
        """End value of every run, shape ``(n_arms, n_members)``; NaN for a run that failed.

        Rates are means over the last tenth of the run, everything else is read at its end, as the
        study format says.
        """
        if observable not in self._ends:
            self._ends[observable] = self._read_end(observable)
        return self._ends[observable]

    def _read_end(self, observable: str) -> Array:
        place = self.position(observable)
        if split_name(observable)[1] in RATES:
            weights = _mean_weights(tuple(self.time.tolist()))
            used = weights > 0  # what lies before is not read, even if it is missing
            read = self.values[:, :, used, place] @ weights[used]
        else:
            read = self.values[:, :, -1, place]
        return np.where(self.finished, read, np.nan)

    def ends(self, observable: str) -> tuple[Spread, ...]:
        """Spread of the end value, one per arm."""
        return tuple(spread(row) for row in self.end(observable))


@lru_cache(maxsize=8)
def _mean_weights(times: tuple[float, ...]) -> Array:
    """Weights of the recorded times in the mean over the last share of a run, one each.

    The mean is that of straight lines between the records, also where the share starts in between.
    """
    time = np.array(times)
    if time.size == 1:
        return np.ones(1)
    start = time[-1] - LAST_SHARE * (time[-1] - time[0])
    grid = np.concatenate([[start], time[time > start]])
    steps = np.diff(grid)
    ends = (np.concatenate([steps, [0.0]]) + np.concatenate([[0.0], steps])) / 2
    # What each record adds at the points of the grid, times the weight of these points.
    reach = np.array([np.interp(grid, time, one) for one in np.eye(time.size)])
    return np.asarray(reach @ ends / (grid[-1] - grid[0]), dtype=np.float64)


def read_dataset(dataset: AnyData) -> Readings:
    """Take the arrays out of a result's dataset.

    Parameters
    ----------
    dataset
        Variables ``value`` (arm, member, time, observable) and, where present, ``code`` and
        ``detail`` (arm, member); coordinates ``time`` (h) and ``unit`` (observable).
    """
    value = dataset["value"].transpose("arm", "member", "time", "observable")
    shape = value.shape[:2]
    names = [str(n) for n in value["observable"].values]
    units = dataset["unit"].values if "unit" in dataset.coords else [""] * len(names)
    codes = _words(dataset, "code", shape, "SUCCESS")
    return Readings(
        arms=tuple(str(a) for a in value["arm"].values),
        members=tuple(int(m) for m in value["member"].values),
        time=np.asarray(value["time"].values, dtype=np.float64),
        units=dict(zip(names, (str(u) for u in units), strict=True)),
        values=np.asarray(value.values, dtype=np.float64),
        finished=np.array([[c == "SUCCESS" for c in row] for row in codes]).reshape(shape),
        codes=codes,
        details=_words(dataset, "detail", shape, ""),
    )


def _words(
    dataset: AnyData, name: str, shape: tuple[int, ...], default: str
) -> tuple[tuple[str, ...], ...]:
    if name not in dataset:
        return tuple((default,) * shape[1] for _ in range(shape[0]))
    words = dataset[name].transpose("arm", "member").values
    return tuple(tuple(str(w) for w in row) for row in words)
