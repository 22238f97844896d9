"""Samples of several kinds of cells: laws of mixing, and a sample of two dishes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.errors import ModelError
from glutarium.simulate.cell import Lane, RestCache, run_lanes
from glutarium.simulate.label_mix import Portion, mixed, mixed_sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.names import Vocabulary
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

ONE, OTHER = np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([[0.1, 0.9], [0.3, 0.7]])


def test_a_mixture_of_the_same_is_the_same() -> None:
    assert mixed([ONE, ONE], [np.array([1.0, 3.0])] * 2) == pytest.approx(ONE)


def test_a_mixture_weighs_by_amounts_and_adds_up_to_one() -> None:
    found = mixed([ONE, OTHER], [np.array([1.0, 3.0]), np.array([1.0, 1.0])])
    assert found == pytest.approx(np.array([[0.5, 0.5], [0.45, 0.55]]))
    assert found.sum(axis=-1) == pytest.approx(np.ones(2))


@pytest.mark.parametrize(
    ("distributions", "amounts", "word"),
    [
        ([ONE], [], "one amount for every distribution"),
        ([ONE, ONE[:, :1]], [np.ones(2)] * 2, "of one molecule"),
        ([ONE], [np.array([-1.0, 1.0])], "must not be below zero"),
        ([ONE], [np.zeros(2)], "must be there"),
    ],
)
def test_what_cannot_be_mixed_is_named(
    distributions: list[np.ndarray], amounts: list[np.ndarray], word: str
) -> None:
    with pytest.raises(ModelError, match=word):
        mixed(distributions, amounts)


@pytest.fixture(scope="module")
def pair(model: CellModel, dish: Callable[..., ArmPlan]) -> list[Lane]:
    """A traced dish, and one in which the tracer is half as much of the glutamine."""
    plan = dish(times=(0.0, 2.0, 6.0))
    plans = [
        replace(plan, phases=(replace(plan.phases[0], tracer=f"{share} U-13C-glutamine"),))
        for share in (1.0, 0.5)
    ]
    return run_lanes(model, [(p, 0) for p in plans], RestCache())


def test_a_sample_lies_between_its_cells(
    model: CellModel, words: Vocabulary, pair: list[Lane]
) -> None:
    alone = [mixed_sample([Portion(lane, 1.0)], "glutamate", model, words) for lane in pair]
    both = mixed_sample([Portion(lane, 1.0) for lane in pair], "glutamate", model, words)
    assert both.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-10)
    # Their pools are alike, so both count the same.
    assert both == pytest.approx((alone[0] + alone[1]) / 2.0, abs=1e-9)
    rare = mixed_sample([Portion(pair[0], 3.0), Portion(pair[1], 1.0)], "glutamate", model, words)
    assert rare == pytest.approx(0.75 * alone[0] + 0.25 * alone[1], abs=1e-9)


def test_a_molecule_without_isotopologues_is_named(
    model: CellModel, words: Vocabulary, pair: list[Lane]
) -> None:
    with pytest.raises(ModelError, match="cannot be read in a mixed sample"):
        mixed_sample([Portion(pair[0], 1.0)], "oxygen", model, words)
