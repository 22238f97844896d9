"""Run studies and keep everything: dataset, verdicts, provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import OutputError, StudyError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.drugs import load_targets
from glutarium.study.check import CheckOptions, judge
from glutarium.study.chunk import ChunkWork, blocks
from glutarium.study.disputes import disputed_edges, most_held, tries
from glutarium.study.ensemble import run_chunks
from glutarium.study.execute import shared_model
from glutarium.study.finish import (
    finish,
    read_again,
    records_of,
    refuse_other_result,
    write_unsupported,
)
from glutarium.study.job import make_job
from glutarium.study.parse import read_studies
from glutarium.study.schedule import Workforce
from glutarium.study.translate import Translator
from glutarium.study.unfinished import SUFFIX, Unfinished, alone, discard, folder_of, refuse_another
from glutarium.study.values import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from glutarium.simulate.model import CellModel
    from glutarium.simulate.result import Result
    from glutarium.study.check_json import Record
    from glutarium.study.job import Job
    from glutarium.study.study import Study
    from glutarium.study.values import Question

__all__ = ["RunOptions", "RunSummary", "StudyRun", "run_studies"]


@dataclass(frozen=True)
class RunOptions:
    """How to run.

    Attributes
    ----------
    members
        Members to use; all by default.
    force
        Whether results that are already there are replaced.
    resume
        Whether studies that are finished already are kept and read again. A run that was left
        unfinished is continued with and without it.
    workers
        Processes; one per core by default.
    scheduler
        Address of a Dask scheduler, or ``local``; none by default.
    solver
        Who integrates: ``lanes`` or ``reference``.
    progress
        Called with what is done, how much is done and how much there is.
    """

    members: int | None = None
    force: bool = False
    resume: bool = False
    workers: int | None = None
    scheduler: str | None = None
    solver: str = "lanes"
    progress: Callable[[str, int, int], None] | None = None


@dataclass(frozen=True)
class StudyRun:
    """One finished study.

    Attributes
    ----------
    study
        What was asked.
    folder
        Where its files stand.
    result
        What came out; None where the model lacks what the study asks for.
    records
        Verdicts of its expectations.
    failures
        Runs that failed, one line each.
    members
        Members that ran.
    """

    study: Study
    folder: Path
    result: Result | None
    records: tuple[Record, ...]
    failures: tuple[str, ...]
    members: int


@dataclass(frozen=True)
class RunSummary:
    """All studies of a call."""

    runs: tuple[StudyRun, ...]


def run_studies(
    paths: Sequence[Path], out: Path, *, options: RunOptions | None = None
) -> RunSummary:
    """Run studies and write a folder for each: ``result.zarr``, ``verdicts.json``, ``study.yaml``.

    Parameters
    ----------
    paths
        Study files or folders.
    out
        Folder for the results; each study gets a folder with its id in it.
    options
        How to run.

    Raises
    ------
    StudyError, UnknownNameError, UnitError
        If a study cannot be read; nothing is run then.
    OutputError
        If results are there already and may not be replaced, or an unfinished run of something else.
    SchedulerError, MissingExtraError
        If the scheduler does not answer or Dask is not installed.
    KeyboardInterrupt
        At Ctrl-C, with a note that says what is kept and how to go on.
    """
    options = options or RunOptions()
    _refuse_both(options)
    names = vocabulary()
    studies = read_studies(paths, names)
    _refuse_bad_ids(studies)
    for study in studies:
        _refuse_overwriting(out / study.id, options)
    model = shared_model(options.solver)
    translator = Translator(model)
    targets = load_targets(model.base, model.network)
    jobs = []
    for study in studies:
        sides = tries(study, targets, disputed_edges(model, study.system))
        tried = [ask(s, model, names, translator) for s in sides]
        question = _fairest(tried, len(model.ensemble), options)
        jobs.append(make_job(study, question, model, out / study.id, options.members))
    for job in jobs:
        _make_room(job, options)
    if any(job.question.runs for job in jobs):
        _compile(model, options)
    return RunSummary(tuple(_run(job, model, options) for job in jobs))


def _compile(model: CellModel, options: RunOptions) -> None:
    """Compile before the work, so that it is said what takes so long the first time."""
    if options.progress is not None:
        options.progress("compiling the model (kept for the next time)", 0, 1)
    model.engine.prepare()


def _fairest(tried: Sequence[Question], members: int, options: RunOptions) -> Question:
    """Of the tries of a disputed study, the one of which most holds."""
    if len(tried) == 1:
        return tried[0]
    how = CheckOptions(workers=options.workers, solver=options.solver)
    count = min(options.members or members, members)
    return tried[most_held(list(judge(tried, count, how)))]


def _refuse_both(options: RunOptions) -> None:
    if options.force and options.resume:
        message = "--resume keeps what is finished and --force throws it away; give one of them"
        raise OutputError(message)


def _refuse_bad_ids(studies: Sequence[Study]) -> None:
    """Every study gets a folder of its own, which is called like it."""
    first: dict[str, Study] = {}
    for study in studies:
        taken = study.id in {".", ".."} or study.id.endswith(SUFFIX)
        if taken or set(study.id) & set('/\\:*?"<>|'):
            message = (
                f"The study id {study.id!r} cannot name a folder; use letters, digits, - and _, "
                f"and another end than {SUFFIX}"
            )
            raise StudyError(message, location=study.location)
        if study.id in first:
            message = (
                f"The study id {study.id!r} stands twice, first in {first[study.id].location}; "
                "results of both would share a folder. Rename one, or run them one by one"
            )
            raise StudyError(message, location=study.location)
        first[study.id] = study


def _refuse_overwriting(folder: Path, options: RunOptions) -> None:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir():
        message = f"{nearest} is a file, so no folder {folder} can be made; choose another with -o"
        raise OutputError(message)
    if _holds_something(folder) and not options.force and not options.resume:
        message = (
            f"{folder} holds results already; choose another folder with -o, add --force to replace "
            "them or --resume to keep what is finished"
        )
        raise OutputError(message)


def _holds_something(folder: Path) -> bool:
    return folder.exists() and any(folder.iterdir())


def _make_room(job: Job, options: RunOptions) -> None:
    """See to it, before anything runs, that the job may be written."""
    if options.force:
        discard(job.folder)
        return
    refuse_another(job.folder, job.about)
    left = folder_of(job.folder).exists()
    if options.resume and _holds_something(job.folder) and not left:
        refuse_other_result(job)


def _run(job: Job, model: CellModel, options: RunOptions) -> StudyRun:
    study, folder = job.question.study, job.folder
    if not job.question.runs:
        records = records_of(job, model, [])
        write_unsupported(folder, study, records)
        lacking = tuple(f"not supported: {m}" for m in job.question.lacking)
        return StudyRun(study, folder, None, records, lacking, 0)
    left = folder_of(folder).exists()
    if options.resume and _holds_something(folder) and not left:
        result, records = read_again(job, model)
    else:
        result, records = _run_ensemble(job, model, options)
    return StudyRun(study, folder, result, records, result.failures, job.members)


def _run_ensemble(
    job: Job, model: CellModel, options: RunOptions
) -> tuple[Result, tuple[Record, ...]]:
    def tell(done: int, total: int) -> None:
        if options.progress is not None:
            options.progress(f"running {job.question.study.id}", done, total)

    question = job.question
    cut = blocks(job.members, len(question.plans))
    sizes = len(question.study.arms), job.members, len(job.times), len(job.readings)
    workforce = Workforce(options.workers, options.scheduler)
    with alone(job.folder):
        unfinished = Unfinished.begin(job.folder, job.about, cut, sizes, job.readings)
        run_chunks(ChunkWork(question, job.readings, options.solver), unfinished, workforce, tell)
        return finish(job, model, unfinished)
