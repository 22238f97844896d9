"""What an audit finds: expectations with their verdicts, and per edge those that flip without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.study.restated import is_restated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.model.regulators import Edge
    from glutarium.study.audit_kept import Verdicts
    from glutarium.study.study import Expectation
    from glutarium.study.values import Question

__all__ = ["Audit", "EdgeAudit", "Judged", "compare", "judged"]


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
        Studies that its cut could flip, to first order; these were run.
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
    """All edges, and all expectations that could be judged.

    Attributes
    ----------
    edges
        What depends on each.
    judged
        Verdicts with all edges.
    left
        Cuts that could flip something and were not run for want of time.
    """

    edges: tuple[EdgeAudit, ...]
    judged: tuple[Judged, ...]
    left: int = 0

    @property
    def restated(self) -> frozenset[str]:
        """Labels of expectations that restate an edge."""
        return frozenset(j.label for e in self.edges for j in e.restated)


def compare(
    edge: Edge,
    concerned: Sequence[int],
    questions: Sequence[Question],
    before: Sequence[Verdicts],
    known: Mapping[tuple[str, int], Verdicts],
) -> EdgeAudit:
    """What changes without one edge.

    Parameters
    ----------
    edge
        The edge.
    concerned
        Positions of the studies that were run without it.
    questions
        All studies.
    before
        Their verdicts with all edges.
    known
        Edge and study → verdicts without the edge.
    """
    lost: list[Judged] = []
    gained: list[Judged] = []
    restated: list[Judged] = []
    for i in concerned:
        study, after = questions[i].study, known[edge.id, i]
        for expectation, was, now in zip(study.expectations, before[i], after, strict=True):
            if was is None or was == bool(now):
                continue
            about = Judged(_label(study.id, expectation), expectation.hard, was)
            (lost if was else gained).append(about)
            if was and is_restated(study, expectation, edge):
                restated.append(about)
    return EdgeAudit(edge.id, len(concerned), tuple(lost), tuple(gained), tuple(restated))


def judged(question: Question, verdicts: Sequence[bool | None]) -> list[Judged]:
    """All expectations of a study that have a verdict."""
    study = question.study
    return [
        Judged(_label(study.id, expectation), expectation.hard, held)
        for expectation, held in zip(study.expectations, verdicts, strict=True)
        if held is not None
    ]


def _label(study: str, expectation: Expectation) -> str:
    return f"{study} {expectation.observable} {' / '.join(expectation.arm)}"
