"""Run the expectations of studies and judge them; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.drugs import load_targets
from glutarium.study.check_json import Record, record_of
from glutarium.study.disputes import explained, most_held, tries
from glutarium.study.execute import in_parallel, run_member, shared_model
from glutarium.study.modelfree import background_of
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator
from glutarium.study.values import Question, ask, judge_all, read_member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from glutarium.study.values import MemberValues
    from glutarium.study.verdict import Verdict

__all__ = ["CheckOptions", "check_studies"]


@dataclass(frozen=True)
class CheckOptions:
    """How to check.

    Attributes
    ----------
    members
        Members to use; all by default.
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.
    """

    members: int | None = None
    workers: int | None = None
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
    """
    options = options or CheckOptions()
    names = vocabulary()
    studies = read_studies(paths, names)
    model = shared_model()
    translator = Translator(model)
    targets = load_targets(model.base, model.network)
    tried = [[ask(s, model, names, translator) for s in tries(study, targets)] for study in studies]
    count = min(options.members or len(model.ensemble), len(model.ensemble))
    background = background_of(model.base)
    records: list[Record] = []
    judged = _verdicts([question for questions in tried for question in questions], count, options)
    for study, questions in zip(studies, tried, strict=True):
        outcomes = list(islice(judged, len(questions)))
        best = most_held(outcomes)
        verdicts = explained(outcomes[best], questions[best].study, study)
        for expectation, verdict in zip(study.expectations, verdicts, strict=True):
            records.append(record_of(study, expectation, verdict, background))
    return records


def _verdicts(
    questions: Sequence[Question], members: int, options: CheckOptions
) -> Iterator[list[Verdict]]:
    tasks = [(q, m) for q in questions if q.answerable for m in range(members)]
    done = _counted(in_parallel(_read_task, tasks, options.workers), len(tasks), options)
    for question in questions:
        values = list(islice(done, members)) if question.answerable else []
        yield judge_all(question, values)


def _counted(
    results: Iterator[MemberValues], total: int, options: CheckOptions
) -> Iterator[MemberValues]:
    for n, result in enumerate(results, start=1):
        if options.progress is not None:
            options.progress("running studies", n, total)
        yield result


def _read_task(task: tuple[Question, int]) -> MemberValues:
    question, member = task
    return read_member(question, shared_model(), run_member(question.plans, member))
