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
from glutarium.knowledge.evidence import Evidence, Measurement, Record
from glutarium.knowledge.niche_records import Messenger, NicheEdge, NicheNode
from glutarium.knowledge.regulation_records import Edge, Node, Sensor
from glutarium.knowledge.tissue_records import CellLabel, Marker

__all__ = [
    "RECORDS",
    "Alteration",
    "CellLabel",
    "CellProfile",
    "Claim",
    "Constant",
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
    "Physiology",
    "Pool",
    "ProcessShare",
    "Reaction",
    "ReferenceExpression",
    "ReferenceFlux",
    "ScreenCondition",
    "Sensor",
    "StressLevel",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metabolite(Record):
    """A substance with the formula and charge of its major form at pH 7.2.

    ``kind`` is ``metabolite``, ``ion`` (a metabolite that binds to sites of its own), ``buffered``
    (held constant: water and the other ions), ``macromolecule`` or ``tag`` (no matter).
    """

    TABLE: ClassVar[str] = "metabolites"
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("name", "kind", "source")

    id: str
    name: str
    formula: str
    charge: float
    chebi: str
    kegg: str
    bigg: str
    kind: str
    synonyms: tuple[str, ...]
    source: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(Measurement):
    """Reference concentration of a species (``gln_c``)."""

    TABLE: ClassVar[str] = "pools"
    KEY: ClassVar[tuple[str, ...]] = ("species",)

    species: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(Record):
    """A reaction: equation, genes that catalyse it and kind of rate law."""

    TABLE: ClassVar[str] = "reactions"
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("name", "equation", "law", "subsystem", "source")

    id: str
    name: str
    equation: str
    genes: str
    ec: tuple[str, ...]
    law: str
    subsystem: str
    source: tuple[str, ...]
    claims: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFlux(Measurement):
    """Prior of a flux of the reference state."""

    TABLE: ClassVar[str] = "fluxes"
    KEY: ClassVar[tuple[str, ...]] = ("reaction",)

    reaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KineticConstant(Measurement):
    """A constant of a rate law: ``km:<species>``, ``keq``, ``rho`` and the like."""

    TABLE: ClassVar[str] = "kinetics"
    KEY: ClassVar[tuple[str, ...]] = ("reaction", "parameter")

    reaction: str
    parameter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Modifier(Evidence):
    """An allosteric term: how an effector (see :mod:`glutarium.knowledge.effectors`) acts on a reaction."""

    TABLE: ClassVar[str] = "modifiers"
    KEY: ClassVar[tuple[str, ...]] = ("reaction", "effector", "kind")
    REQUIRED: ClassVar[tuple[str, ...]] = ("kind", *Evidence.REQUIRED)
    AMOUNT: ClassVar[tuple[str, str, str]] = ("k_low", "k", "k_high")

    reaction: str
    effector: str
    kind: str
    k: float
    k_low: float
    k_high: float
    n: float
    floor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessShare(Record):
    """Weight of a reaction in the flux that a study calls by a process's or gene's name."""

    TABLE: ClassVar[str] = "processes"
    KEY: ClassVar[tuple[str, ...]] = ("process", "reaction")

    process: str
    reaction: str
    weight: float
    note: str


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
class ScreenCondition(Record):
    """One condition of the stress screen: a blocked reaction, a missing nutrient, little oxygen."""

    TABLE: ClassVar[str] = "screen"
    KEY: ClassVar[tuple[str, ...]] = ("condition",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("kind", "unit")

    condition: str
    kind: str
    target: str
    value: float
    unit: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StressLevel(Measurement):
    """How far ``glutarium network stress`` pushes the cell, and what it calls an alarm.

    ``kind`` says what is pushed or watched (see :mod:`glutarium.study.stress_levels`), ``target`` what
    of it where that is not all of its kind.
    """

    TABLE: ClassVar[str] = "stress"
    KEY: ClassVar[tuple[str, ...]] = ("level",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("kind", *Evidence.REQUIRED)

    level: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected(Record):
    """A pool that really piles up where a reaction is blocked: reported, but no alarm."""

    TABLE: ClassVar[str] = "expected"
    KEY: ClassVar[tuple[str, ...]] = ("reaction", "species")
    REQUIRED: ClassVar[tuple[str, ...]] = ("source",)

    reaction: str
    species: str
    source: tuple[str, ...]
    claims: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Membrane(Record):
    """Two compartments between which reactions may move or turn over matter, and what parts them."""

    TABLE: ClassVar[str] = "membranes"
    KEY: ClassVar[tuple[str, ...]] = ("one", "other")
    REQUIRED: ClassVar[tuple[str, ...]] = ("name",)

    one: str
    other: str
    name: str
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
    Marker,
    CellLabel,
    Physiology,
    Constant,
    OtherName,
    Claim,
)
"""All tables, in the order in which they are checked."""
