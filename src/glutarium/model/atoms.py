"""Parts of a molecule whose atoms stay apart, and where a row of a table points to.

``parts.tsv`` divides the atoms of one element of a metabolite: ``1;2;3`` (numbered carbons),
``amino;amide``, ``coa:21;1;2`` (21 atoms of coenzyme A and two more). A metabolite without a row is one
part whose atoms are mixed. ``transfers.tsv`` names donors and acceptors as species, or as species with
groups of parts: ``cit_c[4 5]`` (two groups), ``mal_c[1+4 2+3]`` (two groups of two equivalent atoms).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from glutarium.errors import KnowledgeError, Location
from glutarium.knowledge.evidence import Record
from glutarium.knowledge.tables import parse_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network

__all__ = [
    "ELEMENTS",
    "Division",
    "Node",
    "Parts",
    "Transfer",
    "find_groups",
    "read_parts",
]

ELEMENTS: Mapping[str, str] = {"C": "carbon", "N": "nitrogen"}
"""Elements that are followed: symbol → name."""

WHOLE = ""
"""Name of the one part of an undivided metabolite."""

_END = re.compile(r"([A-Za-z0-9_]+)(?:\[([^\[\]]*)\])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Record):
    """A row of ``transfers.tsv``: atoms that pass from a substrate to a product per turnover.

    Turnover is meant in the direction in which the equation is written.
    """

    TABLE: ClassVar[str] = "transfers"
    KEY: ClassVar[tuple[str, ...]] = ("reaction", "element", "donor", "acceptor")
    REQUIRED: ClassVar[tuple[str, ...]] = ("source",)

    reaction: str
    element: str
    donor: str
    acceptor: str
    atoms: float
    source: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Division(Record):
    """A row of ``parts.tsv``: how the atoms of one element of a metabolite are told apart.

    ``skeleton`` lists the parts that a cofactor keeps while it works; their names are unique to a
    family of cofactors (``coa`` in CoA, acetyl-CoA and succinyl-CoA).
    """

    TABLE: ClassVar[str] = "parts"
    KEY: ClassVar[tuple[str, ...]] = ("metabolite", "element")
    REQUIRED: ClassVar[tuple[str, ...]] = ("parts", "source")

    metabolite: str
    element: str
    parts: tuple[str, ...]
    skeleton: tuple[str, ...]
    source: tuple[str, ...]
    note: str


class Node(NamedTuple):
    """One part of one species."""

    species: str
    part: str

    def __str__(self) -> str:
        return f"{self.species}[{self.part}]" if self.part else self.species


@dataclass(frozen=True)
class Parts:
    """Atoms of every part of every species of a network.

    Attributes
    ----------
    atoms
        Element → node → atoms per molecule; only species that hold the element.
    skeletons
        Element → nodes that belong to the skeleton of a cofactor.
    """

    atoms: Mapping[str, Mapping[Node, float]]
    skeletons: Mapping[str, frozenset[Node]]

    def of(self, species: str, element: str) -> tuple[Node, ...]:
        """Parts of a species, in the order of the table; empty where it lacks the element."""
        return tuple(node for node in self.atoms[element] if node.species == species)


def read_parts(base: KnowledgeBase, network: Network) -> tuple[Parts, list[KnowledgeError]]:
    """Divide the species of a network by ``parts.tsv``.

    Parameters
    ----------
    base
        Where the table stands.
    network
        Species with their formulas.

    Returns
    -------
    parts
        Species with a bad row are left undivided.
    errors
        One per bad row; atoms that do not add up to the formula are an error.
    """
    rows, found = parse_tables(base.paths(Division.TABLE), Division)
    errors = {row.label: error for row, error in _twice(rows)}
    divided = {row.key: row for row in rows}
    atoms: dict[str, dict[Node, float]] = {e: {} for e in ELEMENTS}
    skeletons: dict[str, set[Node]] = {e: set() for e in ELEMENTS}
    for species, substance in network.substances.items():
        for element in ELEMENTS:
            row = divided.get((species.rpartition("_")[0], element))
            count = substance.formula.get(element, 0.0)
            try:
                parts = {WHOLE: count} if row is None else _divide(row, count)
                skeletons[element] |= {Node(species, p) for p in (row.skeleton if row else ())}
            except KnowledgeError as error:
                parts = {WHOLE: count}
                errors[error.message] = error  # one metabolite in several places: said once
            atoms[element] |= {Node(species, p): n for p, n in parts.items() if n > 0}
    kept = {e: frozenset(nodes) for e, nodes in skeletons.items()}
    return Parts(atoms, kept), [*found, *errors.values()]


def _twice(rows: Iterable[Division]) -> Iterator[tuple[Division, KnowledgeError]]:
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        if row.key in seen:
            message = f"Parts of {row.label!r} stand twice; keep one row"
            yield row, KnowledgeError(message, location=row.location)
        seen.add(row.key)


def _divide(row: Division, count: float) -> dict[str, float]:
    """Atoms by part of one metabolite; raises where the row does not fit the formula."""
    parts: dict[str, float] = {}
    for entry in row.parts:
        name, colon, number = entry.partition(":")
        parts[name] = _number(number, row) if colon else 1.0
    odd = [name for name in row.skeleton if name not in parts]
    if odd or len(parts) < len(row.parts) or not math.isclose(sum(parts.values()), count):
        message = (
            f"Parts of {row.label!r} are {'; '.join(row.parts)} (skeleton: "
            f"{'; '.join(row.skeleton) or 'none'}): names must be unique, the skeleton made of them, "
            f"and atoms must add up to {count:g} as in the formula of metabolites.tsv"
        )
        raise KnowledgeError(message, location=row.location)
    return parts


def _number(text: str, row: Division) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        message = f"Parts of {row.label!r}: {text!r} must be a number of atoms above zero"
        raise KnowledgeError(message, location=row.location)
    return number


def find_groups(text: str, parts: Parts, element: str, location: Location) -> list[list[Node]]:
    """Read a donor or acceptor: a species is one group of all its parts.

    Parameters
    ----------
    text
        ``glu_m``, ``cit_c[4 5]`` or ``mal_c[1+4 2+3]``.
    parts
        Known parts.
    element
        ``C`` or ``N``.
    location
        File and line for messages.

    Raises
    ------
    KnowledgeError
        The text cannot be read, the species lacks the element or the part does not exist.
    """
    found = _END.fullmatch(text)
    nodes = parts.of(found[1], element) if found else ()
    if found is None or not nodes:
        why = f"holds no {ELEMENTS[element]} here" if found else "is not like cit_c or cit_c[4 5]"
        message = f"{text!r} {why}; name a species of the reaction"
        raise KnowledgeError(message, location=location)
    if found[2] is None:
        return [list(nodes)]
    named = [[Node(found[1], part) for part in group.split("+")] for group in found[2].split()]
    wrong = [node for group in named for node in group if node not in nodes]
    if wrong or not named:
        allowed = ", ".join(node.part for node in nodes if node.part) or "none"
        message = (
            f"{text!r}: part {wrong[0].part if wrong else ''!r} is not one of the parts of "
            f"{found[1]} ({allowed}); see parts.tsv"
        )
        raise KnowledgeError(message, location=location)
    return named
