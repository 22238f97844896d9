"""Exponential, logarithm and power of the lanes against numpy's."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.compile.emit import Lanes, header
from glutarium.compile.vector_math import vector_math
from glutarium.machine import Library, object_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array

WIDTHS = (1, 4, 8)
TINY = np.finfo(float).tiny
Function = "Callable[..., Array]"


def _wrapper(name: str, kind: str, n_arguments: int) -> str:
    letters = "xy"[:n_arguments]
    pointers = ", ".join(f"ptr %{a}" for a in (*letters, "out"))
    loads = "\n".join(f"  %{a}v = load {kind}, ptr %{a}, align 8" for a in letters)
    values = ", ".join(f"{kind} %{a}v" for a in letters)
    return f"""
define void @{name}({pointers}) nounwind {{
{loads}
  %r = call {kind} @lanes_{name}({values})
  store {kind} %r, ptr %out, align 8
  ret void
}}
"""


def _functions(width: int) -> dict[str, Callable[..., Array]]:
    """Functions of arrays of any length; what is left over of the last vector is ones."""
    lanes = Lanes(width, own_math=True)
    sizes = {"exp": 1, "log": 1, "pow": 2}
    wrappers = [_wrapper(name, lanes.type, n) for name, n in sizes.items()]
    text = "\n".join([header("math", lanes), vector_math(lanes), *wrappers])
    library = Library(object_code(text), frozenset(sizes))

    def function(name: str) -> Callable[..., Array]:
        code = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (sizes[name] + 1))(library.address(name))

        def call(*arguments: Array) -> Array:
            n = len(arguments[0])
            padded = [np.append(a, np.ones(-n % width)) for a in arguments]
            out = np.empty(len(padded[0]))
            for i in range(0, len(out), width):
                code(*(a[i:].ctypes.data for a in (*padded, out)))
            return out[:n]

        call.library = library  # type: ignore[attr-defined] # the code must not be freed
        return call

    return {name: function(name) for name in sizes}


@pytest.fixture(scope="module")
def math() -> dict[int, dict[str, Callable[..., Array]]]:
    return {width: _functions(width) for width in WIDTHS}


def ulps(found: Array, expected: Array) -> Array:
    """Distance in units of the last place."""
    return np.asarray(np.abs(found - expected) / np.spacing(np.abs(expected)))


@given(seed=st.integers(0, 2**32 - 1), width=st.sampled_from(WIDTHS))
def test_exponentials_are_right_to_the_last_places(
    math: dict[int, dict[str, Callable[..., Array]]], seed: int, width: int
) -> None:
    random = np.random.default_rng(seed)
    x = np.concatenate(
        [random.uniform(-708.0, 709.7, 200), random.normal(0, 1, 100), random.normal(0, 1e-9, 50)]
    )
    assert ulps(math[width]["exp"](x), np.exp(x)).max() <= 2.0


@given(seed=st.integers(0, 2**32 - 1), width=st.sampled_from(WIDTHS))
def test_logarithms_are_right_to_the_last_places(
    math: dict[int, dict[str, Callable[..., Array]]], seed: int, width: int
) -> None:
    random = np.random.default_rng(seed)
    x = np.concatenate(
        [
            np.exp(random.uniform(-708.0, 709.0, 200)),
            random.uniform(0.5, 2.0, 100),
            1.0 + random.normal(0, 1e-8, 50),
        ]
    )
    assert ulps(math[width]["log"](x), np.log(x)).max() <= 3.0


@given(seed=st.integers(0, 2**32 - 1), width=st.sampled_from(WIDTHS))
def test_powers_lose_no_more_than_their_logarithm_says(
    math: dict[int, dict[str, Callable[..., Array]]], seed: int, width: int
) -> None:
    random = np.random.default_rng(seed)
    x, y = np.exp(random.uniform(-70.0, 30.0, 300)), random.uniform(-8.0, 8.0, 300)
    size = np.abs(y * np.log(x))
    assert (ulps(math[width]["pow"](x, y), x**y) <= 4.0 + 3.0 * size).all()


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_too_large_or_too_small_ends_at_infinity_or_zero(
    math: dict[int, dict[str, Callable[..., Array]]], width: int
) -> None:
    exp, power = math[width]["exp"], math[width]["pow"]
    x = np.array([710.0, 1e5, 1e308, np.inf, -746.0, -1e5, -1e308, -np.inf, 0.0, -0.0])
    np.testing.assert_array_equal(exp(x), [np.inf] * 4 + [0.0] * 4 + [1.0, 1.0])
    base, exponent = (
        np.array([1e30, 1e30, 1e-30, 1e-30, 7.0]),
        np.array([11.0, -11.0, 11.0, -11.0, 0.0]),
    )
    np.testing.assert_array_equal(power(base, exponent), [np.inf, 0.0, 0.0, np.inf, 1.0])


@pytest.mark.parametrize("width", WIDTHS)
def test_results_below_the_normal_numbers_fade_out(
    math: dict[int, dict[str, Callable[..., Array]]], width: int
) -> None:
    x = np.linspace(-745.1, -708.4, 500)
    np.testing.assert_allclose(math[width]["exp"](x), np.exp(x), rtol=1e-15, atol=1e-323)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_smallest_and_largest_bases_have_logarithms(
    math: dict[int, dict[str, Callable[..., Array]]], width: int
) -> None:
    x = np.array([TINY, 1e-300, 1e-30, np.nextafter(1.0, 0.0), 1.0, np.nextafter(1.0, 2.0), 1e300])
    x = np.append(x, np.finfo(float).max)
    assert ulps(math[width]["log"](x), np.log(x)).max() <= 3.0
    assert math[width]["log"](np.ones(1))[0] == 0.0


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_no_number_stays_none(
    math: dict[int, dict[str, Callable[..., Array]]], width: int
) -> None:
    x, one = np.array([np.nan, 2.0]), np.ones(2)
    for result in (math[width]["exp"](x), math[width]["log"](x), math[width]["pow"](x, one)):
        assert np.isnan(result[0])
        assert np.isfinite(result[1])
    assert np.isnan(math[width]["pow"](one, x)[0])


@given(
    x=st.lists(st.floats(1e-300, 1e300), min_size=8, max_size=8),
    y=st.lists(st.floats(-300, 300), min_size=8, max_size=8),
)
def test_lanes_of_any_width_give_the_same_bits(
    math: dict[int, dict[str, Callable[..., Array]]], x: list[float], y: list[float]
) -> None:
    a, b = np.array(x), np.array(y)
    for name, arguments in (("exp", (b,)), ("log", (a,)), ("pow", (a, b))):
        bits = {math[width][name](*arguments).tobytes() for width in WIDTHS}
        assert len(bits) == 1, name
