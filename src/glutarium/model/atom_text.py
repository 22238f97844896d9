"""How ``atoms.tsv`` writes the way of single atoms: letters follow atoms from substrates to products.

``akg_m(abcde) -> co2_e(a) + succoa_m(bcde)``: small letters are carbons, capital ones nitrogens, in the
order of the molecule's numbering. ``a = b`` hands all atoms on in order. ``7 malcoa_c(cde) -> ...``: a
letter stands for as many atoms as molecules; where it is written several times in a product, every time
for another molecule. ``mal_c(abcd/dcba)`` means one half each. ``lip_b/fa`` is a residue of what is made
of whole molecules. ``~`` takes atoms that stay in the skeleton of a cofactor. Clauses are parted by ``;``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from glutarium.errors import KnowledgeError
from glutarium.knowledge.evidence import Record

if TYPE_CHECKING:
    from glutarium.errors import Location

__all__ = ["ALL", "SKELETON", "AtomMap", "Clause", "Symmetry", "Term", "parse_map"]

ALL = "*"
"""Residue that stands for all molecules of the other side."""

SKELETON = "~"
"""Where atoms go that are not followed."""

_TERM = re.compile(
    r"(?:(?P<number>\d+\.?\d*)\s+)?(?P<pool>~|[A-Za-z0-9]\w*(?:/\w+)?)(?:\((?P<atoms>[A-Za-z/]+)\))?"
)
_WHOLE = re.compile(r"(?P<pool>\w+)/\*\s*(?P<arrow><-|->)\s*all")


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomMap(Record):
    """A row of ``atoms.tsv``: the way of every carbon and nitrogen through one reaction.

    Transport, and cofactors that only change their form, need no row.
    """

    TABLE: ClassVar[str] = "atoms"
    KEY: ClassVar[tuple[str, ...]] = ("reaction",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("map", "source")

    reaction: str
    map: str
    source: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Symmetry(Record):
    """A row of ``symmetries.tsv``: the order of atoms that cannot be told from the written one."""

    TABLE: ClassVar[str] = "symmetries"
    KEY: ClassVar[tuple[str, ...]] = ("metabolite",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("order", "source")

    metabolite: str
    order: str
    source: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Term:
    """Molecules of one pool on one side of a clause.

    Attributes
    ----------
    pool
        Species, or species and residue (``lip_b/fa``).
    number
        Molecules per turnover; None where the equation says it.
    ways
        Letters in the order of the molecule; several are equally likely. Empty where the clause hands
        everything on in order.
    """

    pool: str
    number: float | None
    ways: tuple[str, ...]

    @property
    def species(self) -> str:
        """The species, without a residue."""
        return self.pool.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Clause:
    """Substrates and products whose letters belong together."""

    left: tuple[Term, ...]
    right: tuple[Term, ...]


def parse_map(text: str, location: Location) -> tuple[Clause, ...]:
    """Read a map.

    Parameters
    ----------
    text
        See the module's docstring.
    location
        File and line for messages.

    Raises
    ------
    KnowledgeError
        A clause without one arrow, or a term that cannot be read.
    """
    return tuple(_clause(part.strip(), location) for part in text.split(";"))


def _clause(text: str, location: Location) -> Clause:
    whole = _WHOLE.fullmatch(text)
    if whole is not None:
        residues = (Term(f"{whole['pool']}/{ALL}", None, ()),)
        return Clause((), residues) if whole["arrow"] == "<-" else Clause(residues, ())
    sides = re.split(r"->|=", text)
    if len(sides) != 2:  # noqa: PLR2004  (a map has two sides)
        message = f"Map {text!r} must have one '->', or one '=' where all atoms keep their order"
        raise KnowledgeError(message, location=location)
    left, right = (tuple(_term(t, location) for t in side.split("+")) for side in sides)
    plain = "->" not in text
    odd = next((t for t in (*left, *right) if bool(t.ways) == plain and t.pool != SKELETON), None)
    if odd is not None or (plain and len(left) + len(right) != 2):  # noqa: PLR2004
        message = (
            f"Map {text!r}: write letters behind every pool, glu_m(abcdeA), or one pool on each "
            "side of '=' without any"
        )
        raise KnowledgeError(message, location=location)
    return Clause(left, right)


def _term(text: str, location: Location) -> Term:
    found = _TERM.fullmatch(text.strip())
    if found is None:
        message = (
            f"Cannot read {text.strip()!r}; write like glu_m(abcdeA) or 2 gsh_c(abcdefghijABC)"
        )
        raise KnowledgeError(message, location=location)
    number = None if found["number"] is None else float(found["number"])
    ways = tuple(found["atoms"].split("/")) if found["atoms"] else ()
    return Term(found["pool"], number, ways)
