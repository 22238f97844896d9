"""How figures are judged, put together and shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.model.calibrate.draw import Draw
from glutarium.model.ensemble import Ensemble
from glutarium.model.member import calibrate
from glutarium.simulate.model import medium_of
from glutarium.study import figures
from glutarium.study.dishes import GLUCOSE_MM, GLUTAMINE_MM, OXYGEN, Dish, grid
from glutarium.study.figure import Figure, Measured, Target
from glutarium.study.figures import FigureOptions, measure
from glutarium.study.span import spans
from glutarium.study.subjects import RECORDED, subjects, with_members

if TYPE_CHECKING:
    from glutarium.simulate.model import CellModel

KEYS = ["rate", "mode", "recovery", "finished", "lowest", "total", "carbon", "nitrogen"]
KEYS += ["selection", "judging", "stress", "atp", "ranges"]


@pytest.mark.parametrize(
    ("relation", "value", "met"),
    [
        ("<", 1.0, False),
        ("<", 0.9, True),
        ("<=", 1.0, True),
        ("<=", 1.1, False),
        (">=", 1.0, True),
        (">=", 0.9, False),
        ("<", np.nan, False),
        ("<=", np.nan, False),
        (">=", np.nan, False),
        ("<=", np.inf, False),
    ],
)
def test_a_target_is_met_or_not(relation: str, value: float, met: bool) -> None:  # noqa: FBT001
    assert Target(relation, 1.0).met(value) is met


def test_the_worst_member_is_on_the_wrong_side() -> None:
    members = tuple(Measured(x, subject=f"draw {x}") for x in (0.5, 0.2, 0.9))
    low = Figure("a", "a", "1", Target("<=", 0.6), Measured(0.1), members)
    high = Figure("b", "b", "1", Target(">=", 0.4), Measured(0.5), members)
    assert low.worst == members[2]
    assert high.worst == members[1]
    assert (low.meeting, high.meeting) == (2, 2)
    assert not low.met
    assert not high.met


def test_all_must_meet_it_the_recorded_values_too() -> None:
    good = (Measured(0.1),)
    assert Figure("a", "a", "1", Target("<", 1.0), Measured(0.1), good).met
    assert not Figure("a", "a", "1", Target("<", 1.0), Measured(2.0), good).met
    assert Figure("a", "a", "1", Target("<", 1.0), None, good).met
    assert Figure("a", "a", "1", None, None, (Measured(5.0),)).met
    assert Figure("a", "a", "1", Target("<", 1.0), Measured(0.1)).worst is None


def test_the_grid_is_the_one_that_was_promised() -> None:
    assert len(grid()) == len(set(grid())) == len(GLUTAMINE_MM) * len(GLUCOSE_MM) * len(OXYGEN)
    corners = grid(corners=True)
    assert set(corners) < set(grid())
    assert Dish(0.0, 0.0, 0.001) in corners
    assert Dish(10.0, 25.0, 0.21) in corners
    assert len(corners) == 8


def test_without_members_only_the_recorded_values_are_measured() -> None:
    alone = subjects(0)
    assert alone.names == (RECORDED,)
    assert len(alone.model.ensemble) == 1


def test_members_stand_behind_the_recorded_values() -> None:
    some = subjects(2)
    assert len(some.names) == len(some.model.ensemble) == 3
    assert some.names[0] == RECORDED
    shipped = with_members(some.model, slice(1, None)).ensemble
    assert np.array_equal(shipped.parameters, some.model.ensemble.parameters[1:])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for what takes long: every figure is the number of its subject."""

    def part(_model: CellModel, member: int, dishes: tuple[Dish, ...]) -> dict[str, Measured]:
        return {key: Measured(float(member), f"{len(dishes)} dishes") for key in KEYS}

    monkeypatch.setattr(figures, "_PARTS", {"all of it": part})
    monkeypatch.setattr(figures, "_of_the_ensemble", lambda _members: [])


@pytest.mark.usefixtures("quick")
def test_every_subject_gets_every_figure_and_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    options = FigureOptions(
        members=2, quick=True, workers=1, progress=lambda *given: told.append(given)
    )
    found = {figure.key: figure for figure in measure(options)}
    assert set(KEYS) <= set(found)
    for key in KEYS:
        assert found[key].recorded == Measured(0.0, "8 dishes")
        assert [m.value for m in found[key].members] == [1.0, 2.0]
        assert [m.subject for m in found[key].members] == list(subjects(2).names[1:])
    assert found["pooled stress"].members[0].value == 1.5
    assert [n for _, n, _ in told] == [1, 2, 3]
    assert {total for _, _, total in told} == {3}
    assert told[0][0] == "all of it of recorded values"


@pytest.mark.usefixtures("quick")
def test_the_command_shows_what_is_missed_and_says_so_by_its_status() -> None:
    done = CliRunner().invoke(app, ["figures", "--members", "2", "--quick", "--workers", "1"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert any("dishes: drift of carbon" in line and " NO " in line for line in lines)
    assert any("dishes that reach 72 h" in line for line in lines)
    assert "targets are met" in done.stderr
    by_member = [line.split() for line in lines if line.startswith(("draw ", "recorded values"))]
    assert len(by_member) == 2


def test_the_command_is_content_where_all_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    met = [Figure(key, key, "1", Target("<=", 1.0), Measured(0.5, "somewhere")) for key in KEYS]
    monkeypatch.setattr(figures, "measure", lambda _options: met)
    done = CliRunner().invoke(app, ["figures", "--members", "0"])
    assert done.exit_code == 0
    assert done.stderr.startswith(f"{len(KEYS)} of {len(KEYS)} targets are met")
    assert "somewhere" in done.stdout


@pytest.fixture(scope="module")
def drawn(model: CellModel) -> CellModel:
    """Draws that nothing selected but that a balanced state exists."""
    medium = medium_of(model.base, model.network, "reference")
    found = [calibrate(model.spec, model.network, medium, Draw(seed)) for seed in range(1, 9)]
    members = [c.member for c in found if c.member is not None]
    assert len(members) > 2
    return replace(model, ensemble=Ensemble.from_members(model.spec, members, {}))


def test_a_single_member_spans_nothing(model: CellModel) -> None:
    assert {span.kept for span in spans(model)} == {0.0}


def test_free_draws_span_as_much_as_free_draws_do(drawn: CellModel) -> None:
    by_kind = {span.kind: span for span in spans(drawn)}
    constants = by_kind["Michaelis constants"]
    assert constants.records > 300
    assert constants.kept == pytest.approx(constants.free, abs=0.1)
    for span in by_kind.values():
        assert 0.2 < span.kept <= 1.0
        assert 0.2 < span.free <= 1.0
