"""Isotopologues that somebody measured beside those that the arms of a study predict; nothing is fitted."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import KnowledgeError, StudyError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.names import Observable
from glutarium.simulate.reading import Missing
from glutarium.simulate.readout import reading_of
from glutarium.study.execute import shared_model
from glutarium.study.local import over_members
from glutarium.study.measured_labels import Distribution
from glutarium.study.translate import Translator
from glutarium.study.validate_labels import label_rows, predict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.read_isotopologues import Isotopologues
    from glutarium.study.study import Study
    from glutarium.study.validate_labels import LabelRow

__all__ = ["compare_labels"]


def compare_labels(
    study: Study,
    measured: Sequence[Isotopologues],
    *,
    members: int | None = None,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[LabelRow]:
    """Compare measured isotopologues with the arms of a study.

    Parameters
    ----------
    study
        A study of one kind of cell with a tracer; whether natural abundance is in the data, it says.
    measured
        Distributions. An arm without a name is that of a study with one arm; without hours, the end of the
        run is meant.
    members
        Members of the ensemble; all by default.
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.

    Raises
    ------
    StudyError
        The model lacks what the study needs.
    KnowledgeError
        A distribution is of an arm that the study does not have, or of a molecule or an isotopologue that
        the model cannot read; names file and line.
    """
    plans = _plans(study)
    wanted = [_placed(own, study, plans) for own in measured]
    work = partial(predict, plans, wanted)
    found = over_members(work, members, "running the study", workers, progress)
    predicted = [np.array(own) for own in zip(*found, strict=True)]
    return [row for i in range(len(wanted)) for row in label_rows(i, wanted, predicted)]


def _plans(study: Study) -> dict[tuple[str, str], ArmPlan]:
    plans, missing = Translator(shared_model()).plans(study)
    if missing:
        message = f"Study {study.id} cannot be run; the model lacks {missing[0]}"
        raise StudyError(message, location=study.location)
    return {(study.id, arm): plans[arm] for arm in study.arms}


def _placed(
    own: Isotopologues, study: Study, plans: dict[tuple[str, str], ArmPlan]
) -> Distribution:
    """A distribution as the arm of the study has it."""
    arms = list(study.arms)
    arm = arms[0] if not own.arm and len(arms) == 1 else own.arm
    if arm not in study.arms:
        message = f"Study {study.id} has no arm {own.arm!r}; it has {', '.join(arms)}"
        raise KnowledgeError(message, location=own.location)
    plan = plans[study.id, arm]
    names = vocabulary()
    last = len(own.values) - 1
    text = f"{plan.cell}.label.{own.metabolite}_M{last}"
    found = reading_of(Observable.parse(text, names), shared_model(), names)
    if isinstance(found, Missing):
        message = f"{own.metabolite} M{last} cannot be read in {plan.cell}: {found.why}"
        raise KnowledgeError(message, location=own.location)
    hours = plan.times[-1] if math.isnan(own.hours) else own.hours
    if not 0.0 <= hours <= plan.times[-1]:
        message = (
            f"{own.metabolite} was measured at {hours:g} h, but arm {arm} of {study.id} runs for "
            f"{plan.times[-1]:g} h; give the study a longer duration"
        )
        raise KnowledgeError(message, location=own.location)
    return Distribution(study.id, arm, own.metabolite, hours, own.values, own.errors, raw=False)
