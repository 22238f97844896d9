"""Gene rules: which proteins carry a reaction, and how their levels set its capacity.

A rule lists isozymes with their share of the capacity, separated by ``|``; a complex joins its subunits
by ``&``: ``LDHA:0.85|LDHB:0.15``, ``SLC7A5&SLC3A2:0.6|SLC43A2:0.4``.
"""

from __future__ import annotations

from glutarium.knowledge.equations import parse_genes
from glutarium.model.expr import Expr, Number, Symbol, product, total

__all__ = ["availability", "capacity", "rule_genes"]


def rule_genes(rule: str) -> tuple[str, ...]:
    """All genes of a rule, without repeats, in order."""
    return tuple(dict.fromkeys(g for i in parse_genes(rule) for g in i.genes))


def availability(gene: str) -> Symbol:
    """Symbol of a gene's available protein: level times the share that no drug blocks."""
    return Symbol(f"available.{gene}")


def capacity(rule: str) -> Expr:
    """Relative capacity of a reaction, 1 at reference; reactions without genes always have 1."""
    isozymes = parse_genes(rule)
    if not isozymes:
        return Number(1.0)
    return total(
        product([Number(i.share), *(availability(g) for g in i.genes)])
        if i.share != 1.0
        else product([availability(g) for g in i.genes])
        for i in isozymes
    )
