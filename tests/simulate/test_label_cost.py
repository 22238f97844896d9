"""What labels cost, counted in work rather than in time, and that company does not change them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.names import Observable
from glutarium.simulate.cell import Lane, RestCache, run_lanes
from glutarium.simulate.labels import Labels
from glutarium.simulate.reading import Reading
from glutarium.simulate.readout import reading_of
from glutarium.study.tracer_design import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.names import Vocabulary
    from glutarium.simulate.label_request import LabelRequest
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

# EMUs of all default products together, and steps of a day in samples of half an hour.
MOST_EMUS, MOST_STEPS = 750, 300


@pytest.fixture(scope="module")
def lanes(model: CellModel, dish: Callable[..., ArmPlan]) -> list[Lane]:
    """Dishes that differ in glutamine, which runs out in some."""
    plan = dish(times=tuple(np.linspace(0.0, 24.0, 49)))
    first = replace(plan.phases[0], tracer="U-13C-glutamine")
    plans = [
        replace(plan, phases=(replace(first, medium={**first.medium, "gln_e": level}),))
        for level in (2.0, 1.0, 0.5)
    ]
    return run_lanes(model, [(p, 0) for p in plans], RestCache())


@pytest.fixture(scope="module")
def requests(model: CellModel, words: Vocabulary) -> list[LabelRequest]:
    found: list[LabelRequest] = []
    for product in PRODUCTS:
        for count in range(4):
            observable = Observable.parse(f"tumour.label.{product}_M{count}", words)
            reading = reading_of(observable, model, words)
            assert isinstance(reading, Reading)
            assert reading.label is not None
            found.append(reading.label)
    return found


def fresh(lane: Lane) -> Lane:
    return replace(lane, memo={})


def test_all_products_share_one_small_system(
    model: CellModel, lanes: list[Lane], requests: list[LabelRequest]
) -> None:
    labels = Labels(model)
    labels.prepare(requests, [fresh(lane) for lane in lanes])
    solvers = labels.systems.solvers
    assert len(solvers) == 1
    assert len(solvers[0].emus) < MOST_EMUS
    assert solvers[0].steps < MOST_STEPS


def test_what_is_prepared_is_not_computed_again(
    model: CellModel, lanes: list[Lane], requests: list[LabelRequest]
) -> None:
    labels, lane = Labels(model), fresh(lanes[0])
    labels.prepare(requests, [lane])
    before = labels.systems.solvers[0].steps
    for request in requests:
        labels.series(request, lane)
    assert labels.systems.solvers[0].steps == before


def test_a_run_does_not_depend_on_those_beside_it(
    model: CellModel, lanes: list[Lane], requests: list[LabelRequest]
) -> None:
    labels = Labels(model)
    together, alone = [fresh(lane) for lane in lanes], fresh(lanes[1])
    labels.prepare(requests, together)
    labels.prepare(requests, [alone])
    for request in requests:
        assert np.array_equal(labels.series(request, together[1]), labels.series(request, alone))


def test_what_is_asked_beside_it_changes_a_label_by_no_more_than_its_tolerance(
    model: CellModel, lanes: list[Lane], requests: list[LabelRequest]
) -> None:
    labels = Labels(model)
    together, alone = fresh(lanes[0]), fresh(lanes[0])
    labels.prepare(requests, [together])
    for request in requests:
        one, other = labels.series(request, together), labels.series(request, alone)
        assert one == pytest.approx(other, abs=1e-4)
