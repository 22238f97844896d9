"""Conservation: what a reaction makes or loses in atoms and charge."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from glutarium.knowledge.equations import parse_formula, split_species

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.knowledge.equations import Equation
    from glutarium.knowledge.records import Metabolite

__all__ = ["TOLERANCE", "imbalance"]

TOLERANCE = 1e-9
"""Largest excess, relative to what is turned over, that counts as rounding."""

CHARGE = "charge"


def imbalance(equation: Equation, metabolites: Mapping[str, Metabolite]) -> dict[str, float]:
    """Return what the products have more than the substrates.

    Parameters
    ----------
    equation
        A parsed equation. Species without a row count as nothing; they are reported elsewhere.
    metabolites
        Metabolite id → record.

    Returns
    -------
    dict
        Element (or ``charge``) → atoms (or elementary charges) per turnover; only what exceeds
        :data:`TOLERANCE`.

    Raises
    ------
    KnowledgeError
        A species without compartment or a formula that cannot be read.
    """
    net: defaultdict[str, float] = defaultdict(float)
    moved: defaultdict[str, float] = defaultdict(float)
    for species, number in equation.stoichiometry.items():
        row = metabolites.get(split_species(species)[0])
        if row is None:
            continue
        for part, count in {**parse_formula(row.formula), CHARGE: row.charge}.items():
            net[part] += number * count
            moved[part] += abs(number * count)
    return {part: x for part, x in net.items() if abs(x) > TOLERANCE * max(1.0, moved[part])}
