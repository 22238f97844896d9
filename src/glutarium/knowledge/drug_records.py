"""Records of drugs and of what they act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glutarium.knowledge.evidence import Evidence, Measurement, Record

__all__ = ["Drug", "DrugTarget"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug(Record):
    """A drug; what it does stands in its targets."""

    TABLE: ClassVar[str] = "drugs"
    KEY: ClassVar[tuple[str, ...]] = ("drug",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("description", "source")

    drug: str
    synonyms: tuple[str, ...]
    chebi: str
    description: str
    source: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugTarget(Measurement):
    """One constant of a drug's action on one target; ``alternative`` names a disputed mechanism."""

    TABLE: ClassVar[str] = "drug_targets"
    KEY: ClassVar[tuple[str, ...]] = ("drug", "alternative", "target", "mode", "parameter")
    REQUIRED: ClassVar[tuple[str, ...]] = ("target", "mode", "parameter", *Evidence.REQUIRED)

    drug: str
    alternative: str
    target: str
    mode: str
    parameter: str
