"""Verdicts on disk while studies are checked: a line for each study that is finished, so none runs twice.

A line holds the fingerprint of all that the verdicts depend on. So whatever has changed in the meantime
(the study, the tables, the program, the number of members) is found to be missing, and lines of other
studies do no harm. A line that was cut off is passed over.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from glutarium.errors import OutputError
from glutarium.study.fingerprint import fingerprint
from glutarium.study.verdict import OUTCOMES, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.simulate.model import CellModel
    from glutarium.study.values import Question

__all__ = ["SUFFIX", "VerdictLog"]

SUFFIX = ".unfinished"
"""What the file is called beside the file of verdicts that it becomes."""


@dataclass
class VerdictLog:
    """Verdicts that are there already, and where new ones go.

    Attributes
    ----------
    path
        The file; None to keep nothing.
    model, members
        What runs, and how many members of it.
    """

    path: Path | None
    model: CellModel
    members: int
    _known: dict[str, list[Verdict]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.path is None or not self.path.exists():
            return
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            message = f"The verdicts in {self.path} cannot be read: {error}. Remove the file to start anew"
            raise OutputError(message) from error
        self._known = dict(filter(None, map(_read, lines)))

    def find(self, question: Question) -> list[Verdict] | None:
        """Verdicts on a question, one per expectation; None where they are not there."""
        if not self._known:
            return None
        found = self._known.get(self._key(question))
        return found if found and len(found) == len(question.study.expectations) else None

    def add(self, question: Question, verdicts: list[Verdict]) -> None:
        """Write the verdicts on a question.

        Raises
        ------
        OutputError
            They cannot be written.
        """
        if self.path is None:
            return
        row = {
            "study": question.study.id,
            "key": self._key(question),
            "verdicts": [asdict(verdict) for verdict in verdicts],
        }
        try:
            with self.path.open("a+b") as file:
                end = file.tell()
                file.seek(max(end - 1, 0))
                whole = not end or file.read(1) == b"\n"  # an earlier line may have been cut off
                file.write((b"" if whole else b"\n") + json.dumps(row).encode() + b"\n")
        except OSError as error:
            message = f"Verdicts cannot be kept in {self.path}: {error.strerror}"
            raise OutputError(message) from error

    def _key(self, question: Question) -> str:
        parts = fingerprint(question, self.model, question.readings, self.members)
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _read(line: str) -> tuple[str, list[Verdict]] | None:
    try:
        row: dict[str, Any] = json.loads(line)
        verdicts = [Verdict(**verdict) for verdict in row["verdicts"]]
        sound = all(verdict.outcome in OUTCOMES for verdict in verdicts)
        return (str(row["key"]), verdicts) if sound else None
    except (ValueError, KeyError, TypeError):
        return None
