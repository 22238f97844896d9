"""``glutarium show`` tells what a name is and where its numbers come from."""

from __future__ import annotations

from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.errors import UnknownNameError


def test_a_metabolite_comes_with_identifiers_numbers_and_sources() -> None:
    done = CliRunner().invoke(app, ["show", "Gln", "--claims", "3"])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("glutamine")
    assert {"Identifiers", "Numbers", "Takes part in", "Sources"} <= set(lines)
    assert sum(line.startswith("  S") and line[3].isdigit() for line in lines) >= 3


def test_a_name_of_several_things_is_told_apart_by_kind() -> None:
    gene = CliRunner().invoke(app, ["show", "MYC", "--kind", "gene"]).stdout.splitlines()[0]
    assert gene == "MYC (gene)"


def test_a_misspelt_name_is_answered_with_the_closest() -> None:
    done = CliRunner().invoke(app, ["show", "glutamin"])
    assert isinstance(done.exception, UnknownNameError)
    assert "glutamine" in done.exception.matches
