"""Whoever does the work, and however often it was stopped: the same results to the last bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import warnings
from typing import TYPE_CHECKING

import pytest
import xarray as xr
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.errors import MissingExtraError, OutputError, SchedulerError
from glutarium.kept import program
from glutarium.simulate.result import Result
from glutarium.study import chunk as chunks
from glutarium.study import cluster, local
from glutarium.study.execute import run_members
from glutarium.study.run import RunOptions, run_studies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.plan import ArmPlan

MEMBERS = 3
STUDY = """study: tiny
title: A block of glutaminase
system: cell
duration: 1 h
setup: {cells: [tumour], medium: {glutamine: 1}}
arms:
  vehicle: {}
  treated: {drug: {CB-839: 1}}
readouts: [tumour.pool.citrate]
expect:
  - {observable: tumour.flux.GLS, arm: treated, versus: vehicle, is: down}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study") / "tiny.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def alone(study: Path) -> Path:
    """The folder of an undisturbed run in this process."""
    out = study.parent / "out"
    run_studies([study], out, options=RunOptions(members=MEMBERS, workers=1))
    return out / "tiny"


@pytest.fixture
def members_run(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Members that are run in this process from now on."""
    ran: list[int] = []
    original = run_members

    def counted(plans: Sequence[ArmPlan], members: Sequence[int], solver: str) -> list[list[Lane]]:
        ran.extend(members)
        return original(plans, members, solver)

    monkeypatch.setattr(chunks, "run_members", counted)
    return ran


def assert_same(one: Path, other: Path) -> None:
    first, second = Result.open(one / "result.zarr"), Result.open(other / "result.zarr")
    xr.testing.assert_identical(first.dataset, second.dataset)
    assert first.dataset["value"].values.tobytes() == second.dataset["value"].values.tobytes()
    files = sorted(p.name for p in one.iterdir())
    assert files == sorted(p.name for p in other.iterdir())
    for name in ("verdicts.json", "study.yaml"):
        assert (one / name).read_bytes() == (other / name).read_bytes()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A Dask scheduler with two threads of this process."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address="127.0.0.1:0"
    ) as made:
        yield made.scheduler_address


def test_two_processes_give_the_same(
    study: Path, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "SMALLEST_BATCH", 1)
    options = RunOptions(members=MEMBERS, workers=2)
    with warnings.catch_warnings():  # Dask's threads of another test may live when processes fork
        warnings.filterwarnings("ignore", message=".*multi-threaded", category=DeprecationWarning)
        run_studies([study], tmp_path, options=options)
    assert_same(alone, tmp_path / "tiny")


def test_larger_chunks_give_the_same(
    study: Path, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "LEAST_CHUNKS", 1)
    run_studies([study], tmp_path, options=RunOptions(members=MEMBERS, workers=1))
    assert_same(alone, tmp_path / "tiny")


def test_a_scheduler_gives_the_same(
    study: Path, alone: Path, tmp_path: Path, scheduler: str
) -> None:
    options = RunOptions(members=MEMBERS, scheduler=scheduler)
    run_studies([study], tmp_path, options=options)
    assert_same(alone, tmp_path / "tiny")


def test_a_local_cluster_of_two_processes_gives_the_same_verdicts(
    study: Path, alone: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    out = tmp_path / "verdicts.json"
    words = ["check", str(study), "--json", str(out), "--members", str(MEMBERS)]
    done = CliRunner().invoke(app, [*words, "--scheduler", "local", "--workers", "2"])
    assert done.exit_code == 0, done.output
    assert out.read_bytes() == (alone / "verdicts.json").read_bytes()


KILLED = """
import os, signal, sys
from pathlib import Path
from glutarium.study import chunk, unfinished
from glutarium.study.run import RunOptions, run_studies

chunk.SMALLEST = 1
keep = unfinished.write_chunk
def killed(path, chunk):
    if path.stem == "00001":  # its values are written, its mark is not
        os.kill(os.getpid(), signal.SIGKILL)
    keep(path, chunk)
unfinished.write_chunk = killed
options = RunOptions(members=int(sys.argv[3]), workers=1)
run_studies([Path(sys.argv[1])], Path(sys.argv[2]), options=options)
"""


def test_after_a_kill_only_the_rest_is_run(
    study: Path, alone: Path, tmp_path: Path, members_run: list[int]
) -> None:
    words = [sys.executable, "-c", KILLED, str(study), str(tmp_path), str(MEMBERS)]
    killed = subprocess.run(words, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [p.name for p in tmp_path.iterdir()] == ["tiny.unfinished"]
    run_studies([study], tmp_path, options=RunOptions(members=MEMBERS, workers=1))
    assert members_run == [1, 2]
    assert [p.name for p in tmp_path.iterdir()] == ["tiny"]
    assert_same(alone, tmp_path / "tiny")


@pytest.fixture(autouse=True)
def a_member_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The study is small: as it stands, one chunk would hold it."""
    monkeypatch.setattr(chunks, "SMALLEST", 1)


@pytest.fixture
def stopped(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a run was stopped before its second member."""
    original = run_members

    def stop(plans: Sequence[ArmPlan], members: Sequence[int], solver: str) -> list[list[Lane]]:
        if 1 in members:
            raise KeyboardInterrupt
        return original(plans, members, solver)

    with monkeypatch.context() as patch:
        patch.setattr(chunks, "run_members", stop)
        words = ["run", str(study), "-o", str(tmp_path), "--members", str(MEMBERS), "--no-report"]
        done = CliRunner().invoke(app, [*words, "--workers", "1"])
    assert done.exit_code == 130
    assert f"1 of {MEMBERS} members" in done.stderr
    assert "same command again" in done.stderr
    return tmp_path


def test_the_command_goes_on_where_it_was_stopped(
    study: Path, alone: Path, stopped: Path, members_run: list[int]
) -> None:
    words = ["run", str(study), "-o", str(stopped), "--members", str(MEMBERS), "--no-report"]
    done = CliRunner().invoke(app, [*words, "--workers", "1", "--resume"])
    assert done.exit_code == 0, done.output
    assert members_run == [1, 2]
    assert_same(alone, stopped / "tiny")


def changed_study(path: Path) -> RunOptions:
    path.write_text(STUDY.replace("CB-839: 1", "CB-839: 2"), encoding="utf-8")
    return RunOptions(members=MEMBERS, workers=1)


def fewer_members(path: Path) -> RunOptions:
    del path
    return RunOptions(members=MEMBERS - 1, workers=1)


@pytest.mark.parametrize(
    ("change", "said"),
    [(changed_study, "the text of the study"), (fewer_members, "the number of members")],
)
def test_another_study_does_not_go_on_with_it(
    stopped: Path, members_run: list[int], change: Callable[[Path], RunOptions], said: str
) -> None:
    path = stopped / "tiny.yaml"
    path.write_text(STUDY, encoding="utf-8")
    options = change(path)
    with pytest.raises(OutputError, match=said) as caught:
        run_studies([path], stopped, options=options)
    assert "--force" in str(caught.value)
    assert members_run == []
    assert (stopped / "tiny.unfinished" / "chunks" / "00000.npz").exists()


def test_force_begins_anew(study: Path, stopped: Path, members_run: list[int]) -> None:
    run_studies([study], stopped, options=RunOptions(members=2, workers=1, force=True))
    assert members_run == [0, 1]
    assert [p.name for p in stopped.iterdir()] == ["tiny"]


def test_resume_keeps_what_is_finished(study: Path, alone: Path, members_run: list[int]) -> None:
    options = RunOptions(members=MEMBERS, workers=1, resume=True)
    (again,) = run_studies([study], alone.parent, options=options).runs
    assert members_run == []
    assert again.members == MEMBERS
    assert again.result is not None
    assert again.result.dataset.sizes["member"] == MEMBERS
    rows = json.loads((alone / "verdicts.json").read_text(encoding="utf-8"))
    assert [record.as_dict() for record in again.records] == rows
    with pytest.raises(OutputError, match="the number of members"):
        run_studies([study], alone.parent, options=RunOptions(members=1, resume=True))


def test_resume_and_force_exclude_each_other(study: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="one of them"):
        run_studies([study], tmp_path, options=RunOptions(resume=True, force=True))


def test_the_fingerprint_is_the_same_in_every_process(study: Path, alone: Path) -> None:
    """What it hashes must not hang on the order of a set."""
    code = textwrap.dedent("""
        import json, sys
        from pathlib import Path
        from glutarium.knowledge.vocabulary import vocabulary
        from glutarium.study.execute import shared_model
        from glutarium.study.job import make_job
        from glutarium.study.parse import read_studies
        from glutarium.study.translate import Translator
        from glutarium.study.values import ask
        names, model = vocabulary(), shared_model()
        (study,) = read_studies([Path(sys.argv[1])], names)
        question = ask(study, model, names, Translator(model))
        print(json.dumps(make_job(question.study, question, model, Path("."), int(sys.argv[2])).about))
    """)
    stored = json.loads(Result.open(alone / "result.zarr").dataset.attrs["fingerprint"])
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(study), str(MEMBERS)],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        assert json.loads(done.stdout) == stored


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere at all"])
def test_a_scheduler_that_does_not_answer_is_said(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "TIMEOUT", "0.3s")
    with pytest.raises(SchedulerError, match="dask scheduler"):
        list(cluster.on_cluster(abs, [-1], address))


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'glutarium\[scale\]'"):
        list(cluster.on_cluster(abs, [-1], "local"))


def test_a_worker_with_another_program_refuses() -> None:
    assert cluster._on_worker(abs, program(), -1) == 1
    with pytest.raises(SchedulerError, match="install the same"):
        cluster._on_worker(abs, "0.0.1 (other)", -1)


def test_an_error_of_the_work_comes_through(scheduler: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(cluster.on_cluster(int, ["x"], scheduler))


def test_more_tasks_than_are_handed_out_at_a_time_all_come_back(scheduler: str) -> None:
    tasks = list(range(-40, 0))
    assert sorted(cluster.on_cluster(abs, tasks, scheduler)) == [(i, 40 - i) for i in range(40)]


def test_a_process_that_is_lost_is_said() -> None:
    with pytest.raises(SchedulerError, match="fewer --workers"):
        list(local.as_finished(os._exit, [1] * local.SMALLEST_BATCH, 2))
