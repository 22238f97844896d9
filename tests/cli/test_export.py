"""``glutarium export sbml`` writes a member's numbers and replaces nothing unasked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner

import glutarium.simulate.model
from glutarium.cli.app import app
from glutarium.errors import ModelError, OutputError
from glutarium.knowledge.base import load
from glutarium.model.assemble import assemble
from glutarium.model.ensemble import Ensemble
from glutarium.model.network import load_network

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def two_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ensemble of two that needs no building: the nominal values and twice those."""
    base = load()
    spec = assemble(base, load_network(base))
    values = np.array([p.value for p in spec.parameters])
    initial = np.array([s.initial for s in spec.states])
    ensemble = Ensemble(np.array([values, 2 * values]), np.array([initial, initial]), {})

    def load_model(members: int | None = None) -> SimpleNamespace:
        return SimpleNamespace(spec=spec, ensemble=ensemble.first(members or 2))

    monkeypatch.setattr(glutarium.simulate.model, "load_model", load_model)


def test_the_file_is_sbml_of_the_chosen_member(tmp_path: Path) -> None:
    first, second = tmp_path / "1.xml", tmp_path / "2.xml"
    assert CliRunner().invoke(app, ["export", "sbml", str(first)]).exit_code == 0
    assert CliRunner().invoke(app, ["export", "sbml", str(second), "--member", "2"]).exit_code == 0
    one, two = (path.read_text(encoding="utf-8") for path in (first, second))
    assert "<sbml" in one
    assert one.count("<species ") == two.count("<species ") > 50
    assert one != two


def test_a_file_that_is_there_stays_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    path.write_text("mine", encoding="utf-8")
    refused = CliRunner().invoke(app, ["export", "sbml", str(path)])
    assert isinstance(refused.exception, OutputError)
    assert path.read_text(encoding="utf-8") == "mine"
    assert CliRunner().invoke(app, ["export", "sbml", str(path), "--force"]).exit_code == 0


def test_a_member_that_is_not_there_is_refused(tmp_path: Path) -> None:
    words = ["export", "sbml", str(tmp_path / "model.xml"), "--member", "3"]
    refused = CliRunner().invoke(app, words)
    assert isinstance(refused.exception, ModelError)
    assert "has 2" in str(refused.exception)
