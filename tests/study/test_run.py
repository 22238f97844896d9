"""Running studies: what is written, what is refused and what is left after an error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.errors import GlutariumError, OutputError, StudyError
from glutarium.simulate.result import Result
from glutarium.study import finish
from glutarium.study.run import RunOptions, run_studies

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.solve.batch import BatchResult
    from glutarium.study.run import RunSummary

STUDY = """study: tiny
title: A block of glutaminase
system: cell
duration: 2 h
setup: {cells: [tumour], medium: {glutamine: 1}}
arms:
  vehicle: {}
  treated: {drug: {CB-839: 1}}
readouts: [tumour.pool.citrate]
expect:
  - {observable: tumour.flux.GLS, arm: treated, versus: vehicle, is: down}
  - {observable: tumour.flux.GLS, arm: treated, versus: vehicle, is: up, hard: true}
  - {observable: tumour.core_fraction, arm: treated, versus: vehicle, is: down}
"""
LACKING = STUDY.replace("CB-839: 1", "EVAx: 1").replace("tiny", "lacking")
TWO = RunOptions(members=2, workers=1)


def write(folder: Path, *texts: str) -> Path:
    path = folder / "studies.yaml"
    path.write_text("---\n".join(texts), encoding="utf-8")
    return path


def everything(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.iterdir()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def summary(place: Path) -> RunSummary:
    """One study that runs and one that asks for what is not there, run once for all tests."""
    return run_studies([write(place, STUDY, LACKING)], place / "out", options=TWO)


def test_a_study_leaves_a_folder_with_its_name(place: Path, summary: RunSummary) -> None:
    done = summary.runs[0]
    assert everything(place / "out") == {"tiny", "lacking"}
    assert done.folder == place / "out" / "tiny"
    assert everything(done.folder) == {"result.zarr", "verdicts.json", "study.yaml"}
    assert (done.folder / "study.yaml").read_text(encoding="utf-8") == STUDY
    assert (done.members, done.failures) == (2, ())


def test_verdicts_are_written_as_the_format_says(place: Path, summary: RunSummary) -> None:
    rows = json.loads((place / "out" / "tiny" / "verdicts.json").read_text(encoding="utf-8"))
    assert [row["verdict"] for row in rows] == ["holds", "fails", "not supported"]
    assert [r.outcome for r in summary.runs[0].records] == [row["verdict"] for row in rows]
    assert "core_fraction" in rows[2]["reason"]
    assert rows[0]["fold"] < 0.5
    assert rows[0]["agreement"] == 1.0


def test_the_result_opens_and_says_what_it_is(place: Path, summary: RunSummary) -> None:
    del summary
    data = Result.open(place / "out" / "tiny" / "result.zarr").dataset
    assert (data.sizes["arm"], data.sizes["member"]) == (2, 2)
    assert set(data["code"].values.ravel()) == {"SUCCESS"}
    about = data.attrs
    assert (about["study"], about["title"]) == ("tiny", "A block of glutaminase")
    assert (about["system"], about["duration_h"], about["members"]) == ("cell", 2.0, 2)
    assert about["study_yaml"] == STUDY
    assert {"Glutarium2026", "Gross2014", "Moore1967"} <= set(json.loads(about["sources"]))
    assert 0 < about["assumed_records"] < about["records"]
    assert about["model_hash"]
    assert "seeds" in about["ensemble"]


def test_members_differ_and_the_drug_acts_in_both(place: Path, summary: RunSummary) -> None:
    del summary
    data = Result.open(place / "out" / "tiny" / "result.zarr").dataset
    flux = data["value"].sel(observable="tumour.flux.GLS").isel(time=-1)
    left = (flux.sel(arm="treated") / flux.sel(arm="vehicle")).values
    assert (left < 1.0).all()
    assert left[0] < 0.5  # the recorded values; by how much in the other member is up to its draw
    assert flux.sel(arm="vehicle", member=0) != flux.sel(arm="vehicle", member=1)


def test_the_fate_of_glutamine_adds_up(place: Path, summary: RunSummary) -> None:
    del summary
    data = Result.open(place / "out" / "tiny" / "result.zarr").dataset
    assert set(data["element"].values) == {"carbon", "nitrogen"}
    assert {"sink", "arm", "member", "element"} == set(data["fate"].dims)
    assert data["fate"].sum("sink").values == pytest.approx(1.0, abs=1e-6)


def test_a_study_that_is_not_supported_is_written_too(place: Path, summary: RunSummary) -> None:
    done = summary.runs[1]
    assert done.result is None
    assert done.members == 0
    assert any("EVAx" in line for line in done.failures)
    assert {r.outcome for r in done.records} == {"not supported"}
    assert everything(place / "out" / "lacking") == {"verdicts.json", "study.yaml"}


def test_nothing_is_overwritten_without_force(place: Path, summary: RunSummary) -> None:
    mine = summary.runs[0].folder / "mine.txt"
    mine.write_text("keep", encoding="utf-8")
    path = write(place, STUDY)
    with pytest.raises(OutputError, match="--force"):
        run_studies([path], place / "out", options=TWO)
    assert mine.exists()
    mine.unlink()


def test_with_force_the_folder_is_new(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "lacking").mkdir(parents=True)
    (out / "lacking" / "old.txt").write_text("old", encoding="utf-8")
    run_studies([write(tmp_path, LACKING)], out, options=RunOptions(force=True))
    assert everything(out / "lacking") == {"verdicts.json", "study.yaml"}


def test_resume_replaces_nothing_that_it_did_not_write(tmp_path: Path) -> None:
    """A study that cannot run is written again; what somebody put beside it is not lost."""
    path, folder = write(tmp_path, LACKING), tmp_path / "out" / "lacking"
    run_studies([path], tmp_path / "out", options=RunOptions(resume=True))
    run_studies([path], tmp_path / "out", options=RunOptions(resume=True))
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"mine\.txt"):
        run_studies([path], tmp_path / "out", options=RunOptions(resume=True))
    assert everything(folder) == {"verdicts.json", "study.yaml", "mine.txt"}
    path = write(tmp_path, STUDY.replace("tiny", "lacking"))
    with pytest.raises(OutputError, match="no result"):
        run_studies([path], tmp_path / "out", options=RunOptions(resume=True))
    assert (folder / "mine.txt").exists()


def test_an_empty_folder_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out" / "lacking").mkdir(parents=True)
    run_studies([write(tmp_path, LACKING)], tmp_path / "out")
    assert everything(tmp_path / "out" / "lacking") == {"verdicts.json", "study.yaml"}


def test_an_error_half_way_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    kept = out / "lacking" / "old.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("old", encoding="utf-8")

    def full(*_: object) -> str:
        message = "no space left"
        raise OSError(message)

    monkeypatch.setattr(finish, "to_json", full)
    with pytest.raises(OSError, match="no space left"):
        run_studies([write(tmp_path, LACKING)], out, options=RunOptions(force=True))
    assert everything(out) == {"lacking"}
    assert everything(out / "lacking") == {"old.txt"}


def test_a_bad_study_among_good_ones_is_found_before_anything_runs(tmp_path: Path) -> None:
    bad = STUDY.replace("study: tiny", "study: bad").replace("CB-839", "CB-8399")
    with pytest.raises(GlutariumError) as caught:
        run_studies([write(tmp_path, STUDY, bad)], tmp_path / "out")
    assert "CB-839" in str(caught.value)
    assert "studies.yaml, line" in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "..", "a\\b", "what?", "a.unfinished"])
def test_an_id_that_cannot_name_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, STUDY.replace("study: tiny", f"study: '{name}'"))
    with pytest.raises(StudyError, match="cannot name a folder"):
        run_studies([path], tmp_path / "out")
    assert everything(tmp_path) == {"studies.yaml"}


def test_two_files_may_not_use_one_id(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(STUDY, encoding="utf-8")
    with pytest.raises(StudyError, match="stands twice") as caught:
        run_studies([tmp_path], tmp_path / "out")
    assert "a.yaml" in str(caught.value)
    assert "b.yaml" in str(caught.value)


@pytest.mark.parametrize("where", ["out", "out/lacking", "out/deeper/down"])
def test_a_file_in_the_way_is_said(tmp_path: Path, where: str) -> None:
    path = tmp_path / "out"
    if where == "out/lacking":
        path.mkdir()
        (path / "lacking").write_text("mine", encoding="utf-8")
    else:
        path.write_text("mine", encoding="utf-8")
    out = tmp_path / where if where == "out/deeper/down" else path
    with pytest.raises(OutputError, match="is a file"):
        run_studies([write(tmp_path, LACKING)], out, options=RunOptions(force=True))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no study"),
        ("study: [", "not YAML"),
        ("study: x\n", "has no 'system'"),
        (STUDY.replace("arm: treated", "arm: treatd"), "treatd"),
        (STUDY.replace("CB-839: 1", "CB-839: 1 h"), "1 h"),
        (STUDY.replace("glutamine: 1", "glutamine: -1"), "-1"),
        (STUDY.replace("CB-839", "CB-8399"), "CB-839"),
    ],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_bad_input_ends_the_command_before_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, content: str, said: str
) -> None:
    (tmp_path / "bad.yaml").write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [command, "bad.yaml"])
    assert isinstance(done.exception, GlutariumError)  # `main` ends with one line and status 2
    assert said in str(done.exception)
    assert "bad.yaml" in str(done.exception)
    assert everything(tmp_path) == {"bad.yaml"}


def test_a_folder_without_a_study_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="holds no study"):
        run_studies([tmp_path], tmp_path / "out")


@pytest.mark.parametrize(("text", "status"), [(LACKING, 0), (STUDY, 1)])
def test_the_command_ends_with_the_status_of_the_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, status: int
) -> None:
    """A study that is not supported ran; a run that fails leaves an expectation without verdict."""
    from glutarium.simulate import engine
    from glutarium.solve.lanes import LaneOptions, run_batch

    def impatient(*args: Any, **named: Any) -> BatchResult:  # noqa: ANN401 - as run_batch takes them
        return run_batch(*args, **{**named, "options": LaneOptions(max_steps=5)})

    monkeypatch.setattr(engine, "run_batch", impatient)
    path, out = write(tmp_path, text), tmp_path / "out"
    words = ["run", str(path), "-o", str(out), "--members", "1", "--no-report"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == status
    if status:
        (folder,) = out.iterdir()
        rows = json.loads((folder / "verdicts.json").read_text(encoding="utf-8"))
        assert {row["verdict"] for row in rows} == {"no verdict", "not supported"}
        assert "5 steps" in rows[0]["reason"]
        result = Result.open(folder / "result.zarr")
        assert result.failures
        assert np.isnan(result.dataset["value"].isel(time=-1)).all()


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    text = STUDY.replace("treated: {drug: {CB-839: 1}}", "treated: {}").replace("2 h", "0.1 h")
    options = RunOptions(members=1, progress=lambda what, n, m: told.append((what, n, m)))
    run_studies([write(tmp_path, text)], tmp_path / "out", options=options)
    compiling = ("compiling the model (kept for the next time)", 0, 1)
    assert told == [compiling, ("running tiny", 1, 1)]
