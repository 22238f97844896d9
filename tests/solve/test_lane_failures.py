"""Bad input ends the lane that has it, with reason, time and species; the others go on."""

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
    from collections.abc import Callable

    from glutarium.compile import CompiledLanes
    from glutarium.solve import BatchResult

TIMES = np.linspace(0.0, 2.0, 5)
X, K = Symbol("x"), Symbol("k")


def among_sound_ones(kernel: CompiledLanes, bad: System, **how: object) -> BatchResult:
    """Run a bad system in the middle of sound ones, which must not notice; return all."""
    n = len(kernel.state_names)
    sound = System(np.ones(n), np.full(len(kernel.parameter_names), 0.1))
    result = run_batch(kernel, Batch.of([sound] * 4 + [bad] + [sound] * 6, TIMES), **how)  # type: ignore[arg-type]
    alone = run_batch(kernel, Batch.of([sound], TIMES), **how)  # type: ignore[arg-type]
    for i in (*range(4), *range(5, 11)):
        assert result.codes[i] is alone.codes[0] is ResultCode.SUCCESS
        np.testing.assert_array_equal(result.y[i], alone.y[0])
    return result


@pytest.fixture(scope="module")
def consumer(in_lanes: Callable[..., CompiledLanes]) -> CompiledLanes:
    """A pool that is consumed at a constant rate, beside one that decays."""
    return in_lanes({"idle": -1.0 * K * Symbol("idle"), "eaten": -1.0 * K}, ["k"])


@given(k=st.floats(1.0, 100.0))
def test_a_blind_consumer_ends_where_its_pool_is_empty(consumer: CompiledLanes, k: float) -> None:
    result = among_sound_ones(consumer, System(np.ones(2), np.array([k])))
    assert result.codes[4] is ResultCode.NEGATIVE_POOL
    assert result.details[4].startswith("eaten would fall below -1e-09, to ")
    assert result.end_time[4] == pytest.approx(1.0 / k, rel=1e-6)
    n = result.reached[4]
    assert (1.0 / k > TIMES).sum() <= n <= ((1.0 + 1e-8) / k >= TIMES).sum()
    assert (result.end[4] > -1e-9).all()
    np.testing.assert_allclose(result.y[4, :n, 1], 1.0 - k * TIMES[:n], atol=1e-8)
    assert np.isnan(result.y[4, n:]).all()


def test_a_state_that_may_be_negative_passes_zero(consumer: CompiledLanes) -> None:
    batch = Batch.of([System(np.ones(2), np.array([2.0]))], TIMES)
    result = run_batch(consumer, batch, positive=np.array([True, False]))
    assert result.codes == (ResultCode.SUCCESS,)
    np.testing.assert_allclose(result.y[0, :, 1], 1.0 - 2.0 * TIMES, atol=1e-9)


def test_a_parameter_that_is_not_a_number_is_reported(consumer: CompiledLanes) -> None:
    result = among_sound_ones(consumer, System(np.ones(2), np.array([np.nan])))
    assert result.codes[4] is ResultCode.NOT_FINITE
    assert result.details[4] == "parameter k is nan, and idle became nan after 0 h"
    assert result.reached[4] == 1


def test_a_parameter_that_turns_bad_on_the_way_keeps_what_was_reached(
    consumer: CompiledLanes,
) -> None:
    change = Change(1.0, np.array([np.nan]))
    result = among_sound_ones(consumer, System(np.ones(2), np.array([0.1]), [change]))
    assert result.codes[4] is ResultCode.NOT_FINITE
    assert result.details[4] == "parameter k is nan, and idle became nan after 1 h"
    assert (result.reached[4], result.end_time[4]) == (3, 1.0)


def test_the_state_whose_rate_has_no_value_is_named(
    in_lanes: Callable[..., CompiledLanes],
) -> None:
    # Once one state is no number, the linear system makes all of them none.
    far, near = Symbol("far"), Symbol("near")
    lanes = in_lanes({"near": K - near, "far": K * far / (far - 1.0), "last": near + far}, ["k"])
    start = System(np.array([0.5, 1.0, 1.0]), np.array([0.1]))
    result = run_batch(lanes, Batch.of([start], TIMES))
    assert result.codes == (ResultCode.NOT_FINITE,)
    assert result.details == ("far became nan after 0 h",)


def test_a_dose_of_a_parameter_that_is_none_is_named(consumer: CompiledLanes) -> None:
    change = Change(1.0, edit=Edit({}, {0: (np.nan, 0.0)}))
    result = among_sound_ones(consumer, System(np.ones(2), np.array([0.1]), [change]))
    assert result.details[4].startswith("parameter k is nan, and ")


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        (np.nan, ResultCode.NOT_FINITE, "eaten became nan after 0 h"),
        (np.inf, ResultCode.NOT_FINITE, "eaten became inf after 0 h"),
        (-1.0, ResultCode.NEGATIVE_POOL, "eaten would fall below -1e-09, to -1, after 0 h"),
    ],
)
def test_a_start_that_is_no_amount_is_refused(
    consumer: CompiledLanes, value: float, code: ResultCode, said: str
) -> None:
    result = among_sound_ones(consumer, System(np.array([1.0, value]), np.array([0.1])))
    assert (result.codes[4], result.details[4]) == (code, said)
    assert (result.reached[4], result.steps[4]) == (0, 0)
    assert np.isnan(result.y[4]).all()


def test_a_dose_that_makes_the_start_negative_is_refused(consumer: CompiledLanes) -> None:
    change = Change(0.0, None, Edit({1: (1.0, -3.0)}))
    result = among_sound_ones(consumer, System(np.ones(2), np.array([0.1]), [change]))
    assert result.codes[4] is ResultCode.NEGATIVE_POOL
    assert result.details[4] == "eaten would fall below -1e-09, to -2, after 0 h"


def test_a_tiny_negative_start_is_round_off(consumer: CompiledLanes) -> None:
    batch = Batch.of([System(np.array([-5e-9, 1.0]), np.array([0.1]))], TIMES)
    assert run_batch(consumer, batch).codes == (ResultCode.SUCCESS,)


def test_a_finite_time_singularity_is_located(in_lanes: Callable[..., CompiledLanes]) -> None:
    kernel = in_lanes({"z": -1.0 * Symbol("z"), "x": K * X * X}, ["k"])
    exact = LaneOptions(rtol=1e-8)
    result = among_sound_ones(kernel, System(np.array([1.0, 2.0]), np.array([0.5])), options=exact)
    assert result.codes[4] in (ResultCode.STEP_TOO_SMALL, ResultCode.NOT_FINITE)
    assert "x" in result.details[4]
    assert result.end_time[4] == pytest.approx(1.0, rel=1e-6)
    assert result.reached[4] in {2, 3}  # the third report lies at the singularity


def test_a_spent_budget_says_how_far_it_came_and_why(
    in_lanes: Callable[..., CompiledLanes],
) -> None:
    y = Symbol("y")
    kernel = in_lanes({"idle": 0.0 * X, "x": K * K * (1.1 - y), "y": X - 1.1}, ["k"])
    options = LaneOptions(rtol=1e-9, max_steps=60)
    fast = System(np.ones(3), np.array([1e3]))
    result = among_sound_ones(kernel, fast, options=options, positive=np.zeros(3, dtype=bool))
    assert result.codes[4] is ResultCode.MAX_STEPS
    assert result.details[4].startswith("60 steps reached 0.")
    assert result.details[4].endswith(("where x changes fastest", "where y changes fastest"))
    assert result.steps[4] + result.rejected[4] == 60


@pytest.mark.parametrize(
    ("options", "atol", "said"),
    [
        (LaneOptions(rtol=0.0), 1e-9, "rtol must lie between"),
        (LaneOptions(rtol=1e-15), 1e-9, "rtol must lie between"),
        (LaneOptions(rtol=0.5), 1e-9, "rtol must lie between"),
        (LaneOptions(rtol=np.nan), 1e-9, "rtol must lie between"),
        (LaneOptions(), 0.0, "number 0 is 0"),
        (LaneOptions(), np.array([1e-9, -1.0]), "number 1 is -1"),
        (LaneOptions(), np.nan, "number 0 is nan"),
        (LaneOptions(method="euler"), 1e-9, "choose one of rodas5p, rodas3"),
    ],
)
def test_what_no_arithmetic_can_meet_is_refused(
    consumer: CompiledLanes, options: LaneOptions, atol: float, said: str
) -> None:
    batch = Batch.of([System(np.ones(2), np.ones(1))], TIMES)
    with pytest.raises(ValueError, match=said):
        run_batch(consumer, batch, options=options, atol=atol)


def test_what_does_not_fit_the_kernel_is_refused(consumer: CompiledLanes) -> None:
    with pytest.raises(ValueError, match="3 states and 1 parameters; the kernel has 2 and 1"):
        run_batch(consumer, Batch.of([System(np.ones(3), np.ones(1))], TIMES))
    watched = Batch.of([System(np.ones(2), np.ones(1))], TIMES, [Watch(2, 1.0)])
    with pytest.raises(ValueError, match="position 2; there are 2"):
        run_batch(consumer, watched)
    watched = Batch.of([System(np.ones(2), np.ones(1))], TIMES, [Watch(0, 1.0)])
    with pytest.raises(ValueError, match="cannot locate crossings; use rodas5p"):
        run_batch(consumer, watched, options=LaneOptions(method="rodas3"))
    with pytest.raises(ValueError, match="rows of 2 weights"):
        run_batch(consumer, watched, moieties=np.ones((1, 3)))


def test_batches_that_make_no_sense_are_refused() -> None:
    sound = System(np.ones(1), np.ones(1))
    with pytest.raises(ValueError, match="at least one system"):
        Batch.of([], TIMES)
    for times in ([], [0.0, 0.0], [1.0, 0.5], [[0.0, 1.0]], [0.0, np.nan]):
        with pytest.raises(ValueError, match="list that increases"):
            Batch.of([sound], np.array(times))
    late = System(np.ones(1), np.ones(1), [Change(2.0), Change(1.0)])
    with pytest.raises(ValueError, match=r"changes of system 1 are out of order: \[2.0, 1.0\]"):
        Batch.of([sound, late], TIMES)


CARRIER = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, -1.0]])


@pytest.fixture(scope="module")
def carrier(in_lanes: Callable[..., CompiledLanes]) -> CompiledLanes:
    turn = K * Symbol("bound") - Symbol("free")
    return in_lanes({"free": turn, "bound": -1.0 * turn, "other": -1.0 * turn}, ["k"])


def test_a_carrier_that_is_not_there_fails_the_start(carrier: CompiledLanes) -> None:
    nothing = System(np.array([0.0, 0.0, 1.0]), np.array([0.1]))
    result = among_sound_ones(carrier, nothing, moieties=CARRIER)
    assert result.codes[4] is ResultCode.INCONSISTENT_START
    assert result.details[4] == "free and all that it can turn into add up to zero at 0 h"
    assert result.reached[4] == 0
    assert run_batch(carrier, Batch.of([nothing], TIMES)).codes == (ResultCode.SUCCESS,)


def test_a_change_at_the_start_counts_and_a_difference_does_not(carrier: CompiledLanes) -> None:
    given_ = Change(0.0, None, Edit({0: (0.0, 0.5)}))
    taken = Change(0.0, None, Edit({0: (0.0, 0.0), 1: (0.0, 0.0)}))
    p, nothing = np.array([0.1]), np.array([0.0, 0.0, 1.0])
    rows = [System(nothing, p, [given_]), System(np.ones(3), p, [taken])]
    result = run_batch(carrier, Batch.of(rows, TIMES), moieties=CARRIER)
    assert result.codes == (ResultCode.SUCCESS, ResultCode.INCONSISTENT_START)
