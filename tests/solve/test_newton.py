"""Newton steps: the kernel's own sparse factors and full matrices lead to the same place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.compile import CompiledLanes, compile_lanes, compile_spec
from glutarium.kernel import SteppingKernel
from glutarium.model.expr import Number, Symbol
from glutarium.model.spec import Flux, ModelSpec, Parameter, State
from glutarium.solve.newton import newton_step, projection

SIZE = 6


def _chain() -> ModelSpec:
    """A fed chain of pools whose rates reach over six decades; the mass of all slows its entry."""
    ids = [f"x{i}" for i in range(SIZE)]
    mass = sum((Symbol(f"state:{s}") for s in ids), Number(0.0))
    feed = Symbol("feed") / (Number(1.0) + Symbol("mass"))
    fluxes = [Flux("in", feed, feed, {ids[0]: 1.0})]
    for i, name in enumerate(ids):
        rate = Symbol("speed") * Number(10.0 ** (i - 2)) * Symbol(name) / (1 + Symbol(name))
        after = {ids[i + 1]: 1.0} if i + 1 < SIZE else {}
        fluxes.append(Flux(f"v{i}", rate, rate, {name: -1.0} | after))
    assignments = (*((s, Symbol(f"state:{s}")) for s in ids), ("mass", mass))
    states = tuple(State(s, s, "mM", 1.0, 1e-9) for s in ids)
    parameters = (Parameter("feed", 0.02, "mM/h"), Parameter("speed", 3.0, "mM/h"))
    return ModelSpec("chain", states, parameters, assignments, tuple(fluxes), ())


@pytest.fixture(scope="module")
def lanes() -> CompiledLanes:
    return compile_lanes(_chain())


@settings(max_examples=30, deadline=None)
@given(
    y=st.lists(st.floats(1e-4, 10.0), min_size=SIZE, max_size=SIZE),
    hours=st.sampled_from([1e-3, 1.0, 1e6]),
)
def test_both_ways_take_the_same_step(lanes: CompiledLanes, y: list[float], hours: float) -> None:
    state, p = np.array(y), np.array([0.02, 3.0])
    own = newton_step(lanes, state, p, (state, None), hours)
    full = newton_step(compile_spec(lanes.spec), state, p, (state, None), hours)
    np.testing.assert_allclose(own, full, rtol=1e-8, atol=1e-12)


def test_only_one_of_them_is_sparse(lanes: CompiledLanes) -> None:
    assert isinstance(lanes, SteppingKernel)
    assert not isinstance(compile_spec(lanes.spec), SteppingKernel)


def test_steps_lead_to_rest(lanes: CompiledLanes) -> None:
    y, p, rates = np.full(SIZE, 1e-3), np.array([0.02, 3.0]), np.empty(SIZE)
    for _ in range(30):
        y = y + y * newton_step(lanes, y, p, (y, None), 1e9)
    lanes.rhs(0.0, y, p, rates)
    np.testing.assert_allclose(rates, 0.0, atol=1e-10)


def test_a_state_without_sense_has_no_step(lanes: CompiledLanes) -> None:
    y, p = np.full(SIZE, np.nan), np.array([0.02, 3.0])
    assert np.isnan(newton_step(lanes, y, p, (np.ones(SIZE), None), 1.0)).all()


def test_no_sums_no_projection() -> None:
    assert projection(np.zeros((0, 3))) is None
    held = projection(np.array([[1.0, 1.0, 0.0]]))
    assert held is not None
    np.testing.assert_allclose(held @ held, held, atol=1e-12)
