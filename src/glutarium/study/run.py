"""Run studies and keep everything: dataset, verdicts, tables, provenance."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glutarium._version import __version__
from glutarium.errors import OutputError, StudyError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.drugs import load_targets
from glutarium.simulate.result import Result, gather
from glutarium.study.check_json import Record, record_of, to_json
from glutarium.study.cited import cited_sources
from glutarium.study.disputes import explained, most_held, tries
from glutarium.study.execute import in_parallel, shared_model
from glutarium.study.fates import run_and_trace, with_fates
from glutarium.study.modelfree import background_of
from glutarium.study.parse import read_studies
from glutarium.study.readings import default_readings
from glutarium.study.translate import Translator
from glutarium.study.values import Question, ask, judge_all, read_member

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.names import Vocabulary
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.fate import Fate
    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study
    from glutarium.study.verdict import Verdict

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
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.
    """

    members: int | None = None
    force: bool = False
    workers: int | None = None
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
        If results are there already and may not be replaced.
    """
    options = options or RunOptions()
    names = vocabulary()
    studies = read_studies(paths, names)
    _refuse_bad_ids(studies)
    for study in studies:
        _refuse_overwriting(out / study.id, force=options.force)
    model = shared_model()
    translator = Translator(model)
    targets = load_targets(model.base, model.network)
    tried = [[ask(s, model, names, translator) for s in tries(study, targets)] for study in studies]
    return RunSummary(tuple(_run(questions, model, names, out, options) for questions in tried))


def _refuse_bad_ids(studies: Sequence[Study]) -> None:
    """Every study gets a folder of its own, which is called like it."""
    first: dict[str, Study] = {}
    for study in studies:
        if study.id in {".", ".."} or set(study.id) & set('/\\:*?"<>|'):
            message = (
                f"The study id {study.id!r} cannot name a folder; use letters, digits, - and _"
            )
            raise StudyError(message, location=study.location)
        if study.id in first:
            message = (
                f"The study id {study.id!r} stands twice, first in {first[study.id].location}; "
                "results of both would share a folder. Rename one, or run them one by one"
            )
            raise StudyError(message, location=study.location)
        first[study.id] = study


def _refuse_overwriting(folder: Path, *, force: bool) -> None:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir():
        message = f"{nearest} is a file, so no folder {folder} can be made; choose another with -o"
        raise OutputError(message)
    if folder.exists() and any(folder.iterdir()) and not force:
        message = f"{folder} holds results already; choose another folder with -o or add --force"
        raise OutputError(message)


@dataclass(frozen=True)
class _Try:
    """What one try of a study gave: lanes and fates member by member, and its verdicts."""

    question: Question
    lanes: list[list[Lane]]
    fates: list[list[Fate | None]]
    verdicts: list[Verdict]


def _run(
    questions: Sequence[Question],
    model: CellModel,
    names: Vocabulary,
    out: Path,
    options: RunOptions,
) -> StudyRun:
    """Run a study, a disputed one under every alternative; the try of which most holds is kept."""
    study = questions[0].study
    folder = out / study.id
    if not questions[0].runs:
        records = _records(study, model, judge_all(questions[0], []))
        _write(folder, study, None, records)
        lacking = tuple(f"not supported: {m}" for m in questions[0].lacking)
        return StudyRun(study, folder, None, records, lacking, 0)
    count = min(options.members or len(model.ensemble), len(model.ensemble))
    tried = [_try(question, model, count, options) for question in questions]
    kept = tried[most_held([t.verdicts for t in tried])]
    question, lanes, fates = kept.question, kept.lanes, kept.fates
    records = _records(study, model, explained(kept.verdicts, question.study, study))
    plain = _result(question, model, names, lanes)
    by_arm = {name: [member[i] for member in fates] for i, name in enumerate(study.arms)}
    result = replace(plain, dataset=with_fates(plain.dataset, by_arm))
    _write(folder, study, result, records)
    return StudyRun(study, folder, result, records, result.failures, count)


def _try(question: Question, model: CellModel, members: int, options: RunOptions) -> _Try:
    lanes, fates = _lanes(question, members, options)
    values = [read_member(question, model, member) for member in lanes]
    return _Try(question, lanes, fates, judge_all(question, values))


def _records(study: Study, model: CellModel, verdicts: Sequence[Verdict]) -> tuple[Record, ...]:
    """Verdicts of all expectations, with what they are about."""
    background = background_of(model.base)
    return tuple(
        record_of(study, expectation, verdict, background)
        for expectation, verdict in zip(study.expectations, verdicts, strict=True)
    )


def _lanes(
    question: Question, members: int, options: RunOptions
) -> tuple[list[list[Lane]], list[list[Fate | None]]]:
    """Lanes of all plans and the fate of their glutamine, member by member."""
    lanes: list[list[Lane]] = []
    fates: list[list[Fate | None]] = []
    work = partial(run_and_trace, question.plans)
    for found, traced in in_parallel(work, range(members), options.workers):
        lanes.append(found)
        fates.append(traced)
        if options.progress is not None:
            options.progress(f"running {question.study.id}", len(lanes), members)
    return lanes, fates


def _result(
    question: Question, model: CellModel, names: Vocabulary, lanes: list[list[Lane]]
) -> Result:
    study = question.study
    by_plan = {plan.name: [member[i] for member in lanes] for i, plan in enumerate(question.plans)}
    by_arm = {name: by_plan[name] for name in study.arms}
    readings = default_readings(model, names) | dict(question.readings)
    times = question.plans[0].times
    return gather(model, by_arm, readings, times, _attributes(study, model, len(lanes)))


def _attributes(study: Study, model: CellModel, members: int) -> dict[str, Any]:
    provenance = model.ensemble.provenance
    numbers = (*model.base.kinetics, *model.base.modifiers, *model.base.pools, *model.base.fluxes)
    return {
        "study": study.id,
        "title": study.title,
        "system": study.system,
        "duration_h": study.duration_h,
        "study_yaml": study.text,
        "alternatives": json.dumps(dict(study.setup.alternatives or {})),
        "claims": json.dumps(list(study.claims)),
        "members": members,
        "ensemble": f"seeds {provenance['seeds'][:members]} of tables {provenance['tables']}",
        "model_hash": model.spec.structure_hash()[:16],
        "version": __version__,
        "sources": json.dumps(cited_sources(study, model.base)),
        "assumed_records": sum(record.basis == "assumed" for record in numbers),
        "records": len(numbers),
    }


def _write(folder: Path, study: Study, result: Result | None, records: Sequence[Record]) -> None:
    """Write into a folder beside the target first, so that nothing half-written is left."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = Path(scratch) / folder.name
        fresh.mkdir()
        if result is not None:
            result.save(fresh / "result.zarr")
        (fresh / "verdicts.json").write_text(to_json(records), encoding="utf-8")
        (fresh / "study.yaml").write_text(study.text, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
