"""The figures that the model promises, measured: steadiness, recovery, matter, stress, physiology.

Every figure is measured on the recorded values and on every member of the ensemble, so that a promise that
only the median keeps is seen. A task is one part of the measurements on one subject.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from glutarium.study.dishes import grid, run_dishes
from glutarium.study.figure import Figure, Measured, Target
from glutarium.study.local import in_parallel
from glutarium.study.reference import compare_model
from glutarium.study.screen import halves, screen_member
from glutarium.study.span import spans
from glutarium.study.steadiness import fastest_change, pulses, slowest_mode
from glutarium.study.subjects import subjects, with_members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from glutarium.simulate.model import CellModel
    from glutarium.study.dishes import Dish, DishRun
    from glutarium.study.screen import Outcome

__all__ = ["FigureOptions", "measure"]

Part: TypeAlias = "Callable[[CellModel, int, Sequence[Dish]], dict[str, Measured]]"
"""Measures some figures of one member; the dishes are for the part that runs them."""

# Two are needed before members can be said to span anything.
FEWEST_TO_SPAN = 2


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """What to measure.

    Attributes
    ----------
    members
        Members of the ensemble to use; all by default, none with 0.
    quick
        Whether to run only the dishes at the corners of the grid.
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.
    """

    members: int | None = None
    quick: bool = False
    workers: int | None = None
    progress: Callable[[str, int, int], None] | None = None


def measure(options: FigureOptions | None = None) -> list[Figure]:
    """Measure all figures.

    Parameters
    ----------
    options
        What to measure.

    Raises
    ------
    ModelError
        If the recorded values have no reference state, or the ensemble is out of date.
    """
    options = options or FigureOptions()
    found = subjects(options.members)
    dishes = tuple(grid(corners=options.quick))
    subject = range(len(found.names))
    tasks = [_Task(options.members, i, part, dishes) for i in subject for part in _PARTS]
    by_subject: list[dict[str, Measured]] = [{} for _ in subject]
    done = in_parallel(_measure_task, tasks, options.workers)
    for n, (task, values) in enumerate(zip(tasks, done, strict=True), start=1):
        by_subject[task.subject] |= values
        if options.progress is not None:
            options.progress(f"{task.part} of {found.names[task.subject]}", n, len(tasks))
    figures = _per_subject(found.model, found.names, by_subject)
    return [*figures, *_pooled(figures), *_of_the_ensemble(options.members)]


@dataclass(frozen=True, slots=True)
class _Task:
    """One part of the measurements on one subject."""

    members: int | None
    subject: int
    part: str
    dishes: tuple[Dish, ...]


def _measure_task(task: _Task) -> dict[str, Measured]:
    model = subjects(task.members).model
    return _PARTS[task.part](model, task.subject, task.dishes)


def _targets(model: CellModel) -> dict[str, tuple[str, str, Target]]:
    """Key → name, unit and target of the figures of one subject."""
    constants = model.network.constants
    share = Target(">=", constants["screen.share"].value)
    return {
        "rate": ("reference: fastest relative change of a pool", "1/h", Target("<", 1e-6)),
        "mode": ("reference: largest real part of an eigenvalue", "1/h", Target("<", 0.0)),
        "recovery": ("pulses of half: furthest pool after 72 h", "1", Target("<=", 0.2)),
        "finished": ("dishes that reach 72 h", "share", Target(">=", 1.0)),
        "lowest": ("dishes: most negative pool", "tolerances", Target(">=", 0.0)),
        "total": ("dishes: drift of a conserved total", "relative", Target("<=", 1e-9)),
        "carbon": ("dishes: drift of carbon", "relative", Target("<=", 1e-8)),
        "nitrogen": ("dishes: drift of nitrogen", "relative", Target("<=", 1e-8)),
        "selection": ("stress: runs without runaway, selection half", "share", share),
        "judging": ("stress: runs without runaway, judging half", "share", share),
        "stress": ("stress: runs without runaway, both halves", "share", share),
        "atp": ("stress: lowest ATP", "mM", Target(">=", constants["screen.atp"].value)),
        "ranges": ("reference: values within their range", "share", _RANGES),
    }


_RANGES = Target(">=", 0.8)


def _per_subject(
    model: CellModel, names: Sequence[str], by_subject: Sequence[Mapping[str, Measured]]
) -> list[Figure]:
    figures: list[Figure] = []
    for key, (name, unit, target) in _targets(model).items():
        first, *others = (values[key] for values in by_subject)
        named = (replace(m, subject=s) for s, m in zip(names[1:], others, strict=True))
        figures.append(Figure(key, name, unit, target, first, tuple(named)))
    return figures


def _pooled(figures: Sequence[Figure]) -> list[Figure]:
    """The stress screen over the runs of all members together; every member has equally many."""
    rows: list[Figure] = []
    for figure in figures:
        if figure.key in {"selection", "judging", "stress"} and figure.members:
            share = float(np.mean([m.value for m in figure.members]))
            name = figure.name.replace("stress: runs", "ensemble: all runs")
            whole = (Measured(share, f"all runs of {len(figure.members)} members"),)
            key = f"pooled {figure.key}"
            rows.append(Figure(key, name, figure.unit, figure.target, None, whole))
    return rows


def _of_the_ensemble(members: int | None) -> list[Figure]:
    """Figures that only all members together have."""
    model = subjects(members).ensemble
    if len(model.ensemble) < FEWEST_TO_SPAN:
        return []
    medians = _within(model)
    rows = [
        Figure(
            "medians", "ensemble: medians within their range", "share", _RANGES, None, (medians,)
        )
    ]
    for span in spans(model):
        where = f"median of {span.records} records; as many free draws: {span.free:.2f}"
        name = f"ensemble: span of {span.kind}"
        found = (Measured(span.kept, where),)
        rows.append(Figure(f"span {span.kind}", name, "share", None, None, found))
    return rows


def _reference(model: CellModel, member: int, dishes: Sequence[Dish]) -> dict[str, Measured]:
    del dishes
    return {
        "rate": Measured(*fastest_change(model, member)),
        "mode": Measured(slowest_mode(model, member)),
    }


def _recovery(model: CellModel, member: int, dishes: Sequence[Dish]) -> dict[str, Measured]:
    del dishes
    worst = max(pulses(model, member), key=lambda pulse: pulse.deviation)
    return {"recovery": Measured(worst.deviation, str(worst))}


def _dishes(model: CellModel, member: int, dishes: Sequence[Dish]) -> dict[str, Measured]:
    runs = run_dishes(model, member, dishes)
    ended = [run for run in runs if run.finished]
    stopped = "; ".join(f"{run.dish}: {run.detail}" for run in runs if not run.finished)
    low = min(runs, key=lambda run: run.lowest)
    where = f"{low.lowest_pool} at {low.dish}" if low.lowest < 0.0 else ""
    share = Measured(len(ended) / len(runs), stopped or f"{len(runs)} dishes")
    kinds = ("total", "carbon", "nitrogen")
    return {
        "finished": share,
        "lowest": Measured(low.lowest, where),
        **{kind: _drift(runs, kind) for kind in kinds},
    }


def _drift(runs: Sequence[DishRun], kind: str) -> Measured:
    found = [(*run.drifts[kind], run.dish) for run in runs if kind in run.drifts]
    if not found:
        return Measured(np.inf, "no dish started")
    value, what, dish = max(found, key=lambda row: row[0])
    return Measured(value, f"{what} at {dish}")


def _stress(model: CellModel, member: int, dishes: Sequence[Dish]) -> dict[str, Measured]:
    del dishes
    selection, judging = halves(tuple(model.base.screen))
    chosen = screen_member(model, member, selection)
    judged = screen_member(model, member, judging)
    low = min((*chosen, *judged), key=lambda outcome: outcome.lowest_atp)
    return {
        "selection": _calm(model, chosen),
        "judging": _calm(model, judged),
        "stress": _calm(model, [*chosen, *judged]),
        "atp": Measured(low.lowest_atp, low.condition),
    }


def _calm(model: CellModel, outcomes: Sequence[Outcome]) -> Measured:
    bad = [o for o in outcomes if not o.physiological(model)]
    names = ", ".join(
        f"{o.condition} ({o.worst_pool} x {o.worst_fold:.3g})" if o.finished else o.condition
        for o in bad
    )
    return Measured(1.0 - len(bad) / len(outcomes), names)


def _ranges(model: CellModel, member: int, dishes: Sequence[Dish]) -> dict[str, Measured]:
    del dishes
    return {"ranges": _within(with_members(model, slice(member, member + 1)))}


def _within(model: CellModel) -> Measured:
    rows = compare_model(model)
    outside = [row.observable.removeprefix("tumour.") for row in rows if not row.inside]
    where = f"{len(rows)} ranges; outside: {', '.join(outside) or 'none'}"
    return Measured(1.0 - len(outside) / len(rows), where)


_PARTS: Mapping[str, Part] = {
    "reference state": _reference,
    "pulses": _recovery,
    "dishes": _dishes,
    "stress screen": _stress,
    "published ranges": _ranges,
}
