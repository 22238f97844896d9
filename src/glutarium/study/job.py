"""A study with everything that running it takes: what is asked, what is read, of whom, into which folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.fingerprint import fingerprint
from glutarium.study.readings import default_readings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from glutarium.simulate.model import CellModel
    from glutarium.simulate.readout import Reading
    from glutarium.study.study import Study
    from glutarium.study.values import Question

__all__ = ["Job", "make_job"]


@dataclass(frozen=True)
class Job:
    """One study to run.

    Attributes
    ----------
    study
        The study as it was written.
    question
        The study, ready to run; a disputed one under the alternative that was chosen for it.
    readings
        What the result holds.
    members
        How many members are run.
    folder
        Where its files go.
    about
        Fingerprint of all that its numbers depend on.
    """

    study: Study
    question: Question
    readings: Mapping[str, Reading]
    members: int
    folder: Path
    about: Mapping[str, str]

    @property
    def times(self) -> tuple[float, ...]:
        """Times that are reported, h."""
        return self.question.plans[0].times


def make_job(
    study: Study,
    question: Question,
    model: CellModel,
    folder: Path,
    members: int | None,
) -> Job:
    """Put together what running a study takes; all members by default."""
    usual = default_readings(model, vocabulary(), question.cells, study.system, question.clones)
    readings = usual | dict(question.readings)
    count = min(members or len(model.ensemble), len(model.ensemble))
    about = fingerprint(question, model, readings, count)
    return Job(study, question, readings, count, folder, about)
