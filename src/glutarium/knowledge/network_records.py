"""Records of the metabolic network: substances, reactions and their constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glutarium.knowledge.evidence import Evidence, Measurement, Record

__all__ = [
    "KineticConstant",
    "Membrane",
    "Metabolite",
    "Modifier",
    "Pool",
    "ProcessShare",
    "Reaction",
    "ReferenceFlux",
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
class Membrane(Record):
    """Two compartments between which reactions may move or turn over matter, and what parts them."""

    TABLE: ClassVar[str] = "membranes"
    KEY: ClassVar[tuple[str, ...]] = ("one", "other")
    REQUIRED: ClassVar[tuple[str, ...]] = ("name",)

    one: str
    other: str
    name: str
    note: str
