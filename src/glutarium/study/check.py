"""Run the expectations of studies and judge them; verdicts are kept as they come, if that is asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.drugs import load_targets
from glutarium.study.bundles import bundles
from glutarium.study.check_json import Record, record_of
from glutarium.study.chunk import blocks
from glutarium.study.disputes import disputed_edges, explained, most_held, tries
from glutarium.study.execute import shared_model
from glutarium.study.modelfree import background_of
from glutarium.study.parse import read_studies
from glutarium.study.schedule import Workforce
from glutarium.study.translate import Translator
from glutarium.study.values import Question, ask, judge_all, read_members
from glutarium.study.verdict_log import VerdictLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from glutarium.study.bundles import Bundle
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
    log
        File in which verdicts are kept, study by study, and looked for before a study is run; none by
        default. It stays when all is done.
    """

    members: int | None = None
    workers: int | None = None
    scheduler: str | None = None
    solver: str = "lanes"
    progress: Callable[[str, int, int], None] | None = None
    log: Path | None = None


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
    OutputError
        If the log of verdicts cannot be read or written.
    KeyboardInterrupt
        At Ctrl-C, with a note that says what is kept.
    """
    options = options or CheckOptions()
    names = vocabulary()
    studies = read_studies(paths, names)
    model = shared_model(options.solver)
    translator = Translator(model)
    targets = load_targets(model.base, model.network)
    tried = [
        [
            ask(s, model, names, translator)
            for s in tries(study, targets, disputed_edges(model, study.system))
        ]
        for study in studies
    ]
    count = min(options.members or len(model.ensemble), len(model.ensemble))
    background = background_of(model.base)
    records: list[Record] = []
    log = VerdictLog(options.log, model, count)
    judged = judge([q for questions in tried for q in questions], count, options, log)
    for study, questions in zip(studies, tried, strict=True):
        outcomes = list(islice(judged, len(questions)))
        best = most_held(outcomes)
        verdicts = explained(outcomes[best], questions[best].study, study)
        for expectation, verdict in zip(study.expectations, verdicts, strict=True):
            records.append(record_of(study, expectation, verdict, background))
    return records


def judge(
    questions: Sequence[Question],
    members: int,
    options: CheckOptions,
    log: VerdictLog | None = None,
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
    log
        Where verdicts of earlier are found and those of now are kept.

    Yields
    ------
    list of Verdict
        One per expectation of a question.
    """
    verdicts: dict[int, list[Verdict]] = {}
    waiting: list[int] = []
    for i, question in enumerate(questions):
        known = log.find(question) if log is not None and question.answerable else None
        if known is None and question.answerable:
            waiting.append(i)
        else:
            verdicts[i] = judge_all(question, []) if known is None else known
    try:
        for k, values in _answers([questions[i] for i in waiting], members, options):
            verdicts[waiting[k]] = judge_all(questions[waiting[k]], values)
            if log is not None:
                log.add(questions[waiting[k]], verdicts[waiting[k]])
    except KeyboardInterrupt as stop:
        if log is not None and log.path is not None:
            stop.add_note(
                f"Stopped. Verdicts on {len(verdicts)} of {len(questions)} studies are kept in {log.path}. "
                "To go on, run the same command again"
            )
        raise
    yield from (verdicts[i] for i in range(len(questions)))


def _answers(
    questions: Sequence[Question], members: int, options: CheckOptions
) -> Iterator[tuple[int, list[MemberValues]]]:
    """Number of a question and its values, one per member, as questions are finished."""
    parts = bundles(questions)
    cuts = [blocks(members, len(bundle.plans)) for bundle in parts]
    tasks = [(i, b) for i, cut in enumerate(cuts) for b in range(len(cut))]
    found: dict[int, dict[int, list[list[MemberValues]]]] = defaultdict(dict)
    done = 0
    workforce = Workforce(options.workers, options.scheduler)
    work = [(parts[i], cuts[i][b]) for i, b in tasks]
    for place, values in workforce.spread(partial(_read_task, options.solver), work):
        i, b = tasks[place]
        found[i][b] = values
        complete = len(found[i]) == len(cuts[i])
        for n, position in enumerate(parts[i].positions):
            done += len(cuts[i][b])
            if options.progress is not None:
                options.progress("running studies", done, members * len(questions))
            if complete:
                yield (
                    position,
                    list(chain.from_iterable(found[i][k][n] for k in range(len(cuts[i])))),
                )
        if complete:
            del found[i]


def _read_task(solver: str, task: tuple[Bundle, range]) -> list[list[MemberValues]]:
    """Values of every question of a bundle, one per member."""
    bundle, members = task
    model = shared_model(solver)
    lanes = bundle.run(members, solver)
    return [
        read_members(question, model, found)
        for question, found in zip(bundle.questions, lanes, strict=True)
    ]
