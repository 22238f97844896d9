"""Which kind every single cell is: by its annotation as far as that goes, by its markers from there.

Markers are scored by decoupler's univariate linear model: the t value of a regression of all genes of a
cell on the genes of a set. The best set wins; where no annotation vouches for the cell, its score must be
significant over all sets and cells (Benjamini-Hochberg).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from glutarium.study.expression_matrix import require_omics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array
    from glutarium.study.cell_labels import Labels
    from glutarium.study.expression_matrix import Matrix
    from glutarium.study.marker_sets import MarkerSets

__all__ = ["Assignment", "assign"]

FEWEST_TARGETS = 3
"""Genes of a set below which decoupler leaves it out: fewer make no regression."""


@dataclass(frozen=True)
class Assignment:
    """Kinds of single cells.

    Attributes
    ----------
    cells
        Kind of every cell; empty where there is none, or where only its lineage is clear.
    counts
        Cells of every kind, those of a clear lineage shared out.
    unassigned
        Cells of no kind.
    unresolved
        Lineage → cells of it without a clear state.
    """

    cells: npt.NDArray[np.str_]
    counts: Mapping[str, float]
    unassigned: int
    unresolved: Mapping[str, int]


def assign(matrix: Matrix, labels: Labels, sets: MarkerSets, fdr: float) -> Assignment:
    """Say what every cell is.

    Parameters
    ----------
    matrix
        The cells.
    labels
        What their annotation allows.
    sets
        Markers.
    fdr
        Rate of false discoveries up to which a score counts.

    Raises
    ------
    MissingExtraError
        ``decoupler`` is not installed.
    """
    found = np.array([_only(allowed) for allowed in labels.allowed], dtype="U64")
    open_rows = np.flatnonzero(found == "")
    if open_rows.size:
        found[open_rows] = _best(matrix, open_rows, sets.first, labels, sets, fdr=fdr)
    unresolved: Counter[str] = Counter()
    for lineage, own in sets.within.items():
        rows = np.flatnonzero(found == lineage)
        if rows.size:
            found[rows] = _best(matrix, rows, own, labels, sets, fdr=fdr, vague=frozenset(own))
            unresolved[lineage] = int((found[rows] == "").sum())
            found[rows[found[rows] == ""]] = lineage
    return _counted(found, sets, unresolved)


def _only(allowed: frozenset[str] | None) -> str:
    return next(iter(allowed)) if allowed is not None and len(allowed) == 1 else ""


def _best(
    matrix: Matrix,
    rows: npt.NDArray[np.int64],
    own: Mapping[str, Mapping[str, float]],
    labels: Labels,
    sets: MarkerSets,
    *,
    fdr: float,
    vague: frozenset[str] = frozenset(),
) -> list[str]:
    """Best set for every row; empty where none is significant and no label vouches for the cell.

    A label vouches that is narrower than the cells of ``vague``.
    """
    scores, adjusted, names = _scores(matrix, rows, own)
    best = []
    for i, row in enumerate(rows):
        allowed = labels.allowed[row]
        fits = [j for j, n in enumerate(names) if allowed is None or sets.cells((n,)) & allowed]
        if not fits:
            best.append("")
            continue
        top = max(fits, key=lambda j: float(scores[i, j]))
        vouched = allowed is not None and not (vague and allowed >= vague)
        clear = scores[i, top] > 0.0 and adjusted[i, top] <= fdr
        best.append(names[top] if vouched or clear else "")
    return best


def _scores(
    matrix: Matrix, rows: npt.NDArray[np.int64], own: Mapping[str, Mapping[str, float]]
) -> tuple[Array, Array, Sequence[str]]:
    """Scores and adjusted p values, shape ``(n_rows, n_sets)``, and the names of the sets."""
    anndata, decoupler = require_omics("anndata"), require_omics("decoupler")
    logs = matrix.amounts[rows].astype(np.float32)
    logs.data = np.log1p(logs.data)
    names = pd.DataFrame(index=pd.Index(matrix.genes))
    cells = pd.DataFrame(index=pd.Index([matrix.cells[i] for i in rows]))
    data = anndata.AnnData(logs, obs=cells, var=names)
    data.var_names_make_unique()
    edges = [(cell, gene, 1.0) for cell, genes in own.items() for gene in genes]
    net = pd.DataFrame(edges, columns=["source", "target", "weight"])
    decoupler.mt.ulm(data=data, net=net, tmin=FEWEST_TARGETS)
    scores: Any = data.obsm["score_ulm"]
    columns = [str(name) for name in scores.columns]
    return scores.to_numpy(), data.obsm["padj_ulm"].to_numpy(), columns


def _counted(
    found: npt.NDArray[np.str_], sets: MarkerSets, unresolved: Mapping[str, int]
) -> Assignment:
    """Numbers of all kinds; cells of a clear lineage go to its members like those that are clear."""
    counts: dict[str, float] = {str(k): float(n) for k, n in Counter(found.tolist()).items() if k}
    kept = found.copy()
    for lineage, own in sets.within.items():
        spare = counts.pop(lineage, 0.0)
        clear = {cell: counts[cell] for cell in own if cell in counts}
        whole = sum(clear.values())
        shares = {cell: n / whole for cell, n in clear.items()} or dict.fromkeys(own, 1 / len(own))
        for cell, share in shares.items() if spare else ():
            counts[cell] = counts.get(cell, 0.0) + spare * share
        kept[kept == lineage] = ""
    unassigned = int((found == "").sum())
    return Assignment(kept, counts, unassigned, {k: n for k, n in unresolved.items() if n})
