"""The families of observables: what may stand after a cell's name, its unit and what it takes.

A new read-out is one line here; `glutarium.names.items` reads the part behind the family by the
line's `shape`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

__all__ = ["CARGO", "POOL", "Family", "families"]

CARGO = ("metabolite", "factor", "drug", "pool", "gene")
"""Kinds of what can be dissolved in a medium, a tissue or plasma, best first."""

POOL = ("metabolite", "pool", "group")
"""Kinds of what a cell can hold, best first."""

_PROTEIN = ("gene", "handle")
_STEP = ("gene", "process", "handle", "reaction")
_SIGNAL = ("node", "process", "gene", "handle", "stimulus")
_ANY = (*_PROTEIN, *_SIGNAL, *POOL)


@dataclass(frozen=True, slots=True)
class Family:
    """One family of observables.

    Attributes
    ----------
    name
        Second part of the dotted name.
    unit
        Unit of its values.
    meaning
        One line for people.
    shape
        What follows: ``none``, ``item``, ``pool`` (item and compartment), ``form`` (item and
        suffix), ``ratio``, ``atoms``, ``label``, ``lag`` or ``arrest``.
    kinds
        Kinds of name that the item may be, best first.
    """

    name: str
    unit: str
    meaning: str
    shape: str = "none"
    kinds: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """How an observable of the family is written, ``<cell>.pool.<metabolite>``."""
        return f"<cell>.{self.name}{_PATTERNS[self.shape]}"


_PATTERNS = {
    "none": "",
    "item": ".<name>",
    "pool": ".<metabolite>",
    "form": ".<name>",
    "ratio": ".<a>_<b>",
    "atoms": ".<product>_<element>_from_<donor>",
    "label": ".<metabolite>_M<n>",
    "lag": ".<x>_after_<y>",
    "arrest": ".<phase>_arrest",
}

_INDICES = {
    "activation": "share of its full activation that a cell has reached",
    "killing": "target cells killed per cell and hour",
    "exhaustion": "index of the exhausted state",
    "infiltration": "cells of the kind in the tumour",
    "priming": "naive cells primed per dendritic cell",
    "antigen_presentation": "antigen shown on the surface",
    "antigen_uptake": "antigen taken up",
    "phagocytosis": "cells engulfed per cell and hour",
    "maturation": "share of the cells that are mature",
    "fraction": "share of the cell among all cells of its lineage or system",
    "cell_size": "dry mass of one cell",
    "invasion": "index of invasion into matrix",
    "migration": "index of movement",
    "stemness": "index of stem-like state",
    "dna_methylation": "methylated share of DNA",
    "core_fraction": "share of the cells that sit in the tumour core",
}

_TABLE = (
    Family("growth_rate", "1/h", "specific growth rate: net accretion of macromolecules"),
    Family("viability", "1", "living share of the cells present at time zero plus born"),
    Family("density", "gDW/L", "living dry mass per volume"),
    Family("glutamine_dependence", "1", "1 - growth without glutamine / growth with it"),
    Family("proliferation", "1/h", "net growth of an immune cell"),
    *(Family(name, "1", f"{text}, relative to rest") for name, text in _INDICES.items()),
    Family("immune_killing", "1/h", "share of the cells that immune cells kill per hour"),
    Family("uptake", "fmol/cell/h", "net uptake", "item", ("metabolite", "probe", *CARGO[1:])),
    Family("secretion", "fmol/cell/h", "net secretion", "item", CARGO),
    Family("efflux", "fmol/cell/h", "gross outward transport", "item", CARGO),
    Family("exchange", "mmol/gDW/h", "net uptake per dry mass; may be negative", "item", CARGO),
    Family("flux", "mM/h", "net flux of a gene's reactions or of a process", "item", _STEP),
    Family("reaction", "mmol/gDW/h", "specific net rate of a reaction or process", "item",
           ("reaction", "process")),
    Family("pool", "mM", "concentration in the whole cell or one compartment", "pool", POOL),
    Family("macromolecule", "gDW/gDW", "share of the dry mass", "item", POOL),
    Family("ratio", "1", "ratio of two pools, or a named ratio", "ratio", ("metabolite",)),
    Family("expression", "1", "protein (or mRNA) relative to rest", "form", _PROTEIN),
    Family("activity", "1", "activity of a node or process relative to rest", "item", _SIGNAL),
    Family("fractional_inhibition", "1", "share of the activity lost", "item", _PROTEIN),
    Family("halflife", "h", "half-life of a protein", "item", _PROTEIN),
    Family("time_to_half_max", "h", "time until half of the change", "form", _ANY),
    Family("lag", "h", "delay of one rise after another", "lag", ("process", *_ANY)),
    Family("atoms", "1", "atoms of the product that stem from the donor", "atoms", POOL),
    Family("fate", "1", "hazard or index of a fate", "item", ("fate",)),
    Family("cell_cycle", "1", "share of the cells held in a phase", "arrest", ("phase",)),
    Family("label", "1", "isotopologue fraction, or share that stems from the tracer", "label",
           POOL),
)  # fmt: skip


@cache
def families() -> dict[str, Family]:
    """Return all families of a cell by name; tissue and body have forms of their own."""
    return {family.name: family for family in _TABLE}
