"""Excess over Bliss, Loewe, HSA and ZIP on surfaces whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from glutarium.report.surface import METHODS, Surface, excess, mean_excess

DOSES = (0.0, 0.01, 0.1, 1.0, 10.0)
SURFACE = Surface(
    "pair",
    ("A", "B"),
    (DOSES, DOSES),
    tuple(tuple(5 * i + j for j in range(5)) for i in range(5)),
)


def _alone(half: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return 1.0 / (1.0 + np.array(DOSES) / half)


@pytest.fixture(autouse=True)
def _library() -> None:
    pytest.importorskip("synergy")


def test_independent_drugs_have_no_excess_over_bliss_and_zip() -> None:
    effects = np.outer(_alone(0.1), _alone(1.0))[None]
    for method in ("Bliss", "ZIP"):
        assert np.abs(excess(effects, SURFACE, method)).max() < 1e-6


def test_a_drug_with_itself_is_additive_by_loewe() -> None:
    total = np.add.outer(np.array(DOSES), np.array(DOSES))
    effects = (1.0 / (1.0 + total / 0.3))[None]
    assert abs(mean_excess(excess(effects, SURFACE, "Loewe")).median) < 1e-3
    assert mean_excess(excess(effects, SURFACE, "HSA")).median > 0


def test_more_than_expected_is_positive_and_less_is_negative() -> None:
    independent = np.outer(_alone(0.1), _alone(1.0))
    more, less = independent.copy(), independent.copy()
    more[1:, 1:] *= 0.5
    less[1:, 1:] = np.sqrt(less[1:, 1:])
    found = mean_excess(excess(np.array([more]), SURFACE, "Bliss")).median
    assert found > 0 > mean_excess(excess(np.array([less]), SURFACE, "Bliss")).median


def test_a_member_that_failed_has_no_excess() -> None:
    effects = np.full((2, 5, 5), np.nan)
    effects[0] = np.outer(_alone(0.1), _alone(1.0))
    for method in METHODS:
        assert mean_excess(excess(effects, SURFACE, method)).count == 1
