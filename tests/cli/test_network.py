"""``glutarium network``: exit status, tables and files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import glutarium.model.network_check
import glutarium.study.control
import glutarium.study.growth_bound
import glutarium.study.stress
from glutarium.cli.app import app
from glutarium.cli.complete import complete_controlled, complete_folder, complete_medium
from glutarium.errors import KnowledgeError, Location, OutputError
from glutarium.model.network_check import Balance, NetworkReport
from glutarium.model.structure.findings import ERROR, WARNING, NetworkFinding
from glutarium.model.structure.growth import GrowthBound
from glutarium.study.control import ControlCoefficient
from glutarium.study.growth_bound import BoundedGrowth
from glutarium.study.stress import Stress, StressRun
from glutarium.study.stress_alarms import Alarm
from glutarium.study.stress_conditions import StressCondition

if TYPE_CHECKING:
    from pathlib import Path

WARN = NetworkFinding(WARNING, "dead ends", "a_c", "nothing makes it")
WRONG = NetworkFinding(
    ERROR, "constants", "R", "has no keq", Location("somewhere/reactions.tsv", 7)
)
WEAK = NetworkFinding(WARNING, "evidence", "R", "all 3 constants are assumed")


@dataclass
class Checked:
    findings: tuple[NetworkFinding, ...] = (WARN, WEAK)

    def __call__(self, base: object, progress: object) -> NetworkReport:
        balance = Balance("C", 3, "R", 1e-15)
        return NetworkReport({"reactions": 3}, (balance,), self.findings)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Checked:
    stub = Checked()
    monkeypatch.setattr(glutarium.model.network_check, "check_network", stub)
    return stub


@pytest.mark.usefixtures("checked")
def test_warnings_leave_the_status_at_zero() -> None:
    done = CliRunner().invoke(app, ["network", "check"])
    assert done.exit_code == 0
    assert "nothing makes it" in done.stdout
    assert "assumed" not in done.stdout
    assert "0 errors, 2 warnings" in done.stderr
    assert "assumed" in CliRunner().invoke(app, ["network", "check", "--evidence"]).stdout


def test_errors_come_with_file_and_line_and_status_one(checked: Checked) -> None:
    checked.findings = (WRONG, WARN)
    done = CliRunner().invoke(app, ["network", "check"])
    assert done.exit_code == 1
    assert "reactions.tsv, line 7" in " ".join(done.stdout.split())


def test_findings_are_written_for_machines(checked: Checked, tmp_path: Path) -> None:
    checked.findings = (WRONG,)
    path = tmp_path / "found.json"
    assert CliRunner().invoke(app, ["network", "check", "--json", str(path)]).exit_code == 1
    (found,) = json.loads(path.read_text(encoding="utf-8"))["findings"]
    assert (found["severity"], found["line"]) == ("error", 7)


@pytest.mark.parametrize("command", ["check", "stress", "bound", "control GLS"])
def test_no_command_writes_over_what_is_not_json(command: str, tmp_path: Path) -> None:
    kept = tmp_path / "study.yaml"
    kept.write_text("study: kept\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["network", *command.split(), "--json", str(kept)])
    assert isinstance(done.exception, OutputError)
    assert kept.read_text(encoding="utf-8") == "study: kept\n"


def test_a_folder_that_holds_no_tables_is_an_input_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["network", "check", str(tmp_path)])
    assert isinstance(done.exception, KnowledgeError)


def test_alarms_and_totals_are_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    block = StressCondition("block SDH", "block", "judge")
    known = Alarm("pool", "suc_m", 90.0, 30.0, "90 mM", "Koivunen2007")
    runs = (
        StressRun(block, 1, (Alarm("pool", "x_c", float("inf"), 30.0, "1 mM"),), (), 2.0, 1.1),
        StressRun(block, 2, (), (known,), 2.0, 1.2),
    )
    stress = Stress(runs, ("L-asparaginase",), 0.9)
    monkeypatch.setattr(glutarium.study.stress, "stress_model", lambda members: members)
    monkeypatch.setattr(glutarium.study.stress, "run_stress", lambda *_: stress)
    path = tmp_path / "stress.json"
    words = ["network", "stress", "--members", "2", "--json", str(path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0
    assert "expected (Koivunen2007)" in done.stdout
    assert "50.0%" in done.stdout
    assert "1 of 2 members pass 90%" in done.stderr
    assert "L-asparaginase" in done.stderr
    assert "--data" in done.stderr
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["without_alarm"] == {"select": 1.0, "judge": 0.5}
    assert content["runs"][0]["alarms"][0]["value"] is None


@pytest.mark.parametrize(("growth", "status"), [(0.03, 0), (0.05, 1), (None, 0)])
def test_growth_beyond_its_bound_is_status_one(
    growth: float | None, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = BoundedGrowth("HPLM", 1, growth, GrowthBound(0.04, 0.4, {"arg_e": 3.0}, {}))
    monkeypatch.setattr(glutarium.study.stress, "stress_model", lambda _: SimpleNamespace())
    monkeypatch.setattr(glutarium.study.growth_bound, "bounded_growth", lambda *_: [bound])
    done = CliRunner().invoke(app, ["network", "bound", "HPLM"])
    assert done.exit_code == status
    assert "arg_e" in done.stdout


def test_control_is_printed_largest_first_with_its_sum(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = [
        ControlCoefficient("GLS", 0.6, 0.5, 0.7, 1.0),
        ControlCoefficient("OGDH", 0.4, 0, 1, 0.8),
    ]
    monkeypatch.setattr(glutarium.study.stress, "stress_model", lambda _: SimpleNamespace())
    monkeypatch.setattr(glutarium.study.control, "control_coefficients", lambda *_, **__: found)
    file = tmp_path / "control.json"
    done = CliRunner().invoke(app, ["network", "control", "GLS", "--json", str(file)])
    assert done.exit_code == 0
    assert done.stdout.index("GLS") < done.stdout.index("OGDH")
    assert json.loads(file.read_text(encoding="utf-8"))["coefficients"][1]["agreement"] == 0.8


def test_what_can_be_controlled_is_completed() -> None:
    assert ("GLS", "glutaminase, matrix") in complete_controlled("GL")
    assert complete_controlled("growth") == [("growth_rate", "specific growth rate")]
    assert ("gln_c", "pool") in complete_controlled("gln")
    assert not any(name.endswith("_e") for name, _ in complete_controlled("gln"))


def test_folders_and_media_are_completed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "reactions.tsv").write_text("", encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "file.tsv").write_text("", encoding="utf-8")
    assert complete_folder(f"{tmp_path}/") == [
        (f"{tmp_path}/mine/", "tables of a network"),
        (f"{tmp_path}/other/", "folder"),
    ]
    assert complete_folder(f"{tmp_path}/nowhere/x") == []
    assert "HPLM" in [name for name, _ in complete_medium("hp")]
