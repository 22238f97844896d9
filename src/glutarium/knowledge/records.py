"""Records: one frozen class per table; its fields are the table's columns, in order.

``TABLE`` is the file's name without ending, ``KEY`` the columns that make a row unique, and
``REQUIRED`` the text columns that may not be empty. Every record knows the file and line it came
from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glutarium.knowledge.cell_records import (
    CellProfile,
    DryMass,
    ExpressionFold,
    ReferenceExpression,
)
from glutarium.knowledge.drug_records import Drug, DrugTarget
from glutarium.knowledge.evidence import Evidence, Measurement, Record
from glutarium.knowledge.network_records import (
    KineticConstant,
    Membrane,
    Metabolite,
    Modifier,
    Pool,
    ProcessShare,
    Reaction,
    ReferenceFlux,
)
from glutarium.knowledge.niche_records import Messenger, NicheEdge, NicheNode
from glutarium.knowledge.regulation_records import Edge, Node, Sensor
from glutarium.knowledge.screen_records import Expected, ScreenCondition, StressLevel
from glutarium.knowledge.tissue_records import (
    CellLabel,
    Diffusion,
    Marker,
    Permeation,
    Population,
    SpheroidConstant,
    TissueConstant,
)

__all__ = [
    "RECORDS",
    "Alteration",
    "CellLabel",
    "CellProfile",
    "Claim",
    "Constant",
    "Diffusion",
    "Drug",
    "DrugTarget",
    "DryMass",
    "Edge",
    "Expected",
    "ExpressionFold",
    "Gene",
    "Group",
    "KineticConstant",
    "Marker",
    "MediumEntry",
    "MediumName",
    "Membrane",
    "Messenger",
    "Metabolite",
    "Modifier",
    "NamedRatio",
    "NicheEdge",
    "NicheNode",
    "Node",
    "OtherName",
    "Permeation",
    "Physiology",
    "Pool",
    "Population",
    "ProcessShare",
    "PublishedFold",
    "Reaction",
    "ReferenceExpression",
    "ReferenceFlux",
    "ScreenCondition",
    "Sensor",
    "SpheroidConstant",
    "StressLevel",
    "TissueConstant",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Record):
    """A name that stands for several: pools or nutrients (metabolite ids), or genes."""

    TABLE: ClassVar[str] = "groups"
    KEY: ClassVar[tuple[str, ...]] = ("kind", "name")
    REQUIRED: ClassVar[tuple[str, ...]] = ("members",)

    kind: str
    name: str
    members: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRatio(Record):
    """A ratio of two read-outs of one cell that studies call by a name."""

    TABLE: ClassVar[str] = "ratios"
    KEY: ClassVar[tuple[str, ...]] = ("ratio",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("top", "bottom")

    ratio: str
    top: str
    bottom: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gene(Record):
    """A gene with its HGNC id."""

    TABLE: ClassVar[str] = "genes"
    KEY: ClassVar[tuple[str, ...]] = ("symbol",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("name", "source")

    symbol: str
    hgnc: str
    name: str
    synonyms: tuple[str, ...]
    source: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumEntry(Measurement):
    """Concentration of a species in a medium."""

    TABLE: ClassVar[str] = "media"
    KEY: ClassVar[tuple[str, ...]] = ("medium", "species")

    medium: str
    species: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumName(Record):
    """A medium that studies may use as base."""

    TABLE: ClassVar[str] = "media_names"
    KEY: ClassVar[tuple[str, ...]] = ("medium",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("name",)

    medium: str
    name: str
    synonyms: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration(Evidence):
    """Static fold of a gene's expression under a genotype."""

    TABLE: ClassVar[str] = "alterations"
    KEY: ClassVar[tuple[str, ...]] = ("alteration", "gene")
    AMOUNT: ClassVar[tuple[str, str, str]] = ("low", "fold", "high")

    alteration: str
    gene: str
    fold: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Physiology(Measurement):
    """A range with which an observable of the reference state is compared."""

    TABLE: ClassVar[str] = "physiology"
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("observable", *Evidence.REQUIRED)

    id: str
    observable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFold(Measurement):
    """A published change of a target when its regulator is raised, lowered or driven by a condition.

    ``setup`` and ``arm`` are conditions as a study writes them; ``observable`` is read after ``hours``
    in the arm and in the same cell without it.
    """

    TABLE: ClassVar[str] = "folds"
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("arm", "observable", *Evidence.REQUIRED)

    id: str
    setup: str
    arm: str
    observable: str
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Measurement):
    """A number that belongs to no single reaction: a volume, a density, a solubility."""

    TABLE: ClassVar[str] = "constants"
    KEY: ClassVar[tuple[str, ...]] = ("id",)

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherName(Record):
    """A name that studies may use and that has no table of its own: a cell, a process, a tracer."""

    TABLE: ClassVar[str] = "names"
    KEY: ClassVar[tuple[str, ...]] = ("name", "kind")
    REQUIRED: ClassVar[tuple[str, ...]] = ("note",)

    name: str
    kind: str
    synonyms: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Record):
    """A statement of a review, in own words."""

    TABLE: ClassVar[str] = "claims"
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("review", "layer", "statement")

    id: str
    review: str
    layer: str
    statement: str
    subject: str
    relation: str
    object: str


RECORDS: tuple[type[Record], ...] = (
    Metabolite,
    Pool,
    Reaction,
    ReferenceFlux,
    KineticConstant,
    Modifier,
    ProcessShare,
    Group,
    ScreenCondition,
    StressLevel,
    Expected,
    Membrane,
    NamedRatio,
    Gene,
    MediumEntry,
    MediumName,
    Drug,
    DrugTarget,
    Alteration,
    CellProfile,
    DryMass,
    ExpressionFold,
    ReferenceExpression,
    Node,
    Sensor,
    Edge,
    Messenger,
    NicheNode,
    NicheEdge,
    TissueConstant,
    Population,
    Permeation,
    SpheroidConstant,
    Diffusion,
    Marker,
    CellLabel,
    Physiology,
    PublishedFold,
    Constant,
    OtherName,
    Claim,
)
"""All tables, in the order in which they are checked."""
