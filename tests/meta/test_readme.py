"""The README's commands, links and example are real."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from glutarium.cli.app import app
from glutarium.knowledge.base import load
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.parse import read_studies

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
STUDIES = [
    *sorted((ROOT / "examples").glob("*.yaml")),
    ROOT / "src" / "glutarium" / "cli" / "study-template.yaml",
]
BLOCKS = [b.strip() for b in re.findall(r"^```(?:sh|bash)\n(.*?)^```$", README, re.M | re.S)]


def test_the_first_command_installs_and_runs_the_example() -> None:
    install, run = BLOCKS[0].split(" && ")
    assert install == "python -m pip install '.[report]'"
    words = shlex.split(run)
    assert words[:2] == ["glutarium", "run"]
    assert (ROOT / words[2]).is_file()
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    out = commands["run"].make_context("run", words[2:]).params["out"]
    assert Path(out) == Path("results")


def test_the_second_command_installs_and_runs_the_tests() -> None:
    assert BLOCKS[1] == "python -m pip install '.[test]' && python -m pytest"


def test_the_checks_run_both_commands_as_they_stand() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "$(readme_command 1)" in script
    assert "$(readme_command 2)" in script


def test_it_says_what_it_is_not_for() -> None:
    assert "Not for treating anyone" in README


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [t for t in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in t]
    assert [t for t in links if not (ROOT / t).exists()] == []


def test_what_it_suggests_to_change_stands_in_the_example() -> None:
    example = (ROOT / "examples" / "hct116-cb839.yaml").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| `", README, re.M)
    assert len(rows) >= 4
    for row in rows:
        assert row.split("…")[0].rstrip(", {") in example


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.name)
def test_shipped_studies_are_read_and_test_claims_that_exist(path: Path) -> None:
    claims = load().claims
    for study in read_studies([path], vocabulary()):
        assert study.title
        tested = [*study.claims, *(e.claim for e in study.expectations if e.claim)]
        assert [claim for claim in tested if claim not in claims] == []
