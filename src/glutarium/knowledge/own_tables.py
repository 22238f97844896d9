"""Tables of a user's folder, with the packaged ones behind what the folder does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.errors import KnowledgeError
from glutarium.knowledge.base import DATA, NICHE, PARTS, KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OwnTables"]

# Tables that speak of single reactions: those of the package belong to its own reactions. Edges of
# regulation end at reactions and their genes, so they belong to these too, and what cells tell each other
# is made and read by nodes of regulation.
_OF_REACTIONS = (
    *("reactions", "fluxes", "kinetics", "modifiers", "transfers"),
    *("nodes", "sensors", "edges"),
    *NICHE,
)


class OwnTables(KnowledgeBase):
    """The tables of a folder laid out like ``knowledge/data``.

    A table about reactions (equations, fluxes, constants, effectors, atoms, regulation) is the folder's
    own; what it lacks is missing. Any other table that the folder does not hold is the packaged one.

    Parameters
    ----------
    folder
        Where the tables stand.

    Raises
    ------
    KnowledgeError
        There is no such folder, or no table of reactions in it.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        if not folder.is_dir():
            message = f"{folder} is not a folder; name one that holds tables such as reactions.tsv"
            raise KnowledgeError(message)
        if not self.paths("reactions"):
            message = (
                f"{folder} holds no table of reactions; it must have a reactions.tsv, or a folder "
                f"{PARTS[0]} with a folder for each pathway and a reactions.tsv in it"
            )
            raise KnowledgeError(message)

    def path(self, table: str) -> Path:
        """Return the file of a table: the folder's, or the package's where that has none."""
        own = super().path(table)
        return own if own.exists() or table in _OF_REACTIONS else DATA / f"{table}.tsv"

    def paths(self, table: str) -> tuple[Path, ...]:
        """Return the files of a table; none for one about reactions that the folder lacks."""
        own = tuple(path for path in super().paths(table) if path.is_relative_to(self.folder))
        there = tuple(path for path in own if path.exists())
        if there or table in _OF_REACTIONS:
            return there
        return KnowledgeBase().paths(table)

    @property
    def bibliography(self) -> Path:
        """The folder's sources, or the packaged ones."""
        own = super().bibliography
        return own if own.exists() else DATA / own.name
