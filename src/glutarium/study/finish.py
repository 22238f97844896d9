"""From finished chunks to the folder of a study: ``result.zarr``, ``verdicts.json``, ``study.yaml``."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium._version import __version__
from glutarium.errors import OutputError
from glutarium.simulate.result import Result, frame_of
from glutarium.study.accounts import with_account
from glutarium.study.check_json import Record, record_of, to_json
from glutarium.study.cited import cited_sources
from glutarium.study.clones import Parts, with_clones
from glutarium.study.disputes import explained
from glutarium.study.fates import with_fates
from glutarium.study.modelfree import background_of
from glutarium.study.unfinished import STORE, differences
from glutarium.study.values import judge_all
from glutarium.study.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.simulate.model import CellModel
    from glutarium.study.job import Job
    from glutarium.study.study import Study
    from glutarium.study.unfinished import Unfinished
    from glutarium.study.values import MemberValues

__all__ = ["finish", "read_again", "records_of", "refuse_other_result", "write_unsupported"]

VERDICTS, STUDY = "verdicts.json", "study.yaml"


def finish(job: Job, model: CellModel, unfinished: Unfinished) -> tuple[Result, tuple[Record, ...]]:
    """Judge, write what stands beside the values, and put the folder in its place."""
    kept = unfinished.kept()
    records = records_of(job, model, [answer for chunk in kept for answer in chunk.answers])
    arms = list(job.question.study.arms)
    plain = frame_of(
        _joined(arms, [chunk.codes for chunk in kept]),
        _joined(arms, [chunk.details for chunk in kept]),
        job.readings,
        job.times,
        _attributes(job, model),
    )
    shares = np.concatenate([chunk.shares for chunk in kept], axis=1)
    uptake = np.concatenate([chunk.uptake for chunk in kept], axis=1)
    account = np.concatenate([chunk.account for chunk in kept], axis=1)
    cells, clones = job.question.cells, job.question.clones
    whole = with_account(with_fates(plain, shares, uptake, cells), account, cells, model)
    parts = Parts(
        np.concatenate([chunk.clone_account for chunk in kept], axis=1),
        np.concatenate([chunk.clone_shares for chunk in kept], axis=1),
        np.concatenate([chunk.clone_uptake for chunk in kept], axis=1),
    )
    whole = with_clones(whole, parts, clones, model)
    unfinished.store.finish(whole)
    _write_texts(unfinished.folder, job.question.study, records)
    unfinished.become(job.folder)
    return Result.open(job.folder / STORE), records


def _joined(arms: Sequence[str], chunks: Sequence[Sequence[Sequence[str]]]) -> dict[str, list[str]]:
    """Arm → one word per member, from the chunks in order."""
    return {arm: [word for rows in chunks for word in rows[a]] for a, arm in enumerate(arms)}


def records_of(job: Job, model: CellModel, answers: Sequence[MemberValues]) -> tuple[Record, ...]:
    """Verdicts of all expectations."""
    verdicts = judge_all(job.question, answers)
    return _records(job, model, explained(verdicts, job.question.study, job.study))


def _records(job: Job, model: CellModel, verdicts: Sequence[Verdict]) -> tuple[Record, ...]:
    study, background = job.question.study, background_of(model.base)
    return tuple(
        record_of(study, expectation, verdict, background)
        for expectation, verdict in zip(study.expectations, verdicts, strict=True)
    )


def _attributes(job: Job, model: CellModel) -> dict[str, Any]:
    study = job.question.study
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
        "composition": json.dumps(study.composition_lines),
        "members": job.members,
        "ensemble": f"seeds {provenance['seeds'][: job.members]} of tables {provenance['tables']}",
        "model_hash": model.spec.structure_hash()[:16],
        "version": __version__,
        "fingerprint": json.dumps(dict(job.about)),
        "sources": json.dumps(cited_sources(study, model.base)),
        "assumed_records": sum(record.basis == "assumed" for record in numbers),
        "records": len(numbers),
    }


def _write_texts(folder: Path, study: Study, records: Sequence[Record]) -> None:
    (folder / VERDICTS).write_text(to_json(records), encoding="utf-8")
    (folder / STUDY).write_text(study.text, encoding="utf-8")


def write_unsupported(folder: Path, study: Study, records: Sequence[Record]) -> None:
    """Write a study that cannot run, into a folder beside the target first."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = Path(scratch) / folder.name
        fresh.mkdir()
        _write_texts(fresh, study, records)
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)


def refuse_other_result(job: Job) -> None:
    """Refuse to take a finished run for this one.

    Raises
    ------
    OutputError
        If what stands in the job's folder was not made from the same study, model and version.
    """
    if not job.question.runs:
        _refuse_more_than_texts(job.folder)
        return
    attributes = Result.open(job.folder / STORE).arrays.attrs
    found = json.loads(attributes.get("fingerprint", "{}"))
    differ = differences(found, job.about)
    if differ or not (job.folder / VERDICTS).exists():
        message = (
            f"{job.folder} holds a finished run that differs in {', '.join(differ) or VERDICTS}; "
            "replace it with --force, or choose another folder with -o"
        )
        raise OutputError(message)


def _refuse_more_than_texts(folder: Path) -> None:
    """A study that cannot run leaves two texts, which are written again; what else is there stays."""
    more = sorted({path.name for path in folder.iterdir()} - {VERDICTS, STUDY})
    if more:
        message = (
            f"{folder} holds {more[0]}, which a study that cannot run does not leave; replace all "
            "with --force, or choose another folder with -o"
        )
        raise OutputError(message)


def read_again(job: Job, model: CellModel) -> tuple[Result, tuple[Record, ...]]:
    """Result and verdicts of a finished run; :func:`refuse_other_result` comes first."""
    rows = json.loads((job.folder / VERDICTS).read_text(encoding="utf-8"))
    verdicts = [
        Verdict(row["verdict"], row["fold"], row["agreement"], row["reason"]) for row in rows
    ]
    return Result.open(job.folder / STORE), _records(job, model, verdicts)
