"""Records of the niche: what cells release and show to each other, and what the tissue itself does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glutarium.knowledge.evidence import Evidence, Grounded

__all__ = [
    "CELL_SHARE",
    "MESSENGER_KINDS",
    "NICHE_NODE_KINDS",
    "NICHE_PROCESSES",
    "Messenger",
    "NicheEdge",
    "NicheNode",
]

MESSENGER_KINDS = ("secreted", "contact", "matrix", "packing")
"""How a messenger gets from cell to cell; see :class:`Messenger`."""

NICHE_NODE_KINDS = ("bed", "recruitment", "migration", "index")
"""What a tissue does by itself; see :class:`NicheNode`."""

NICHE_PROCESSES = ("signal", "removal", "release")
"""``signal`` acts on a niche node; ``removal`` and ``release`` on a messenger."""

CELL_SHARE = "cell:"
"""Prefix of a regulator that is a cell's share of the dry mass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Messenger(Evidence):
    """What some cells make and others meet.

    ``kind`` is ``secreted`` (spreads in the medium; level in nM), ``contact`` (on the surface; pressure
    that other cells feel, by their share of the dry mass), ``matrix`` (part of the tissue; 1 where no
    cell makes it) or ``packing`` (dry mass of all cells of a tissue around a cell, its own kind included,
    gDW/L; no node makes it). It is made in proportion to the activity of ``node``; ``amount`` is what a
    cell at rest makes: fmol/cell/h of what is secreted (empty where the node has a basal secretion), else
    the pressure or the addition of a pure population. ``half_life`` is in h. Receivers read ``input``,
    which is half on at the level ``half``. ``search`` is of contacts whose receivers move and look for
    makers: where makers are this share of the dry mass, receivers spend half of their time on the way;
    empty where contact is a matter of who lies beside.
    """

    TABLE: ClassVar[str] = "niche/messengers"
    KEY: ClassVar[tuple[str, ...]] = ("messenger",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("name", "kind", *Evidence.REQUIRED)
    AMOUNT: ClassVar[tuple[str, str, str]] = ("low", "amount", "high")

    messenger: str
    name: str
    kind: str
    node: str
    cells: str
    amount: float | None
    low: float | None
    high: float | None
    half_life: float | None
    input: str
    half: float | None
    half_low: float | None
    half_high: float | None
    search: float | None
    search_low: float | None
    search_high: float | None

    @property
    def makers(self) -> tuple[str, ...]:
        """Cells and lineages that make it; empty where every cell does."""
        return tuple(cell.strip() for cell in self.cells.split("|") if cell.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class NicheNode(Evidence):
    """Something that the tissue does; 1 in normal tissue without messengers.

    ``kind`` is ``bed`` (vessels), ``recruitment`` (``recruitment.<cell or lineage>``: entry from blood,
    ``basal`` in 1/h), ``migration`` (``migration.<cell or lineage>``: from rim to core, ``basal`` in
    1/h) or ``index``. ``response_time`` is in h.
    """

    TABLE: ClassVar[str] = "niche/nodes"
    KEY: ClassVar[tuple[str, ...]] = ("node",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("name", "kind", *Evidence.REQUIRED)
    AMOUNT: ClassVar[tuple[str, str, str]] = ("basal", "basal", "basal")

    node: str
    name: str
    kind: str
    response_time: float | None
    basal: float | None

    @property
    def about(self) -> str:
        """Cell or lineage that enters or moves; empty for the other kinds."""
        return self.node.partition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class NicheEdge(Grounded):
    """How a messenger, a niche node, a solute of the medium or a cell acts on the tissue.

    Factor as of :class:`glutarium.knowledge.regulation_records.Edge`. ``low`` and ``high`` bound
    ``saturated``; ``threshold`` is in the unit of the regulator (nM, 1, mM of a solute, share of a cell).
    """

    TABLE: ClassVar[str] = "niche/edges"
    KEY: ClassVar[tuple[str, ...]] = ("regulator", "target", "process", "alternative")
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
    alternative: str
