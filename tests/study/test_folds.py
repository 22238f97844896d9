"""Published folds are compared with what the model makes of the experiment that a row describes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glutarium.errors import GlutariumError
from glutarium.knowledge.base import load
from glutarium.study.folds import published_folds

if TYPE_CHECKING:
    from glutarium.knowledge.records import PublishedFold

HIF = "hif_vegf"


def row(name: str) -> PublishedFold:
    return load().folds[name]


def test_a_range_decides_whether_the_fold_lies_within() -> None:
    low = replace(row(HIF), id="far", low=1e3, high=1e4)
    inside, outside = published_folds([row(HIF), low], workers=1)
    assert inside.fold == pytest.approx(outside.fold)
    assert inside.fold > 1.0
    assert inside.within
    assert not outside.within


def test_a_row_that_no_study_can_be_made_of_is_refused() -> None:
    with pytest.raises(GlutariumError, match="oxigen"):
        published_folds([replace(row(HIF), arm="{oxigen: 0.01}")], workers=1)


def test_most_published_folds_lie_within_their_range() -> None:
    found = published_folds(load().folds)
    assert sum(f.within for f in found) >= 0.8 * len(found)
