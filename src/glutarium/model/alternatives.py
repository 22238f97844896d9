"""Questions that the literature disputes, and the answers that the tables hold to each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Disputed", "alternatives"]


class Disputed(Protocol):
    """A drug's target or an edge: ``alternative`` is empty or ``question:answer``."""

    @property
    def alternative(self) -> str:
        """Empty, or ``question:answer``."""


def alternatives(rows: Iterable[Disputed]) -> dict[str, tuple[str, ...]]:
    """Disputed questions and their answers; the first answer in the tables is the default.

    Parameters
    ----------
    rows
        Targets of drugs or edges of regulation, in the order of their tables.

    Returns
    -------
    dict
        Question → answers.
    """
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.alternative:
            question, _, answer = row.alternative.partition(":")
            found.setdefault(question, {})[answer] = None
    return {question: tuple(answers) for question, answers in found.items()}
