"""Which tracer, read when, tells two arms of a study apart best.

Two hypotheses are two arms: with and without a reaction, under two alternatives, two genotypes. Pools and
fluxes do not depend on the tracer, so every member runs once and is read with every tracer. The separation
of two sets of distributions is their distance in units of the error with which fractions are measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, product
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import StudyError
from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.names import Observable
from glutarium.simulate.labels import labels_of
from glutarium.simulate.reading import Reading, prepare, series
from glutarium.simulate.readout import reading_of
from glutarium.study.execute import run_member, shared_model
from glutarium.study.local import over_members
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.study import Study

__all__ = ["PRODUCTS", "TRACERS", "Design", "Ranked", "rank_tracers"]

TRACERS = (
    "U-13C-glutamine",
    "1-13C-glutamine",
    "5-13C-glutamine",
    "U-13C-glucose",
    "1,2-13C-glucose",
    "amide-15N-glutamine",
    "alpha-15N-glutamine",
)
"""Tracers that are compared unless others are named."""

PRODUCTS = ("glutamate", "citrate", "malate", "aspartate", "lactate", "alanine", "UTP")
"""Molecules that are measured unless others are named."""


@dataclass(frozen=True)
class Design:
    """What could be done.

    Attributes
    ----------
    tracers
        Candidates.
    products
        Metabolites whose isotopologues are measured.
    error
        Standard error of a measured fraction.
    """

    tracers: Sequence[str] = TRACERS
    products: Sequence[str] = PRODUCTS
    error: float = 0.01


@dataclass(frozen=True)
class Ranked:
    """How well one tracer tells the arms apart.

    Attributes
    ----------
    tracer
        Its name.
    hours
        The best time to read it, h.
    separation
        Median over the members of the distance in standard errors.
    low
        Distance that nine of ten members reach.
    product
        The molecule that shows most of it.
    """

    tracer: str
    hours: float
    separation: float
    low: float
    product: str


def rank_tracers(
    study: Study,
    arms: tuple[str, str],
    design: Design | None = None,
    *,
    members: int | None = None,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Ranked]:
    """Rank tracers by their expected separation of two arms, best first.

    Parameters
    ----------
    study
        A study of one cell.
    arms
        The two arms.
    design
        Tracers, products and the error of a measurement; the usual ones by default.
    members
        Members of the ensemble; all by default.
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.

    Raises
    ------
    StudyError
        An arm does not exist, or the model lacks what it needs.
    """
    design = design or Design()
    plans = _plans(study, arms)
    model = shared_model()
    labels = labels_of(model)
    for tracer in design.tracers:
        labels.tracers(tracer)  # an atom that the molecule lacks is named before anything runs
    readings = {p: _readings(f"{plans[0].cell}.label.{p}") for p in design.products}
    work = partial(_distances, plans, tuple(design.tracers), readings, design.error)
    found = over_members(work, members, "reading the tracers", workers, progress)
    return _ranked(np.array(found), design, plans[0].times)


def _plans(study: Study, arms: tuple[str, str]) -> tuple[ArmPlan, ArmPlan]:
    unknown = [arm for arm in arms if arm not in study.arms]
    if unknown:
        message = f"Study {study.id} has no arm {unknown[0]!r}; it has {', '.join(study.arms)}"
        raise StudyError(message, location=study.location)
    plans, missing = Translator(shared_model()).plans(study)
    if missing:
        message = f"Study {study.id} cannot be run; the model lacks {missing[0]}"
        raise StudyError(message, location=study.location)
    return plans[arms[0]], plans[arms[1]]


def _readings(stem: str) -> tuple[Reading, ...]:
    """All isotopologues of a metabolite."""
    model, names = shared_model(), vocabulary()
    found: list[Reading] = []
    while True:
        observable = Observable.parse(f"{stem}_M{len(found)}", names)
        reading = reading_of(observable, model, names)
        if not isinstance(reading, Reading):
            break
        found.append(reading)
    if not found:
        message = f"{stem.rpartition('.')[2]!r} has no isotopologues: {reading}"
        raise StudyError(message)
    return tuple(found)


def _distances(
    plans: tuple[ArmPlan, ArmPlan],
    tracers: Sequence[str],
    readings: dict[str, tuple[Reading, ...]],
    error: float,
    member: int,
) -> Array:
    """Squared distances of one member, shape ``(n_tracers, n_products, n_times)``."""
    shape = len(tracers), len(readings), len(plans[0].times)
    traced = [_with(plan, tracers[0]) for plan in plans]
    lanes = run_member(traced, member)
    if any(lane.code is not ResultCode.SUCCESS for lane in lanes):
        return np.full(shape, np.nan)
    found = np.zeros(shape)
    for t, tracer in enumerate(tracers):
        own = [_read_as(lane, tracer) for lane in lanes]
        prepare(product(chain(*readings.values()), own), shared_model())
        for p, isotopologues in enumerate(readings.values()):
            for reading in isotopologues:
                one, other = (series(reading, lane, shared_model()) for lane in own)
                found[t, p] += np.nan_to_num((one - other) / error) ** 2
    return found


def _with(plan: ArmPlan, tracer: str) -> ArmPlan:
    return replace(plan, phases=tuple(replace(phase, tracer=tracer) for phase in plan.phases))


def _read_as(lane: Lane, tracer: str) -> Lane:
    """The same run with another tracer: pools and fluxes are kept, labels are not."""
    assert lane.plan is not None  # lanes with a tracer keep their plan
    memo = {key: value for key, value in lane.memo.items() if key == "course"}
    return replace(lane, plan=_with(lane.plan, tracer), memo=memo)


def _ranked(squares: Array, design: Design, times: Sequence[float]) -> list[Ranked]:
    """From squared distances of all members, shape ``(n_members, n_tracers, n_products, n_times)``."""
    whole = np.sqrt(squares.sum(axis=2))
    middle = np.nanmedian(whole, axis=0)
    rows = []
    for t, tracer in enumerate(design.tracers):
        best = int(np.argmax(middle[t]))
        parts = np.nanmedian(squares[:, t, :, best], axis=0)
        low = float(np.nanquantile(whole[:, t, best], 0.1))
        product = design.products[int(np.argmax(parts))]
        rows.append(Ranked(tracer, float(times[best]), float(middle[t, best]), low, product))
    return sorted(rows, key=lambda row: -row.separation)
