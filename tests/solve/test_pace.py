"""How long the steps of a site are: they meet their stops, and nothing is cut shorter than it must be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.solve.methods import METHODS
from glutarium.solve.sites.control import Pace

LENGTHS = st.floats(1e-3, 50.0)


@given(wished=LENGTHS, left=LENGTHS, longest=LENGTHS)
def test_equal_steps_lead_to_the_stop(wished: float, left: float, longest: float) -> None:
    pace = Pace(METHODS["rodas3"], 1e-5, wished)
    t, steps = 0.0, list[float]()
    while t < left:
        pace.wished = wished  # control stays content
        h = pace.choose(t, left, longest)
        assert h <= min(wished, longest) * (1.0 + 1e-9)
        steps.append(h)
        t = left if pace.landing else t + h
    assert len(steps) == math.ceil(left / min(wished, longest) * (1.0 - 1e-9))
    assert steps == pytest.approx([left / len(steps)] * len(steps), rel=1e-6)


def test_a_stop_within_reach_is_met() -> None:
    pace = Pace(METHODS["rodas3"], 1e-5, 3.0)
    assert pace.choose(1.0, 2.5, 2.0) == 1.5
    assert pace.landing
