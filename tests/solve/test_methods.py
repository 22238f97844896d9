"""The Rosenbrock methods have the order that they claim, on systems with known solutions."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.machine import Library, object_code
from glutarium.model.expr import Exp, Symbol
from glutarium.solve import Batch, LaneOptions, System, run_batch
from glutarium.solve.blockcode import SLOTS
from glutarium.solve.methods import METHODS, RODAS3, RODAS5P
from glutarium.solve.stepcode import STEP_FUNCTIONS, step_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glutarium.compile import CompiledLanes
    from glutarium.kernel import Array
    from glutarium.model.expr import Expr
    from glutarium.solve.methods import Method

LOOSE = 1e6
"""Absolute tolerance that no error reaches: steps then have the length that is asked for."""

T, X, Z = Symbol("time"), Symbol("x"), Symbol("z")
DECAYING = Exp(-1.0 * T)

PROBLEMS: Mapping[str, tuple[dict[str, Expr], Callable[[Array], Array]]] = {
    "linear": (
        {"x": -0.5 * X + 2 * Z, "z": -2.0 * X - 0.5 * Z},
        lambda t: np.exp(-0.5 * t) * np.array([np.cos(2 * t), -np.sin(2 * t)]),
    ),
    "logistic": ({"x": X * (1 - X)}, lambda t: np.array([1 / (1 + 9 * np.exp(-t))])),
    "driven": ({"x": T * DECAYING - X}, lambda t: np.array([(1 + t**2 / 2) * np.exp(-t)])),
    "driven, not linear": ({"x": -2.0 * T * X * X}, lambda t: np.array([1 / (1 + t**2)])),
}


@pytest.fixture(scope="module")
def kernels(in_lanes: Callable[..., CompiledLanes]) -> dict[str, CompiledLanes]:
    return {name: in_lanes(rates) for name, (rates, _) in PROBLEMS.items()}


def run_fixed(
    kernel: CompiledLanes,
    method: str,
    start: Array,
    times: Array,
    *,
    step: float,
    p: Array | None = None,
) -> Array:
    """States of one system that takes steps of one length."""
    options = LaneOptions(rtol=0.1, method=method, first_step=step, max_step=step)
    batch = Batch.of([System(start, np.empty(0) if p is None else p)], times)
    result = run_batch(kernel, batch, options=options, atol=LOOSE, threads=1)
    assert result.codes == (ResultCode.SUCCESS,)
    assert result.rejected[0] == 0
    return np.asarray(result.y[0])


def slope(steps: Array, errors: Array) -> float:
    """Exponent of the error's dependence on the step."""
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("method", [RODAS5P, RODAS3])
def test_errors_fall_with_the_order_of_the_method(
    kernels: Mapping[str, CompiledLanes], problem: str, method: Method
) -> None:
    _, exact = PROBLEMS[problem]
    counts = np.array([8, 12, 16, 24, 32]) * (1 if method is RODAS5P else 4)
    errors = []
    for n in counts:
        times = np.array([0.0, 2.0])
        found = run_fixed(
            kernels[problem], method.name.lower(), exact(times[:1])[..., 0], times, step=2.0 / n
        )
        errors.append(np.abs(found[-1] - exact(times[-1:])[..., 0]).max())
    assert slope(2.0 / counts, np.array(errors)) > method.order - 0.25


@pytest.mark.parametrize("stiffness", [1e3, 1e6, 1e9])
@pytest.mark.parametrize("method", [RODAS5P, RODAS3])
def test_stiffness_does_no_harm(
    in_lanes: Callable[..., CompiledLanes], stiffness: float, method: Method
) -> None:
    """The problem of Prothero and Robinson: a fast pool that follows a smooth one exactly."""
    g = 1 / (1 + T)
    kernel = in_lanes({"x": Symbol("k") * (g - X) - g * g}, ["k"])
    times, steps, p = np.array([0.0, 2.0]), 2.0 / np.array([8, 16, 32]), np.array([stiffness])
    name = method.name.lower()
    found = [run_fixed(kernel, name, np.ones(1), times, step=h, p=p)[-1, 0] for h in steps]
    errors = np.abs(np.array(found) - 1 / 3)
    assert (errors < 0.1 * steps / stiffness + 1e-15).all()
    if method is RODAS5P and stiffness < 1e6:  # beyond, errors are round-off
        assert slope(steps, errors) > 3.0


class OneStep:
    """One attempt of a method on one system.

    Parameters
    ----------
    kernel
        The model, of one lane.
    method
        The method.
    """

    def __init__(self, kernel: CompiledLanes, method: Method) -> None:
        n = len(kernel.state_names)
        text = step_code(method, kernel.width, slopes=kernel.time_dependent)
        self._library = Library(object_code(text), STEP_FUNCTIONS)
        sizes = {"p": 0, "d": kernel.n_derived, "m": kernel.n_entries + 1}
        sizes |= {"k": method.stages * kernel.n_unknowns + 1, "rtol": 1, "observed": 1}
        sizes |= dict.fromkeys(("t", "h", "error", "room", "theta", "t_out"), 1)
        self.arrays = {
            name: np.zeros(
                max(sizes.get(name, n), 1) * (1 if name in {"rtol", "atol"} else kernel.width)
            )
            for name in SLOTS[9:]
        }
        self._block = np.zeros(len(SLOTS), dtype=np.int64)
        for i, name in enumerate(SLOTS):
            if name in self.arrays:
                self._block[i] = self.arrays[name].ctypes.data
            elif name.startswith("n_"):
                self._block[i] = getattr(kernel, name, n)
            elif name != "slope" or kernel.time_dependent:
                self._block[i] = kernel.address(name)
        self.arrays["atol"][:] = 1.0

    def __call__(self, function: str) -> None:
        """Run one of the step functions."""
        address = self._library.address(function)
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)(self._block.ctypes.data)


@pytest.fixture(scope="module")
def one_lane(in_lanes: Callable[..., CompiledLanes]) -> dict[str, CompiledLanes]:
    return {name: in_lanes(rates, width=1) for name, (rates, _) in PROBLEMS.items()}


STEPS = np.array([0.1, 0.07, 0.05, 0.035, 0.025])
BEGIN = 0.7


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("method", [RODAS5P, RODAS3])
def test_the_estimate_has_the_order_of_the_embedded_solution(
    one_lane: Mapping[str, CompiledLanes], problem: str, method: Method
) -> None:
    step, found = OneStep(one_lane[problem], method), []
    step.arrays["y"][:] = PROBLEMS[problem][1](np.array([BEGIN]))[..., 0]
    step.arrays["t"][:] = BEGIN
    for h in STEPS:
        step.arrays["h"][:] = h
        step("attempt")
        found.append(step.arrays["error"][0])
    assert slope(STEPS, np.array(found)) == pytest.approx(method.error_order + 1, abs=0.6)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_dense_output_is_of_order_four(one_lane: Mapping[str, CompiledLanes], problem: str) -> None:
    step, exact = OneStep(one_lane[problem], RODAS5P), PROBLEMS[problem][1]
    step.arrays["y"][:] = exact(np.array([BEGIN]))[..., 0]
    step.arrays["t"][:] = BEGIN
    worst = []
    for h in STEPS:
        step.arrays["h"][:] = h
        step("attempt")
        errors = []
        for share in (0.2, 0.45, 0.7, 0.9):
            step.arrays["theta"][:] = share
            step("interpolate")
            there = exact(np.array([BEGIN + share * h]))[..., 0]
            errors.append(np.abs(step.arrays["stage"] - there).max())
        worst.append(max(errors))
    assert slope(STEPS, np.array(worst)) > 4.6  # an error of h^5 within one step


def test_dense_output_meets_both_ends(one_lane: Mapping[str, CompiledLanes]) -> None:
    step = OneStep(one_lane["linear"], RODAS5P)
    step.arrays["y"][:] = 0.3, 0.7
    step.arrays["h"][:] = 0.5
    step("attempt")
    for share, end in ((0.0, "y"), (1.0, "new")):
        step.arrays["theta"][:] = share
        step("interpolate")
        np.testing.assert_array_equal(step.arrays["stage"], step.arrays[end])


def classical(method: Method) -> tuple[Array, Array, Array]:
    """``alpha``, ``beta`` and the weights of the solution in the textbook form."""
    n = method.stages
    a, c = np.zeros((n, n)), np.zeros((n, n))
    for i in range(n):
        a[i, :i], c[i, :i] = method.a[i], method.c[i]
    gamma = np.linalg.inv(np.eye(n) / method.gamma - c)
    alpha = a @ gamma
    return alpha, np.asarray(alpha + gamma), np.asarray(gamma)


def conditions(b: Array, alpha: Array, beta: Array) -> list[tuple[int, float, float]]:
    """Order, value and goal of the conditions up to order four."""
    x, s = alpha.sum(axis=1), beta.sum(axis=1)
    return [
        (1, b.sum(), 1.0),
        (2, b @ s, 1 / 2),
        (3, b @ x**2, 1 / 3),
        (3, b @ beta @ s, 1 / 6),
        (4, b @ x**3, 1 / 4),
        (4, b @ (x * (alpha @ s)), 1 / 8),
        (4, b @ beta @ x**2, 1 / 12),
        (4, b @ beta @ beta @ s, 1 / 24),
    ]


@pytest.mark.parametrize("method", METHODS.values())
def test_the_tableau_meets_the_conditions_of_its_order(method: Method) -> None:
    alpha, beta, gamma = classical(method)
    last = np.append(method.a[-1], 0.0)
    solution = (last + np.eye(method.stages)[-1]) @ gamma
    for weights, order in ((solution, method.order), (last @ gamma, method.error_order)):
        for needed, value, goal in conditions(weights, alpha, beta):
            if needed <= order:
                assert value == pytest.approx(goal, abs=1e-12), (needed, goal)
    if method.order == 5:
        assert solution @ alpha.sum(axis=1) ** 4 == pytest.approx(1 / 5, abs=1e-12)


@pytest.mark.parametrize("method", METHODS.values())
def test_times_and_slopes_follow_from_the_tableau(method: Method) -> None:
    alpha, _, gamma = classical(method)
    np.testing.assert_allclose(alpha.sum(axis=1), method.times, atol=1e-12)
    np.testing.assert_allclose(gamma.sum(axis=1), method.slopes, atol=1e-12)


@pytest.mark.parametrize("method", METHODS.values())
def test_what_is_infinitely_fast_is_damped_at_once(method: Method) -> None:
    """Stiffly accurate: the last row of ``beta`` is the solution, so it vanishes at infinity."""
    _, beta, gamma = classical(method)
    solution = (np.append(method.a[-1], 0.0) + np.eye(method.stages)[-1]) @ gamma
    np.testing.assert_allclose(solution, beta[-1], atol=1e-12)
