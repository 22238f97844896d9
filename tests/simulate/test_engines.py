"""Both solvers give the same lanes, and a lane does not notice what else is run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.errors import ModelError
from glutarium.kernel import ResultCode
from glutarium.simulate.cell import RestCache, run_lanes, run_states
from glutarium.simulate.engine import SOLVERS, make_engine
from glutarium.simulate.model import PER_MASS, load_model
from glutarium.simulate.plan import Phase
from glutarium.solve.batch import Batch, System
from glutarium.solve.integrate import Options
from glutarium.solve.lanes import LaneOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from glutarium.simulate.cell import Job, Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

    Dish = Callable[..., ArmPlan]

MEMBERS = 3
RTOL, SAME = 1e-10, 1e-4
"""Tolerance of both solvers, and the largest relative difference of what they find."""


@pytest.fixture(scope="module")
def members() -> CellModel:
    """A few members of the shipped ensemble."""
    return load_model(MEMBERS)


@pytest.fixture(scope="module")
def arms(dish: Dish) -> dict[str, ArmPlan]:
    """Arms with everything that a plan may hold."""
    plain = dish(times=(0.0, 1.0, 6.0, 12.0, 24.0))
    first = plain.phases[0]
    starved = replace(first, medium={**first.medium, "gln_e": 0.1})
    return {
        "plain": plain,
        "withdrawn": replace(plain, phases=(first, Phase(6.0, medium={"gln_e": 0.05}))),
        "supplemented": replace(
            plain, phases=(replace(first, added={"asn_e": 0.5}), Phase(8.0, added={"gln_e": 1.0}))
        ),
        "inhibited": replace(plain, phases=(first, Phase(2.0, factors={"vmax.GLS": 0.1}))),
        "pre-treated": replace(plain, before=starved, before_h=12.0),
    }


def jobs(arms: dict[str, ArmPlan]) -> list[Job]:
    return [(plan, member) for plan in arms.values() for member in range(MEMBERS)]


@pytest.fixture(scope="module")
def lanes(members: CellModel, arms: dict[str, ArmPlan]) -> Sequence[Lane]:
    return run_lanes(members, jobs(arms), RestCache())


def test_a_model_from_the_cache_is_the_model_that_is_built(
    arms: dict[str, ArmPlan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[Job] = [(plan, i % MEMBERS) for i, plan in enumerate(arms.values())]
    kernel = load_model(MEMBERS).engine.kernel
    found = []
    for place in ("off", str(tmp_path), str(tmp_path)):  # none, an empty one, a filled one
        monkeypatch.setenv("GLUTARIUM_CACHE", place)
        model = load_model(MEMBERS)
        model.engine.__dict__["kernel"] = kernel  # compiling is not what is asked
        found.append((model, run_lanes(model, plans, RestCache())))
    assert len(list(tmp_path.glob("*.model"))) == 1
    built, lanes = found[0]
    for model, others in found[1:]:
        assert model.spec == built.spec
        assert model.spec.structure_hash() == built.spec.structure_hash()
        assert model.network.reactions == built.network.reactions
        assert model.ensemble.parameters.tobytes() == built.ensemble.parameters.tobytes()
        assert model.ensemble.initial.tobytes() == built.ensemble.initial.tobytes()
        for one, other in zip(lanes, others, strict=True):
            assert one.observed.tobytes() == other.observed.tobytes()
            assert one.at_rest.tobytes() == other.at_rest.tobytes()


def test_the_reference_solver_finds_the_same_lanes(
    members: CellModel, arms: dict[str, ArmPlan], tight: Callable[[CellModel], CellModel]
) -> None:
    ours_model = tight(members)  # net rates next to equilibrium show what pH is off by
    reference = tight(load_model(MEMBERS, solver="reference"))
    ours_model.engine.options = LaneOptions(rtol=RTOL)  # type: ignore[misc]
    reference.engine.options = Options(rtol=RTOL)  # type: ignore[misc]
    chosen: list[Job] = [(plan, i % MEMBERS) for i, plan in enumerate(arms.values())]
    ours, others = (run_lanes(m, chosen, RestCache()) for m in (ours_model, reference))
    for (plan, _), one, other in zip(chosen, ours, others, strict=True):
        assert one.code is other.code is ResultCode.SUCCESS, plan.name
        np.testing.assert_array_equal(one.times, other.times)
        np.testing.assert_array_equal(one.end_parameters, other.end_parameters)
        scale = np.abs(other.observed).max(axis=0) + 1e-6
        assert (np.abs(one.observed - other.observed) / scale).max() < SAME, plan.name
        np.testing.assert_allclose(one.at_rest, other.at_rest, rtol=SAME, atol=1e-8)


def test_a_lane_does_not_depend_on_what_else_is_run(
    members: CellModel, arms: dict[str, ArmPlan], lanes: Sequence[Lane]
) -> None:
    every = jobs(arms)
    order = np.random.default_rng(0).permutation(len(every))
    mixed = run_lanes(members, [every[i] for i in order], RestCache())
    for i, lane in zip(order, mixed, strict=True):
        np.testing.assert_array_equal(lane.observed, lanes[i].observed)
    for i in (0, len(every) - 1):
        (alone,) = run_lanes(members, [every[i]], RestCache())
        np.testing.assert_array_equal(alone.observed, lanes[i].observed)
        np.testing.assert_array_equal(alone.at_rest, lanes[i].at_rest)


def test_threads_change_nothing(
    members: CellModel,
    arms: dict[str, ArmPlan],
    lanes: Sequence[Lane],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for threads in (1, 2, 4):
        monkeypatch.setattr(members.engine, "threads", threads)
        again = run_lanes(members, jobs(arms), RestCache())
        for one, other in zip(again, lanes, strict=True):
            np.testing.assert_array_equal(one.observed, other.observed)


def test_a_failing_neighbour_changes_nothing(
    members: CellModel, arms: dict[str, ArmPlan], lanes: Sequence[Lane]
) -> None:
    plain = arms["plain"]
    broken = replace(plain, phases=(replace(plain.phases[0], factors={"vmax.GLS": np.nan}),))
    found = run_lanes(members, [(plain, 0), (broken, 1), (plain, 2)], RestCache())
    assert found[1].code is ResultCode.NOT_FINITE
    assert found[1].times.tolist() == [0.0]
    for i in (0, 2):
        np.testing.assert_array_equal(found[i].observed, lanes[i].observed)


def test_states_and_observables_are_of_the_same_run(
    members: CellModel, arms: dict[str, ArmPlan], lanes: Sequence[Lane]
) -> None:
    plan = arms["supplemented"]
    place = list(arms).index("supplemented") * MEMBERS
    (run,) = run_states(members, [(plan, 0)], RestCache())
    seen = np.empty(len(members.kernel.observable_names))
    members.kernel.observe(run.t[-1], run.y[-1], lanes[place].end_parameters, seen)
    np.testing.assert_allclose(seen, lanes[place].observed[-1], rtol=1e-9, atol=1e-12)


def test_seen_per_mass_the_medium_stands_still_and_mass_stays_one(members: CellModel) -> None:
    y, p = members.ensemble.initial[0], members.parameters(0, PER_MASS)
    result = members.engine.run(Batch.of([System(y, p)], np.array([0.0, 48.0])), observables=False)
    np.testing.assert_array_equal(result.end[0][members.outside], y[members.outside])
    weights = members.mass_weights(p)
    assert weights @ result.end[0] == pytest.approx(weights @ y, rel=1e-6)


def test_a_cell_without_nicotinamide_says_so(members: CellModel) -> None:
    y, p = members.ensemble.initial[0].copy(), members.parameters(0, {})
    for name, i in members.state_index.items():
        if name.startswith("nad"):
            y[i] = 0.0
    batch = Batch.of([System(y, p), System(members.ensemble.initial[0], p)], np.array([0.0, 1.0]))
    result = members.engine.run(batch, observables=False)
    assert result.codes == (ResultCode.INCONSISTENT_START, ResultCode.SUCCESS)
    assert result.details[0].startswith("nad")


def test_an_unknown_solver_names_the_solvers(members: CellModel) -> None:
    with pytest.raises(ModelError, match="'euler'; choose one of lanes, reference"):
        make_engine(members.spec, "euler")
    assert tuple(SOLVERS) == ("lanes", "reference")
