"""Questions are answered together: what several run is run once, and nobody sees a difference."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.simulate.plan import ArmPlan, Phase, Place, RestPlan
from glutarium.study.bundles import LARGEST, bundles
from glutarium.study.execute import run_members
from glutarium.study.translate import Translator
from glutarium.study.values import Question, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study

STUDY = """
study: {name}
system: {system}
duration: 1 h
setup: {{cells: [{cells}]}}
arms:
  {control}: {{}}
  treated: {{drug: {{CB-839: {dose}}}}}
expect:
  - {{observable: tumour.flux.GLS, arm: treated, versus: {control}, is: down}}
"""


def _plan(name: str, dose: float, place: str = "") -> ArmPlan:
    where = Place(place, "tissue", 1.0) if place else None
    phase = Phase(0.0, {"dose": dose})
    return ArmPlan(name, RestPlan(), (phase,), (0.0, 1.0), arm=name, cell="tumour", place=where)


def _question(plans: list[ArmPlan]) -> Question:
    return cast("Question", _Asked(tuple(plans)))


class _Asked:
    """As much of a question as bundling looks at."""

    def __init__(self, plans: tuple[ArmPlan, ...]) -> None:
        self.plans = plans


def _plans(doses: list[tuple[int, bool]], n: int) -> list[ArmPlan]:
    return [
        _plan(f"arm {i} of {n}", dose, f"place {i}" if placed else "")
        for i, (dose, placed) in enumerate(doses)
    ]


ARMS = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=30)


@given(st.lists(ARMS, max_size=20))
def test_every_question_finds_its_own_plans(asked: list[list[tuple[int, bool]]]) -> None:
    questions = [_question(_plans(doses, n)) for n, doses in enumerate(asked)]
    found = bundles(questions)
    assert sorted(p for b in found for p in b.positions) == list(range(len(questions)))
    for bundle in found:
        keys = [plan.key for plan in bundle.plans]
        assert len(set(keys)) == len(keys)  # nothing runs twice
        assert len(bundle.plans) <= LARGEST or len(bundle.questions) == 1
        names = [plan.place.name for plan in bundle.plans if plan.place]
        assert len(set(names)) == len(names)
        for position, question, places in zip(
            bundle.positions, bundle.questions, bundle.places, strict=True
        ):
            assert question is questions[position]
            assert [keys[k] for k in places] == [plan.key for plan in question.plans]


def test_plans_of_one_place_stay_together() -> None:
    both = [_plan("a", 1.0, "here"), _plan("b", 2.0, "here")]
    alone = [_plan("c", 1.0, "there")]
    (bundle,) = bundles([_question(both), _question(alone), _question(both[::-1])])
    assert len(bundle.plans) == 5  # another order of cells is another place
    sizes = {name: 0 for name in (p.place.name for p in bundle.plans if p.place)}
    assert len(sizes) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"cell": "tam"},
        {"times": (0.0, 2.0)},
        {"before": Phase(0.0)},
        {"rest": RestPlan({"x": 1.0})},
        {"phases": (Phase(0.0, {"dose": 1.0}, {"gln_e": 1.0}),)},
        {"phases": (Phase(0.0, {"dose": 1.0}, factors={"dose": 2.0}),)},
        {"place": Place("", "tissue", 1.0)},
        {"tracer_purity": 0.9},
    ],
)
def test_what_matters_tells_plans_apart(change: dict[str, object]) -> None:
    plan = _plan("a", 1.0)
    assert replace(plan, name="b", arm="c").key == plan.key
    assert replace(plan, **change).key != plan.key  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("system", "cells"), [("cell", "tumour"), ("coculture", "tumour, cd8_effector")]
)
def test_lanes_are_the_same_as_alone(
    model: CellModel, ask_for: Callable[[str], Study], system: str, cells: str
) -> None:
    texts = [
        STUDY.format(name=f"n{dose}", system=system, cells=cells, control=control, dose=dose)
        for control, dose in (("plain", 1.0), ("vehicle", 0.1))
    ]
    questions = [ask(ask_for(t), model, vocabulary(), Translator(model)) for t in texts]
    (bundle,) = bundles(questions)
    assert len(bundle.plans) == 3 * len(cells.split(","))
    for question, found in zip(questions, bundle.run([0], "lanes"), strict=True):
        (alone,) = run_members(question.plans, [0])
        for plan, lane, other in zip(question.plans, found[0], alone, strict=True):
            assert lane.plan == plan == other.plan
            np.testing.assert_array_equal(lane.observed, other.observed)
