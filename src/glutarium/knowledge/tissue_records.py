"""Records of a tissue: its constants, how much of each cell it holds, and what its vessels let through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glutarium.knowledge.evidence import Measurement

__all__ = ["Permeation", "Population", "TissueConstant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TissueConstant(Measurement):
    """A number that belongs to the tissue as a whole."""

    TABLE: ClassVar[str] = "niche/tissue"
    KEY: ClassVar[tuple[str, ...]] = ("id",)

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Population(Measurement):
    """Dry mass that a cell has at the start, where a study does not say, over that of a pure tumour.

    One cell or one lineage; the cell's own row comes first.
    """

    TABLE: ClassVar[str] = "niche/populations"
    KEY: ClassVar[tuple[str, ...]] = ("cell",)

    cell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permeation(Measurement):
    """Exchange of a species of the interstitium with plasma over that of small solutes."""

    TABLE: ClassVar[str] = "niche/exchange"
    KEY: ClassVar[tuple[str, ...]] = ("species",)

    species: str
