"""``glutarium run`` and ``check``: what is passed on, what is shown and the exit status."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import xarray as xr
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.errors import MissingExtraError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.check_json import Record, record_of
from glutarium.study.parse import read_studies
from glutarium.study.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.study.study import Study
    from glutarium.study.verdict import Outcome

STUDY = """
study: small
title: A small one
system: cell
setup: {cells: [tumour]}
arms:
  vehicle: {}
  low: {drug: {CB-839: 0.1}}
  both: {drug: {CB-839: 1.0, metformin: 10.0}}
expect:
  - {observable: tumour.growth_rate, arm: low, versus: vehicle, is: down}
  - {observable: tumour.pool.glutamate, arm: low, versus: vehicle, is: unchanged, hard: true}
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    path = tmp_path / "small.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return read_studies([path], vocabulary())[0]


def _records(study: Study, *outcomes: Outcome) -> tuple[Record, ...]:
    pairs = zip(study.expectations, outcomes, strict=True)
    return tuple(record_of(study, e, Verdict(outcome, 0.5, 1.0, "why")) for e, outcome in pairs)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, study: Study, tmp_path: Path) -> dict[str, Any]:
    """Stand in for the rooms below; collects what they are asked and answers with ``outcomes``."""
    seen: dict[str, Any] = {"outcomes": ("holds", "no verdict"), "failures": ()}

    def run_studies(
        paths: Sequence[Path], out: Path, *, options: SimpleNamespace
    ) -> SimpleNamespace:
        seen.update(paths=paths, out=out, options=options)
        options.progress("solving", 1, 1)
        done = SimpleNamespace(
            study=study,
            folder=tmp_path / "out" / study.id,
            records=_records(study, *seen["outcomes"]),
            failures=seen["failures"],
            members=2,
            result=SimpleNamespace(dataset=xr.Dataset()),
        )
        return SimpleNamespace(runs=(done,))

    def check_studies(paths: Sequence[Path], *, options: SimpleNamespace) -> tuple[Record, ...]:
        seen.update(paths=paths, options=options)
        return _records(study, *seen["outcomes"])

    runner = SimpleNamespace(RunOptions=SimpleNamespace, run_studies=run_studies)
    checker = SimpleNamespace(CheckOptions=SimpleNamespace, check_studies=check_studies)
    monkeypatch.setitem(sys.modules, "glutarium.study.run", runner)
    monkeypatch.setitem(sys.modules, "glutarium.study.check", checker)
    return seen


def test_run_passes_words_on_and_counts_verdicts(asked: dict[str, Any]) -> None:
    words = ["run", "a.yaml", "b", "-o", "there", "--members", "2", "--force", "--no-report"]
    done = CliRunner().invoke(app, words)
    assert asked["paths"] == [Path("a.yaml"), Path("b")]
    assert asked["out"] == Path("there")
    assert (asked["options"].members, asked["options"].force) == (2, True)
    head, row = done.stdout.splitlines()[:2]
    counts = dict(zip(head.replace(" runs", "").split()[:4], row.split()[:4], strict=True))
    assert counts == {"study": "small", "arms": "3", "members": "2", "failed": "0"}


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [(("holds", "fails"), 0), (("not supported", "fails"), 0), (("holds", "no verdict"), 1)],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_only_no_verdict_changes_the_exit_status(
    asked: dict[str, Any], command: str, outcomes: tuple[str, str], status: int
) -> None:
    asked["outcomes"] = outcomes
    words = [command, "a.yaml", *(["--no-report"] if command == "run" else [])]
    assert CliRunner().invoke(app, words).exit_code == status


def test_run_can_speak_json(asked: dict[str, Any]) -> None:
    asked["failures"] = ("arm low, member 1: the step size fell below the floor",)
    done = CliRunner().invoke(app, ["run", "a.yaml", "--no-report", "--json"])
    (row,) = json.loads(done.stdout)
    assert row["study"] == "small"
    assert (row["holds"], row["no verdict"], row["failed runs"]) == (1, 1, 1)
    assert "arm low, member 1" in done.stderr


def test_a_missing_extra_is_said_before_anything_runs(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    done = CliRunner().invoke(app, ["run", "a.yaml"])
    assert isinstance(done.exception, MissingExtraError)
    assert "paths" not in asked


def test_the_report_gets_the_single_doses(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import glutarium.report.write

    def write_report(*given: object, **named: object) -> None:
        asked.update(given=given, named=named)

    monkeypatch.setattr(glutarium.report.write, "write_report", write_report)
    CliRunner().invoke(app, ["run", "a.yaml"])
    assert asked["named"]["doses"] == {"low": ("CB-839", 0.1)}
    assert "Gross2014" in asked["named"]["citations"]
    assert [record["is"] for record in asked["given"][1]] == ["down", "unchanged"]


def test_check_prints_a_line_each_and_totals(asked: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    done = CliRunner().invoke(app, ["check", "a.yaml", "--json", str(path)])
    lines = done.stdout.splitlines()
    assert lines[1].split()[:3] == ["holds", "small", "tumour.growth_rate"]
    assert lines[2].startswith("no verdict *")
    assert lines[-1].split()[0] == "all"
    records = json.loads(path.read_text(encoding="utf-8"))
    assert [record["verdict"] for record in records] == ["holds", "no verdict"]
    assert asked["options"].members is None
