"""The model with its recorded values, and plans that start in its reference medium."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glutarium.knowledge.base import KnowledgeBase
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.simulate.model import medium_of
from glutarium.simulate.plan import ArmPlan, Phase, RestPlan
from glutarium.study.subjects import subjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.names import Vocabulary
    from glutarium.simulate.model import CellModel


@pytest.fixture(scope="session")
def model() -> CellModel:
    return subjects(0).model


@pytest.fixture(scope="session")
def words() -> Vocabulary:
    """The packaged vocabulary."""
    return vocabulary()


@pytest.fixture(scope="session")
def dish(model: CellModel) -> Callable[..., ArmPlan]:
    """A reference dish of six hours; what is named of a plan is replaced."""
    medium = medium_of(model.base, model.network, "reference")
    plain = ArmPlan("dish", RestPlan(medium=medium), (Phase(0.0, medium=medium),), (0.0, 3.0, 6.0))

    def _dish(**changed: object) -> ArmPlan:
        return replace(plain, **changed)  # type: ignore[arg-type]

    return _dish


@pytest.fixture(scope="session")
def tight() -> Callable[[CellModel], CellModel]:
    """Give a model less absolute tolerance; its engine is its own."""

    def _tight(model: CellModel) -> CellModel:
        states = tuple(replace(s, atol=1e-2 * s.atol) for s in model.spec.states)
        return replace(model, spec=replace(model.spec, states=states))

    return _tight


@pytest.fixture
def tables(tmp_path: Path) -> KnowledgeBase:
    """Tables that hold no rows but one: what GLS does with the two nitrogens of glutamine."""
    texts = {
        "transfers": "reaction\telement\tdonor\tacceptor\tatoms\tsource\tnote\n"
        "GLS\tN\tgln_c[amide]\tnh4_c\t1\tX\t\nGLS\tN\tgln_c[amino]\tglu_c\t1\tX\t\n",
        "parts": "metabolite\telement\tparts\tskeleton\tsource\tnote\ngln\tN\tamino;amide\t\tX\t\n",
        "reactions": "id\tname\tequation\tgenes\tec\tlaw\tsubsystem\tsource\tclaims\tnote\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.tsv").write_text(text, encoding="utf-8")
    return KnowledgeBase(tmp_path)
