"""A check that is stopped goes on: nothing that is finished runs twice, and verdicts come out the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.errors import OutputError
from glutarium.study.check import CheckOptions, check_studies
from glutarium.study.check_json import to_json

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.study.check_json import Record

STUDY = """study: {name}
system: cell
duration: 1 h
setup: {{cells: [tumour]}}
arms:
  plain: {{}}
  arm: {{drug: {{CB-839: {dose}}}}}
expect:
  - {{observable: tumour.flux.GLS, arm: arm, versus: plain, is: down}}
  - {{observable: tumour.pool.glutamine, arm: arm, versus: plain, is: up}}
"""
MEMBERS = 1


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies")
    for name, dose in (("first", 1), ("second", 0.1), ("third", 10)):
        (folder / f"{name}.yaml").write_text(STUDY.format(name=name, dose=dose), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def expected(studies: Path) -> list[Record]:
    return check_studies([studies], options=CheckOptions(members=MEMBERS, workers=1))


def counted(studies: Path, log: Path, *, stop_after: int | None = None) -> tuple[list[Record], int]:
    """Records of a check with a log, and how many studies ran."""
    ran: list[int] = []

    def tell(_: str, done: int, total: int) -> None:
        del total
        ran.append(done)
        if len(ran) - 1 == stop_after:
            raise KeyboardInterrupt

    options = CheckOptions(members=MEMBERS, workers=1, progress=tell, log=log)
    return check_studies([studies], options=options), len(ran)


@pytest.fixture
def stopped(studies: Path, tmp_path: Path) -> Path:
    """What a check leaves that was stopped after one study."""
    log = tmp_path / "log"
    with pytest.raises(KeyboardInterrupt) as stop:
        counted(studies, log, stop_after=1)
    (note,) = stop.value.__notes__
    assert "1 of 3 studies" in note
    assert str(log) in note
    return log


def test_a_check_goes_on_where_it_was_stopped(
    studies: Path, stopped: Path, expected: list[Record]
) -> None:
    records, ran = counted(studies, stopped)
    assert ran == 2
    assert records == expected
    assert to_json(records) == to_json(expected)
    again, ran = counted(studies, stopped)
    assert ran == 0
    assert again == expected


def test_a_line_that_was_cut_off_is_passed_over(
    studies: Path, stopped: Path, expected: list[Record]
) -> None:
    stopped.write_bytes(stopped.read_bytes()[:-20])
    records, ran = counted(studies, stopped)
    assert ran == 3
    assert records == expected
    assert counted(studies, stopped)[1] == 0  # the bad line did not spoil the next one


def test_verdicts_of_something_else_are_not_taken(
    studies: Path, stopped: Path, tmp_path: Path
) -> None:
    (found,) = (json.loads(line) for line in stopped.read_text("utf-8").splitlines())
    text = STUDY.format(name=found["study"], dose=3)
    (tmp_path / "other.yaml").write_text(text, encoding="utf-8")
    assert counted(tmp_path / "other.yaml", stopped)[1] == 1
    options = CheckOptions(members=MEMBERS + 1, workers=1, log=stopped)
    before = len(stopped.read_bytes())
    check_studies([studies / f"{found['study']}.yaml"], options=options)
    assert len(stopped.read_bytes()) > before  # another number of members: it ran


def test_a_log_that_cannot_be_written_is_said(studies: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        counted(studies, tmp_path / "nowhere" / "log")


def test_the_command_goes_on_and_leaves_nothing(
    studies: Path, stopped: Path, expected: list[Record]
) -> None:
    target = stopped.with_name("verdicts.json")
    stopped.rename(target.with_name("verdicts.json.unfinished"))
    words = ["check", str(studies), "--members", str(MEMBERS), "--json", str(target)]
    done = CliRunner().invoke(app, [*words, "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert target.read_text("utf-8") == to_json(expected)
    assert not list(target.parent.glob("*.unfinished"))
