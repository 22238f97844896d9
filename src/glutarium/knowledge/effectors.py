"""Reads what a modifier's effector is: a species, a protein, a sum of them, or a ratio of two sums.

>>> parse_effector("lip_b+plip_b").top
('lip_b', 'plip_b')
>>> parse_effector("PDK1/PDP1").proteins
('PDK1', 'PDP1')
"""

from __future__ import annotations

from dataclasses import dataclass

from glutarium.knowledge.equations import COMPARTMENTS

__all__ = ["Effector", "parse_effector"]


@dataclass(frozen=True, slots=True)
class Effector:
    """What acts on a rate.

    Attributes
    ----------
    top, bottom
        Terms that are added up above and below the stroke; without ``bottom`` there is no ratio.
        A term that ends in a compartment is a species, any other is a protein by its gene's symbol.
    """

    top: tuple[str, ...]
    bottom: tuple[str, ...] = ()

    @property
    def species(self) -> tuple[str, ...]:
        """Terms that are species."""
        return tuple(t for t in (*self.top, *self.bottom) if _is_species(t))

    @property
    def proteins(self) -> tuple[str, ...]:
        """Terms that are proteins, by gene symbol."""
        return tuple(t for t in (*self.top, *self.bottom) if not _is_species(t))


def parse_effector(text: str) -> Effector:
    """Read ``adp_m``, ``nadh_m/nad_m``, ``lip_b+plip_b`` or ``PDK1/PDP1``."""
    top, _, bottom = text.partition("/")
    return Effector(_terms(top), _terms(bottom) if bottom else ())


def _terms(text: str) -> tuple[str, ...]:
    return tuple(term.strip() for term in text.split("+"))


def _is_species(term: str) -> bool:
    _, mark, compartment = term.rpartition("_")
    return bool(mark) and compartment in COMPARTMENTS
