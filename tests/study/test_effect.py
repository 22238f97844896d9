"""Effects and floors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from glutarium.names import Name, Observable, Vocabulary
from glutarium.study.effect import effect_between, floor_of, ratio_of_pair, undone_share

FLOOR = 1e-3
VALUES = arrays(np.float64, 6, elements=st.floats(-10, 10, allow_subnormal=False))


@given(a=VALUES, v=VALUES)
def test_swapping_the_sides_turns_the_sign(a: np.ndarray, v: np.ndarray) -> None:
    there, back = effect_between(a, v, floor=FLOOR), effect_between(v, a, floor=FLOOR)
    np.testing.assert_array_equal(there.direction, -back.direction)
    np.testing.assert_allclose(there.log2, -back.log2, rtol=1e-9, atol=1e-12)


@given(a=VALUES)
def test_equal_sides_are_unchanged(a: np.ndarray) -> None:
    effect = effect_between(a, a, floor=FLOOR)
    assert not effect.direction.any()
    assert not effect.size.any()
    np.testing.assert_array_equal(effect.fold, 1.0)


@given(a=VALUES, v=VALUES, power=st.integers(-20, 20))
def test_the_unit_does_not_matter(a: np.ndarray, v: np.ndarray, power: int) -> None:
    scale = 2.0**power  # a power of two, so that scaling loses no digit
    one = effect_between(a, v, floor=FLOOR)
    other = effect_between(a * scale, v * scale, floor=FLOOR * scale)
    np.testing.assert_array_equal(one.direction, other.direction)
    np.testing.assert_allclose(one.size, other.size, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.log2, other.log2, rtol=1e-9, atol=1e-12)


@given(a=VALUES, v=VALUES)
def test_the_direction_is_that_of_the_difference(a: np.ndarray, v: np.ndarray) -> None:
    effect = effect_between(a, v, floor=FLOOR)
    moved = effect.direction != 0
    np.testing.assert_array_equal(effect.direction[moved], np.sign(a - v)[moved])
    below = (np.abs(a) < FLOOR) & (np.abs(v) < FLOOR)
    assert not effect.direction[below].any()
    assert not np.isnan(effect.log2).any()


@given(a=VALUES, v=VALUES)
def test_positive_values_give_the_plain_ratio(a: np.ndarray, v: np.ndarray) -> None:
    a, v = np.abs(a) + FLOOR, np.abs(v) + FLOOR
    effect = effect_between(a, v, floor=FLOOR)
    np.testing.assert_allclose(effect.log2, np.log2(a / v), atol=1e-12)
    np.testing.assert_allclose(effect.size, np.abs(a / v - 1), atol=1e-12)


@pytest.mark.parametrize(
    ("arm", "versus", "direction", "size", "fold"),
    [
        (0.0005, 0.0001, 0, 0.0, 1.0),  # both below the floor
        (0.0, 0.5, -1, 1.0, 0.0),  # nothing is left
        (0.5, 0.0, 1, 1.0, np.inf),  # there was nothing
        (0.0009, 0.0012, -1, 0.25, 0.75),  # one below: share of the larger side
        (0.0012, 0.0009, 1, 0.25, 4 / 3),
        (-0.02, 0.04, -1, 1.5, 0.0),  # the sign turns
        (0.02, -0.04, 1, 1.5, np.inf),
        (-0.02, -0.01, -1, 1.0, 0.5),  # dies faster: down, though the ratio is 2
        (1.05, 1.0, 1, 0.05, 1.05),
    ],
)
def test_the_rules_of_the_format(
    arm: float, versus: float, direction: int, size: float, fold: float
) -> None:
    effect = effect_between([arm], [versus], floor=FLOOR)
    assert effect.direction.item() == direction
    assert effect.size.item() == pytest.approx(size)
    assert effect.fold.item() == pytest.approx(fold)


def test_two_observables_have_two_floors() -> None:
    effect = effect_between([0.01], [0.01], floor=0.1, versus_floor=0.001)
    assert effect.direction.item() == 0
    assert effect_between([0.01], [0.02], floor=0.1, versus_floor=0.001).size.item() == 0.5


def test_a_pair_is_a_ratio_and_a_denominator_below_the_floor_counts_as_the_floor() -> None:
    ratio = ratio_of_pair([1.0, 1.0, -1.0, 1.0], [2.0, 1e-9, 4.0, -2.0], floor=FLOOR)
    np.testing.assert_allclose(ratio[:3], [0.5, 1000.0, -0.25])
    assert np.isnan(ratio[3])


@given(base=VALUES, change=st.floats(0.1, 10), share=st.floats(-2, 2))
def test_the_undone_share_is_what_was_put_in(base: np.ndarray, change: float, share: float) -> None:
    for hit in (base - change, base + change):
        found, _ = undone_share(base, hit, hit + share * (base - hit), floor=FLOOR)
        np.testing.assert_allclose(found, share, atol=1e-9)


def test_nothing_is_undone_of_no_change() -> None:
    share, effect = undone_share([1e-5], [1e-6], [1.0], floor=FLOOR)
    assert (share.item(), effect.direction.item()) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("tumour.growth_rate", 1e-4),
        ("tumour.pool.glutamate", 1e-6),
        ("tumour.uptake.glutamate", 1e-4),
        ("tumour.secretion.glutamate", 1e-4),
        ("tumour.secretion.VEGFA", 1e-7),
        ("tumour.efflux.glutamate", 1e-4),
        ("tumour.flux.GLS", 1e-4),
        ("tumour.viability", 1e-3),
        ("tumour.expression.GLS", 1e-3),
        ("tumour.fate.apoptosis", 1e-3),
        ("medium.glutamate", 1e-6),
        ("tissue.glutamate", 1e-6),
        ("tissue.core.glutamate", 1e-6),
        ("tissue.tumour_volume", 1e-3),
        ("body.plasma.glutamate", 1e-6),
        ("body.gut_injury", 1e-3),
        ("body.demand.glutamate", 1e-4),
    ],
)
def test_every_family_has_its_floor(name: str, floor: float) -> None:
    names = {
        "tumour": "cell",
        "gut": "organ",
        "plasma": "organ",
        "glutamate": "metabolite",
        "GLS": "gene",
        "VEGFA": "gene",
        "apoptosis": "fate",
        "tumour_volume": "index",
    }
    vocabulary = Vocabulary(tuple(Name(name, kind) for name, kind in names.items()))
    assert floor_of(Observable.parse(name, vocabulary)) == floor


def test_two_values_below_the_floor_are_unchanged_whatever_their_signs() -> None:
    found = effect_between([-1e-5, 1e-5], [2e-5, -2e-5], floor=1e-4)
    assert list(found.direction) == [0.0, 0.0]
    assert list(found.size) == [0.0, 0.0]
