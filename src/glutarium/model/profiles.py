"""Profiles: what makes one cell differ from another, as protein levels and growth signals.

Cells have one network and one set of constants. A profile states how strongly each gene is expressed
against the generic carcinoma cell, and how strongly growth signals act. One rule turns all folds of
expression into capacity::

    level = fold ^ exponent, at most cap and at least 1 / cap

with ``expression.exponent`` and ``expression.cap`` of ``constants.tsv``. A gene without a fold is as in the
reference cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.knowledge.base import KnowledgeBase

__all__ = ["GROWTH_SIGNAL", "REFERENCE", "Profile", "growth_signal", "level_of", "recorded_profile"]

REFERENCE = "tumour"
"""The generic carcinoma cell, against which all folds are."""
GROWTH_SIGNAL = "signal.growth"
MARKERS = ("marker", "proliferation")


@dataclass(frozen=True)
class Profile:
    """How a cell differs from the reference cell.

    Attributes
    ----------
    name
        A cell, a cancer type, or a file.
    folds
        Gene → expression over that of the reference cell.
    signal
        Growth signal, 1 in the reference cell.
    """

    name: str
    folds: Mapping[str, float] = field(default_factory=dict)
    signal: float = 1.0

    def over(self, under: Profile) -> Profile:
        """Return this profile where it says something, and another one where it does not."""
        return Profile(self.name, {**under.folds, **self.folds}, self.signal)


def recorded_profile(base: KnowledgeBase, name: str) -> Profile | None:
    """The shipped profile of a cell, cancer type or organ, if there is one."""
    record = base.profiles.get(name)
    if record is None:
        return None
    expressed = base.expressed.get(name)
    return Profile(name, expressed.folds if expressed else {}, record.value)


def level_of(fold: float, base: KnowledgeBase) -> float:
    """Capacity of a gene's reactions by its expression; both relative to the reference cell."""
    cap = base.constants["expression.cap"].value
    if fold <= 0.0:
        return 1.0 / cap
    level = exp(base.constants["expression.exponent"].value * log(fold))
    return min(max(level, 1.0 / cap), cap)


def growth_signal(folds: Mapping[str, float], base: KnowledgeBase) -> float:
    """Growth signal of a cell in culture by the markers of proliferation.

    Parameters
    ----------
    folds
        Gene → expression over that of the reference cell.
    base
        Names the markers; the exponent is that of all genes.

    Returns
    -------
    float
        Geometric mean of the markers' levels; 1 where none of them was measured.
    """
    markers = [m for m in base.groups[MARKERS].members if m in folds]
    return exp(fmean(log(level_of(folds[m], base)) for m in markers)) if markers else 1.0
