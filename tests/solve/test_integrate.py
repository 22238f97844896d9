"""Time courses: closed forms, tolerances, invariants and the ways a run can end."""

from __future__ import annotations

import importlib
import itertools
import re
import sys
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from glutarium.kernel import ResultCode
from glutarium.solve import Options, integrate
from glutarium.solve.stepper import Stepper

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array, Kernel

TIMES = np.linspace(0.0, 10.0, 21)
P0 = np.zeros(1)


@given(rate=st.floats(1e-3, 1e4), amount=st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_decay_is_exponential(decay: Kernel, rate: float, amount: float) -> None:
    run = integrate(decay, np.array([amount]), np.array([rate]), TIMES)
    assert run.code is ResultCode.SUCCESS
    np.testing.assert_array_equal(run.t, TIMES)
    exact = amount * np.exp(-rate * TIMES)
    np.testing.assert_allclose(run.y[:, 0], exact, rtol=1e-4, atol=1e-7)


def test_a_chain_follows_bateman(toy: Callable[..., Kernel]) -> None:
    chain = toy(lambda _, y, p: np.array([-p[0] * y[0], p[0] * y[0] - p[1] * y[1]]), ("a", "b"), 2)
    fast, slow = 3.0, 0.4
    run = integrate(chain, np.array([1.0, 0.0]), np.array([fast, slow]), TIMES)
    exact = fast / (fast - slow) * (np.exp(-slow * TIMES) - np.exp(-fast * TIMES))
    np.testing.assert_allclose(run.y[:, 1], exact, rtol=2e-5, atol=1e-8)


def test_a_reversible_reaction_meets_its_equilibrium(toy: Callable[..., Kernel]) -> None:
    def rates(_: float, y: Array, p: Array) -> Array:
        net = p[0] * (y[0] - y[1] / p[1])
        return np.array([-net, net])

    run = integrate(toy(rates, ("a", "b"), 2), np.array([1.0, 0.0]), np.array([1e5, 4.0]), TIMES)
    np.testing.assert_allclose(run.y[-1], [0.2, 0.8], rtol=1e-8)
    np.testing.assert_allclose(run.y.sum(axis=1), 1.0, rtol=1e-12)


def test_growth_is_logistic(toy: Callable[..., Kernel]) -> None:
    logistic = toy(lambda _, y, p: p[0] * y * (1 - y), ("x",))
    run = integrate(logistic, np.array([0.01]), np.array([1.3]), TIMES)
    exact = 1 / (1 + 99 * np.exp(-1.3 * TIMES))
    np.testing.assert_allclose(run.y[:, 0], exact, rtol=1e-4)


def robertson(_: float, y: Array, p: Array) -> Array:
    a, b = p[0] * y[0], 3e7 * y[1] ** 2
    c = 1e4 * y[1] * y[2]
    return np.array([c - a, a - b - c, b])


def test_tighter_tolerances_give_smaller_errors(toy: Callable[..., Kernel]) -> None:
    kernel = toy(robertson, ("a", "b", "c"))
    y0, p, times = np.array([1.0, 0.0, 0.0]), np.array([0.04]), np.geomspace(1e-3, 1e3, 13)
    exact = solve_ivp(
        lambda t, y: robertson(t, y, p),
        (times[0], times[-1]),
        y0,
        method="Radau",
        t_eval=times,
        rtol=1e-11,
        atol=1e-15,
    ).y.T
    errors, steps = [], []
    for rtol in (1e-3, 1e-5, 1e-7, 1e-9):
        run = integrate(kernel, y0, p, times, options=Options(rtol=rtol), atol=rtol * 1e-5)
        errors.append(np.abs(run.y[1:] / exact[1:] - 1).max())
        steps.append(run.statistics.steps)
    assert errors[0] < 0.1
    assert all(later < earlier / 5 for earlier, later in itertools.pairwise(errors))
    assert errors[-1] < 1e-6
    assert steps == sorted(steps)


def test_linear_sums_are_kept(toy: Callable[..., Kernel]) -> None:
    run = integrate(
        toy(robertson, ("a", "b", "c")),
        np.array([1.0, 0.0, 0.0]),
        np.array([0.04]),
        np.geomspace(1e-3, 1e5, 20),
        atol=1e-12,
    )
    assert run.code is ResultCode.SUCCESS
    np.testing.assert_allclose(run.y.sum(axis=1), 1.0, rtol=1e-10)


def test_statistics_count_what_happened(toy: Callable[..., Kernel]) -> None:
    calls = 0

    def counted(t: float, y: Array, p: Array) -> Array:
        nonlocal calls
        calls += y.dtype == np.float64
        return robertson(t, y, p)

    kernel = toy(counted, ("a", "b", "c"))
    run = integrate(kernel, np.array([1.0, 0.0, 0.0]), np.array([0.04]), np.array([0.0, 1e3]))
    cost = run.statistics
    assert cost.rhs_calls == calls
    assert cost.steps < cost.rhs_calls
    assert 0 < cost.jacobian_calls < cost.steps
    assert 0 <= cost.rejected < cost.steps / 2


def test_samples_lie_on_the_solution_between_steps(decay: Kernel) -> None:
    dense = np.linspace(0.0, 1.0, 2001)
    run = integrate(decay, np.ones(1), np.ones(1), dense)
    assert run.statistics.steps < 200
    np.testing.assert_allclose(run.y[:, 0], np.exp(-dense), rtol=2e-5)


def test_a_single_time_is_the_start(decay: Kernel) -> None:
    run = integrate(decay, np.array([2.0]), np.ones(1), np.array([5.0]))
    assert run.code is ResultCode.SUCCESS
    np.testing.assert_array_equal(run.y, [[2.0]])


def test_a_blind_consumer_ends_the_run(toy: Callable[..., Kernel]) -> None:
    kernel = toy(lambda _, y, p: np.array([-p[0] + 0 * y[0], p[0] + 0 * y[1]]), ("food", "waste"))
    run = integrate(kernel, np.array([1.0, 0.0]), np.array([0.3]), TIMES)
    assert run.code is ResultCode.NEGATIVE_POOL
    assert "food fell below -1e-08 after 3.33333 h" in run.detail
    np.testing.assert_array_equal(run.t, TIMES[: len(run.t)])
    assert run.t[-1] == 3.0
    np.testing.assert_allclose(run.y[:, 0], 1 - 0.3 * run.t, atol=1e-7)


def test_only_flagged_states_must_stay_positive(toy: Callable[..., Kernel]) -> None:
    kernel = toy(lambda _, y, p: np.array([-p[0] + 0 * y[0]]), ("potential",))
    run = integrate(kernel, np.ones(1), np.ones(1), TIMES, positive=np.array([False]))
    assert run.code is ResultCode.SUCCESS
    assert run.y[-1, 0] == pytest.approx(-9.0)


def test_a_loose_run_recovers_by_tightening(toy: Callable[..., Kernel]) -> None:
    outcome = {}
    for retries in (0, 1):
        run = integrate(
            toy(robertson, ("a", "b", "c")),
            np.array([1.0, 0.0, 0.0]),
            np.array([0.04]),
            np.geomspace(1e-3, 1e7, 12),
            options=Options(rtol=1e-2, retries=retries),
            atol=1e-5,
        )
        outcome[retries] = run.code
        np.testing.assert_allclose(run.y.sum(axis=1), 1.0, rtol=1e-10)
        assert (run.y > -1e-4).all()
    assert outcome == {0: ResultCode.NEGATIVE_POOL, 1: ResultCode.SUCCESS}
    assert len(run.t) == 12


def test_a_run_whose_steps_failed_goes_on_from_the_last_sound_one(
    decay: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[float, float]] = []

    class Stumbling(Stepper):
        """Fails after 1 h with the first tolerance, as if its error tests had failed."""

        def start(self, t: float, y: Array) -> None:
            started.append((t, float(y[0])))
            super().start(t, y)

        def advance(self, end: float) -> bool:
            if len(started) == 1 and self.t > 1.0:
                self.failure = (ResultCode.STEP_TOO_SMALL, "error tests failed")
            return super().advance(end)

    module = importlib.import_module("glutarium.solve.integrate")
    monkeypatch.setattr(module, "Stepper", Stumbling)
    run = integrate(decay, np.ones(1), np.ones(1), TIMES)
    assert run.code is ResultCode.SUCCESS
    assert [t > 1.0 for t, _ in started] == [False, True]
    assert started[1][1] == pytest.approx(np.exp(-started[1][0]), rel=1e-4)
    np.testing.assert_allclose(run.y[:, 0], np.exp(-TIMES), rtol=1e-4, atol=1e-8)
    started.clear()
    alone = integrate(decay, np.ones(1), np.ones(1), TIMES, options=Options(retries=0))
    assert alone.code is ResultCode.STEP_TOO_SMALL


def test_every_retry_is_ten_times_tighter(
    toy: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []

    class Recorder(Stepper):
        def __init__(self, kernel: Kernel, p: Array, options: Options, atol: Array) -> None:
            used.append((options.rtol, atol[0]))
            super().__init__(kernel, p, options, atol)

    module = importlib.import_module("glutarium.solve.integrate")
    monkeypatch.setattr(module, "Stepper", Recorder)
    kernel = toy(lambda _, y, p: -p[0] + 0 * y, ("food",))
    run = integrate(kernel, np.ones(1), np.ones(1), TIMES, options=Options(rtol=1e-4), atol=1e-8)
    assert run.code is ResultCode.NEGATIVE_POOL
    np.testing.assert_allclose(used, [(1e-4, 1e-8), (1e-5, 1e-9), (1e-6, 1e-10)])


def test_the_step_budget_ends_the_run(toy: Callable[..., Kernel]) -> None:
    oscillator = toy(lambda _, y, p: np.array([p[0] * y[1], -p[0] * y[0]]), ("left", "right"))
    run = integrate(
        oscillator,
        np.array([1.0, 0.0]),
        np.array([1e4]),
        TIMES,
        options=Options(max_steps=500),
        positive=np.zeros(2, dtype=bool),
    )
    assert run.code is ResultCode.MAX_STEPS
    assert run.statistics.steps == 500
    assert "500 steps" in run.detail
    assert len(run.t) >= 1


def test_a_singularity_ends_the_run(
    toy: Callable[..., Kernel], capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = toy(lambda _, y, p: p[0] * y**2, ("x",))
    run = integrate(kernel, np.ones(1), np.ones(1), TIMES, options=Options(min_step=1e-7))
    assert run.code is ResultCode.STEP_TOO_SMALL
    assert re.match(r"at (1|0\.9999\d*) h, where x changes fastest", run.detail)
    assert run.t[-1] == 0.5
    assert capsys.readouterr().out == ""


def test_a_rate_that_becomes_infinite_is_named(toy: Callable[..., Kernel]) -> None:
    def rates(t: float, y: Array, p: Array) -> Array:
        return np.array([p[0] if t < 4.2 else np.nan, -y[1]])

    run = integrate(toy(rates, ("a", "b")), np.ones(2), np.ones(1), TIMES)
    assert run.code is ResultCode.NOT_FINITE
    assert "rate of a is nan at 4.2" in run.detail
    assert run.t[-1] == 4.0


def test_a_bad_start_is_a_value_too(decay: Kernel) -> None:
    run = integrate(decay, np.array([np.nan]), np.ones(1), TIMES)
    assert run.code is ResultCode.NOT_FINITE
    assert len(run.t) == 1


@pytest.mark.parametrize(
    ("y0", "p", "times"),
    [
        (np.ones(2), np.ones(1), TIMES),
        (np.ones(1), np.ones(2), TIMES),
        (np.ones(1), np.ones(1), TIMES[::-1]),
        (np.ones(1), np.ones(1), np.empty(0)),
    ],
)
def test_misfits_are_refused(decay: Kernel, y0: Array, p: Array, times: Array) -> None:
    with pytest.raises(ValueError, match=r"shapes|increases"):
        integrate(decay, y0, p, times)


def test_other_threads_may_print_meanwhile(
    toy: Callable[..., Kernel], capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = toy(lambda _, y, p: p[0] * y**2, ("x",))
    stop = threading.Event()

    def chatter() -> None:
        while not stop.wait(1e-4):
            sys.stdout.write("tick\n")

    thread = threading.Thread(target=chatter)
    thread.start()
    try:
        for _ in range(20):
            integrate(kernel, np.ones(1), np.ones(1), TIMES)
    finally:
        stop.set()
        thread.join()
    sys.stdout.write("done\n")
    lines = capsys.readouterr().out.split()
    assert set(lines) == {"tick", "done"}
