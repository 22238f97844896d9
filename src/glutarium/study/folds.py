"""Published folds of regulated targets beside what the model makes of the same experiment.

Each row of ``folds.tsv`` is an experiment: a cell, what is done to it, what is read and when. The cell
without what is done is its control. Nothing is fitted here; the table says how far the edges' sizes carry.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.check import CheckOptions, check_studies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from glutarium.knowledge.records import PublishedFold
    from glutarium.study.check_json import Record

__all__ = ["Fold", "published_folds"]

_UNREAD = float("nan")


@dataclass(frozen=True, slots=True)
class Fold:
    """One published fold.

    Attributes
    ----------
    row
        What was published.
    fold
        What the model makes of it, recorded values; NaN where it did not run.
    """

    row: PublishedFold
    fold: float

    @property
    def within(self) -> bool:
        """Whether the model's fold lies in the published range."""
        low, _, high = self.row.span
        return low is not None and high is not None and low <= self.fold <= high


def published_folds(
    rows: Iterable[PublishedFold],
    *,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Fold]:
    """Repeat the experiments behind some rows with the recorded values.

    Parameters
    ----------
    rows
        Rows of ``folds.tsv``.
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.

    Raises
    ------
    StudyError, UnknownNameError
        If a row's conditions or observable cannot be read.

    Returns
    -------
    list of Fold
        In the order of the rows.
    """
    known = tuple(rows)
    vocabulary()
    options = CheckOptions(members=1, workers=workers, progress=progress)
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "folds.yaml"
        file.write_text("---\n".join(_studies(known)), encoding="utf-8")
        found = check_studies([file], options=options)
    return [Fold(row, _fold(record)) for row, record in zip(known, found, strict=True)]


def _studies(rows: Iterable[PublishedFold]) -> Iterator[str]:
    """The rows as studies; the direction that an expectation needs is that of the published value."""
    for row in rows:
        said = row.setup.strip().removeprefix("{").removesuffix("}").strip()
        setup = ", ".join(filter(None, ("cells: [tumour]", said)))
        direction = "up" if row.value > 1.0 else "down"
        yield (
            f"study: {row.id}\ntitle: {row.id}\nsystem: cell\nduration: {row.hours:g} h\n"
            f"setup: {{{setup}}}\narms: {{control: {{}}, done: {row.arm}}}\n"
            f"expect: [{{observable: {row.observable}, arm: done, versus: control, is: {direction}}}]\n"
        )


def _fold(record: Record) -> float:
    return _UNREAD if record.fold is None else record.fold
