"""Values of observables per arm and member: read from lanes, ready to be judged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.simulate.labels import labels_of
from glutarium.simulate.plan import clone_name
from glutarium.simulate.reading import Missing, Reading, at_end, prepare, series
from glutarium.simulate.readout import reading_of
from glutarium.simulate.steering import competitors
from glutarium.study.translate import Translator, starved_name, without_glutamine
from glutarium.study.verdict import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.names import Observable, Vocabulary
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.study import Expectation, Study

__all__ = ["MemberValues", "Question", "ask", "judge_all", "read_member", "read_members"]

DEPENDENCE = "glutamine_dependence"
KILLING, SUSCEPTIBILITY = "killing", "susceptibility"
"""What killers do beside others depends on how easily these die."""
SAMPLE = "sample"
OF_ALL = ("cure_fraction", "survival")
"""Families that are shares of the members of the ensemble."""
GROWTH = Reading({"net_growth": 1.0}, "1/h", averaged=True)

Key = tuple[str, str, float | None]
"""Arm, name of the observable, time of the read-out (None: the end)."""


@dataclass(frozen=True)
class Question:
    """A study made ready to run.

    Attributes
    ----------
    study
        The study.
    plans
        Plans of its arms, and of arms without glutamine where a dependence is asked for.
    readings
        Observable → how to read it.
    missing
        Expectation's position → what the model lacks for it.
    lacking
        What no arm can be run without; then nothing is run.
    """

    study: Study
    plans: tuple[ArmPlan, ...]
    readings: Mapping[str, Reading]
    missing: Mapping[int, Missing]
    lacking: tuple[Missing, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether there is anything to run."""
        return bool(self.plans)

    @cached_property
    def dishes(self) -> Mapping[tuple[str, str], str]:
        """Arm and cell → name of the plan of that dish."""
        return {(plan.arm, plan.cell): plan.name for plan in self.plans if plan.arm}

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """Cells of all arms."""
        return tuple(dict.fromkeys(cell for _, cell in self.dishes))

    def dish_of(self, arm: str, observable: Observable) -> str:
        """Name of the plan in which an arm's observable is read."""
        own = self.dishes.get((arm, observable.place))
        reading = self.readings.get(observable.name)
        kin = "" if reading is None else reading.cell
        return own or self.dishes.get((arm, kin), arm)

    @cached_property
    def clones(self) -> tuple[tuple[str, str], ...]:
        """Cell and clone of all parts of populations, in any arm."""
        found = ((p.cell, clone.name) for p in self.plans if p.arm for clone in p.clones)
        return tuple(dict.fromkeys(found))

    @property
    def answerable(self) -> bool:
        """Whether a run could give a verdict on any expectation."""
        return self.runs and len(self.missing) < len(self.study.expectations)


def ask(study: Study, model: CellModel, vocabulary: Vocabulary, translator: Translator) -> Question:
    """Translate a study; only what can be simulated is planned."""
    plans, lacking = translator.plans(study)
    if lacking:
        every = dict.fromkeys(range(len(study.expectations)), lacking[0])
        return Question(study, (), {}, every, tuple(lacking))
    readings: dict[str, Reading] = {}
    missing: dict[int, Missing] = {}
    dishes = {(plan.arm, plan.cell) for plan in plans.values()}
    parted = [(plan.arm, plan.cell, c.name) for plan in plans.values() for c in plan.clones]
    dishes |= {(arm, clone_name(cell, clone)) for arm, cell, clone in parted}
    for i, expectation in enumerate(study.expectations):
        for arm, observable in expectation.needs():
            found = _reading(observable, model, vocabulary)
            if isinstance(found, Reading):
                found = _placed(found, observable, arm, study, dishes, model)
            if isinstance(found, Reading) and found.label is not None:
                found = _labelled(found, observable, arm, plans, model)
                if isinstance(found, Missing) and expectation.location is not None:
                    found = replace(found, why=f"{found.why} ({expectation.location})")
            if isinstance(found, Missing):
                missing[i] = found
            else:
                readings[observable.name] = found
    for readout in study.readouts:
        found = _reading(readout.observable, model, vocabulary)
        if isinstance(found, Reading) and (
            found.site is None or found.top or study.system != "cell"
        ):
            readings[readout.observable.name] = found
    extra = _depleted(study, plans)
    return Question(study, (*plans.values(), *extra), readings, missing)


def _placed(  # noqa: PLR0917 - one per thing that decides where an observable is read
    found: Reading,
    observable: Observable,
    arm: str,
    study: Study,
    dishes: set[tuple[str, str]],
    model: CellModel,
) -> Reading | Missing:
    """The reading in the cell that it is taken from, if the arm has it."""
    if found.clone and (arm, clone_name(observable.place, found.clone)) not in dishes:
        return Missing(clone_name(observable.place, found.clone), f"no such clone in arm {arm!r}")
    if found.site is not None and not found.top and study.system == "cell":
        return Missing(observable.family, "cells alone in their dish share nothing")
    if observable.family == KILLING and study.system != "cell":
        found = replace(found, beside={SUSCEPTIBILITY: 1.0})
    if observable.system != "cell" or (arm, observable.place) in dishes:
        return found
    if found.cell != "":
        return Missing(observable.place, f"not in arm {arm!r}")
    kin = (cell for cell in competitors(observable.place, model) if (arm, cell) in dishes)
    return replace(found, cell=next(kin, ""))


def _labelled(
    reading: Reading,
    observable: Observable,
    arm: str,
    plans: Mapping[str, ArmPlan],
    model: CellModel,
) -> Reading | Missing:
    """The reading of a label, if the arm has a tracer that can reach it."""
    assert reading.label is not None  # the caller has looked
    own = (p for p in plans.values() if (p.arm, p.cell) == (arm, observable.place))
    plan = next(own, plans[arm])
    if plan.place is None and reading.label.where == SAMPLE:
        return Missing(observable.name, "only cells that share a place make one sample")
    why = labels_of(model).lacks(reading.label, plan)
    return Missing(f"{observable.name} in arm {arm!r}", why) if why else reading


def _reading(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    if observable.family == DEPENDENCE and observable.system == "cell":
        return replace(GROWTH, cell=observable.place)
    return reading_of(observable, model, vocabulary)


def _depleted(study: Study, plans: Mapping[str, ArmPlan]) -> list[ArmPlan]:
    """Arms without glutamine that a dependence is measured against."""
    asked = {
        (arm, observable.place)
        for e in study.expectations
        for arm, observable in e.needs()
        if observable.family == DEPENDENCE
    }
    arms = {arm for arm, _ in asked}
    return [
        without_glutamine(p)
        for p in plans.values()
        if (p.arm, p.cell) in asked or (p.place is not None and p.arm in arms)
    ]


def read_members(
    question: Question, model: CellModel, lanes: Sequence[Sequence[Lane]]
) -> list[MemberValues]:
    """Numbers of some members that the expectations need; labels of all of them are found together."""
    asked = []
    for i, plan in enumerate(question.plans):
        own = [r for r in question.readings.values() if plan.arm and r.cell in {"", plan.cell}]
        asked += [(reading, lanes_of[i]) for lanes_of in lanes for reading in own]
    prepare(asked, model)
    return [read_member(question, model, lanes_of) for lanes_of in lanes]


def read_member(question: Question, model: CellModel, lanes: Sequence[Lane]) -> MemberValues:
    """Numbers of one member that the expectations need."""
    by_dish = {plan.name: lane for plan, lane in zip(question.plans, lanes, strict=True)}
    found = MemberValues()
    for dish, lane in by_dish.items():
        if lane.code is not ResultCode.SUCCESS:
            found.failures[dish] = f"{lane.code.value} ({lane.detail})"
    for i, expectation in enumerate(question.study.expectations):
        if i in question.missing:
            continue
        for arm, observable in expectation.needs():
            key = (arm, observable.name, expectation.at_h)
            if key not in found.values:
                found.values[key] = _value(key, observable, question, model, by_dish)
    return found


@dataclass
class MemberValues:
    """What one member answers: values by arm, observable and time; dishes that failed, and why."""

    values: dict[Key, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def _value(
    key: Key,
    observable: Observable,
    question: Question,
    model: CellModel,
    lanes: Mapping[str, Lane],
) -> float:
    arm, name, at_h = key
    reading, dish = question.readings[name], question.dish_of(arm, observable)
    value = _read(reading, lanes[dish], model, at_h)
    if observable.family != DEPENDENCE:
        return value
    starved = _read(reading, lanes[starved_name(dish)], model, at_h)
    return 1.0 - starved / value if value else float("nan")


def _read(reading: Reading, lane: Lane, model: CellModel, at_h: float | None) -> float:
    if lane.code is not ResultCode.SUCCESS:
        return float("nan")
    return at_end(reading, lane.times, series(reading, lane, model), at_h)


def judge_all(question: Question, members: Sequence[MemberValues]) -> list[Verdict]:
    """Verdicts of all expectations of a study, in order."""
    failures: dict[str, str] = {}
    for n, member in enumerate(members):
        for dish, why in member.failures.items():
            failures.setdefault(dish, f"member {n}: {why}")
    verdicts: list[Verdict] = []
    for i, expectation in enumerate(question.study.expectations):
        lack = question.missing.get(i)
        values = {} if lack else _gathered(expectation, members)
        verdicts.append(
            judge(
                expectation,
                values,
                failures=_of_arms(question, expectation, failures),
                missing=None if lack is None else str(lack),
            )
        )
    return verdicts


def _of_arms(
    question: Question, expectation: Expectation, failures: Mapping[str, str]
) -> dict[str, str]:
    """Arms in which a dish failed that the expectation reads, and why."""
    found: dict[str, str] = {}
    for arm, observable in expectation.needs():
        dish = question.dish_of(arm, observable)
        twin = (starved_name(dish),) if observable.family == DEPENDENCE else ()
        for name in (dish, *twin):
            if name in failures:
                found.setdefault(arm, failures[name])
    return found


def _gathered(
    expectation: Expectation, members: Sequence[MemberValues]
) -> dict[tuple[str, str], Array]:
    found = {}
    for arm, observable in expectation.needs():
        values = np.array([m.values[arm, observable.name, expectation.at_h] for m in members])
        if observable.family in OF_ALL:  # a share of the members, the same for each of them
            values[:] = values.mean()
        found[arm, observable.name] = values
    return found
