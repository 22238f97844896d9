"""``glutarium compile`` and ``glutarium knowledge check`` on the model as it is shipped."""

from __future__ import annotations

from importlib import import_module

import pytest
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.errors import Location
from glutarium.knowledge.check import Finding


@pytest.mark.parametrize(
    ("stage", "shown"),
    [
        ("spec", "d state:gln_c/dt"),
        ("jacobian", "d(d gln_c/dt)/d gln_c"),
        ("lu", "\nfull block "),
    ],
)
def test_a_stage_is_printed_with_names_that_can_be_read(stage: str, shown: str) -> None:
    done = CliRunner().invoke(app, ["compile", "--dump", stage])
    assert done.exit_code == 0
    assert shown in done.stdout


def test_an_unknown_stage_names_the_stages() -> None:
    done = CliRunner().invoke(app, ["compile", "--dump", "magic"])
    assert done.exit_code == 2
    assert "jacobian" in done.output


def test_the_shipped_tables_are_sound() -> None:
    done = CliRunner().invoke(app, ["knowledge", "check"])
    assert done.stdout == ""
    assert done.exit_code == 0
    assert done.stderr == "0 findings\n"
    assert CliRunner().invoke(app, ["knowledge", "check", "--quiet"]).output == ""


def test_findings_come_with_file_and_line(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding(Location("somewhere/pools.tsv", 7), "has no unit")
    # The package's attribute of that name is the function; the module is found by its full name.
    module = import_module("glutarium.knowledge.check")
    monkeypatch.setattr(module, "check", lambda _base: [finding])
    done = CliRunner().invoke(app, ["knowledge", "check"])
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1].split() == ["pools.tsv,", "line", "7", "has", "no", "unit"]
