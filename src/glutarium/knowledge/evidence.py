"""What every record has: a place in a file and, where it is a number, the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeVar

from glutarium.errors import Location  # noqa: TC001  (the reader asks for the types at run time)

__all__ = ["BASES", "CONFIDENCES", "AnyRecord", "Evidence", "Grounded", "Measurement", "Record"]

BASES = ("measured", "fitted", "borrowed", "assumed")
"""What a number may rest on."""

CONFIDENCES = ("A", "B", "C", "")
"""A: read in the source; B: cited without reading again; C: order of magnitude; empty: unsaid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Base of all records.

    Attributes
    ----------
    location
        File and line.
    """

    TABLE: ClassVar[str] = ""
    KEY: ClassVar[tuple[str, ...]] = ()
    REQUIRED: ClassVar[tuple[str, ...]] = ()

    location: Location

    @property
    def key(self) -> tuple[str, ...]:
        """Values of the key columns."""
        return tuple(str(getattr(self, column)) for column in self.KEY)

    @property
    def label(self) -> str:
        """The key as text, for messages."""
        return " ".join(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounded(Record):
    """A record with numbers in it that say what they rest on.

    Attributes
    ----------
    basis
        One of :data:`BASES`.
    source
        BibTeX keys.
    confidence
        One of :data:`CONFIDENCES`.
    claims
        Ids of claims that it rests on.
    note
        One line for people.
    """

    REQUIRED: ClassVar[tuple[str, ...]] = ("basis", "source")
    AMOUNT: ClassVar[tuple[str, str, str]] = ("low", "value", "high")

    basis: str
    source: tuple[str, ...]
    confidence: str
    claims: tuple[str, ...]
    note: str

    @property
    def span(self) -> tuple[float | None, float | None, float | None]:
        """Low, value and high in the record's unit; None where the table is silent."""
        low, value, high = (getattr(self, column) for column in self.AMOUNT)
        return low, value, high


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Grounded):
    """A grounded record whose number has a unit.

    Attributes
    ----------
    unit
        Unit that `glutarium.units` knows; ``1`` for none.
    """

    REQUIRED: ClassVar[tuple[str, ...]] = ("unit", *Grounded.REQUIRED)

    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(Evidence):
    """Evidence with a value and a range.

    Attributes
    ----------
    value
        The number.
    low, high
        Range, where there is one.
    """

    value: float
    low: float | None
    high: float | None


AnyRecord = TypeVar("AnyRecord", bound=Record)
"""Any kind of record."""
