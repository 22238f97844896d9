"""Values at the times asked for: as exact as the ends of steps, and none where there are none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.compile import compile_lanes
from glutarium.model.expr import Symbol
from glutarium.solve import Batch, LaneOptions, System, run_batch
from glutarium.solve.methods import METHODS, RODAS5P

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.compile import CompiledLanes
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec
    from glutarium.solve import BatchResult

REPORTS = np.linspace(0.0, 40.0, 201)
FEW = REPORTS[::20]


@pytest.fixture(scope="module")
def oscillator(rates_model: Callable[..., ModelSpec]) -> CompiledLanes:
    """It rests and then switches, sharply for large ``b``."""
    x, z, a, b = (Symbol(s) for s in "xzab")
    rates = {"x": a - (b + 1) * x + x * x * z, "z": b * x - x * x * z}
    return compile_lanes(rates_model(rates, ["a", "b"]))


def solved(kernel: CompiledLanes, times: Array, rtol: float, threads: int = 1) -> BatchResult:
    random = np.random.default_rng(7)
    made = [
        System(random.lognormal(0, 0.3, 2), np.array([1.0, b])) for b in random.uniform(2.2, 5, 32)
    ]
    return run_batch(
        kernel,
        Batch.of(made, times),
        options=LaneOptions(rtol=rtol),
        atol=1e-3 * rtol,
        threads=threads,
    )


def errors(kernel: CompiledLanes, times: Array) -> Array:
    """Largest relative error of every system at times of 1e-6."""
    truth = solved(kernel, times, 1e-12).y
    off: Array = np.abs(solved(kernel, times, 1e-6).y / truth - 1.0).max(axis=(1, 2))
    return off


def test_what_is_interpolated_errs_no_more_than_ends_of_steps(
    oscillator: CompiledLanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = errors(oscillator, REPORTS)
    loose = replace(RODAS5P, overestimate_inside=RODAS5P.overestimate)
    monkeypatch.setitem(METHODS, "rodas5p", loose)
    free = errors(oscillator, REPORTS)
    assert np.median(held / free) < 0.8


def test_steps_end_at_reports_that_they_would_pass_by_little(oscillator: CompiledLanes) -> None:
    few, none = (solved(oscillator, times, 1e-6) for times in (FEW, FEW[[0, -1]]))
    many = solved(oscillator, REPORTS, 1e-6)
    assert few.steps.sum() < 1.1 * none.steps.sum()
    assert many.steps.sum() < 1.2 * none.steps.sum()


def test_values_that_are_not_reached_are_none(oscillator: CompiledLanes) -> None:
    random = np.random.default_rng(3)
    made = [System(np.ones(2), np.array([1.0, b])) for b in random.uniform(1, 5, 300)]
    batch, options = Batch.of(made, REPORTS), LaneOptions(max_steps=60)
    for threads in (1, 2, 3):
        result = run_batch(oscillator, batch, options=options, threads=threads)
        reached = np.arange(len(REPORTS)) < result.reached[:, None]
        np.testing.assert_array_equal(np.isfinite(result.y).all(axis=2), reached)
        np.testing.assert_array_equal(np.isnan(result.y).all(axis=2), ~reached)
        assert not reached.all()
