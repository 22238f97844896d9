"""One line per expectation: what `glutarium check` prints, counts and writes as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glutarium.study.modelfree import Background, rule_holds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.study.study import Expectation, Sides, Study, Verb
    from glutarium.study.verdict import Outcome, Verdict

__all__ = ["Record", "record_of", "to_json"]


@dataclass(frozen=True, slots=True)
class Record:
    """A verdict with what it is about.

    Attributes
    ----------
    study, layer, claims, system, disputed_with
        The study: its id, the name of its file, its claims, its system, its opponents.
    observable, arm, versus, verb, claim, hard
        The expectation; `verb` is the key ``is``; `versus` is the insult for a rescue.
    outcome, fold, agreement, reason
        The verdict.
    rule
        Whether the model-free rule is right here.
    """

    study: str
    layer: str
    claims: tuple[str, ...]
    system: str
    disputed_with: tuple[str, ...]
    observable: str
    arm: Sides
    versus: Sides
    verb: Verb
    claim: str | None
    hard: bool
    outcome: Outcome
    fold: float | None
    agreement: float | None
    reason: str
    rule: bool

    def as_dict(self) -> dict[str, Any]:
        """Return what stands in the JSON file; a pair of arms is a list of two."""
        return {
            "study": self.study,
            "claims": list(self.claims),
            "system": self.system,
            "observable": self.observable,
            "arm": _sides(self.arm),
            "versus": _sides(self.versus),
            "is": self.verb,
            "hard": self.hard,
            "fold": _finite(self.fold),
            "agreement": _finite(self.agreement),
            "verdict": self.outcome,
            "reason": self.reason,
        }


def record_of(
    study: Study,
    expectation: Expectation,
    verdict: Verdict,
    background: Background | None = None,
) -> Record:
    """Put a verdict together with what it is about.

    Parameters
    ----------
    study, expectation, verdict
        What was asked and what came out.
    background
        What the model-free rule knows of media; nothing where None.
    """
    insult = () if expectation.insult is None else (expectation.insult,)
    return Record(
        study=study.id,
        layer=study.layer,
        claims=study.claims,
        system=study.system,
        disputed_with=study.disputed_with,
        observable=expectation.observable.name,
        arm=expectation.arm,
        versus=expectation.versus or insult,
        verb=expectation.verb,
        claim=expectation.claim,
        hard=expectation.hard,
        outcome=verdict.outcome,
        fold=verdict.fold,
        agreement=verdict.agreement,
        reason=verdict.reason,
        rule=rule_holds(study, expectation, background or Background()),
    )


def to_json(records: Sequence[Record]) -> str:
    """Return the records as a JSON list, one per expectation, in order."""
    return json.dumps([record.as_dict() for record in records], indent=1, allow_nan=False) + "\n"


def _sides(sides: Sides) -> str | list[str] | None:
    if not sides:
        return None
    return sides[0] if len(sides) == 1 else list(sides)


def _finite(value: float | None) -> float | None:
    """JSON has no infinity."""
    return value if value is not None and math.isfinite(value) else None
