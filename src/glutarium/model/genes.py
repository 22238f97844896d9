"""Gene rules: which proteins carry a reaction, and how their levels set its capacity.

A rule lists isozymes with their share of the capacity, separated by ``|``; a complex, or several steps in one
reaction, join their proteins by ``&``: ``LDHA:0.85|LDHB:0.15``, ``SLC7A5&SLC3A2:0.6|SLC43A2:0.4``.

What is joined is limited by the scarcest: a second subunit in excess makes no more of the complex. What a
drug blocks of each subunit multiplies, for a complex works only where none of them is blocked.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from glutarium.knowledge.equations import parse_genes
from glutarium.model.expr import Expr, Number, Symbol, product, total

if TYPE_CHECKING:
    from glutarium.knowledge.equations import Isozyme

__all__ = [
    "CURVATURE",
    "availability",
    "capacity",
    "level",
    "limited",
    "present",
    "rule_genes",
    "unblocked",
]

CURVATURE = Symbol("subunits.curvature")


def rule_genes(rule: str) -> tuple[str, ...]:
    """All genes of a rule, without repeats, in order."""
    return tuple(dict.fromkeys(g for i in parse_genes(rule) for g in i.genes))


def level(gene: str) -> Symbol:
    """Symbol of a gene's protein relative to the reference cell."""
    return Symbol(f"level.{gene}")


def present(gene: str) -> Symbol:
    """Symbol of a gene's protein in its place: its level by what signals make of it."""
    return Symbol(f"present.{gene}")


def unblocked(gene: str) -> Symbol:
    """Symbol of the share of a gene's protein that no drug blocks."""
    return Symbol(f"unblocked.{gene}")


def availability(gene: str) -> Symbol:
    """Symbol of a gene's available protein: what is present times the share that no drug blocks."""
    return Symbol(f"available.{gene}")


def capacity(rule: str) -> Expr:
    """Relative capacity of a reaction, 1 at reference; reactions without genes always have 1."""
    isozymes = parse_genes(rule)
    if not isozymes:
        return Number(1.0)
    return total(_shared(i) for i in isozymes)


def _shared(isozyme: Isozyme) -> Expr:
    amount = _amount(isozyme.genes)
    return amount if isozyme.share == 1.0 else Number(isozyme.share) * amount


def _amount(genes: tuple[str, ...]) -> Expr:
    """Working protein of one isozyme, 1 at reference."""
    if len(genes) == 1:
        return availability(genes[0])
    levels: list[Expr] = [present(g) for g in genes]
    assembled = reduce(limited, levels)
    return product([assembled, *(unblocked(g) for g in genes)])


def limited(a: Expr, b: Expr) -> Expr:
    """The smaller of two amounts, rounded off where they are alike.

    ``(a + b - d) / (2 (1 - sqrt k))`` with ``d = sqrt((a - b)^2 + 4 k a b)`` and the curvature ``k``. It
    scales with its arguments, is one where both are one and zero where either is zero. It is a minimum at
    ``k = 0``, but that has no derivative where the amounts are equal, which they are at reference.
    """
    apart = a - b
    gap = (apart * apart + 4.0 * CURVATURE * a * b) ** 0.5
    return (a + b - gap) / (2.0 * (1.0 - CURVATURE**0.5))
