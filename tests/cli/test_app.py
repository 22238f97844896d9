"""The door of the command line: version, exit status and what an error looks like."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from glutarium._version import __version__
from glutarium.cli.app import app, main

if TYPE_CHECKING:
    from pathlib import Path


def test_version() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    assert done.stdout == f"glutarium {__version__}\n"


def test_without_a_command_the_help_is_shown() -> None:
    done = CliRunner().invoke(app, [])
    assert "Usage: glutarium" in done.output
    assert "screen" in done.output


def test_an_unknown_option_is_a_matter_of_input() -> None:
    assert CliRunner().invoke(app, ["run", "--no-such-option"]).exit_code == 2


def test_an_error_is_one_line_on_stderr_and_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "there.yaml"
    path.write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["glutarium", "new", str(path)])
    with pytest.raises(SystemExit) as end:
        main()
    shown = capsys.readouterr()
    assert end.value.code == 2
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert len(shown.err.splitlines()) == 1
    assert "Traceback" not in shown.err


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "glutarium", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"glutarium {__version__}"
