"""Records of a tissue: its constants, which cells it holds and how they are told apart, its vessels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glutarium.knowledge.evidence import Measurement, Record

__all__ = [
    "CellLabel",
    "Diffusion",
    "Marker",
    "Permeation",
    "Population",
    "SpheroidConstant",
    "TissueConstant",
]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Diffusion(Measurement):
    """How fast a species of the medium diffuses through tissue without vessels, um2/s.

    The row ``solute`` stands for all small solutes without one of their own.
    """

    TABLE: ClassVar[str] = "niche/diffusion"
    KEY: ClassVar[tuple[str, ...]] = ("species",)

    species: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpheroidConstant(Measurement):
    """A number that belongs to a ball of cells in a dish."""

    TABLE: ClassVar[str] = "niche/spheroid"
    KEY: ClassVar[tuple[str, ...]] = ("id",)

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker(Measurement):
    """A gene whose transcripts tell a cell from the others; the value is its level in that cell, TPM.

    ``cell`` is a cell or a lineage. A lineage is told from other cells first, its members from each other
    then. Markers need not be genes of the network.
    """

    TABLE: ClassVar[str] = "niche/markers"
    KEY: ClassVar[tuple[str, ...]] = ("cell", "gene")
    REQUIRED: ClassVar[tuple[str, ...]] = ("cell", "gene", *Measurement.REQUIRED)

    cell: str
    gene: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellLabel(Record):
    """What annotations of single cells call a kind of cell, and which cells and lineages it may be.

    Labels are compared in lower case, without separators and without a plural; names of cells and their
    synonyms need no row.
    """

    TABLE: ClassVar[str] = "niche/labels"
    KEY: ClassVar[tuple[str, ...]] = ("label",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("label", "cells")

    label: str
    cells: tuple[str, ...]
    note: str
