"""Checking expectations: what is not supported is named and nothing crashes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.study.check import CheckOptions, check_studies
from glutarium.study.check_json import to_json

if TYPE_CHECKING:
    from glutarium.study.check_json import Record

VARIED = Path(__file__).parent / "studies" / "varied.yaml"
ONE = CheckOptions(members=1, workers=1)
KEYS = [
    "study",
    "claims",
    "system",
    "observable",
    "arm",
    "versus",
    "is",
    "hard",
    "fold",
    "agreement",
]
KEYS += ["verdict", "reason"]
STUDY = """study: asked
system: {system}
duration: 1 h
setup: {{cells: [tumour]}}
arms:
  plain: {{}}
  arm: {arm}
expect:
  - {{observable: {observable}, arm: arm, versus: plain, is: down}}
"""


@pytest.fixture(scope="module")
def varied() -> list[Record]:
    """All features of the format, judged with one member."""
    return check_studies([VARIED], options=ONE)


def test_every_expectation_gets_a_verdict_in_order(varied: list[Record]) -> None:
    studies = [line.split()[1] for line in VARIED.read_text("utf-8").splitlines()
               if line.startswith("study:")]  # fmt: skip
    assert list(dict.fromkeys(r.study for r in varied)) == [s for s in studies if s in {
        r.study for r in varied}]  # fmt: skip
    assert {r.outcome for r in varied} <= {"holds", "fails", "not supported"}
    assert {r.layer for r in varied} == {"varied"}


def test_what_is_not_supported_says_what_is_missing(varied: list[Record]) -> None:
    missing = {r.study: r.reason for r in varied if r.outcome == "not supported"}
    assert missing["oral"].startswith("system body")
    assert not {"combination", "other-cell"} & missing.keys()  # a tissue and a coculture
    assert all(r.fold is None and r.agreement is None for r in varied if r.study in missing)


def test_what_is_supported_has_numbers(varied: list[Record]) -> None:
    (record,) = (r for r in varied if r.study == "knock-out")
    assert record.outcome == "holds"
    assert record.fold is not None
    assert record.fold < 0.9
    assert record.agreement == 1.0


def test_json_is_a_list_with_the_keys_of_the_format(varied: list[Record]) -> None:
    rows = json.loads(to_json(varied))
    assert len(rows) == len(varied)
    assert all(list(row) == KEYS for row in rows)


@pytest.mark.parametrize(
    ("system", "arm", "observable", "named"),
    [
        ("cell", "{cells: [tumour, beta_cell]}", "tumour.growth_rate", "beta_cell"),
        ("cell", "{clones: {MYC: 1}}", "tumour.growth_rate", "clones"),
        ("cell", "{gene: {AQP1: 0}}", "tumour.growth_rate", "AQP1"),
        ("cell", "{medium: {ATP: 0.1}}", "tumour.growth_rate", "ATP"),
        ("cell", "{drug: {EVAx: 0.1}}", "tumour.growth_rate", "EVAx"),
        ("cell", "{pre_treatment: {drug: {EVAx: 1}}}", "tumour.growth_rate", "EVAx"),
        ("cell", "{at: [{time: 0.5 h, drug: {EVAx: 1}}]}", "tumour.growth_rate", "EVAx"),
        ("cell", "{alternatives: {nobody: knows}}", "tumour.growth_rate", "nobody: knows"),
        ("cell", "{}", "tumour.label.citrate_M2", "tumour.label.citrate_M2"),
        ("cell", "{}", "tumour.expression.AQP1", "AQP1"),
        ("cell", "{}", "tumour.core_fraction", "core_fraction"),
        ("cell", "{}", "beta_cell.growth_rate", "beta_cell"),
        ("tissue", "{}", "tissue.ATP", "tissue"),
        ("body", "{}", "body.plasma.glutamine", "system body"),
    ],
)
def test_not_supported_is_a_verdict_and_no_crash(
    tmp_path: Path, system: str, arm: str, observable: str, named: str
) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(STUDY.format(system=system, arm=arm, observable=observable), encoding="utf-8")
    (record,) = check_studies([path], options=ONE)
    assert record.outcome == "not supported"
    assert record.reason.startswith(named)


def test_nothing_runs_for_what_cannot_be_answered(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = tmp_path / "one.yaml"
    text = STUDY.format(system="cell", arm="{}", observable="tumour.core_fraction")
    path.write_text(text, encoding="utf-8")
    options = CheckOptions(members=1, progress=lambda *a: told.append(a))
    check_studies([path], options=options)
    assert told == []


def test_the_command_prints_a_line_each_and_three_totals(tmp_path: Path) -> None:
    path, target = tmp_path / "one.yaml", tmp_path / "verdicts.json"
    text = (
        STUDY.format(system="cell", arm="{drug: {CB-839: 1}}", observable="tumour.flux.GLS")
        + "  - {observable: tumour.core_fraction, arm: arm, versus: plain, is: down, hard: true}\n"
    )
    path.write_text(text, encoding="utf-8")
    words = ["check", str(path), "--members", "1", "--json", str(target)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[1].split()[:3] == ["holds", "asked", "tumour.flux.GLS"]
    assert lines[2].startswith("not supported *")
    assert "core_fraction" in lines[2]
    assert [row["verdict"] for row in json.loads(target.read_text("utf-8"))] == [
        "holds",
        "not supported",
    ]
    assert {"all", "hard", "rule"} <= {word.strip("():,") for word in done.stdout.lower().split()}
