"""Which expectations rest on which edge of regulation: each edge is cut, and what flips is listed.

A verdict is one of the recorded values, the first member. An edge whose regulator stays at rest in all
arms of a study has a factor of one there, so only the others are run again.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import UnknownNameError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.study.execute import shared_model
from glutarium.study.local import counted, in_parallel
from glutarium.study.parse import read_studies
from glutarium.study.restated import is_restated
from glutarium.study.translate import Translator
from glutarium.study.values import ask, judge_all, read_member

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from glutarium.model.regulators import Edge
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.study.local import Progress
    from glutarium.study.study import Expectation
    from glutarium.study.values import Question
    from glutarium.study.verdict import Verdict

__all__ = ["Audit", "EdgeAudit", "Judged", "audit_edges"]

# A regulator that moves less than this, relative to rest, leaves its edges' factors at one.
_STILL = 1e-3
# Questions that are run side by side.
_BLOCK = 8


@dataclass(frozen=True, slots=True)
class Judged:
    """One expectation under the recorded values.

    Attributes
    ----------
    label
        Study, observable and arm.
    hard
        As in the study.
    holds
        Whether it holds with all edges in place.
    """

    label: str
    hard: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class EdgeAudit:
    """One edge.

    Attributes
    ----------
    edge
        Its id.
    runs
        Studies in which its regulator moves.
    lost, gained
        Expectations that hold only with it, and only without it.
    restated
        Those of ``lost`` that ask for nothing but this edge: what is done acts on the regulator, and
        what is read is the target.
    """

    edge: str
    runs: int
    lost: tuple[Judged, ...]
    gained: tuple[Judged, ...]
    restated: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """All edges, and all expectations that could be judged."""

    edges: tuple[EdgeAudit, ...]
    judged: tuple[Judged, ...]

    @property
    def restated(self) -> frozenset[str]:
        """Labels of expectations that restate an edge."""
        return frozenset(j.label for e in self.edges for j in e.restated)


@dataclass(frozen=True)
class _Baseline:
    """What a study's expectations come to, and which regulators move in it."""

    verdicts: tuple[bool | None, ...]
    moving: frozenset[str]


def audit_edges(
    paths: Sequence[Path],
    *,
    regulators: Collection[str] = (),
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
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.

    Raises
    ------
    UnknownNameError
        If no edge starts from one of the regulators.

    Returns
    -------
    Audit
        Edges in table order.
    """
    files = tuple(paths)
    questions = _questions(files)
    blocks = [range(i, min(i + _BLOCK, len(questions))) for i in range(0, len(questions), _BLOCK)]
    base: list[_Baseline] = []
    judged_first = in_parallel(partial(_baseline, files), blocks, workers)
    for found in counted(judged_first, "judging with all edges", len(blocks), progress):
        base += found
    edges = _chosen(regulators)
    tasks = [(e, tuple(i for i, b in enumerate(base) if e.regulator in b.moving)) for e in edges]
    audits: list[EdgeAudit] = []
    cut = in_parallel(partial(_without, files), tasks, workers)
    verdicts_of = counted(cut, "cutting edges", len(tasks), progress)
    for (edge, concerned), verdicts in zip(tasks, verdicts_of, strict=True):
        audits.append(_compare(edge, concerned, questions, base, verdicts))
    judged = [j for q, b in zip(questions, base, strict=True) for j in _judged(q, b.verdicts)]
    return Audit(tuple(audits), tuple(judged))


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
    """Studies that can be answered, in order."""
    names, model = vocabulary(), shared_model()
    translator = Translator(model)
    asked = (ask(study, model, names, translator) for study in read_studies(paths, names))
    return tuple(question for question in asked if question.answerable)


def _baseline(paths: tuple[Path, ...], block: range) -> list[_Baseline]:
    model = shared_model()
    questions = [_questions(paths)[i] for i in block]
    lanes = _run(model, questions)
    return [
        _Baseline(_held(q, model, own), _moving(model, own))
        for q, own in zip(questions, lanes, strict=True)
    ]


def _without(
    paths: tuple[Path, ...], task: tuple[Edge, tuple[int, ...]]
) -> list[tuple[bool | None, ...]]:
    edge, concerned = task
    model = _cut(shared_model(), edge)
    questions = [_questions(paths)[i] for i in concerned]
    lanes = _run(model, questions)
    return [_held(q, model, own) for q, own in zip(questions, lanes, strict=True)]


def _cut(model: CellModel, edge: Edge) -> CellModel:
    """The model with one edge's factor at one, whatever its regulator does."""
    ensemble = model.ensemble.first(1)
    parameters = ensemble.parameters.copy()
    for end in ("absent", "saturated"):
        parameters[:, model.parameter_index[f"{edge.id}.{end}"]] = 1.0
    return model.with_ensemble(replace(ensemble, parameters=parameters))


def _run(model: CellModel, questions: Sequence[Question]) -> list[list[Lane]]:
    """Lanes of all plans of some questions, for the recorded values."""
    jobs = [(plan, 0) for question in questions for plan in question.plans]
    lanes = iter(run_lanes(model, jobs, RestCache())) if jobs else iter(())
    return [[next(lanes) for _ in question.plans] for question in questions]


def _held(question: Question, model: CellModel, lanes: Sequence[Lane]) -> tuple[bool | None, ...]:
    """Whether each expectation holds; None where it cannot be judged."""
    verdicts: Sequence[Verdict] = judge_all(question, [read_member(question, model, lanes)])
    known = ("holds", "fails")
    return tuple(v.outcome == "holds" if v.outcome in known else None for v in verdicts)


def _moving(model: CellModel, lanes: Sequence[Lane]) -> frozenset[str]:
    """Nodes that leave their rest in any arm."""
    nodes = list(model.network.regulation.nodes.values())
    columns = [model.observable_index[f"available.{n.id}"] for n in nodes]
    rests = np.array([n.rest for n in nodes])
    furthest = np.zeros(len(nodes))
    for lane in lanes:
        seen = np.vstack([lane.at_rest[columns], lane.observed[:, columns]])
        furthest = np.maximum(furthest, np.abs(seen - rests).max(axis=0))
    return frozenset(n.id for n, far in zip(nodes, furthest, strict=True) if far > _STILL)


def _compare(
    edge: Edge,
    concerned: Sequence[int],
    questions: Sequence[Question],
    base: Sequence[_Baseline],
    verdicts: Sequence[tuple[bool | None, ...]],
) -> EdgeAudit:
    lost: list[Judged] = []
    gained: list[Judged] = []
    restated: list[Judged] = []
    for i, after in zip(concerned, verdicts, strict=True):
        study = questions[i].study
        for expectation, was, now in zip(study.expectations, base[i].verdicts, after, strict=True):
            if was is None or was == bool(now):
                continue
            about = Judged(_label(study.id, expectation), expectation.hard, was)
            (lost if was else gained).append(about)
            if was and is_restated(study, expectation, edge):
                restated.append(about)
    return EdgeAudit(edge.id, len(concerned), tuple(lost), tuple(gained), tuple(restated))


def _judged(question: Question, verdicts: Sequence[bool | None]) -> list[Judged]:
    study = question.study
    return [
        Judged(_label(study.id, expectation), expectation.hard, held)
        for expectation, held in zip(study.expectations, verdicts, strict=True)
        if held is not None
    ]


def _label(study: str, expectation: Expectation) -> str:
    return f"{study} {expectation.observable} {' / '.join(expectation.arm)}"
