"""``glutarium new`` writes a study that a newcomer can run as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_new_file_is_a_commented_study(tmp_path: Path) -> None:
    path = tmp_path / "my-study.yaml"
    done = CliRunner().invoke(app, ["new", str(path)])
    assert done.exit_code == 0
    text = path.read_text(encoding="utf-8")
    study = yaml.safe_load(text)
    assert {"study", "setup", "arms", "readouts", "expect"} <= set(study)
    assert text.count("#") > 10
    assert str(path) in done.stderr


def test_every_arm_that_is_expected_of_is_there(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    CliRunner().invoke(app, ["new", str(path)])
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    for expectation in study["expect"]:
        assert {expectation["arm"], expectation["versus"]} <= set(study["arms"])


def test_an_existing_file_stays_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")
    refused = CliRunner().invoke(app, ["new", str(path)])
    assert isinstance(refused.exception, OutputError)
    assert "--force" in str(refused.exception)
    assert path.read_text(encoding="utf-8") == "mine"
    assert CliRunner().invoke(app, ["new", str(path), "--force"]).exit_code == 0
    assert path.read_text(encoding="utf-8") != "mine"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    refused = CliRunner().invoke(app, ["new", str(missing / "study.yaml")])
    with pytest.raises(OutputError, match="nowhere"):
        raise refused.exception or AssertionError
