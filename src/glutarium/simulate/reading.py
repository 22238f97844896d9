"""What a reading is, and its values over a run.

Every supported observable is a :class:`Reading`: a linear combination of kernel observables, possibly
over another one. What the model cannot read is a :class:`Missing`, which names what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.simulate.labels import labels_of
from glutarium.simulate.read_site import shared_series
from glutarium.simulate.timing import half_fall, half_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.label_request import LabelRequest
    from glutarium.simulate.model import CellModel

__all__ = ["LAST_SHARE", "Missing", "Reading", "at_end", "prepare", "series"]

# Fluxes and growth are read as means over this last share of a run (study format).
LAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Missing:
    """What an observable would need that the model does not have."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read an observable.

    Attributes
    ----------
    top, bottom
        Kernel observable → weight; without ``bottom`` the value is ``top`` alone.
    unit
        Unit of the value.
    averaged
        Whether it is read as a mean over the end of the run.
    complement
        Whether one minus the value is meant.
    source
        Species of the medium whose oxidation the ATP in ``top`` is counted for; empty: no tracing.
    cell
        In whose dish it is read; empty for the first one of an arm.
    label
        What is asked of labels; then ``top`` is empty.
    constant
        A number that no run changes, such as atoms counted on the maps; then ``top`` is empty.
    half
        Whether the time is meant at which half of the change is reached, h.
    decay
        Whether that change is the fall from the highest value.
    timed
        Two readings, where the time by which the first changes later than the second is meant, h.
    site
        What the cells of a place share → weight; ``top`` is what is read where a cell stands alone, if
        that can be.
    beside
        The same, of a factor on the value.
    clone
        Part of the cell's population in which it is read; empty for all of it.
    """

    top: Mapping[str, float]
    unit: str
    bottom: Mapping[str, float] | None = None
    averaged: bool = False
    complement: bool = False
    source: str = ""
    cell: str = ""
    label: LabelRequest | None = None
    constant: float | None = None
    half: bool = False
    decay: bool = False
    timed: tuple[Reading, Reading] | None = None
    site: Mapping[str, float] | None = None
    beside: Mapping[str, float] | None = None
    clone: str = ""


def series(reading: Reading, lane: Lane, model: CellModel) -> Array:
    """Values over the lane's times, shape ``(n,)``; a time of change is the same at all of them."""
    if reading.clone:
        own = lane.clones.get(reading.clone)
        whole = replace(reading, clone="")
        return np.full(len(lane.times), np.nan) if own is None else series(whole, own, model)
    if reading.timed is not None:
        late, early = (half_time(lane.times, series(r, lane, model)) for r in reading.timed)
        return np.full(len(lane.times), late - early)
    if reading.half:
        plain = series(replace(reading, half=False), lane, model)
        clock = half_fall if reading.decay else half_time
        return np.full(len(lane.times), clock(lane.times, plain))
    if reading.label is not None:
        return labels_of(model).series(reading.label, lane)
    if reading.site is not None and (lane.course is not None or not reading.top):
        return shared_series(reading.site, lane)
    if reading.constant is not None:
        return np.full(len(lane.times), reading.constant)
    if reading.source:
        return _atp(reading, lane.observed, model)
    values = _combine(reading, lane.observed, model)
    if reading.beside is not None:
        values = values * shared_series(reading.beside, lane)
    return 1.0 - values if reading.complement else values


def prepare(asked: Iterable[tuple[Reading, Lane]], model: CellModel) -> None:
    """Find what readings need of lanes, all at once; :func:`series` then looks it up."""
    found = [
        (reading.label, lane.clones.get(reading.clone) if reading.clone else lane)
        for reading, lane in asked
        if reading.label is not None
    ]
    there = [(label, lane) for label, lane in found if lane is not None]
    if there:
        labels_of(model).prepare_all(there)


def at_end(reading: Reading, times: Array, values: Array, at_h: float | None = None) -> float:
    """One number: the value at a time, at the end, or the mean over the end of the run."""
    if not len(times):
        return float("nan")
    if at_h is not None:
        return float(np.interp(at_h, times, values))
    if not reading.averaged or len(times) == 1:
        return float(values[-1])
    start = times[-1] - LAST_SHARE * (times[-1] - times[0])
    inner = times[times > start]
    grid = np.concatenate([[start], inner])
    sampled = np.interp(grid, times, values)
    return float(np.trapezoid(sampled, grid) / (grid[-1] - grid[0]))


def _combine(reading: Reading, observed: Array, model: CellModel) -> Array:
    top = _weighted(reading.top, observed, model)
    if reading.bottom is None:
        return top
    bottom = _weighted(reading.bottom, observed, model)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(top / bottom)


def _atp(reading: Reading, observed: Array, model: CellModel) -> Array:
    """ATP from one compound, in the unit of the reading; ``top`` names the rates that it needs."""
    rates = observed[:, [model.observable_index[name] for name in reading.top]]
    factor = next(iter(reading.top.values()))
    return np.asarray(factor * model.energy.atp_from(reading.source, rates))


def _weighted(weights: Mapping[str, float], observed: Array, model: CellModel) -> Array:
    columns = [model.observable_index[name] for name in weights]
    return np.asarray(observed[:, columns] @ np.array(list(weights.values())))
