"""What a run depends on, as hashes: only a run with the same ones may be continued."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from glutarium.kept import program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.simulate.model import CellModel
    from glutarium.simulate.readout import Reading
    from glutarium.study.values import Question

__all__ = ["LABELS", "fingerprint"]

LABELS = {
    "members": "the number of members",
    "study": "the text of the study",
    "plans": "what the tables say about its conditions",
    "model": "the structure of the model",
    "ensemble": "the parameters of the members",
    "options": "the options of the solver",
    "program": "the version of Glutarium, its code or its tables",
}
"""Part of a fingerprint → how a message calls it, from what a user changes to what changes by itself."""


def fingerprint(
    question: Question, model: CellModel, readings: Mapping[str, Reading], members: int
) -> dict[str, str]:
    """Everything that the numbers of a run depend on.

    Parameters
    ----------
    question
        The study, ready to run.
    model
        The model that runs it.
    readings
        What is read from every run.
    members
        How many members are run.
    """
    ensemble = model.ensemble
    return {
        "members": str(members),
        "study": _hash(question.study.text.encode()),
        "plans": _hash(repr((question.plans, sorted(readings.items()))).encode()),
        "model": model.spec.structure_hash()[:16],
        "ensemble": _hash(ensemble.parameters.tobytes() + ensemble.initial.tobytes()),
        "options": _hash(repr((model.solver, model.engine.options)).encode()),
        "program": program(),
    }


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
