"""Reads what tables write in short form: equations, formulas, gene rules and species.

>>> parse_equation("2 gsh_c + h2o2_c -> gssg_c + 2 h2o_c").stoichiometry["gsh_c"]
-2.0
>>> parse_formula("C5H10N2O3")["N"]
2.0
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from glutarium.errors import KnowledgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.errors import Location

__all__ = [
    "COMPARTMENTS",
    "Equation",
    "Isozyme",
    "parse_equation",
    "parse_formula",
    "parse_genes",
    "split_species",
]

COMPARTMENTS: Mapping[str, str] = MappingProxyType(
    {
        "e": "medium",
        "c": "cytosol",
        "m": "mitochondria",
        "b": "macromolecules",
        "g": "gas phase and ledger",
        "x": "no matter",
    }
)
"""Compartment suffix of a species → what it stands for."""

_TERM = re.compile(r"(?:(\d+\.?\d*(?:[eE][-+]?\d+)?)\s+)?([A-Za-z0-9][A-Za-z0-9_]*)")
_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d+\.?\d*|\.\d+)?")
_GENE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_SHARE_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Equation:
    """A reaction equation.

    Attributes
    ----------
    stoichiometry
        Species → net coefficient (negative: consumed), substrates first, in written order.
    reversible
        Whether it was written with ``<->``.
    """

    stoichiometry: Mapping[str, float]
    reversible: bool

    @property
    def substrates(self) -> Mapping[str, float]:
        """Consumed species → positive coefficient."""
        return {name: -n for name, n in self.stoichiometry.items() if n < 0}

    @property
    def products(self) -> Mapping[str, float]:
        """Produced species → positive coefficient."""
        return {name: n for name, n in self.stoichiometry.items() if n > 0}


@dataclass(frozen=True, slots=True)
class Isozyme:
    """One way to catalyse a reaction.

    Attributes
    ----------
    share
        Share of the reaction's capacity, 0-1.
    genes
        Subunits that are all needed.
    """

    share: float
    genes: tuple[str, ...]


def parse_equation(text: str, *, location: Location | None = None) -> Equation:
    """Read an equation such as ``gln_m + h2o_m -> glu_m + nh4_m``.

    Parameters
    ----------
    text
        Terms joined by ``+``, a coefficient (real) before a species and parted from it by a space,
        ``->`` or ``<->`` between the sides. One side may be empty.
    location
        File and line for messages.

    Raises
    ------
    KnowledgeError
        No or several arrows, a term that cannot be read, or a species that cancels out.
    """
    sides = re.split(r"<->|->", text)
    if len(sides) != 2:  # noqa: PLR2004  (an equation has two sides)
        message = f"Equation {text!r} must have one arrow, '->' or '<->'"
        raise KnowledgeError(message, location=location)
    net: dict[str, float] = {}
    for sign, side in zip((-1.0, 1.0), sides, strict=True):
        for term in side.split("+") if side.strip() else ():
            name, number = _term(term, text, location)
            net[name] = net.get(name, 0.0) + sign * number
    idle = [name for name, number in net.items() if number == 0]
    if idle or not net:
        what = f"{idle[0]!r} cancels out" if idle else "nothing happens"
        message = f"Equation {text!r}: {what}; leave out what is not changed"
        raise KnowledgeError(message, location=location)
    return Equation(MappingProxyType(net), reversible="<->" in text)


def _term(term: str, text: str, location: Location | None) -> tuple[str, float]:
    found = _TERM.fullmatch(term.strip())
    if found is None or (found[1] and float(found[1]) == 0):
        message = (
            f"Equation {text!r}: cannot read term {term.strip()!r}; "
            "write a species, or a positive number, a space and a species"
        )
        raise KnowledgeError(message, location=location)
    return found[2], float(found[1] or 1)


def parse_formula(text: str, *, location: Location | None = None) -> dict[str, float]:
    """Read a formula such as ``C5H10N2O3``; counts may be real, no text means no atoms.

    Returns
    -------
    dict
        Element → count.

    Raises
    ------
    KnowledgeError
        Something that is neither an element nor a count.
    """
    counts: dict[str, float] = {}
    end = 0
    for found in _ELEMENT.finditer(text):
        if found.start() != end:
            break
        end = found.end()
        counts[found[1]] = counts.get(found[1], 0.0) + float(found[2] or 1)
    if end != len(text):
        message = f"Formula {text!r}: cannot read {text[end:]!r}; write like C5H10N2O3"
        raise KnowledgeError(message, location=location)
    return counts


def parse_genes(text: str, *, location: Location | None = None) -> tuple[Isozyme, ...]:
    """Read a gene rule: ``GLS``, ``LDHA:0.9|LDHB:0.1`` (isozymes) or ``SLC7A5&SLC3A2`` (complex).

    Returns
    -------
    tuple of Isozyme
        Empty for empty text. Isozymes without shares have equal ones.

    Raises
    ------
    KnowledgeError
        A symbol or share cannot be read, some shares are missing, or they do not add up to one.
    """
    try:
        return _isozymes(text)
    except KnowledgeError as error:
        raise KnowledgeError(error.message, location=location) from None


@lru_cache(maxsize=4096)  # each rule is asked for by every cell of every arm
def _isozymes(text: str) -> tuple[Isozyme, ...]:
    if not text.strip():
        return ()
    parts = [part.strip().partition(":") for part in text.split("|")]
    rules = [tuple(gene.strip() for gene in genes.split("&")) for genes, _, _ in parts]
    shares = [_share(share, text) for _, colon, share in parts if colon]
    if not shares:
        shares = [1.0 / len(parts)] * len(parts)
    readable = all(_GENE.fullmatch(gene) for genes in rules for gene in genes)
    whole = math.isclose(sum(shares), 1.0, abs_tol=_SHARE_TOLERANCE)
    if not readable or len(shares) != len(parts) or not whole:
        message = f"Genes {text!r}: write GLS, A&B, or A:0.9|B:0.1 with shares that add up to 1"
        raise KnowledgeError(message)
    return tuple(Isozyme(share, genes) for share, genes in zip(shares, rules, strict=True))


def _share(text: str, rule: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        message = f"Genes {rule!r}: share {text!r} must be a number above 0 and at most 1"
        raise KnowledgeError(message)
    return share


def split_species(species: str, *, location: Location | None = None) -> tuple[str, str]:
    """Part a species into metabolite id and compartment, ``gln_m`` → ``("gln", "m")``.

    Raises
    ------
    KnowledgeError
        No compartment, or one that does not exist.
    """
    metabolite, mark, compartment = species.rpartition("_")
    if not mark or not metabolite or compartment not in COMPARTMENTS:
        known = ", ".join(f"_{key} ({name})" for key, name in COMPARTMENTS.items())
        message = f"Species {species!r} must end in a compartment: {known}"
        raise KnowledgeError(message)
    return metabolite, compartment
