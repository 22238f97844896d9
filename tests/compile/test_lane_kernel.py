"""Kernels for lanes agree with the definition of a specification and with the scalar kernel."""

from __future__ import annotations

import ctypes
import pickle
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.compile import CompiledLanes, compile_lanes, compile_spec
from glutarium.compile.analyse import analyse
from glutarium.compile.bordered import border
from glutarium.compile.emit_lanes import LANE_FUNCTIONS, emit_lanes
from glutarium.compile.factor import factors
from glutarium.compile.lower import lower
from glutarium.compile.storage import Storage
from glutarium.compile.values import Lanes
from glutarium.errors import CompileError
from glutarium.kernel import Kernel, LaneKernel
from glutarium.machine import fitting_width, vector_width
from glutarium.model.expr import Exp, Number, Symbol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

WIDTHS = (1, 4, 8)
X, K = Symbol("x"), Symbol("k")


def start(spec: ModelSpec) -> tuple[Array, Array]:
    return np.array([s.initial for s in spec.states]), np.array([p.value for p in spec.parameters])


def rates(kernel: Kernel, y: Array, p: Array, t: float = 0.0) -> Array:
    out = np.full(len(y), np.nan)
    kernel.rhs(t, y, p, out)
    return out


@pytest.fixture(scope="module")
def kernels(network: ModelSpec) -> dict[int, CompiledLanes]:
    return {width: compile_lanes(network, width=width) for width in WIDTHS}


@given(seed=st.integers(0, 2**32 - 1), width=st.sampled_from(WIDTHS))
@settings(max_examples=20)
def test_lanes_agree_with_the_interpreter(
    network: ModelSpec,
    kernels: dict[int, CompiledLanes],
    reference: Callable[..., tuple[Array, Array]],
    seed: int,
    width: int,
) -> None:
    random, kernel = np.random.default_rng(seed), kernels[width]
    y, p = start(network)
    y *= random.lognormal(0.0, 1.0, len(y))
    p *= random.lognormal(0.0, 0.3, len(p))
    expected, observed = reference(network, 3.0, y, p)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(rates(kernel, y, p, 3.0), expected, rtol=1e-10, atol=1e-12 * scale)
    out = np.empty(len(observed))
    kernel.observe(3.0, y, p, out)
    np.testing.assert_allclose(out, observed, rtol=1e-10, atol=1e-12)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=10)
def test_the_bordered_jacobian_is_that_of_the_scalar_kernel(
    network: ModelSpec,
    kernels: dict[int, CompiledLanes],
    jacobians: Callable[..., tuple[Array, Array]],
    seed: int,
) -> None:
    y, p = start(network)
    y *= np.random.default_rng(seed).lognormal(0.0, 0.5, len(y))
    scalar, differences = jacobians(compile_spec(network), 0.0, y, p)
    scale = np.abs(differences).max(axis=1, keepdims=True)
    for kernel in kernels.values():
        assert kernel.n_unknowns > len(y)  # the mass is an unknown of its own
        bordered, _ = jacobians(kernel, 0.0, y, p)
        np.testing.assert_allclose(bordered / scale, scalar / scale, atol=1e-12)
        np.testing.assert_allclose(bordered / scale, differences / scale, atol=2e-6)


def test_kernels_of_any_width_give_the_same_bits(
    network: ModelSpec, kernels: dict[int, CompiledLanes]
) -> None:
    y, p = start(network)
    assert len({rates(kernel, y, p).tobytes() for kernel in kernels.values()}) == 1


def test_every_lane_computes_its_own_system(
    network: ModelSpec, kernels: dict[int, CompiledLanes]
) -> None:
    (y, p), random, kernel = start(network), np.random.default_rng(0), kernels[8]
    ys = y[:, None] * random.lognormal(0.0, 0.5, (len(y), 8))
    ps = p[:, None] * random.lognormal(0.0, 0.2, (len(p), 8))
    derived, out, times = np.empty((kernel.n_derived, 8)), np.empty((len(y), 8)), np.zeros(8)
    for name, arrays in (("prep", (ps, derived)), ("rhs", (times, ys, ps, derived, out))):
        call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(arrays))(kernel.address(name))
        call(*(a.ctypes.data for a in arrays))
    expected = np.array([rates(kernels[1], ys[:, i], ps[:, i]) for i in range(8)]).T
    np.testing.assert_array_equal(out, expected)


def test_the_promises_of_both_protocols_are_kept(
    network: ModelSpec, kernels: dict[int, CompiledLanes]
) -> None:
    for width, kernel in kernels.items():
        assert isinstance(kernel, Kernel)
        assert isinstance(kernel, LaneKernel)
        assert kernel.width == width
        assert kernel.state_names == network.state_ids
        assert kernel.parameter_names == network.parameter_ids
        assert all(kernel.address(name) > 0 for name in LANE_FUNCTIONS)
    assert compile_lanes(network).width == vector_width()
    with pytest.raises(CompileError, match="no function 'lu'"):
        kernel.address("lu")


def test_a_kernel_is_no_wider_than_its_systems_fill() -> None:
    found = [fitting_width(systems) for systems in (1, 2, 3, 1000)]
    assert found == [1, 2, min(4, vector_width()), vector_width()]


def test_only_rates_that_depend_on_time_have_a_slope(one_pool: Callable[..., ModelSpec]) -> None:
    still = compile_lanes(one_pool(-1.0 * K * X, {"k": 2.0}))
    assert not still.time_dependent
    with pytest.raises(CompileError, match="no function 'slope'"):
        still.address("slope")
    moving = compile_lanes(one_pool(K * Exp(-2.0 * Symbol("time")) * X, {"k": 2.0}), width=1)
    assert moving.time_dependent
    arrays = [np.full(1, v) for v in (0.3, 5.0, 2.0)] + [
        np.zeros(moving.n_derived + 1),
        np.zeros(1),
    ]
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5)(moving.address("slope"))
    call(*(a.ctypes.data for a in arrays))
    assert arrays[-1][0] == pytest.approx(-2.0 * 2.0 * 5.0 * np.exp(-0.6), rel=1e-14)


def test_an_observable_of_time_needs_no_slope(one_pool: Callable[..., ModelSpec]) -> None:
    spec = one_pool(-1.0 * X)
    assert not compile_lanes(spec).time_dependent


def test_a_rate_that_no_state_enters_is_constant(one_pool: Callable[..., ModelSpec]) -> None:
    for rate in (Symbol("a") / K, Number(0.75)):
        kernel = compile_lanes(one_pool(rate, {"a": 3.0, "k": 4.0}))
        y, p, slope = np.array([9.0]), np.array([3.0, 4.0]), np.ones(1)
        assert rates(kernel, y, p)[0] == 0.75
        kernel.jacobian(0.0, y, p, slope)
        assert slope[0] == 0.0


def test_changed_parameters_are_noticed(
    network: ModelSpec, kernels: dict[int, CompiledLanes]
) -> None:
    (y, p), kernel = start(network), kernels[8]
    before = rates(kernel, y, p)
    p[network.parameter_ids.index("vmax.R0")] *= 3.0
    assert not np.array_equal(before, rates(kernel, y, p))
    p[network.parameter_ids.index("vmax.R0")] /= 3.0
    np.testing.assert_array_equal(rates(kernel, y, p), before)
    assert np.isnan(rates(kernel, y, np.full_like(p, np.nan))).any()
    np.testing.assert_array_equal(rates(kernel, y, p), before)


def test_threads_do_not_disturb_each_other(
    network: ModelSpec, kernels: dict[int, CompiledLanes]
) -> None:
    (y, p), kernel = start(network), kernels[8]
    inputs = [y * factor for factor in (0.5, 1.0, 2.0, 4.0)]
    expected = [rates(kernel, v, p) for v in inputs]
    wrong: list[int] = []

    def work(i: int) -> None:
        found = [rates(kernel, inputs[i], p * 1.0) for _ in range(200)]
        wrong.extend(i for item in found if not np.array_equal(item, expected[i]))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("x", [0.0, -1e-12, -3.0])
@pytest.mark.parametrize("exponent", [0.4, 1.7, -0.3])
def test_real_powers_make_no_nan_at_or_below_zero(
    one_pool: Callable[..., ModelSpec], x: float, exponent: float
) -> None:
    hill = (X / K) ** Symbol("n")
    kernel = compile_lanes(one_pool(hill / (1 + hill), {"k": 1.0, "n": 2.0}))
    y, p, slope = np.array([x]), np.array([0.5, exponent]), np.empty(1)
    assert np.isfinite(rates(kernel, y, p)).all()
    kernel.jacobian(0.0, y, p, slope)
    assert np.isfinite(slope).all()
    assert np.isnan(rates(kernel, np.array([np.nan]), p)).all()


def test_wrong_lengths_are_refused(network: ModelSpec, kernels: dict[int, CompiledLanes]) -> None:
    y, p = start(network)
    for bad in ((y[:-1], p), (y, p[:-1])):
        with pytest.raises(ValueError, match="broadcast"):
            kernels[8].rhs(0.0, *bad, np.empty(len(y)))


def test_the_emitted_code_has_biological_names(network: ModelSpec) -> None:
    model = border(lower(analyse(network)))
    text = emit_lanes(
        model, Storage(factors(model.entries, model.n_unknowns)), Lanes(8, own_math=True)
    ).text
    assert '%"rate:R0" = ' in text
    assert '%"vmax.R0" = load <8 x double>' in text
    assert '%"mass" = ' in text
    assert all(f"define void @{name}(" in text for name in LANE_FUNCTIONS)
    assert "mass" in model.unknowns


def test_a_second_compilation_is_a_hit_for_the_same_width_only(
    one_pool: Callable[..., ModelSpec], tmp_path: Path
) -> None:
    spec = one_pool(-1.0 * K * X, {"k": 2.0})
    first = compile_lanes(spec, cache=tmp_path, width=4)
    second = compile_lanes(spec, cache=tmp_path, width=4)
    other = compile_lanes(spec, cache=tmp_path, width=8)
    scalar = compile_spec(spec, cache=tmp_path)
    cached = [k.record.cached for k in (first, second, other, scalar)]
    assert cached == [False, True, False, False]
    assert {"analyse", "lower", "border", "factor", "emit", "assemble"} <= set(first.record.seconds)
    assert "assemble" not in second.record.seconds
    y, p, entries = np.array([3.0]), np.array([2.0]), np.empty(1)
    for kernel in (first, second, other, scalar):
        assert rates(kernel, y, p)[0] == -6.0
        kernel.jacobian(0.0, y, p, entries)
        assert entries[0] == -2.0
    numbers = ("width", "n_unknowns", "n_derived", "n_entries", "time_dependent")
    assert [getattr(first, n) for n in numbers] == [getattr(second, n) for n in numbers]


def test_a_pickled_kernel_is_rebuilt_with_its_width(
    one_pool: Callable[..., ModelSpec], tmp_path: Path
) -> None:
    kernel = compile_lanes(one_pool(-1.0 * K * X, {"k": 2.0}), cache=tmp_path, width=4)
    again = pickle.loads(pickle.dumps(kernel))
    assert isinstance(again, CompiledLanes)
    assert (again.record.cached, again.width) == (True, 4)
    assert rates(again, np.array([3.0]), np.array([2.0]))[0] == -6.0
