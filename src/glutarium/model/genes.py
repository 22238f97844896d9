"""Gene rules: which proteins carry a reaction, and how their levels set its capacity.

A rule lists isozymes with their share of the capacity, separated by ``|``; a complex joins its subunits
by ``&``: ``LDHA:0.85|LDHB:0.15``, ``SLC7A5&SLC3A2:0.6|SLC43A2:0.4``.
"""

from __future__ import annotations

from dataclasses import dataclass

from glutarium.errors import ModelError
from glutarium.model.expr import Expr, Number, Symbol, product, total

__all__ = ["Isozyme", "availability", "capacity", "parse_rule", "rule_genes"]


@dataclass(frozen=True, slots=True)
class Isozyme:
    """One way to catalyse a reaction: the subunits that it needs and its share of the capacity."""

    genes: tuple[str, ...]
    share: float


def parse_rule(rule: str) -> tuple[Isozyme, ...]:
    """Parse a gene rule; an empty rule has no isozymes.

    Raises
    ------
    ModelError
        If a share is not a number or the shares do not add up to one.
    """
    if not rule:
        return ()
    isozymes = tuple(_isozyme(part) for part in rule.split("|"))
    if abs(sum(i.share for i in isozymes) - 1.0) > 1e-9:
        message = f"Gene rule {rule!r}: the shares of the isozymes must add up to 1"
        raise ModelError(message)
    return isozymes


def _isozyme(text: str) -> Isozyme:
    names, _, share = text.partition(":")
    try:
        weight = float(share) if share else 1.0
    except ValueError as error:
        message = f"Gene rule part {text!r}: {share!r} is not a share; write GENE:0.5"
        raise ModelError(message) from error
    return Isozyme(tuple(names.split("&")), weight)


def rule_genes(rule: str) -> tuple[str, ...]:
    """All genes of a rule, without repeats, in order."""
    return tuple(dict.fromkeys(g for i in parse_rule(rule) for g in i.genes))


def availability(gene: str) -> Symbol:
    """Symbol of a gene's available protein: level times the share that no drug blocks."""
    return Symbol(f"available.{gene}")


def capacity(rule: str) -> Expr:
    """Relative capacity of a reaction, 1 at reference; reactions without genes always have 1."""
    isozymes = parse_rule(rule)
    if not isozymes:
        return Number(1.0)
    return total(
        product([Number(i.share), *(availability(g) for g in i.genes)])
        if i.share != 1.0
        else product([availability(g) for g in i.genes])
        for i in isozymes
    )
