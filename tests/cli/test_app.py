"""The door of the command line: version, exit status and what an error looks like."""

from __future__ import annotations

import os
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
    assert "network" in done.output


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


def test_linear_algebra_keeps_to_one_thread_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["glutarium", "--version"])
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with pytest.raises(SystemExit):
        main()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_the_command_line_is_up_before_numpy_is_loaded() -> None:
    code = "import sys, glutarium.cli.app; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "glutarium", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"glutarium {__version__}"
