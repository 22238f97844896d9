"""Figures asked and measured: a gain counts only at no larger error over the same members."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.figures import figures
from benchmarks.measure import Row, measure_ours, median_error
from benchmarks.problem import generated_problem
from benchmarks.table import gains

PEER = Row("cell", "libRoadRunner", 1e-6, 2, 0.2, 0.1, 0.1, errors={0: 1e-5, 1: 1e-5})


def ours(error: float, rtol: float = 1e-6, cpu: float = 0.001) -> Row:
    return Row("cell", "Glutarium", rtol, 9, 0.01, cpu, cpu, errors={0: error, 1: error, 2: 1.0})


@pytest.mark.parametrize(("error", "met"), [(1e-6, "yes"), (1e-4, "NO")])
def test_a_gain_counts_only_at_no_larger_error(error: float, met: str) -> None:
    lines = figures({"ensemble": [ours(error).as_dict(), PEER.as_dict()]})
    gain = next(line for line in lines if line[0].startswith("gain over libRoadRunner"))
    assert gain[3] == met
    assert gain[2].startswith("100.0")


def test_medians_are_over_the_members_that_both_have() -> None:
    assert median_error(ours(1e-6), PEER) == pytest.approx(1e-6)
    assert median_error(Row("cell", "diffrax", 1e-6), PEER) is None


def test_the_gain_at_equal_error_takes_the_cheapest_tolerance_that_is_exact_enough() -> None:
    mine = [ours(1e-6), ours(1e-4, 1e-4, 0.0001), ours(1e-7, 1e-7, 0.002)]
    assert gains(mine, [PEER])[1][6].startswith("100")


def test_our_own_row_has_errors_and_loses_no_member() -> None:
    problem = generated_problem(2, np.linspace(0.0, 2.0, 5), size=60)
    assert problem.solve(2) < 1e-5
    (row,) = measure_ours(problem, [1e-6], [], threads=1)
    assert row.lost == 0
    assert median_error(row) < 1e-3  # type: ignore[operator]


def test_a_gain_compares_the_same_members() -> None:
    """Members that take four times the steps and that the peer has not run do not count."""
    mine = replace(ours(1e-6), share={0: 0.25, 1: 0.25})
    assert gains([mine], [PEER])[1][2].startswith("400")
