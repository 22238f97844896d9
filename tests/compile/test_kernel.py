"""Compiled kernels agree with the definition of a specification."""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.compile import compile_spec
from glutarium.compile.analyse import analyse
from glutarium.compile.differentiate import differentiate
from glutarium.compile.emit import Lanes, emit
from glutarium.compile.graph import Op
from glutarium.compile.load import FUNCTIONS, Workspace
from glutarium.compile.lower import lower
from glutarium.kernel import Kernel
from glutarium.machine import Library, object_code
from glutarium.model.expr import Exp, Expr, Log, Number, Symbol, symbols
from glutarium.model.spec import Flux, ModelSpec, Observable, Parameter, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.compile import CompiledKernel
    from glutarium.kernel import Array


def start(spec: ModelSpec) -> tuple[Array, Array]:
    return np.array([s.initial for s in spec.states]), np.array([p.value for p in spec.parameters])


def rates(kernel: CompiledKernel, y: Array, p: Array, t: float = 0.0) -> Array:
    out = np.full(len(y), np.nan)
    kernel.rhs(t, y, p, out)
    return out


@pytest.fixture(scope="module")
def kernel(network: ModelSpec) -> CompiledKernel:
    return compile_spec(network)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_network_agrees_with_the_interpreter(
    network: ModelSpec,
    kernel: CompiledKernel,
    reference: Callable[..., tuple[Array, Array]],
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    y, p = start(network)
    y *= random.lognormal(0.0, 1.0, len(y))
    p *= random.lognormal(0.0, 0.3, len(p))
    expected, observed = reference(network, 3.0, y, p)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(rates(kernel, y, p, 3.0), expected, rtol=1e-11, atol=1e-13 * scale)
    out = np.empty(len(observed))
    kernel.observe(3.0, y, p, out)
    np.testing.assert_allclose(out, observed, rtol=1e-11, atol=1e-13)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_network_jacobian_agrees_with_differences(
    network: ModelSpec,
    kernel: CompiledKernel,
    jacobians: Callable[..., tuple[Array, Array]],
    seed: int,
) -> None:
    y, p = start(network)
    y *= np.random.default_rng(seed).lognormal(0.0, 0.5, len(y))
    analytic, differences = jacobians(kernel, 0.0, y, p)
    scale = np.abs(differences).max(axis=1, keepdims=True)
    np.testing.assert_allclose(analytic / scale, differences / scale, atol=2e-6)


def test_pattern_is_sorted_and_holds_the_diagonal(kernel: CompiledKernel) -> None:
    n, pattern = len(kernel.state_names), kernel.sparsity
    assert pattern.indptr.dtype == pattern.indices.dtype == np.int32
    assert pattern.indptr[0] == 0
    assert pattern.indptr[-1] == len(pattern.indices) < n * n
    for j in range(n):
        rows = pattern.indices[pattern.indptr[j] : pattern.indptr[j + 1]]
        assert j in rows
        assert (np.diff(rows) > 0).all()


def test_kernel_keeps_the_promise_of_the_protocol(
    network: ModelSpec, kernel: CompiledKernel
) -> None:
    assert isinstance(kernel, Kernel)
    assert kernel.state_names == network.state_ids
    assert kernel.parameter_names == network.parameter_ids
    assert kernel.observable_names == tuple(o.id for o in network.observables)


def expressions() -> st.SearchStrategy[Expr]:
    """Smooth positive expressions of three states, two parameters and time."""
    leaves = st.one_of(
        st.sampled_from(["state:a", "state:b", "state:c", "k", "n", "mix", "time"]).map(Symbol),
        st.sampled_from([1.0, 2.0, 0.25]).map(Number),
    )

    def grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        powers = st.sampled_from([-2.0, -1.0, 0.5, 1.7, 2.0, 3.0]).map(Number)
        pairs = st.tuples(inner, inner)
        return st.one_of(
            pairs.map(lambda ab: ab[0] + ab[1]),
            pairs.map(lambda ab: ab[0] * ab[1]),
            pairs.map(lambda ab: ab[0] / (0.5 + ab[1])),
            st.tuples(inner, powers).map(lambda ab: (0.5 + ab[0] / (1 + ab[0])) ** ab[1]),
            pairs.map(lambda ab: (0.5 + ab[0] / (1 + ab[0])) ** (ab[1] / (1 + ab[1]))),
            inner.map(lambda a: Exp(-1.0 * a)),
            inner.map(lambda a: Log(2.0 + a)),
        )

    return st.recursive(leaves, grow, max_leaves=12)


@st.composite
def models(draw: st.DrawFn) -> ModelSpec:
    """Models of three states, an assignment and two to four fluxes, all of them random."""
    ids = ("a", "b", "c")
    signs = st.fixed_dictionaries({s: st.sampled_from([-1.0, 0.0, 0.5, 1.0]) for s in ids})
    mix = draw(expressions().filter(lambda e: "mix" not in symbols(e)))
    extents = draw(st.lists(expressions(), min_size=2, max_size=4))
    scales = (Symbol("k"), 2 / Symbol("n"), Number(1.0))
    directs = (Number(0.0), Number(0.0), -draw(expressions()))
    return ModelSpec(
        "random",
        tuple(
            State(s, s, "mM", 1.0, 1e-9, scale=scale, direct=direct)
            for s, scale, direct in zip(ids, scales, directs, strict=True)
        ),
        (Parameter("k", 0.7, "1"), Parameter("n", 1.3, "1")),
        (("mix", mix),),
        tuple(Flux(f"F{i}", e, e, draw(signs)) for i, e in enumerate(extents)),
        tuple(Observable(f"o{i}", e, "1") for i, e in enumerate(extents)),
    )


@given(spec=models())
@settings(max_examples=40, deadline=None)
def test_random_models_agree_with_interpreter_and_differences(
    reference: Callable[..., tuple[Array, Array]],
    jacobians: Callable[..., tuple[Array, Array]],
    spec: ModelSpec,
) -> None:
    y, p = np.array([0.6, 1.1, 1.9]), np.array([0.7, 1.3])
    kernel = compile_spec(spec)
    expected, observed = reference(spec, 0.4, y, p)
    largest = max(1.0, np.abs(expected).max(), np.abs(observed).max())
    np.testing.assert_allclose(rates(kernel, y, p, 0.4), expected, rtol=1e-10, atol=1e-12 * largest)
    out = np.empty(len(observed))
    kernel.observe(0.4, y, p, out)
    np.testing.assert_allclose(out, observed, rtol=1e-10)
    analytic, differences = jacobians(kernel, 0.4, y, p)
    np.testing.assert_allclose(analytic, differences, rtol=1e-5, atol=1e-6 * largest)


def test_parameters_changed_in_place_are_noticed(
    network: ModelSpec, kernel: CompiledKernel
) -> None:
    y, p = start(network)
    before = rates(kernel, y, p)
    p[network.parameter_ids.index("vmax.R0")] *= 3.0
    after = rates(kernel, y, p)
    assert not np.array_equal(before, after)
    np.testing.assert_array_equal(rates(compile_spec(network), y, p), after)
    p[network.parameter_ids.index("vmax.R0")] /= 3.0
    np.testing.assert_array_equal(rates(kernel, y, p), before)


def test_derived_parameters_are_computed_once(one_pool: Callable[..., ModelSpec]) -> None:
    source = emit(differentiate(lower(analyse(one_pool(1 / Symbol("k"), {"k": 2.0})))))
    space = Workspace(
        Library(object_code(source.text), FUNCTIONS), (1, 1, source.n_derived, 1, 1, 1)
    )
    space.p[:] = 2.0
    space.call_rhs(0.0)
    assert space.rates[0] == space.derived[0] == 0.5
    space.derived[0] = 7.0  # shows whether the value is computed again
    space.call_rhs(0.0)
    assert space.rates[0] == 7.0
    space.p[:] = 4.0
    space.call_rhs(0.0)
    assert space.rates[0] == 0.25


def test_arrays_of_wrong_length_are_refused(network: ModelSpec, kernel: CompiledKernel) -> None:
    y, p = start(network)
    for bad in ((y[:-1], p), (y, p[:-1])):
        with pytest.raises(ValueError, match="broadcast"):
            kernel.rhs(0.0, *bad, np.empty(len(y)))
    with pytest.raises(ValueError, match="broadcast"):
        kernel.jacobian(0.0, y, p, np.empty(3))


def test_strided_and_read_only_arrays_are_read_rightly(
    network: ModelSpec, kernel: CompiledKernel
) -> None:
    y, p = start(network)
    expected = rates(kernel, y, p)
    wide = np.repeat(y, 2)
    wide.flags.writeable = False
    np.testing.assert_array_equal(rates(kernel, wide[::2], p), expected)


def test_threads_do_not_disturb_each_other(network: ModelSpec, kernel: CompiledKernel) -> None:
    y, p = start(network)
    inputs = [y * factor for factor in (0.5, 1.0, 2.0, 4.0)]
    expected = [rates(kernel, v, p) for v in inputs]
    wrong: list[int] = []

    def work(i: int) -> None:
        found = [rates(kernel, inputs[i], p * 1.0) for _ in range(300)]
        wrong.extend(i for item in found if not np.array_equal(item, expected[i]))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_model_without_parameters_runs(one_pool: Callable[..., ModelSpec]) -> None:
    kernel = compile_spec(one_pool(-1.0 * Symbol("x") ** 2))
    assert rates(kernel, np.array([3.0]), np.empty(0))[0] == -9.0


def test_a_rate_of_parameters_alone_is_constant(one_pool: Callable[..., ModelSpec]) -> None:
    kernel = compile_spec(one_pool(Symbol("a") / Symbol("b"), {"a": 3.0, "b": 4.0}))
    assert rates(kernel, np.array([9.0]), np.array([3.0, 4.0]))[0] == 0.75
    slope = np.ones(1)
    kernel.jacobian(0.0, np.array([9.0]), np.array([3.0, 4.0]), slope)
    assert slope[0] == 0.0


def test_time_is_a_symbol(one_pool: Callable[..., ModelSpec]) -> None:
    kernel = compile_spec(one_pool(Symbol("time") * Symbol("x")))
    assert rates(kernel, np.array([2.0]), np.empty(0), t=5.0)[0] == 10.0


@pytest.mark.parametrize("x", [0.0, -1e-12, -3.0])
@pytest.mark.parametrize("exponent", [0.4, 1.7, -0.3])
def test_real_powers_make_no_nan_at_or_below_zero(
    one_pool: Callable[..., ModelSpec], x: float, exponent: float
) -> None:
    hill = (Symbol("x") / Symbol("k")) ** Symbol("n")
    kernel = compile_spec(one_pool(hill / (1 + hill) + Log(Symbol("x")), {"k": 1.0, "n": 2.0}))
    y, p, slope = np.array([x]), np.array([0.5, exponent]), np.empty(1)
    assert np.isfinite(rates(kernel, y, p)).all()
    kernel.jacobian(0.0, y, p, slope)
    assert np.isfinite(slope).all()


def test_the_guard_leaves_positive_bases_and_integer_powers_alone(
    one_pool: Callable[..., ModelSpec],
) -> None:
    kernel = compile_spec(one_pool(Symbol("x") ** 3 + Symbol("x") ** Number(-1.0)))
    assert rates(kernel, np.array([-2.0]), np.empty(0))[0] == -8.5
    kernel = compile_spec(one_pool(Symbol("x") ** 0.5))
    assert rates(kernel, np.array([1e-20]), np.empty(0))[0] == pytest.approx(1e-10, rel=1e-14)


def test_a_pool_that_is_not_a_number_stays_visible(one_pool: Callable[..., ModelSpec]) -> None:
    kernel = compile_spec(one_pool(Symbol("x") ** 1.7))
    assert np.isnan(rates(kernel, np.array([np.nan]), np.empty(0))).all()


def test_long_sums_do_not_exhaust_the_stack(one_pool: Callable[..., ModelSpec]) -> None:
    rate: Expr = Symbol("x")
    for i in range(5000):
        rate = rate + Symbol("x") ** Number(1.5 + i)
    lowered = lower(analyse(one_pool(rate)))
    assert sum(node.op is Op.POWER for node in lowered.graph.nodes) == 5000


def test_eight_lanes_compute_what_one_lane_computes(
    network: ModelSpec, kernel: CompiledKernel
) -> None:
    y, p = start(network)
    random = np.random.default_rng(0)
    ys = y[:, None] * random.lognormal(0.0, 0.5, (len(y), 8))
    ps = p[:, None] * random.lognormal(0.0, 0.2, (len(p), 8))
    source = emit(differentiate(lower(analyse(network))), Lanes(8))
    library = Library(object_code(source.text), FUNCTIONS)
    derived, out = np.empty((source.n_derived, 8)), np.empty((len(y), 8))
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2)(library.address("prep"))
    call(ps.ctypes.data, derived.ctypes.data)
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5)(library.address("rhs"))
    times = np.zeros(8)
    call(*(a.ctypes.data for a in (times, ys, ps, derived, out)))
    expected = np.array([rates(kernel, ys[:, i], ps[:, i]) for i in range(8)]).T
    np.testing.assert_array_equal(out, expected)
