"""Records of what makes one cell differ from another: profiles and expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glutarium.knowledge.evidence import Evidence, Measurement

__all__ = ["CellProfile", "DryMass", "ExpressionFold", "ReferenceExpression"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellProfile(Measurement):
    """A cell, cancer type or organ that has a profile; the value is its growth signal, 1 at reference.

    ``samples`` are the samples behind the folds of its genes.
    """

    TABLE: ClassVar[str] = "profiles"
    KEY: ClassVar[tuple[str, ...]] = ("profile",)

    profile: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DryMass(Measurement):
    """Dry mass of one cell, where it differs from that of the generic carcinoma cell.

    It turns rates per dry mass into rates per cell and changes nothing else.
    """

    TABLE: ClassVar[str] = "dry_masses"
    KEY: ClassVar[tuple[str, ...]] = ("profile",)

    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionFold(Evidence):
    """Expression of a gene in a profile over that of the generic carcinoma cell."""

    TABLE: ClassVar[str] = "expression"
    KEY: ClassVar[tuple[str, ...]] = ("profile", "gene")
    AMOUNT: ClassVar[tuple[str, str, str]] = ("low", "fold", "high")

    profile: str
    gene: str
    fold: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceExpression(Measurement):
    """Expression of a gene in the generic carcinoma cell, TPM: what a user's table is divided by."""

    TABLE: ClassVar[str] = "expression_reference"
    KEY: ClassVar[tuple[str, ...]] = ("gene",)

    gene: str
