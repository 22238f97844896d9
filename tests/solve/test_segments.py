"""Runs with changes on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.solve import Options, Segment, integrate, integrate_segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Kernel

TIMES = np.linspace(0.0, 6.0, 13)
P = np.array([1.0])


def test_one_segment_is_a_plain_run(decay: Kernel) -> None:
    plain = integrate(decay, np.ones(1), P, TIMES)
    run = integrate_segments(decay, np.ones(1), [Segment(0.0, P)], TIMES)
    np.testing.assert_array_equal(run.y, plain.y)
    assert run.statistics == plain.statistics


def test_doses_add_up(decay: Kernel) -> None:
    doses = [Segment(t, P, lambda y: y + 1.0) for t in (0.0, 2.0, 4.2)]
    run = integrate_segments(decay, np.zeros(1), doses, TIMES)
    parts = [np.where(d.start < TIMES, np.exp(d.start - TIMES), 0.0) for d in doses]
    exact = np.sum(parts, axis=0)
    exact[0] = 1.0
    np.testing.assert_allclose(run.y[:, 0], exact, rtol=1e-5)
    assert run.code is ResultCode.SUCCESS
    np.testing.assert_array_equal(run.t, TIMES)


def test_a_sample_at_a_change_shows_the_state_before(decay: Kernel) -> None:
    segments = [Segment(0.0, P), Segment(3.0, P, lambda y: y * 0.0 + 7.0)]
    run = integrate_segments(decay, np.ones(1), segments, TIMES)
    assert run.y[TIMES == 3.0, 0] == pytest.approx(np.exp(-3.0), rel=1e-5)
    assert run.y[TIMES == 3.5, 0] == pytest.approx(7 * np.exp(-0.5), rel=1e-5)


def test_parameters_change(decay: Kernel) -> None:
    segments = [Segment(0.0, P), Segment(1.25, np.array([0.0])), Segment(9.0, P)]
    run = integrate_segments(decay, np.ones(1), segments, TIMES)
    np.testing.assert_allclose(run.y[TIMES > 1.25, 0], np.exp(-1.25), rtol=1e-5)


def test_changes_at_one_time_follow_each_other(decay: Kernel) -> None:
    segments = [Segment(0.0, P, lambda y: y + 1.0), Segment(0.0, P, lambda y: y * 2.0)]
    run = integrate_segments(decay, np.ones(1), segments, TIMES)
    assert run.y[0, 0] == 4.0


def test_a_failure_keeps_what_was_reached(toy: Callable[..., Kernel]) -> None:
    kernel = toy(lambda _, y, p: p[0] + 0 * y, ("x",))
    segments = [Segment(0.0, np.array([0.1])), Segment(2.0, np.array([-1.0]))]
    run = integrate_segments(kernel, np.array([0.8]), segments, TIMES, options=Options(retries=0))
    assert run.code is ResultCode.NEGATIVE_POOL
    assert "x fell below -1e-08 after 3 h" in run.detail
    assert run.t[-1] == 3.0
    np.testing.assert_allclose(run.y[run.t <= 2.0, 0], 0.8 + 0.1 * run.t[run.t <= 2.0])


@pytest.mark.parametrize("starts", [[], [1.0], [0.0, 2.0, 1.0]])
def test_disorder_is_refused(decay: Kernel, starts: list[float]) -> None:
    with pytest.raises(ValueError, match="Segments must start"):
        integrate_segments(decay, np.ones(1), [Segment(s, P) for s in starts], TIMES)
