"""Run the expectations of studies and judge them; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.alternatives import alternatives
from glutarium.model.drugs import load_targets
from glutarium.study.check_json import Record, record_of
from glutarium.study.chunk import blocks
from glutarium.study.disputes import explained, most_held, tries
from glutarium.study.execute import run_members, shared_model
from glutarium.study.modelfree import background_of
from glutarium.study.parse import read_studies
from glutarium.study.schedule import Workforce
from glutarium.study.translate import Translator
from glutarium.study.values import Question, ask, judge_all, read_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from glutarium.study.values import MemberValues
    from glutarium.study.verdict import Verdict

__all__ = ["CheckOptions", "check_studies", "judge"]


@dataclass(frozen=True)
class CheckOptions:
    """How to check.

    Attributes
    ----------
    members
        Members to use; all by default.
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
    workers: int | None = None
    scheduler: str | None = None
    solver: str = "lanes"
    progress: Callable[[str, int, int], None] | None = None


def check_studies(paths: Sequence[Path], *, options: CheckOptions | None = None) -> list[Record]:
    """Check every expectation of some studies.

    Parameters
    ----------
    paths
        Study files or folders.
    options
        How to check.

    Returns
    -------
    list of Record
        One per expectation, in order.

    Raises
    ------
    StudyError, UnknownNameError, UnitError
        If a study cannot be read.
    SchedulerError, MissingExtraError
        If the scheduler does not answer or Dask is not installed.
    """
    options = options or CheckOptions()
    names = vocabulary()
    studies = read_studies(paths, names)
    model = shared_model(options.solver)
    translator = Translator(model)
    targets = load_targets(model.base, model.network)
    edges = alternatives(model.network.regulation.edges)
    tried = [
        [ask(s, model, names, translator) for s in tries(study, targets, edges)]
        for study in studies
    ]
    count = min(options.members or len(model.ensemble), len(model.ensemble))
    background = background_of(model.base)
    records: list[Record] = []
    judged = judge([question for questions in tried for question in questions], count, options)
    for study, questions in zip(studies, tried, strict=True):
        outcomes = list(islice(judged, len(questions)))
        best = most_held(outcomes)
        verdicts = explained(outcomes[best], questions[best].study, study)
        for expectation, verdict in zip(study.expectations, verdicts, strict=True):
            records.append(record_of(study, expectation, verdict, background))
    return records


def judge(
    questions: Sequence[Question], members: int, options: CheckOptions
) -> Iterator[list[Verdict]]:
    """Run questions and judge them, one after the other.

    Parameters
    ----------
    questions
        Studies, ready to run; those that cannot are judged without.
    members
        How many members are run.
    options
        How to check.

    Yields
    ------
    list of Verdict
        One per expectation of a question.
    """
    found = _answers([q for q in questions if q.answerable], members, options)
    for question in questions:
        yield judge_all(question, next(found) if question.answerable else [])


def _answers(
    questions: Sequence[Question], members: int, options: CheckOptions
) -> Iterator[list[MemberValues]]:
    """Values of every question, one per member."""
    cuts = [blocks(members, len(question.plans)) for question in questions]
    tasks = [(q, block) for q, cut in zip(questions, cuts, strict=True) for block in cut]
    found: dict[int, list[MemberValues]] = {}
    done = 0
    workforce = Workforce(options.workers, options.scheduler)
    for i, values in workforce.spread(partial(_read_task, options.solver), tasks):
        found[i] = values
        done += len(values)
        if options.progress is not None:
            options.progress("running studies", done, members * len(questions))
    parts = (found[i] for i in range(len(tasks)))
    for cut in cuts:
        yield list(chain.from_iterable(islice(parts, len(cut))))


def _read_task(solver: str, task: tuple[Question, range]) -> list[MemberValues]:
    question, members = task
    model = shared_model(solver)
    found = run_members(question.plans, members, solver)
    return read_members(question, model, found)
