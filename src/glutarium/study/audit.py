"""Which expectations rest on which edge of regulation: each edge is cut, and what flips is listed.

A verdict is one of the recorded values, the first member. Only cuts that could flip an expectation are
run (:mod:`glutarium.study.audit_screen`), many edges side by side: each is a row of an ensemble. Cells
that share a place are left out; a site takes as long as hundreds of dishes.
"""

from __future__ import annotations

import difflib
import math
import time
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from glutarium.errors import UnknownNameError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.study.audit_kept import read_kept
from glutarium.study.audit_result import Audit, EdgeAudit, Judged, compare, judged
from glutarium.study.audit_screen import distance_of, likelihood, swings_of
from glutarium.study.execute import shared_model
from glutarium.study.local import counted, in_parallel
from glutarium.study.parse import read_studies
from glutarium.study.restated import is_restated
from glutarium.study.translate import Translator
from glutarium.study.values import ask, judge_all, read_member

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from glutarium.model.regulators import Edge
    from glutarium.simulate.cell import Job, Lane
    from glutarium.simulate.model import CellModel
    from glutarium.study.audit_kept import Verdicts
    from glutarium.study.local import Progress
    from glutarium.study.values import Question
    from glutarium.study.verdict import Verdict

__all__ = ["Audit", "EdgeAudit", "Judged", "audit_edges"]

# Questions that are run side by side, and arms of cut models.
_BLOCK = 48
_ARMS = 160
_KNOWN = ("holds", "fails")
# Portions between looks at the clock.
_AT_ONCE = 4

Cut: TypeAlias = "tuple[Edge, int]"
"""An edge and the position of a study."""


@dataclass(frozen=True)
class _Baseline:
    """What a study's expectations come to, how far from flipping they are, and which edges move in it."""

    verdicts: Verdicts
    distances: tuple[float, ...]
    swings: Mapping[str, float]


def audit_edges(
    paths: Sequence[Path],
    *,
    regulators: Collection[str] = (),
    kept: Path | None = None,
    minutes: float = math.inf,
    workers: int | None = None,
    progress: Progress = None,
) -> Audit:
    """Cut every edge of regulation in turn and judge the studies that it could matter for.

    Parameters
    ----------
    paths
        Study files or folders.
    regulators
        Only edges that start from these nodes; all by default.
    kept
        File that verdicts are added to as they come; one that is there is gone on with.
    minutes
        No more cuts are begun after so many minutes. The likeliest to flip something come first, and
        before them all that could restate an edge.
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.

    Raises
    ------
    UnknownNameError
        If no edge starts from one of the regulators.
    ModelError
        If the file of verdicts belongs to other studies or another version.

    Returns
    -------
    Audit
        Edges in table order.
    """
    files = tuple(paths)
    questions = _questions(files)
    edges = _chosen(regulators)
    store = read_kept(kept, [q.study.text for q in questions])
    blocks = [range(i, min(i + _BLOCK, len(questions))) for i in range(0, len(questions), _BLOCK)]
    base: list[_Baseline] = []
    judged_first = in_parallel(partial(_baseline, files), blocks, workers)
    for found in counted(judged_first, "judging with all edges", len(blocks), progress):
        base += found
    cuts = _ranked(edges, questions, base)
    until = time.monotonic() + 60.0 * minutes
    tasks = _packed([c for c in cuts if (c[0].id, c[1]) not in store.known], questions)
    while tasks and time.monotonic() < until:
        now, tasks = tasks[:_AT_ONCE], tasks[_AT_ONCE:]
        cut = in_parallel(partial(_without, files), now, workers)
        told = f"cutting edges, {len(tasks)} portions to come"
        for task, verdicts in zip(now, counted(cut, told, len(now), progress), strict=True):
            store.add([(edge.id, i) for edge, i in task], verdicts)
    concerned: dict[str, list[int]] = {e.id: [] for e in edges}
    for edge, i in cuts:
        if (edge.id, i) in store.known:
            concerned[edge.id].append(i)
    before = [b.verdicts for b in base]
    audits = [compare(e, concerned[e.id], questions, before, store.known) for e in edges]
    found_all = [j for q, held in zip(questions, before, strict=True) for j in judged(q, held)]
    return Audit(tuple(audits), tuple(found_all), sum(len(task) for task in tasks))


def _ranked(
    edges: Sequence[Edge], questions: Sequence[Question], base: Sequence[_Baseline]
) -> list[Cut]:
    """Cuts that could flip an expectation, those that restate one first, then the likeliest."""
    found: list[tuple[bool, float, Cut]] = []
    for edge in edges:
        for i, (question, b) in enumerate(zip(questions, base, strict=True)):
            said = any(is_restated(question.study, e, edge) for e in question.study.expectations)
            chance = likelihood(b.swings, edge.id, b.distances)
            if chance or (said and edge.id in b.swings):
                found.append((said, chance, (edge, i)))
    found.sort(key=lambda item: item[:2], reverse=True)
    return [cut for _, _, cut in found]


def _packed(cuts: Sequence[Cut], questions: Sequence[Question]) -> list[tuple[Cut, ...]]:
    """Cuts in portions of about as many arms."""
    portions: list[list[Cut]] = []
    arms = _ARMS
    for edge, i in cuts:
        if arms >= _ARMS:
            portions.append([])
            arms = 0
        portions[-1].append((edge, i))
        arms += len(questions[i].plans)
    return [tuple(portion) for portion in portions]


def _chosen(regulators: Collection[str]) -> list[Edge]:
    """Edges that start from some nodes; all edges where none is named."""
    edges = shared_model().network.regulation.edges
    known = {e.regulator for e in edges}
    for name in regulators:
        if name not in known:
            near = difflib.get_close_matches(name, known) or sorted(known)[:5]
            raise UnknownNameError(name, "node that an edge starts from", near)
    return [e for e in edges if not regulators or e.regulator in regulators]


@cache
def _questions(paths: tuple[Path, ...]) -> tuple[Question, ...]:
    """Studies of cells alone in their dish that can be answered, in order."""
    names, model = vocabulary(), shared_model()
    translator = Translator(model)
    asked = (ask(study, model, names, translator) for study in read_studies(paths, names))
    return tuple(q for q in asked if q.answerable and q.study.system == "cell")


def _baseline(paths: tuple[Path, ...], block: range) -> list[_Baseline]:
    model = shared_model()
    questions = [_questions(paths)[i] for i in block]
    jobs = [(plan, 0) for question in questions for plan in question.plans]
    return [
        _standing(question, model, own)
        for question, own in zip(questions, _run(model, questions, jobs), strict=True)
    ]


def _standing(question: Question, model: CellModel, lanes: Sequence[Lane]) -> _Baseline:
    verdicts = judge_all(question, [read_member(question, model, lanes)])
    distances = [
        distance_of(expectation, verdict)
        for expectation, verdict in zip(question.study.expectations, verdicts, strict=True)
        if verdict.outcome in _KNOWN
    ]
    return _Baseline(_held(verdicts), tuple(distances), swings_of(model, lanes))


def _without(paths: tuple[Path, ...], cuts: Sequence[Cut]) -> list[Verdicts]:
    """Verdicts of some studies, each without one edge."""
    rows = {edge.id: row for row, edge in enumerate(dict.fromkeys(edge for edge, _ in cuts))}
    model = _cut(shared_model(), tuple(rows))
    questions = [_questions(paths)[i] for _, i in cuts]
    jobs = [
        (plan, rows[edge.id])
        for (edge, _), question in zip(cuts, questions, strict=True)
        for plan in question.plans
    ]
    return [
        _held(judge_all(question, [read_member(question, model, own)]))
        for question, own in zip(questions, _run(model, questions, jobs), strict=True)
    ]


def _cut(model: CellModel, edges: Sequence[str]) -> CellModel:
    """A model whose members are the recorded values, each with one edge's factor at one."""
    first = model.ensemble.first(1)
    parameters = np.repeat(first.parameters, len(edges), axis=0)
    for row, edge in enumerate(edges):
        for end in ("absent", "saturated"):
            parameters[row, model.parameter_index[f"{edge}.{end}"]] = 1.0
    initial = np.repeat(first.initial, len(edges), axis=0)
    return model.with_ensemble(replace(first, parameters=parameters, initial=initial))


def _run(model: CellModel, questions: Sequence[Question], jobs: Sequence[Job]) -> list[list[Lane]]:
    """Lanes of jobs, parted into those of each question."""
    lanes = iter(run_lanes(model, jobs, RestCache()) if jobs else ())
    return [[next(lanes) for _ in question.plans] for question in questions]


def _held(verdicts: Sequence[Verdict]) -> Verdicts:
    """Whether each expectation holds; None where it cannot be judged."""
    return tuple(v.outcome == "holds" if v.outcome in _KNOWN else None for v in verdicts)
