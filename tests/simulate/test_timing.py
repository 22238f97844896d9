"""Times of change have closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.simulate.timing import half_fall, half_time


@given(rate=st.floats(0.1, 3.0), size=st.floats(-5.0, 5.0).filter(lambda x: abs(x) > 0.01))
def test_half_of_an_exponential_approach_takes_its_half_life(rate: float, size: float) -> None:
    times = np.linspace(0.0, 200.0, 20001)
    values = 1.0 + size * (1.0 - np.exp(-rate * times))
    assert half_time(times, values) == pytest.approx(math.log(2.0) / rate, rel=1e-2)


def test_a_peak_counts_up_to_its_top() -> None:
    times = np.array([0.0, 1.0, 2.0, 3.0])
    assert half_time(times, np.array([0.0, 0.0, 4.0, 0.0])) == pytest.approx(1.5)


def test_what_does_not_change_has_no_time() -> None:
    assert math.isnan(half_time(np.array([0.0, 1.0]), np.array([2.0, 2.0])))


@given(rate=st.floats(0.1, 3.0), wait=st.floats(0.0, 5.0))
def test_a_decay_counts_from_its_highest_value(rate: float, wait: float) -> None:
    times = np.linspace(0.0, 200.0, 20001)
    rising = 1.0 + times / max(wait, 1e-9)
    falling = 2.0 * np.exp(-rate * (times - wait))
    values = np.where(times < wait, rising, falling)
    assert half_fall(times, values) == pytest.approx(math.log(2.0) / rate, abs=0.02)


def test_what_only_rises_does_not_decay() -> None:
    assert math.isnan(half_fall(np.array([0.0, 1.0]), np.array([1.0, 2.0])))
