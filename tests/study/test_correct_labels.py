"""Raw areas, corrected by a library where it is installed."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from glutarium.errors import KnowledgeError, MissingExtraError
from glutarium.study.correct_labels import correct_natural
from glutarium.study.validate_labels import natural_matrix

HERE = importlib.util.find_spec("isocor") is not None


@pytest.mark.skipif(not HERE, reason="isocor is not installed")
def test_corrected_carbon_is_what_was_there_before_nature() -> None:
    before = np.array([0.2, 0.0, 0.1, 0.1, 0.0, 0.6])
    # Only carbon: the other elements of a formula add to the masses too.
    found = correct_natural(list(natural_matrix(5) @ before), "C5")
    assert found == pytest.approx(before, abs=1e-3)


@pytest.mark.skipif(not HERE, reason="isocor is not installed")
def test_areas_that_do_not_fit_are_named() -> None:
    with pytest.raises(KnowledgeError, match="do not fit C5"):
        correct_natural([1.0, 2.0], "C5")


@pytest.mark.skipif(HERE, reason="isocor is installed")
def test_a_missing_library_is_named() -> None:
    with pytest.raises(MissingExtraError, match="labels"):
        correct_natural([1.0], "C1")
