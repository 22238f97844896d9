"""Every command explains itself, shows an example that parses and has its line in the documents."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import typer
from typer.testing import CliRunner

from glutarium.cli.app import app

Command: TypeAlias = Any  # typer brings a click of its own or takes the installed one
ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def _commands() -> dict[str, Command]:
    found: dict[str, Command] = {}
    queue = [("", typer.main.get_command(app))]
    while queue:
        path, command = queue.pop()
        inner = getattr(command, "commands", None)
        if inner is None:
            found[path.strip()] = command
        else:
            queue += [(f"{path} {name}", child) for name, child in inner.items()]
    return found


COMMANDS = _commands()


def _examples(command: Command) -> list[str]:
    lines = (line.strip().replace("\\[", "[") for line in (command.epilog or "").splitlines())
    return [line for line in lines if line.startswith("glutarium ")]


@pytest.mark.parametrize("path", COMMANDS)
def test_help_shows_an_example_of_the_command(path: str) -> None:
    shown = CliRunner().invoke(app, [*path.split(), "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert f"glutarium {path}" in shown.output


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_is_explained(path: str) -> None:
    silent = [p.name for p in COMMANDS[path].params if not getattr(p, "help", None)]
    assert silent == []


@pytest.mark.parametrize("path", COMMANDS)
def test_examples_are_understood(path: str) -> None:
    own = [e for e in _examples(COMMANDS[path]) if e.startswith(f"glutarium {path}")]
    assert own
    for line in own:
        words = shlex.split(re.split(r"[|>]", line)[0])[1 + len(path.split()) :]
        context = COMMANDS[path].make_context(path, words)
        assert context.params is not None


@pytest.mark.parametrize("path", COMMANDS)
def test_the_documents_have_a_line_for_it(path: str) -> None:
    assert f"| `glutarium {path}` |" in DOCS


def test_the_documents_list_no_command_that_is_not_there() -> None:
    listed = set(re.findall(r"^\| `glutarium ([a-z ]+)` \|", DOCS, flags=re.MULTILINE))
    assert listed == set(COMMANDS)
