"""Records of regulation: nodes, what they sense, and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glutarium.knowledge.evidence import Evidence, Grounded

__all__ = [
    "ACTIVITY_PROCESSES",
    "COMBINATIONS",
    "EXPRESSION_PROCESSES",
    "MEASURES",
    "NODE_KINDS",
    "SENSOR_KINDS",
    "Edge",
    "Node",
    "Sensor",
]

NODE_KINDS = ("gene", "protein", "constant", "activity", "input", "sensor")
"""What a node may be; see :class:`Node`."""

MEASURES = ("", "hazard", "share", "secretion")
"""What the activity of a node is read as: an index (1 at rest), 1/h, a share, fmol/cell/h."""

SENSOR_KINDS = ("activate", "inhibit")
COMBINATIONS = ("product", "sum")

EXPRESSION_PROCESSES = ("transcription", "splicing", "mrna_stability", "translation", "stability")
"""Processes that change how much there is of a gene's product."""

ACTIVITY_PROCESSES = (
    "phosphorylation",
    "localisation",
    "allosteric",
    "partner",
    "cleavage",
    "modification",
    "signal",
)
"""Processes that change what the present amount does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Evidence):
    """Something that regulates or is regulated; its activity is 1 at rest unless it is an input.

    ``kind`` is ``gene`` (mRNA and protein turn over), ``protein`` (its mRNA does not change),
    ``constant`` (set by the study alone), ``activity`` (a complex, process, index or hazard),
    ``input`` (set from outside; ``rest`` is its value at rest) or ``sensor`` (read from pools). Times
    are in hours.
    """

    TABLE: ClassVar[str] = "nodes"
    KEY: ClassVar[tuple[str, ...]] = ("node",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("name", "kind", *Evidence.REQUIRED)
    AMOUNT: ClassVar[tuple[str, str, str]] = ("basal", "basal", "basal")

    node: str
    name: str
    kind: str
    rest: float | None
    mrna_half_life: float | None
    protein_half_life: float | None
    response_time: float | None
    measure: str
    basal: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor(Evidence):
    """One term of what a node senses: saturation with an effector; ``combine`` joins the terms."""

    TABLE: ClassVar[str] = "sensors"
    KEY: ClassVar[tuple[str, ...]] = ("node", "effector", "kind")
    REQUIRED: ClassVar[tuple[str, ...]] = ("combine", *Evidence.REQUIRED)
    AMOUNT: ClassVar[tuple[str, str, str]] = ("k_low", "k", "k_high")

    node: str
    effector: str
    kind: str
    k: float
    k_low: float | None
    k_high: float | None
    n: float
    combine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Grounded):
    """How a regulator acts on a target: factor without it, with plenty of it, and how steeply.

    ``low`` and ``high`` bound ``saturated``. ``threshold`` is given where the regulator rests at zero;
    elsewhere it follows, since the factor is 1 at rest.
    """

    TABLE: ClassVar[str] = "edges"
    KEY: ClassVar[tuple[str, ...]] = ("regulator", "target", "process", "alternative", "context")
    AMOUNT: ClassVar[tuple[str, str, str]] = ("low", "saturated", "high")

    regulator: str
    target: str
    process: str
    absent: float
    saturated: float
    low: float | None
    high: float | None
    hill: float
    threshold: float | None
    group: str
    alternative: str
    context: str
