"""States of rest, of systems that stand still and of one that is seen per mass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.compile import compile_spec
from glutarium.kernel import ResultCode
from glutarium.model.expr import Symbol
from glutarium.solve import (
    Batch,
    LaneOptions,
    RestOptions,
    System,
    eigenvalues,
    find_rest,
    run_batch,
    run_reference,
)
from glutarium.solve.modes import relative_jacobian

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.compile import CompiledLanes
    from glutarium.kernel import Array
    from glutarium.solve import BatchResult, Rest

P = np.array([0.6, 0.2, 5.0, 1.0])
START = np.array([2.0, 0.5, 0.5, 0.0])
FROZEN = np.array([True, False, False, False])
MASS = np.array([[0.0, 1.0, 1.0, 0.0]])
X, Y, Z, K = (Symbol(s) for s in "xyzk")


def in_dish(p: Array) -> Array:
    """The same cell, seen with its medium."""
    return np.array([*p[:-1], 0.0])


def rests(kernel: CompiledLanes, systems: Sequence[System], **how: object) -> list[Rest]:
    def advance(batch: Batch) -> BatchResult:
        return run_batch(kernel, batch)

    return find_rest(kernel, systems, advance, **how)  # type: ignore[arg-type]


def rest(kernel: CompiledLanes, y: Array, p: Array, **how: object) -> Rest:
    return rests(kernel, [System(y, p)], **how)[0]


def known_rest(p: Array, s: float) -> tuple[float, float]:
    """Precursor share and growth rate: ``mu = k2 a (1-a)`` and ``mu = k1 (1-a) s/(1+s)``.

    Per mass ``e' = k2 e a - mu e`` with ``mu = k1 e s/(1+s)``, so ``k2 a = k1 (1-a) s/(1+s)``.
    """
    u = p[0] * s / (1 + s)
    share = u / (u + p[1])
    return share, p[1] * share


def growth(kernel: CompiledLanes, y: Array, p: Array) -> float:
    seen = np.empty(1)
    kernel.observe(0.0, y, p, seen)
    return float(seen[0])


@given(
    k1=st.floats(0.05, 5.0),
    k2=st.floats(0.05, 5.0),
    s=st.floats(0.05, 20.0),
    share=st.floats(0.05, 0.95),
)
@settings(max_examples=20)
def test_a_self_replicator_rests_where_it_should(
    replicator: CompiledLanes, k1: float, k2: float, s: float, share: float
) -> None:
    p = np.array([k1, k2, 5.0, 1.0])
    found = rest(replicator, np.array([s, share, 1 - share, 0.0]), p, dilution=0)
    a, mu = known_rest(p, s)
    assert found.code is ResultCode.SUCCESS
    assert found.residual < 1e-7
    np.testing.assert_allclose(found.y, [s, a, 1 - a, a], rtol=1e-8)
    assert growth(replicator, found.y, p) == pytest.approx(mu, rel=1e-8)


def test_a_cell_at_rest_grows_exponentially(replicator: CompiledLanes) -> None:
    start = START.copy()
    start[0] = 2e6  # so much medium that it does not change
    found = rest(replicator, start, P)
    times = np.array([0.0, 10.0])
    run = run_batch(replicator, Batch.of([System(found.y, in_dish(P))], times))
    grown = np.exp(10 * growth(replicator, found.y, P))
    np.testing.assert_allclose(run.y[0, 1, 1:3] / run.y[0, 0, 1:3], grown, rtol=1e-4)


def test_seen_per_mass_the_medium_holds_and_the_mass_is_kept(replicator: CompiledLanes) -> None:
    run = run_batch(replicator, Batch.of([System(START, P)], np.linspace(0, 100, 11)))
    np.testing.assert_array_equal(run.y[0, :, 0], 2.0)
    np.testing.assert_allclose(run.y[0] @ MASS[0], 1.0, rtol=1e-10)


@pytest.mark.parametrize("per_mass", [0.0, 1.0])
def test_dilution_is_part_of_both_jacobians(replicator: CompiledLanes, per_mass: float) -> None:
    y, p, n = np.array([2.0, 0.3, 0.9, 0.4]), np.append(P[:3], per_mass), 4
    up, down, expected = np.empty(n), np.empty(n), np.empty((n, n))
    for j, step in enumerate(np.eye(n) * 1e-6):
        replicator.rhs(0.0, y + step, p, up)
        replicator.rhs(0.0, y - step, p, down)
        expected[:, j] = (up - down) / 2e-6
    for kernel in (replicator, compile_spec(replicator.spec)):
        found = relative_jacobian(kernel, y, p, np.ones(n))
        np.testing.assert_allclose(found, expected, atol=1e-8)


def test_eigenvalues_leave_out_what_cannot_change(replicator: CompiledLanes) -> None:
    found = rest(replicator, START, P)
    values = eigenvalues(replicator, found.y, P, frozen=FROZEN, kept=MASS)
    # With u = k1 s/(1+s) the share follows a' = (1-a) (u - (u + k2) a), whose slope at rest is -k2.
    np.testing.assert_allclose(values.real, [-P[1], -P[2]], rtol=1e-9)
    np.testing.assert_array_equal(values.imag, 0.0)


def test_eigenvalues_of_the_scalar_kernel_are_the_same(replicator: CompiledLanes) -> None:
    found = rest(replicator, START, P)
    scalar = compile_spec(replicator.spec)
    both = [eigenvalues(k, found.y, P, frozen=FROZEN, kept=MASS) for k in (replicator, scalar)]
    np.testing.assert_allclose(both[0], both[1], rtol=1e-12)


CARRIER = np.array([[0.0, 1.0, 1.0]])


@pytest.fixture(scope="module")
def couple(in_lanes: Callable[..., CompiledLanes]) -> CompiledLanes:
    """A carrier in two forms, driven around by a pool that comes and goes."""
    turn = K * (X * Y - Z)
    return in_lanes(
        {"x": Symbol("q") - X - turn + 0.1 * K * Z, "y": -1.0 * turn, "z": turn}, ["k", "q"]
    )


@given(free=st.floats(0.01, 5.0), bound=st.floats(0.01, 5.0), k=st.floats(0.1, 1e4))
@settings(max_examples=20)
def test_conserved_totals_are_kept_and_projected_out(
    couple: CompiledLanes, free: float, bound: float, k: float
) -> None:
    p = np.array([k, 0.5])
    start = np.array([1.0, free, bound])
    found = rest(couple, start, p, kept=CARRIER)
    assert found.code is ResultCode.SUCCESS
    assert found.y[1:].sum() == pytest.approx(free + bound, rel=1e-11)
    unnamed = rest(couple, start, p)
    assert unnamed.y[1:].sum() == pytest.approx(free + bound, rel=1e-4)
    values = eigenvalues(couple, found.y, p, kept=CARRIER)
    every = eigenvalues(couple, found.y, p)
    assert (len(values), len(every)) == (2, 3)
    assert np.abs(every).min() < 1e-12 * np.abs(every).max()
    assert np.abs(values).min() > 1e-6 * np.abs(every).min()


def test_fast_pools_do_not_hide_rest(in_lanes: Callable[..., CompiledLanes]) -> None:
    gate = K * (X * X - Y)
    kernel = in_lanes({"x": 1.0 - X - gate * 1e-3, "y": gate}, ["k"])
    found = rest(kernel, np.array([0.1, 3.0]), np.array([1e7]))
    assert found.code is ResultCode.SUCCESS
    np.testing.assert_allclose(found.y, [1.0, 1.0], rtol=1e-9)
    assert found.residual < 1e-7


def test_an_oscillator_never_rests(in_lanes: Callable[..., CompiledLanes]) -> None:
    made = X * X * Z
    kernel = in_lanes({"x": K - 4 * X + made, "z": 3 * X - made}, ["k"])
    options = RestOptions(horizon=60.0)
    found = rest(kernel, np.array([1.3, 3.3]), np.ones(1), options=options)
    assert found.code is ResultCode.NO_STEADY_STATE
    assert found.hours == pytest.approx(60.0)
    assert "after 60 h" in found.detail
    assert "1e-07 is allowed" in found.detail
    assert found.residual > 1e-3


def test_a_failed_relaxation_says_why(in_lanes: Callable[..., CompiledLanes]) -> None:
    kernel = in_lanes({"x": -1.0 * K}, ["k"])
    found, sound = rests(kernel, [System(np.ones(1), np.ones(1)), System(np.ones(1), np.zeros(1))])
    assert found.code is ResultCode.NEGATIVE_POOL
    assert "x would fall below" in found.detail
    assert sound.code is ResultCode.SUCCESS


def test_a_parameter_that_is_not_a_number_is_reported(replicator: CompiledLanes) -> None:
    found = rest(replicator, START, np.array([np.nan, 0.2, 5.0, 1.0]))
    assert found.code is ResultCode.NOT_FINITE
    assert found.detail


@pytest.fixture(scope="module")
def diluted(in_lanes: Callable[..., CompiledLanes]) -> CompiledLanes:
    """A pool that is made at the rate ``k`` and removed by nothing but growth."""
    return in_lanes({"x": K * (1.0 - X)}, ["k"], {"growth": K * (X / X)})


def test_a_slow_grower_gets_time(diluted: CompiledLanes) -> None:
    start, slow = np.full(1, 0.1), np.array([1e-3])
    plain = rest(diluted, start, slow)
    assert plain.code is ResultCode.NO_STEADY_STATE
    assert plain.hours == RestOptions().horizon
    patient = rest(diluted, start, slow, dilution=0)
    assert patient.code is ResultCode.SUCCESS
    assert RestOptions().horizon < patient.hours <= 10.0 / slow[0]
    assert patient.y[0] == pytest.approx(1.0, rel=1e-8)


def test_patience_has_an_end(diluted: CompiledLanes) -> None:
    options = RestOptions(longest=1000.0)
    found = rest(diluted, np.full(1, 0.1), np.array([1e-6]), dilution=0, options=options)
    assert found.code is ResultCode.NO_STEADY_STATE
    assert found.hours == 1000.0


def test_a_search_does_not_notice_the_others(
    replicator: CompiledLanes, couple: CompiledLanes
) -> None:
    random = np.random.default_rng(0)
    systems = [System(START, P * np.append(random.lognormal(0, 1, 3), 1.0)) for _ in range(20)]
    together = rests(replicator, systems, dilution=0)
    for system, found in zip(systems, together, strict=True):
        alone = rests(replicator, [system], dilution=0)[0]
        assert (alone.code, alone.hours) == (found.code, found.hours)
        np.testing.assert_array_equal(alone.y, found.y)
    assert rests(couple, []) == []


def test_the_reference_solver_comes_to_the_same_rest(replicator: CompiledLanes) -> None:
    scalar = compile_spec(replicator.spec)
    (other,) = find_rest(scalar, [System(START, P)], lambda batch: run_reference(scalar, batch))
    np.testing.assert_allclose(rest(replicator, START, P).y, other.y, rtol=1e-9)


def test_rest_that_is_there_already_costs_no_time(couple: CompiledLanes) -> None:
    p = np.array([3.0, 0.5])
    found = rest(couple, np.array([1.0, 0.3, 0.1]), p)
    again = rest(couple, found.y, p)
    assert (again.code, again.hours) == (ResultCode.SUCCESS, 0.0)
    np.testing.assert_allclose(again.y, found.y, rtol=1e-9)


def test_loose_integration_does_not_loosen_rest(couple: CompiledLanes) -> None:
    def advance(batch: Batch) -> BatchResult:
        return run_batch(couple, batch, options=LaneOptions(rtol=1e-3, method="rodas3"))

    p, start = np.array([3.0, 0.5]), np.array([1.0, 0.3, 0.1])
    (loose,) = find_rest(couple, [System(start, p)], advance)
    np.testing.assert_allclose(loose.y, rest(couple, start, p).y, rtol=1e-9)
