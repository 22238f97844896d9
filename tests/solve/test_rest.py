"""States of rest of balanced growth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.kernel import Kernel, ResultCode
from glutarium.solve import Balance, BalancedKernel, RestOptions, eigenvalues, integrate, rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array

GROWING = Balance(
    weights=np.array([0.0, 1.0, 1.0, 0.0]),
    frozen=np.array([True, False, False, False]),
    intensive=np.array([False, False, False, True]),
)
P = np.array([0.6, 0.2, 5.0])
START = np.array([2.0, 0.5, 0.5, 0.0])


def known_rest(p: Array, s: float) -> tuple[float, float]:
    """Precursor share and growth rate: ``mu = k2 a`` and ``mu = k1 (1-a) s/(1+s)``."""
    u = p[0] * s / (1 + s)
    share = u / (u + p[1])
    return share, p[1] * share


@given(
    k1=st.floats(0.05, 5.0),
    k2=st.floats(0.05, 5.0),
    s=st.floats(0.05, 20.0),
    share=st.floats(0.05, 0.95),
)
@settings(max_examples=20, deadline=None)
def test_a_self_replicator_rests_where_it_should(
    replicator: Kernel, k1: float, k2: float, s: float, share: float
) -> None:
    p = np.array([k1, k2, 5.0])
    found = rest(replicator, np.array([s, share, 1 - share, 0.0]), p, GROWING)
    a, mu = known_rest(p, s)
    assert found.code is ResultCode.SUCCESS
    assert found.residual < 1e-7
    np.testing.assert_allclose(found.y, [s, a, 1 - a, a], rtol=1e-8)
    assert found.growth_rate == pytest.approx(mu, rel=1e-8)


def test_a_cell_at_rest_grows_exponentially(replicator: Kernel) -> None:
    found = rest(replicator, START, P, GROWING)
    held = found.y.copy()
    held[0] = 2e6  # so much medium that it does not change
    found = rest(replicator, held, P, GROWING)
    times = np.array([0.0, 10.0])
    run = integrate(replicator, found.y, P, times)
    np.testing.assert_allclose(
        run.y[1, 1:3] / run.y[0, 1:3], np.exp(10 * found.growth_rate), rtol=1e-4
    )


def test_the_adapter_is_a_kernel_whose_jacobian_is_right(replicator: Kernel) -> None:
    system = BalancedKernel(replicator, GROWING)
    assert isinstance(system, Kernel)
    y, n = np.array([2.0, 0.3, 0.9, 0.4]), 4
    up, down = np.empty(n), np.empty(n)
    expected = np.empty((n, n))
    for j in range(n):
        for out, sign in ((up, 1), (down, -1)):
            shifted = y.copy()
            shifted[j] += sign * 1e-6
            system.rhs(0.0, shifted, P, out)
        expected[:, j] = (up - down) / 2e-6
    np.testing.assert_allclose(system.matrix(0.0, y, P), expected, atol=1e-8)
    flat = np.empty(n * n)
    system.jacobian(0.0, y, P, flat)
    np.testing.assert_array_equal(flat.reshape(n, n).T, system.matrix(0.0, y, P))


def test_frozen_states_hold_and_the_mass_is_kept(replicator: Kernel) -> None:
    system = BalancedKernel(replicator, GROWING)
    run = integrate(system, START, P, np.linspace(0, 100, 11))
    np.testing.assert_array_equal(run.y[:, 0], 2.0)
    np.testing.assert_allclose(run.y @ GROWING.weights, 1.0, rtol=1e-10)


def test_eigenvalues_leave_out_what_cannot_change(replicator: Kernel) -> None:
    found = rest(replicator, START, P, GROWING)
    values = eigenvalues(replicator, found.y, P, GROWING)
    # With u = k1 s/(1+s) the share follows a' = (1-a) (u - (u + k2) a), whose slope at rest is -k2.
    np.testing.assert_allclose(values.real, [-P[1], -P[2]], rtol=1e-9)
    np.testing.assert_array_equal(values.imag, 0.0)


def couple(_: float, y: Array, p: Array) -> Array:
    """A carrier in two forms, driven around by a pool that comes and goes."""
    x, free, bound = y
    turn = p[0] * (x * free - bound)
    return np.array([p[1] - x - turn + p[0] * bound * 0.1, -turn, turn])


NOT_GROWING = Balance(np.zeros(3), np.zeros(3, dtype=bool), np.ones(3, dtype=bool))
CARRIER = np.array([[0.0, 1.0, 1.0]])


def test_conserved_totals_are_kept_and_projected_out(toy: Callable[..., Kernel]) -> None:
    kernel = toy(couple, ("x", "free", "bound"), 2)
    p, start = np.array([1e4, 0.5]), np.array([1.0, 0.3, 0.1])
    for moieties in (CARRIER, None):
        found = rest(kernel, start, p, NOT_GROWING, moieties=moieties)
        assert found.code is ResultCode.SUCCESS
        assert found.y[1:].sum() == pytest.approx(0.4, rel=1e-10)
        assert found.growth_rate == 0.0
    values = eigenvalues(kernel, found.y, p, NOT_GROWING, moieties=CARRIER)
    assert len(values) == 2
    assert (values.real < -0.01).all()
    assert np.abs(eigenvalues(kernel, found.y, p, NOT_GROWING)).min() < 1e-9


def test_sums_that_growth_dilutes_are_no_invariants(replicator: Kernel) -> None:
    found = rest(replicator, START, P, GROWING)
    diluted = np.array([[0.0, 1.0, -1.0, 0.0], [1.0, 1.0, 1.0, 0.0]])
    values = eigenvalues(replicator, found.y, P, GROWING, moieties=diluted)
    np.testing.assert_array_equal(values, eigenvalues(replicator, found.y, P, GROWING))


def test_fast_pools_do_not_hide_rest(toy: Callable[..., Kernel]) -> None:
    def rates(_: float, y: Array, p: Array) -> Array:
        gate = p[0] * (y[0] ** 2 - y[1])
        return np.array([1.0 - y[0] - gate * 1e-3, gate])

    kernel = toy(rates, ("slow", "fast"))
    plain = Balance(np.zeros(2), np.zeros(2, dtype=bool), np.ones(2, dtype=bool))
    found = rest(kernel, np.array([0.1, 3.0]), np.array([1e7]), plain)
    assert found.code is ResultCode.SUCCESS
    np.testing.assert_allclose(found.y, [1.0, 1.0], rtol=1e-9)
    assert found.residual < 1e-7


def test_an_oscillator_never_rests(toy: Callable[..., Kernel]) -> None:
    def rates(_: float, y: Array, p: Array) -> Array:
        made = y[0] ** 2 * y[1]
        return np.array([p[0] - 4 * y[0] + made, 3 * y[0] - made])

    plain = Balance(np.zeros(2), np.zeros(2, dtype=bool), np.ones(2, dtype=bool))
    found = rest(
        toy(rates, ("x", "z")),
        np.array([1.3, 3.3]),
        np.ones(1),
        plain,
        options=RestOptions(horizon=60.0),
    )
    assert found.code is ResultCode.NO_STEADY_STATE
    assert found.hours == pytest.approx(60.0)
    assert "after 60 h" in found.detail
    assert found.residual > 1e-3


def test_a_failed_relaxation_says_why(toy: Callable[..., Kernel]) -> None:
    kernel = toy(lambda _, y, p: -p[0] + 0 * y, ("x",))
    plain = Balance(np.zeros(1), np.zeros(1, dtype=bool), np.ones(1, dtype=bool))
    found = rest(kernel, np.ones(1), np.ones(1), plain)
    assert found.code is ResultCode.NEGATIVE_POOL
    assert "x fell below" in found.detail


def test_weights_of_held_states_are_refused() -> None:
    with pytest.raises(ValueError, match="no weight"):
        Balance(np.ones(2), np.array([True, False]), np.array([False, False]))
