"""Changes at given times and where a watched quantity crosses its level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.kernel import ResultCode
from glutarium.model.expr import Symbol
from glutarium.solve import Batch, Change, Edit, LaneOptions, System, Watch, run_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.compile import CompiledLanes
    from glutarium.kernel import Array
    from glutarium.solve import BatchResult

TIMES = np.linspace(0.0, 6.0, 13)
P = np.array([1.0])
TIGHT = LaneOptions(rtol=1e-10)
DOUBLE = Edit({0: (2.0, 0.0)})
PLUS_ONE = Edit({0: (1.0, 1.0)})


def run_one(
    kernel: CompiledLanes,
    start: float = 1.0,
    changes: Sequence[Change] = (),
    watches: Sequence[Watch] = (),
    method: str = "rodas5p",
) -> BatchResult:
    """One system that decays, or whatever the kernel does."""
    y = np.full(len(kernel.state_names), start)
    batch = Batch.of([System(y, P, changes)], TIMES, watches)
    options = TIGHT if method == "rodas5p" else LaneOptions(rtol=1e-6, method=method)
    return run_batch(kernel, batch, options=options, atol=1e-14 if method == "rodas5p" else 1e-9)


def pool(result: BatchResult) -> Array:
    return np.asarray(result.y[0, :, 0])


@pytest.mark.parametrize("method", ["rodas5p", "rodas3"])
def test_doses_add_up(decay_lanes: CompiledLanes, method: str) -> None:
    when = (0.0, 2.0, 4.2)
    doses = [Change(t, None, PLUS_ONE) for t in when]
    result = run_one(decay_lanes, 0.0, doses, method=method)
    exact = np.sum([np.where(t < TIMES, np.exp(t - TIMES), 0.0) for t in when], axis=0)
    exact[0] = 1.0  # what is given at the start shows there
    np.testing.assert_allclose(pool(result), exact, rtol=1e-8 if method == "rodas5p" else 1e-4)


near = st.builds(
    lambda t, apart: max(0.0, float(t + apart * np.spacing(t))),
    st.sampled_from(TIMES.tolist()),
    st.integers(-9, 9),
)
"""A report, or a few rounding steps before or after one."""
when = st.floats(0.0, 6.0) | near


@given(times=st.lists(when, max_size=6), k=st.floats(0.05, 20.0))
def test_doses_at_any_time_add_up(decay_lanes: CompiledLanes, times: list[float], k: float) -> None:
    doses = [Change(t, None, PLUS_ONE) for t in sorted(times)]
    batch = Batch.of([System(np.zeros(1), np.array([k]), doses)], TIMES)
    result = run_batch(decay_lanes, batch, options=TIGHT, atol=1e-12)
    given_ = [np.where(t < TIMES, np.exp(k * (t - TIMES)), 0.0) for t in times if t > 0.0]
    at_start = sum(t == 0.0 for t in times) * np.exp(-k * TIMES)
    exact = at_start + np.sum(given_, axis=0) if given_ else at_start
    np.testing.assert_allclose(pool(result), exact, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("method", ["rodas5p", "rodas3"])
def test_reports_and_changes_closer_than_a_step_keep_their_order(
    decay_lanes: CompiledLanes, method: str
) -> None:
    before, after = np.nextafter(2.5, 0.0), np.nextafter(2.5, 3.0)
    moments = (5e-324, before, 2.5, after)
    result = run_one(decay_lanes, 0.0, [Change(t, None, PLUS_ONE) for t in moments], method=method)
    exact = np.exp(-TIMES) + np.where(TIMES > 2.5, 3 * np.exp(2.5 - TIMES), 0.0)
    exact[0] = 0.0  # the first comes after the start
    exact[TIMES == 2.5] += 1.0  # one came before it, one with it, one after it
    np.testing.assert_allclose(pool(result), exact, rtol=1e-8 if method == "rodas5p" else 1e-4)


def test_an_instant_in_one_lane_is_none_in_the_others(decay_lanes: CompiledLanes) -> None:
    doses = [Change(t, None, PLUS_ONE) for t in (np.nextafter(2.5, 0.0), 2.5)]
    alone = [System(np.ones(1), np.array([k])) for k in (0.3, 2.0, 7.0)]
    mixed = [alone[0], System(np.zeros(1), P, doses), *alone[1:]]
    watches = [Watch(0, 0.4)]
    apart, together = (
        run_batch(decay_lanes, Batch.of(s, TIMES, watches), options=TIGHT, atol=1e-14)
        for s in (alone, mixed)
    )
    assert apart.y.tobytes() == together.y[[0, 2, 3]].tobytes()
    assert len(together.crossings) == len(apart.crossings) + 1


def test_a_report_at_a_change_shows_what_was_before(decay_lanes: CompiledLanes) -> None:
    result = run_one(decay_lanes, changes=[Change(3.0, None, Edit({0: (0.0, 7.0)}))])
    assert pool(result)[TIMES == 3.0] == pytest.approx(np.exp(-3.0), rel=1e-8)
    assert pool(result)[TIMES == 3.5] == pytest.approx(7 * np.exp(-0.5), rel=1e-8)


def test_a_change_at_the_end_comes_too_late(decay_lanes: CompiledLanes) -> None:
    plain = run_one(decay_lanes)
    late = run_one(decay_lanes, changes=[Change(6.0, None, DOUBLE), Change(7.0, None, DOUBLE)])
    np.testing.assert_allclose(late.y, plain.y, rtol=1e-8)
    assert late.end[0, 0] == pytest.approx(np.exp(-6.0), rel=1e-8)


def test_changes_at_one_time_follow_each_other(decay_lanes: CompiledLanes) -> None:
    for t, before in ((0.0, 1.0), (2.25, np.exp(-2.25))):
        result = run_one(decay_lanes, changes=[Change(t, None, PLUS_ONE), Change(t, None, DOUBLE)])
        later = t < TIMES
        exact = 2 * (before + 1.0) * np.exp(t - TIMES[later])
        np.testing.assert_allclose(pool(result)[later], exact, rtol=1e-8)


def test_parameters_change_and_stay_changed(decay_lanes: CompiledLanes) -> None:
    changes = [
        Change(1.25, np.array([0.0])),
        Change(3.0, None, Edit({}, {0: (1.0, 0.5)})),
        Change(5.0, np.array([1.0]), Edit({}, {0: (2.0, 0.0)})),
    ]
    result = run_one(decay_lanes, changes=changes)
    shares = np.clip(TIMES[:, None] - [0.0, 1.25, 3.0, 5.0], 0.0, [1.25, 1.75, 2.0, 1.0])
    np.testing.assert_allclose(pool(result), np.exp(-shares @ [1.0, 0.0, 0.5, 2.0]), rtol=1e-8)


def test_the_parameters_come_before_the_edit(decay_lanes: CompiledLanes) -> None:
    change = Change(0.0, np.array([3.0]), Edit({}, {0: (2.0, 0.0)}))
    result = run_one(decay_lanes, changes=[change])
    np.testing.assert_allclose(pool(result), np.exp(-6.0 * TIMES), rtol=1e-6, atol=1e-12)


@given(k=st.floats(0.3, 50.0), level=st.floats(0.2, 0.95))
def test_a_crossing_is_located(decay_lanes: CompiledLanes, k: float, level: float) -> None:
    watches = [Watch(0, level, stops=True)]
    batch = Batch.of([System(np.ones(1), np.array([k]))], TIMES, watches)
    result = run_batch(decay_lanes, batch, options=TIGHT, atol=1e-14)
    (crossing,) = result.crossings
    exact = -np.log(level) / k
    assert crossing.time == pytest.approx(exact, rel=1e-8)
    assert (crossing.system, crossing.watch) == (0, 0)
    assert result.codes == (ResultCode.STOPPED,)
    assert result.details == ("",)
    assert result.end_time[0] == crossing.time
    assert result.end[0, 0] == pytest.approx(level, rel=1e-9)
    assert result.reached[0] == (exact > TIMES).sum()
    assert np.isnan(result.y[0, result.reached[0] :]).all()


@pytest.fixture(scope="module")
def swing(in_lanes: Callable[..., CompiledLanes]) -> CompiledLanes:
    """``x = 1 + sin(t)`` where it starts at one: the pool swings between zero and two."""
    x, v = Symbol("x"), Symbol("v")
    rates = {"x": v - 5, "v": -1.0 * Symbol("k") * (x - 1)}
    return in_lanes(rates, ["k"], {"share": x / (x + 1)})


def swinging(kernel: CompiledLanes, watches: Sequence[Watch], end: float = 15.0) -> BatchResult:
    batch = Batch.of([System(np.array([1.0, 6.0]), P)], np.array([0.0, end]), watches)
    return run_batch(kernel, batch, options=TIGHT, atol=1e-12)


@pytest.mark.parametrize("direction", [-1, 0, 1])
def test_directions_count(swing: CompiledLanes, direction: int) -> None:
    result = swinging(swing, [Watch(0, 1.5, direction)])
    up, down = np.pi / 6 + 2 * np.pi * np.arange(3), 5 * np.pi / 6 + 2 * np.pi * np.arange(2)
    exact = {1: up, -1: down, 0: np.sort([*up, *down])}[direction]
    np.testing.assert_allclose([c.time for c in result.crossings], exact, rtol=1e-8)
    assert result.codes == (ResultCode.SUCCESS,)
    assert result.y[0, -1, 0] == pytest.approx(1 + np.sin(15.0), rel=1e-7)


def test_observables_may_be_watched(swing: CompiledLanes) -> None:
    level = 1.5 / 2.5
    result = swinging(swing, [Watch(0, level, 1, observable=True)], end=7.0)
    times = [c.time for c in result.crossings]
    np.testing.assert_allclose(times, [np.pi / 6, 13 * np.pi / 6], rtol=1e-8)


def test_two_watches_in_one_step_are_met_in_order(swing: CompiledLanes) -> None:
    levels = [1.5, 1.4, 1.500001]
    result = swinging(swing, [Watch(0, level, 1) for level in levels], end=1.5)
    assert [c.watch for c in result.crossings] == [1, 0, 2]
    exact = np.arcsin(np.array(levels) - 1)[[1, 0, 2]]
    np.testing.assert_allclose([c.time for c in result.crossings], exact, rtol=1e-8)


def test_two_watches_at_one_level_are_both_met(swing: CompiledLanes) -> None:
    result = swinging(swing, [Watch(0, 1.5, 1), Watch(0, 1.5, 1)], end=1.5)
    assert [c.watch for c in result.crossings] == [0, 1]
    assert result.crossings[0].time == result.crossings[1].time


def test_one_of_two_that_stops_is_enough(decay_lanes: CompiledLanes) -> None:
    result = run_one(decay_lanes, watches=[Watch(0, 0.5, stops=True), Watch(0, 0.5, edit=DOUBLE)])
    assert result.codes == (ResultCode.STOPPED,)
    assert [c.watch for c in result.crossings] == [0, 1]


def test_a_crossing_may_change_states(decay_lanes: CompiledLanes) -> None:
    """Refilled to one whenever it has halved: every ln 2."""
    refill = Watch(0, 0.5, -1, edit=Edit({0: (0.0, 1.0)}))
    result = run_one(decay_lanes, watches=[refill])
    period = np.log(2.0)
    count = int(6.0 / period)
    np.testing.assert_allclose(
        [c.time for c in result.crossings], period * np.arange(1, count + 1), rtol=1e-8
    )
    np.testing.assert_allclose(pool(result), np.exp(-(TIMES % period)), rtol=1e-7)


def test_a_crossing_may_change_parameters(decay_lanes: CompiledLanes) -> None:
    brake = Watch(0, np.exp(-2.0), edit=Edit({}, {0: (0.1, 0.0)}))
    result = run_one(decay_lanes, watches=[brake])
    exact = np.exp(-np.minimum(TIMES, 2.0) - 0.1 * np.maximum(TIMES - 2.0, 0.0))
    np.testing.assert_allclose(pool(result), exact, rtol=1e-7)
    assert len(result.crossings) == 1


def test_a_jump_over_the_level_is_no_crossing(decay_lanes: CompiledLanes) -> None:
    """A dose that lifts a pool over its level is our doing; only what runs through it counts."""
    dose = Change(2.0, None, Edit({0: (0.0, 1.0)}))
    result = run_one(decay_lanes, changes=[dose], watches=[Watch(0, 0.5)])
    exact = np.log(2.0) + np.array([0.0, 2.0])
    np.testing.assert_allclose([c.time for c in result.crossings], exact, rtol=1e-8)


def test_a_start_at_the_level_is_no_crossing(decay_lanes: CompiledLanes) -> None:
    assert run_one(decay_lanes, watches=[Watch(0, 1.0)]).crossings == ()


def test_only_so_many_crossings_are_kept_but_all_happen(decay_lanes: CompiledLanes) -> None:
    refill = Watch(0, 0.9, -1, edit=Edit({0: (0.0, 1.0)}))
    result = run_one(decay_lanes, watches=[refill])
    assert len(result.crossings) == 16
    period = -np.log(0.9)
    np.testing.assert_allclose(pool(result), np.exp(-(TIMES % period)), rtol=1e-6)


def test_every_system_has_its_own_crossings(decay_lanes: CompiledLanes) -> None:
    rates = np.geomspace(0.01, 10.0, 50)
    rows = [System(np.ones(1), np.array([k])) for k in rates]
    result = run_batch(
        decay_lanes, Batch.of(rows, TIMES, [Watch(0, 0.5, stops=True)]), options=TIGHT
    )
    reached = rates * 6.0 > np.log(2.0)
    stopped = [code is ResultCode.STOPPED for code in result.codes]
    np.testing.assert_array_equal(stopped, reached)
    np.testing.assert_allclose(
        [c.time for c in result.crossings], np.log(2.0) / rates[reached], rtol=1e-7
    )
    assert [c.system for c in result.crossings] == list(np.flatnonzero(reached))
