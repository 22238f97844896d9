"""One member of one arm: rest, pre-treatment, phases, and runs that end early."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.simulate.cell import RestCache, run_lane, run_lanes, run_states
from glutarium.simulate.plan import Phase, RestPlan
from glutarium.solve.lanes import LaneOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

    Dish = Callable[..., ArmPlan]


def read(model: CellModel, lane: Lane, name: str) -> Array:
    return np.asarray(lane.observed[:, model.observable_index[name]])


def at_rest(model: CellModel, lane: Lane, name: str) -> float:
    return float(lane.at_rest[model.observable_index[name]])


def test_a_run_starts_from_rest_and_reports_the_times_that_were_asked(
    model: CellModel, dish: Dish
) -> None:
    lane = run_lane(model, dish(), 0, RestCache())
    assert (lane.code, lane.detail) == (ResultCode.SUCCESS, "")
    assert lane.times.tolist() == [0.0, 3.0, 6.0]
    for species in ("gln_c", "glu_m", "atp_c", "prot_b"):
        first = read(model, lane, f"conc.{species}")[0]
        assert first == pytest.approx(at_rest(model, lane, f"conc.{species}"))
    assert read(model, lane, "mass")[0] == pytest.approx(1.0)


def test_a_cell_at_rest_in_fresh_medium_grows_at_its_rate(model: CellModel, dish: Dish) -> None:
    lane = run_lane(model, dish(), 0, RestCache())
    growth = at_rest(model, lane, "growth_rate")
    assert growth > 0.0
    assert read(model, lane, "mass")[-1] == pytest.approx(np.exp(6.0 * growth), rel=0.02)


def test_rest_is_looked_for_once_per_rest_and_member(model: CellModel, dish: Dish) -> None:
    cache = RestCache()
    plan = dish()
    run_lane(model, plan, 0, cache)
    run_lane(model, replace(plan, name="again"), 0, cache)
    assert len(cache.found) == 1
    poorer = {**plan.rest.medium, "gln_e": 1.0}
    run_lane(model, replace(plan, rest=RestPlan({}, poorer)), 0, cache)
    assert len(cache.found) == 2


def test_what_held_at_rest_shapes_the_start(model: CellModel, dish: Dish) -> None:
    """A protein that was low before time zero left its mark; one that falls then has not yet."""
    low = {"level.GLS": 0.5}
    plan = dish()
    before = replace(plan, rest=replace(plan.rest, parameters=low), phases=plan.phases)
    after = replace(plan, phases=(replace(plan.phases[0], parameters=low),))
    glutamate = {
        name: read(model, run_lane(model, p, 0, RestCache()), "conc.glu_m")[0]
        for name, p in {"plain": plan, "before": before, "after": after}.items()
    }
    assert glutamate["before"] < 0.99 * glutamate["plain"]
    assert glutamate["after"] == pytest.approx(glutamate["plain"])


def test_parameters_and_factors_act_from_their_phase_on(model: CellModel, dish: Dish) -> None:
    plan = dish()
    own = model.ensemble.parameters[0][model.parameter_index["vmax.GLS"]]
    second = Phase(3.0, {"level.GLUD1": 0.0}, factors={"vmax.GLS": 0.1})
    lane = run_lane(model, replace(plan, phases=(*plan.phases, second)), 0, RestCache())
    glud, gls = (read(model, lane, f"rate.{r}") for r in ("GLUD1", "GLS"))
    assert glud[1] != 0.0  # the sample at the change shows what was before it
    assert glud[2] == 0.0
    assert gls[2] < 0.5 * gls[1]
    assert lane.end_parameters[model.parameter_index["vmax.GLS"]] == pytest.approx(0.1 * own)
    assert lane.rest_parameters[model.parameter_index["vmax.GLS"]] == own


def test_a_phase_sets_only_what_it_names_of_the_medium(model: CellModel, dish: Dish) -> None:
    plan = dish(times=(0.0, 3.0, 3.000001, 6.0))
    fed = Phase(3.0, medium={"gln_e": 7.0})
    lane = run_lane(model, replace(plan, phases=(*plan.phases, fed)), 0, RestCache())
    glutamine, lactate = (read(model, lane, f"conc.{s}") for s in ("gln_e", "lac_e"))
    assert glutamine[1] < plan.phases[0].medium["gln_e"]
    assert glutamine[2] == pytest.approx(7.0, rel=1e-4)
    assert lactate[2] == pytest.approx(lactate[1], rel=1e-3)


def test_a_phase_adds_to_what_the_medium_holds_by_then(model: CellModel, dish: Dish) -> None:
    plan = dish(times=(0.0, 3.0, 3.000001, 6.0))
    both = Phase(3.0, medium={"pyr_e": 1.0}, added={"gln_e": 5.0, "pyr_e": 0.5})
    lane = run_lane(model, replace(plan, phases=(*plan.phases, both)), 0, RestCache())
    glutamine, pyruvate = (read(model, lane, f"conc.{s}") for s in ("gln_e", "pyr_e"))
    assert glutamine[1] < plan.phases[0].medium["gln_e"]
    assert glutamine[2] == pytest.approx(glutamine[1] + 5.0, rel=1e-4)
    assert pyruvate[2] == pytest.approx(1.5, rel=1e-3)


def test_a_pre_treatment_leaves_its_mark_but_not_its_mass_or_medium(
    model: CellModel, dish: Dish
) -> None:
    plan = dish()
    starved = replace(plan.phases[0], medium={**plan.phases[0].medium, "gln_e": 0.0})
    cache = RestCache()
    lane = run_lane(model, replace(plan, before=starved, before_h=24.0), 0, cache)
    plain = run_lane(model, plan, 0, cache)
    first = {name: (read(model, lane, name)[0], read(model, plain, name)[0]) for name in (
        "mass", "conc.gln_e", "conc.gln_c", "conc.nr_g", "conc.lac_e")}  # fmt: skip
    assert first["mass"][0] == pytest.approx(1.0)
    assert first["conc.gln_e"][0] == first["conc.gln_e"][1]
    assert first["conc.lac_e"][0] == first["conc.lac_e"][1]
    assert first["conc.nr_g"][0] == 0.0
    assert first["conc.gln_c"][0] < 0.5 * first["conc.gln_c"][1]


def test_raw_states_are_amounts_that_mass_turns_into_concentrations(
    model: CellModel, dish: Dish
) -> None:
    cache = RestCache()
    lane = run_lane(model, dish(), 0, cache)
    (run,) = run_states(model, [(dish(), 0)], cache)
    assert run.t.tolist() == lane.times.tolist()
    mass = read(model, lane, "mass")
    assert mass[-1] > 1.1
    for species, diluted in (("gln_c", True), ("prot_b", True), ("gln_e", False)):
        amounts = run.y[:, model.state_index[species]]
        found = read(model, lane, f"conc.{species}")
        assert found == pytest.approx(amounts / (mass if diluted else 1.0))


def test_a_cell_that_finds_no_rest_is_a_lane_with_a_reason(model: CellModel, dish: Dish) -> None:
    plan = dish()
    nothing = RestPlan({}, dict.fromkeys(plan.rest.medium, 0.0))
    lane = run_lane(model, replace(plan, rest=nothing), 0, RestCache())
    assert lane.code is not ResultCode.SUCCESS
    assert lane.detail
    assert lane.times.shape == (0,)
    assert lane.observed.shape == (0, len(model.kernel.observable_names))
    (run,) = run_states(model, [(replace(plan, rest=nothing), 0)], RestCache())
    assert (run.code, run.y.shape) == (lane.code, (0, len(model.spec.states)))


def test_a_pre_treatment_that_fails_says_so(model: CellModel, dish: Dish) -> None:
    broken = replace(dish().phases[0], factors={"vmax.GLS": np.nan})
    jobs = [(dish(before=broken, before_h=1.0), 0), (dish(), 0)]
    lane, plain = run_lanes(model, jobs, RestCache())
    assert lane.code is ResultCode.NOT_FINITE
    assert lane.detail.startswith("pre-treatment: ")
    assert lane.detail.endswith(" became nan after 0 h")
    assert not len(lane.times)
    assert plain.code is ResultCode.SUCCESS


def test_a_run_that_stops_keeps_what_it_reached(
    model: CellModel, dish: Dish, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, cache = dish(times=tuple(np.linspace(0.0, 72.0, 7201).tolist())), RestCache()
    run_lane(model, dish(), 0, cache)  # rest has a budget of its own
    monkeypatch.setattr(model.engine, "options", LaneOptions(max_steps=30))
    lane = run_lane(model, plan, 0, cache)
    assert lane.code is ResultCode.MAX_STEPS
    assert "30 steps" in lane.detail
    assert 1 < len(lane.times) < 7201
    assert len(lane.observed) == len(lane.times)


def test_the_same_run_twice_gives_the_same_bits(model: CellModel, dish: Dish) -> None:
    first, second = (run_lane(model, dish(), 0, RestCache()) for _ in range(2))
    assert np.array_equal(first.observed, second.observed)
