"""Following one unit for all that hold the same changes no label, whatever the tracer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.names import Observable
from glutarium.simulate.cell import Lane, RestCache, run_lane
from glutarium.simulate.label_system import Systems
from glutarium.simulate.labels import Labels
from glutarium.simulate.reading import Reading
from glutarium.simulate.readout import reading_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array
    from glutarium.model.emu import Emu
    from glutarium.names import Vocabulary
    from glutarium.simulate.label_request import LabelRequest
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

# Steps of both follow their own largest error, so labels agree within what a step may err.
NEAR = 1e-4
NAMES = ("citrate_M2", "citrate_M3", "malate_M1", "UTP_N1", "lactate_M3", "citrate_from_glutamine")


@pytest.fixture(scope="module")
def lane(model: CellModel, dish: Callable[..., ArmPlan]) -> Lane:
    plan = dish(times=tuple(np.linspace(0.0, 12.0, 13)))
    first = replace(plan.phases[0], tracer="U-13C-glutamine")
    return run_lane(model, replace(plan, phases=(first,)), 0, RestCache())


def traced(lane: Lane, tracer: str, *, natural: bool) -> Lane:
    """The same run with another tracer, which changes no pool and no rate."""
    plan = lane.plan
    assert plan is not None
    first = replace(plan.phases[0], tracer=tracer)
    marked = replace(plan, phases=(first,), tracer_purity=0.97, natural_abundance=natural)
    return replace(lane, plan=marked, memo={})


@pytest.mark.parametrize(
    ("tracer", "natural"),
    [
        ("U-13C15N-glutamine", False),
        ("1-13C-glutamine", False),
        ("0.5 5-13C-glutamine + 0.5 amide-15N-glutamine", True),
        ("0.4 U-13C-glucose + 0.5 1,2-13C-glucose + U-13C-glutamine", False),
    ],
)
def test_what_stands_for_others_holds_what_they_hold(  # noqa: PLR0917
    model: CellModel,
    lane: Lane,
    words: Vocabulary,
    monkeypatch: pytest.MonkeyPatch,
    tracer: str,
    natural: bool,  # noqa: FBT001
) -> None:
    own = traced(lane, tracer, natural=natural)
    requests = [_request(f"tumour.label.{name}", model, words) for name in NAMES]
    fewer, few = _labels(model, requests, own)
    monkeypatch.setattr(Systems, "_brought", _itself)
    every, many = _labels(model, requests, replace(own, memo={}))
    assert few < many
    for one, other in zip(fewer, every, strict=True):
        assert one == pytest.approx(other, abs=NEAR, nan_ok=True)


def _itself(_systems: Systems, _view: object, emu: Emu) -> Emu:
    return emu


def _request(name: str, model: CellModel, words: Vocabulary) -> LabelRequest:
    found = reading_of(Observable.parse(name, words), model, words)
    assert isinstance(found, Reading)
    assert found.label is not None
    return found.label


def _labels(model: CellModel, requests: list[LabelRequest], lane: Lane) -> tuple[list[Array], int]:
    """Labels, and how many units were followed."""
    labels = Labels(model)
    labels.prepare(requests, [lane])
    found = [labels.series(request, lane) for request in requests]
    return found, sum(len(solver.emus) for solver in labels.systems.solvers)
