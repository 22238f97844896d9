"""Tab-separated files of others: cells by column, and errors that name file and line."""

from __future__ import annotations

import csv
from collections import defaultdict
from typing import TYPE_CHECKING

from glutarium.errors import KnowledgeError, Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["DataTable"]


class DataTable:
    """Rows of a tab-separated file with a header.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    KnowledgeError
        If it holds no rows; the methods raise it for a column, a row or a number that is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t")
            self.columns: Sequence[str] = reader.fieldnames or ()
            self._rows = list(enumerate(reader, start=2))
        if not self._rows:
            message = f"{path} holds no rows; get the file again"
            raise KnowledgeError(message, location=Location(path))

    def texts(self, column: str) -> list[str]:
        """Cells of a column."""
        self._require(column)
        return [row[column] or "" for _, row in self._rows]

    def numbers(self, column: str, **wanted: str) -> list[float]:
        """Numbers of a column in the rows whose cells read as wanted; empty cells are left out."""
        return self.grouped(column, **wanted).get((), [])

    def grouped(self, column: str, *by: str, **wanted: str) -> dict[tuple[str, ...], list[float]]:
        """The same by the texts of other columns."""
        for name in (column, *by, *wanted):
            self._require(name)
        found: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for line, row in self._rows:
            if row[column] and all(row[c] == text for c, text in wanted.items()):
                found[tuple(row[c] or "" for c in by)].append(self._number(row[column], line))
        return found

    def of(self, found: Mapping[tuple[str, ...], list[float]], key: str) -> list[float]:
        """Numbers of one group, which must be there."""
        if (key,) not in found:
            known = ", ".join(repr(text) for (text,) in found)
            message = f"{self._path.name} has no numbers for {key!r}; it has {known or 'none'}"
            raise KnowledgeError(message, location=Location(self._path))
        return found[key,]

    def _require(self, column: str) -> None:
        if column not in self.columns:
            known = ", ".join(self.columns)
            message = f"{self._path.name} has no column {column!r}; it has {known}"
            raise KnowledgeError(message, location=Location(self._path, 1))

    def _number(self, text: str, line: int) -> float:
        try:
            return float(text)
        except ValueError:
            message = f"{text!r} in {self._path.name} is not a number"
            raise KnowledgeError(message, location=Location(self._path, line)) from None
