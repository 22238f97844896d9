"""The reference state beside published ranges of pools, ratios and fluxes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.knowledge.vocabulary import build_vocabulary
from glutarium.names import Observable
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.model import load_model
from glutarium.simulate.readout import Missing, reading_of, series
from glutarium.study.screen import reference_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

__all__ = ["Comparison", "compare_model", "compare_reference"]

SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Comparison:
    """One observable of the reference state against its recorded range.

    Attributes
    ----------
    observable
        Its name.
    value
        Median over the members.
    low, high
        Recorded range.
    unit
        Unit of all three.
    inside
        Whether the median lies within the range.
    share_inside
        Share of the members within the range.
    source
        Source of the range.
    """

    observable: str
    value: float
    low: float
    high: float
    unit: str
    inside: bool
    share_inside: float
    source: str


def compare_reference(
    *, progress: Callable[[str, int, int], None] | None = None
) -> list[Comparison]:
    """Compare the shipped ensemble at its reference state with the recorded physiology.

    Observables that the model does not have are left out.
    """
    if progress is not None:
        progress("loading the model", 0, 1)
    return compare_model(load_model())


def compare_model(model: CellModel) -> list[Comparison]:
    """The same for a model at hand."""
    vocabulary = build_vocabulary(model.base)
    states = _reference_states(model)
    rows: list[Comparison] = []
    for record in model.base.physiology:
        observable = Observable.parse(record.observable, vocabulary, location=record.location)
        reading = reading_of(observable, model, vocabulary)
        if isinstance(reading, Missing) or record.low is None or record.high is None:
            continue
        values = np.array([series(reading, lane, model)[0] for lane in states])
        low, high = record.low, record.high
        within = (values >= low - SLACK) & (values <= high + SLACK)
        middle = float(np.median(values))
        inside = low - SLACK <= middle <= high + SLACK
        rows.append(
            Comparison(
                observable.name,
                middle,
                low,
                high,
                record.unit,
                inside,
                float(within.mean()),
                ";".join(record.source),
            )
        )
    return rows


def _reference_states(model: CellModel) -> list[Lane]:
    """Members at their reference state: only the first sample of a run is needed."""
    plan = reference_plan(model)
    plan = replace(plan, times=plan.times[:2])
    return run_lanes(model, [(plan, m) for m in range(len(model.ensemble))], RestCache())
