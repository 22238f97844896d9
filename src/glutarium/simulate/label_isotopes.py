"""How much of carbon and nitrogen is heavy without any tracer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from glutarium.knowledge.base import load
from glutarium.knowledge.evidence import Measurement
from glutarium.knowledge.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Isotope", "natural_abundance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Isotope(Measurement):
    """A row of ``isotopes.tsv``: the natural share of a heavy isotope."""

    TABLE: ClassVar[str] = "isotopes"
    KEY: ClassVar[tuple[str, ...]] = ("element",)

    element: str
    mass: float
    note: str


@cache
def natural_abundance() -> Mapping[str, float]:
    """Element → natural share of its heavy isotope."""
    return {row.element: row.value for row in read_table(load().path(Isotope.TABLE), Isotope)}
