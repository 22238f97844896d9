"""What a ``gene`` multiplier acts on: a gene or handle, in one cell or in the default one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.names.vocabulary import CONDITION_KINDS

if TYPE_CHECKING:
    from glutarium.errors import Location
    from glutarium.names.vocabulary import Vocabulary

__all__ = ["Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """A key of a study's ``gene`` mapping.

    Attributes
    ----------
    item
        Canonical gene symbol or handle.
    kind
        ``gene``, ``handle`` or ``node``.
    cell
        Canonical cell or organ; empty where the study's default cell is meant.
    """

    item: str
    kind: str
    cell: str = ""

    @property
    def name(self) -> str:
        """Canonical text, ``SLC1A5`` or ``cd8_effector.SLC1A5``."""
        return f"{self.cell}.{self.item}" if self.cell else self.item

    @classmethod
    def parse(
        cls, text: str, vocabulary: Vocabulary, *, location: Location | None = None
    ) -> Target:
        """Read ``GENE`` or ``cell.GENE``.

        Parameters
        ----------
        text
            Key as a user wrote it; synonyms are resolved (``ASCT2`` → ``SLC1A5``).
        vocabulary
            All names.
        location
            File and line for messages.

        Raises
        ------
        UnknownNameError
            The cell or the gene is unknown.
        """
        place, dot, item = text.partition(".")
        if not dot:
            place, item = "", text
        cell = vocabulary.resolve(place, CONDITION_KINDS["cells"], location=location) if dot else ""
        entry = vocabulary.entry(item, CONDITION_KINDS["gene"], location=location)
        return cls(entry.name, entry.kind, cell)
