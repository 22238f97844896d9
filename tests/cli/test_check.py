"""``glutarium check`` refuses what it could only refuse after all the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_folder_for_the_verdicts_is_said_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import glutarium.study.check

    def never(*given: object, **named: object) -> None:
        pytest.fail("the studies were checked")

    monkeypatch.setattr(glutarium.study.check, "check_studies", never)
    target = tmp_path / "nowhere" / "verdicts.json"
    done = CliRunner().invoke(app, ["check", "a.yaml", "--json", str(target)])
    assert isinstance(done.exception, OutputError)
    assert "nowhere" in str(done.exception)


def test_a_file_that_is_not_json_is_never_written_over(tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    study.write_text("study: kept\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["check", "--json", str(study), "other.yaml"])
    assert isinstance(done.exception, OutputError)
    assert "is not JSON" in str(done.exception)
    assert study.read_text(encoding="utf-8") == "study: kept\n"
