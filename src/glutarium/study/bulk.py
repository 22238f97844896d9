"""Shares from the expression of a whole tissue: markers as signatures, fitted without negative parts.

A marker stands at its recorded level in its own cell and is absent from others, so what is fitted is each
cell's share of all transcripts, which is taken for its share of the dry mass. Markers count alike, however
high they stand, and by their absolute deviations: one that another cell makes too does not carry the rest of
its set along. Members of a lineage are told apart by a second fit among themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import Location, StudyError
from glutarium.model.profiles import REFERENCE
from glutarium.study.composition import Composition, Part, scaled
from glutarium.study.expression_table import FOLD, LOG, read_profile, read_rows
from glutarium.study.marker_sets import marker_sets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.names import Vocabulary
    from glutarium.study.marker_sets import MarkerSets

__all__ = ["fit_shares", "from_bulk"]

KIND = "expression of the whole tissue"
SHOWN = 10
HALF = 0.5
SMALL = 1e-9
"""Parts below are zero, but for rounding."""


def from_bulk(
    path: Path, base: KnowledgeBase, names: Vocabulary, *, scale: str | None = None
) -> Composition:
    """Read a table of gene and value and fit what the tissue is made of.

    Parameters
    ----------
    path
        A table as the key ``expression`` reads it, markers by symbol among its genes.
    base
        Markers, and the expression of the reference cell.
    names
        Names of genes.
    scale
        ``TPM`` or ``log2 TPM+1``; by default what the header says.

    Raises
    ------
    StudyError
        The table cannot be read, or holds too few markers.
    """
    personal = read_profile(path, base, names, scale=scale)
    amounts = _amounts(path, scale)
    sets = marker_sets(base)
    missing = [gene for gene in sets.genes if gene not in amounts]
    if len(missing) > HALF * len(sets.genes):
        message = (
            f"The table holds {len(sets.genes) - len(missing)} of {len(sets.genes)} markers by which "
            f"cells are told apart; missing are {', '.join(missing[:SHOWN])} …. Give amounts (TPM) "
            "of all genes by symbol"
        )
        raise StudyError(message, location=Location(path))
    shares = fit_shares(amounts, sets)
    if not shares:
        message = "The table holds no transcripts of markers, so nothing says which cells there are"
        raise StudyError(message, location=Location(path))
    parts = {cell: Part(cell, share) for cell, share in shares.items()}
    if REFERENCE in parts:
        profile = personal.profile
        parts[REFERENCE] = Part(REFERENCE, shares[REFERENCE], None, profile)
    report = (
        ("genes", f"{len(personal.profile.folds)} known, {len(personal.unknown)} others"),
        ("markers", f"{len(sets.genes) - len(missing)} of {len(sets.genes)}{_named(missing)}"),
        ("profiles", f"{REFERENCE} has that of the whole tissue; others as recorded"),
    )
    return Composition(path, KIND, scaled(parts), report)


def _amounts(path: Path, scale: str | None) -> dict[str, float]:
    """TPM of all genes of a table by the names that it has, known or not."""
    rows, unit = read_rows(path, None, scale)
    if unit == FOLD:
        message = f"{path} holds folds; amounts of a tissue are needed: TPM or log2 TPM+1"
        raise StudyError(message, location=Location(path))
    found: dict[str, float] = {}
    for gene, value, _ in rows:
        amount = 2.0**value - 1.0 if unit == LOG else value
        found[gene] = found.get(gene, 0.0) + amount
    return found


def _named(missing: list[str]) -> str:
    more = " …" if len(missing) > SHOWN else ""
    return f"; missing: {', '.join(missing[:SHOWN])}{more}" if missing else ""


def fit_shares(amounts: Mapping[str, float], sets: MarkerSets) -> dict[str, float]:
    """Shares of all transcripts by cell, those above zero; relative to each other.

    Parameters
    ----------
    amounts
        Gene → TPM of the tissue.
    sets
        Markers with their levels.
    """
    found = _fitted(amounts, sets.first)
    for lineage, own in sets.within.items():
        whole = found.pop(lineage, 0.0)
        if not whole:
            continue
        inner = _fitted(amounts, own) or dict.fromkeys(own, 1.0)
        total = sum(inner.values())
        found |= {cell: whole * share / total for cell, share in inner.items()}
    return found


def _fitted(
    amounts: Mapping[str, float], sets: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Least absolute deviations of amounts relative to the highest level of each marker, none negative."""
    from scipy.optimize import linprog  # noqa: PLC0415 - only where a table is read

    genes = [g for g in dict.fromkeys(g for own in sets.values() for g in own) if g in amounts]
    if not genes:
        return {}
    levels = np.array([[own.get(gene, 0.0) for own in sets.values()] for gene in genes])
    highest = levels.max(axis=1)
    read = np.array([amounts[gene] for gene in genes])
    # Unknown are the shares, and by how much each marker lies above and below what they make of it.
    above, cells = np.eye(len(genes)), len(sets)
    costs = np.concatenate([np.zeros(cells), np.ones(2 * len(genes))])
    equal = np.hstack([levels / highest[:, None], above, -above])
    shares = linprog(costs, A_eq=equal, b_eq=read / highest, bounds=(0.0, None)).x
    assert shares is not None  # deviations make it feasible, costs of 0 and above bounded
    return {c: float(x) for c, x in zip(sets, shares[:cells], strict=True) if x > SMALL}
