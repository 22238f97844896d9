"""The model with its recorded values: what holds here needs no ensemble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.study.subjects import subjects

if TYPE_CHECKING:
    from glutarium.simulate.model import CellModel


@pytest.fixture(scope="session")
def model() -> CellModel:
    return subjects(0).model
