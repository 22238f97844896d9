"""``glutarium names`` finds what a user might have meant."""

from __future__ import annotations

from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.cli.complete import complete_name
from glutarium.errors import GlutariumError


def test_a_synonym_leads_to_the_name() -> None:
    done = CliRunner().invoke(app, ["names", "ASCT2", "--kind", "gene"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].split()[:3] == ["SLC1A5", "gene", "ASCT2"]


def test_the_limit_cuts_and_says_so() -> None:
    done = CliRunner().invoke(app, ["names", "glutamate", "--limit", "2"])
    assert len(done.stdout.splitlines()) == 3
    assert "more" in done.stderr


def test_nothing_found_is_status_1() -> None:
    done = CliRunner().invoke(app, ["names", "zzzzqqqq"])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "zzzzqqqq" in done.stderr


def test_an_unknown_kind_names_the_kinds() -> None:
    done = CliRunner().invoke(app, ["names", "glutamine", "--kind", "planet"])
    assert isinstance(done.exception, GlutariumError)
    assert "metabolite" in str(done.exception)


def test_names_complete_with_their_kind() -> None:
    found = complete_name("glutam")
    assert ("glutamine", "metabolite") in found
    assert all(name.casefold().startswith("glutam") for name, _ in found)
