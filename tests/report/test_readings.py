from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.report.change import change, change_step
from glutarium.report.headline import stories
from glutarium.report.readings import Readings, read_dataset, spread
from glutarium.simulate.readout import Reading, at_end

if TYPE_CHECKING:
    import xarray as xr


def one(ends: list[list[float]], name: str = "tumour.pool.glutamine") -> Readings:
    """A result with one observable whose end values are given, arm by arm."""
    values = np.array(ends, dtype=np.float64)
    finished = np.isfinite(values)
    return Readings(
        arms=tuple(f"arm {i}" for i in range(values.shape[0])),
        members=tuple(range(values.shape[1])),
        time=np.array([0.0, 10.0]),
        units={name: "mM"},
        values=np.repeat(values[:, :, None, None], 2, axis=2),
        finished=finished,
        codes=tuple(tuple("SUCCESS" if f else "NOT_FINITE" for f in row) for row in finished),
        details=tuple(("",) * values.shape[1] for _ in ends),
    )


def test_a_failed_run_is_left_out_of_every_number(dataset: xr.Dataset) -> None:
    readings = read_dataset(dataset)
    assert not readings.finished[-1, -1]
    assert readings.ends("tumour.pool.glutamine")[-1].count == len(readings.members) - 1
    assert np.isfinite(readings.course("tumour.pool.glutamine", 2)).all()


def test_a_failed_run_with_finite_numbers_is_left_out_too(dataset: xr.Dataset) -> None:
    finite = dataset.copy(deep=True)
    finite["value"] = finite["value"].fillna(1e9)
    assert read_dataset(finite).ends("tumour.pool.glutamine")[-1].high < 1e9


def test_pools_are_read_at_the_end_and_rates_over_the_last_tenth(dataset: xr.Dataset) -> None:
    ramp = dataset.copy(deep=True)
    ramp["value"] = ramp["value"] * 0 + ramp["time"]
    ramp["value"] = ramp["value"].where(np.isfinite(ramp["value"]), 0.0)
    readings = read_dataset(ramp)
    assert readings.end("tumour.pool.glutamine")[0, 0] == 24
    assert readings.end("tumour.growth_rate")[0, 0] == pytest.approx((21.6 + 24) / 2)


@given(st.lists(st.floats(0.01, 5), min_size=1, max_size=12), st.floats(-1, 1), st.floats(-1, 1))
def test_rates_are_read_as_verdicts_read_them(steps: list[float], a: float, b: float) -> None:
    times = np.concatenate([[0.0], np.cumsum(steps)])
    values = np.sin(a * times) + b * times
    readings = one([[0.0]], "tumour.growth_rate")
    readings = replace(readings, time=times, values=values[None, None, :, None])
    expected = at_end(Reading({}, "1/h", averaged=True), times, values)
    assert readings.end("tumour.growth_rate")[0, 0] == pytest.approx(expected, abs=1e-9)


def test_the_order_of_dimensions_does_not_matter(dataset: xr.Dataset) -> None:
    turned = dataset.transpose("observable", "time", "sink", "element", "member", "arm")
    np.testing.assert_array_equal(read_dataset(turned).values, read_dataset(dataset).values)


def test_without_codes_every_run_finished(dataset: xr.Dataset) -> None:
    assert read_dataset(dataset.drop_vars(["code", "detail"])).finished.all()


def test_cells_are_not_places(dataset: xr.Dataset) -> None:
    assert read_dataset(dataset).cells == ("tumour",)


def test_spread_of_nothing_is_false() -> None:
    assert not spread(np.array([np.nan]))
    assert spread(np.arange(11.0)).low == pytest.approx(1.0)


@given(
    st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=1, max_size=6),
    st.floats(0.5, 100),
)
def test_swapping_arms_turns_the_change_and_scaling_leaves_it(
    pairs: list[tuple[float, float]], scale: float
) -> None:
    old, new = [p[0] for p in pairs], [p[1] for p in pairs]
    there, back = (
        change(one([old, new]), "tumour.pool.glutamine", 1),
        change(one([new, old]), "tumour.pool.glutamine", 1),
    )
    assert there.fold.median == pytest.approx(1 / back.fold.median)
    assert there.step == -back.step
    larger = one([[scale * v for v in old], [scale * v for v in new]])
    scaled = change(larger, "tumour.pool.glutamine", 1)
    assert scaled.fold.median == pytest.approx(there.fold.median)


def test_members_vote_on_the_direction() -> None:
    found = change(one([[1, 1, 1, 1], [0.5, 0.6, 1.01, 2]]), "tumour.pool.glutamine", 1)
    assert (found.direction, found.agree, found.count) == ("down", 2, 4)


def test_members_that_failed_do_not_vote() -> None:
    found = change(one([[1, 1, np.nan], [2, np.nan, 2]]), "tumour.pool.glutamine", 1)
    assert (found.direction, found.agree, found.count) == ("up", 1, 1)


def test_without_any_pair_there_is_no_change() -> None:
    found = change(one([[1.0], [np.nan]]), "tumour.pool.glutamine", 1)
    assert (found.direction, found.count, found.step, found.text) == ("none", 0, 0, "–")


def test_a_change_of_sign_is_told_in_numbers_not_as_a_fold() -> None:
    found = change(one([[0.03], [-0.005]], "tumour.growth_rate"), "tumour.growth_rate", 1)
    assert (found.direction, found.step, found.text) == ("down", -3, "0.030 → −0.0050")


def test_something_from_nothing_is_an_increase() -> None:
    found = change(one([[0.0], [2.0]]), "tumour.pool.glutamine", 1)
    assert (found.direction, found.step, found.text) == ("up", 3, "0 → 2.0")


def test_noise_below_the_floor_is_no_change() -> None:
    found = change(one([[1e-9], [9e-7]]), "tumour.pool.glutamine", 1)
    assert (found.direction, found.step) == ("same", 0)


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_the_colour_class_grows_with_the_fold(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert -3 <= change_step(low) <= change_step(high) <= 3


def test_the_extremes_have_a_colour() -> None:
    assert (change_step(0.0), change_step(1.0), change_step(np.inf)) == (-3, 0, 3)


def test_a_story_names_what_moved_most_and_what_failed(dataset: xr.Dataset) -> None:
    first, _, last = stories(read_dataset(dataset), "tumour")
    assert first.pools == ""
    assert last.pools.startswith("glutamate ×")
    assert last.note == "3 of 4 runs finished"
    assert last.figures[0].value.startswith("×0.3")
    assert last.figures[0].notes[1] == "lower in 3 of 3 members"
