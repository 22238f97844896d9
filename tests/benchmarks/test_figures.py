"""Figures asked and measured: a gain counts only at no larger error over the same members."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.figures import figures
from benchmarks.measure import (
    PAIRS,
    PER_LANE,
    WORK,
    Row,
    measure_ours,
    median_error,
    members_of_pair,
)
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


def test_where_our_error_is_larger_a_tighter_tolerance_has_to_gain_as_much() -> None:
    mine = [ours(1e-4), ours(1e-6, 1e-7, 0.002)]
    lines = figures({"ensemble": [row.as_dict() for row in (*mine, PEER)]})
    gain = next(line for line in lines if line[0].startswith("gain over libRoadRunner"))
    assert gain[2:] == ("100.0, error larger; 50.0 at no larger error", "yes")


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


def test_all_cores_count_by_the_least_of_each_and_show_their_scatter() -> None:
    mine = replace(ours(1e-6), pairs=[(2.0, 1.0), (3.0, 1.25), (2.2, 2.0)])
    line = next(line for line in figures({"ensemble": [mine.as_dict()]}) if "all cores" in line[0])
    assert line == ("all cores against one, cell, 1e-06 (pairs 1.10 to 2.40)", "1.8", "2", "yes")


def test_cores_are_compared_in_several_pairs() -> None:
    problem = generated_problem(2, np.linspace(0.0, 0.1, 2), size=60)
    problem.solve(1)
    (row,) = measure_ours(problem, [1e-6], [1e-6], threads=2)
    assert len(row.pairs) == PAIRS


def test_pairs_have_enough_to_do_for_every_lane() -> None:
    assert members_of_pair(WORK / 5000, 16) == 5000
    assert members_of_pair(WORK, 16) == 16 * PER_LANE


@pytest.mark.parametrize(("species", "asked"), [(60, None), (150, "50000"), (750, "10000")])
def test_voxel_steps_are_asked_for_by_the_number_of_species(
    species: int, asked: str | None
) -> None:
    row = {"model": "some", "species": species, "ours": 2e4, "roadrunner": 300.0, "note": ""}
    lines = {what: found for what, *found in figures({"voxel": [row]})}
    assert lines.get("voxel steps/s/core, some", [None])[0] == asked
    assert lines["voxels against libRoadRunner, some"][0] == ("50" if asked else "30")


def test_a_peer_without_a_figure_has_no_line() -> None:
    row = {"model": "cell", "species": 800, "ours": 1e4, "note": "libRoadRunner: no run within 9 s"}
    assert not [line for line in figures({"voxel": [row]}) if "against" in line[0]]
