"""Shares and profiles from single cells in an AnnData file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from glutarium.errors import Location, StudyError
from glutarium.model.profiles import REFERENCE, Profile, growth_signal, recorded_profile
from glutarium.study.assign_cells import assign
from glutarium.study.cell_labels import read_labels
from glutarium.study.composition import Composition, Part, by_mass, scaled
from glutarium.study.expression_matrix import read_matrix
from glutarium.study.marker_sets import marker_sets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.names import Vocabulary
    from glutarium.study.assign_cells import Assignment
    from glutarium.study.composition import SingleCellOptions
    from glutarium.study.expression_matrix import Matrix

__all__ = ["from_single_cells"]

KIND = "single cells"
SHOWN = 10
MILLION = 1e6


def from_single_cells(
    path: Path, base: KnowledgeBase, names: Vocabulary, options: SingleCellOptions
) -> Composition:
    """Read single cells, say what each of them is, and gather shares and profiles.

    Parameters
    ----------
    path
        An AnnData file: cells in rows, genes by symbol in columns.
    base
        Markers, labels, dry masses, and the expression of the reference cell.
    names
        Names of genes and cells.
    options
        What is said of the file.

    Raises
    ------
    StudyError
        The file holds something else, or no cell could be assigned.
    MissingExtraError
        The packages of the extra ``omics`` are not installed.
    """
    matrix = read_matrix(path, options.scale)
    sets = marker_sets(base)
    matrix.refuse_strange_symbols(sets.genes)
    labels = read_labels(matrix, base, names, options.annotation)
    found = assign(matrix, labels, sets, base.tissue["assignment_fdr"].value)
    counts = found.counts
    if not counts:
        message = (
            f"None of {len(matrix.cells)} cells shows the markers of a kind of cell; expected are "
            f"genes such as {', '.join(sets.genes[:3])}, or an annotation"
        )
        raise StudyError(message, location=Location(path))
    shares = by_mass(counts, base)
    profiles = _profiles(matrix, found.cells, base, names)
    parts = {c: Part(c, shares[c], n, profiles.get(c)) for c, n in counts.items()}
    report = (
        ("read", f"{len(matrix.cells)} cells, {len(matrix.genes)} genes, as {matrix.scale}"),
        *labels.report,
        *_assigned(found, len(matrix.cells)),
        *_missing(matrix, sets.genes, base, names),
        ("profiles", _described(parts, base)),
    )
    return Composition(path, KIND, scaled(parts), report)


def _profiles(
    matrix: Matrix, cells: npt.NDArray[np.str_], base: KnowledgeBase, names: Vocabulary
) -> dict[str, Profile]:
    """Expression of every kind of which enough cells were read."""
    columns = _columns(matrix.genes, base, names)
    fewest = base.tissue["composition_cells"].value
    common = Counter(cells.tolist())
    return {
        cell: _profile(cell, matrix, cells == cell, columns, base)
        for cell, count in common.items()
        if cell and count >= fewest
    }


def _columns(genes: Sequence[str], base: KnowledgeBase, names: Vocabulary) -> dict[str, list[int]]:
    """Genes of the reference → columns that hold their transcripts; symbols go before old names."""
    place = {gene: [i] for i, gene in enumerate(genes) if gene in base.expression_reference}
    for i, gene in enumerate(genes):
        entry = None if gene in place else names.find(gene, ("gene",), lax=False)
        if entry is not None and entry.name in base.expression_reference:
            place.setdefault(entry.name, [i])
    return place


def _profile(
    cell: str,
    matrix: Matrix,
    own: npt.NDArray[np.bool_],
    columns: Mapping[str, list[int]],
    base: KnowledgeBase,
) -> Profile:
    """Folds of the mean over cells, of genes that were seen or that would have been seen.

    A gene that few transcripts were to be expected of at the level of the reference cell, and that was
    not seen either, is not known to be missing; it keeps what the tables say.
    """
    mean = matrix.mean(own)
    depth = float(matrix.depth[own].sum())
    enough = base.tissue["composition_transcripts"].value
    folds = {}
    for gene, places in columns.items():
        amount = float(sum(mean[i] for i in places))
        reference = base.expression_reference[gene].value
        if max(amount, reference) * depth / MILLION >= enough:
            folds[gene] = (amount + 1.0) / (reference + 1.0)
    return Profile(cell, folds, _signal(cell, folds, base))


def _signal(cell: str, folds: Mapping[str, float], base: KnowledgeBase) -> float:
    """Growth signal: of a tumour by its markers of proliferation, of other cells as recorded."""
    known = recorded_profile(base, cell)
    if cell == REFERENCE or known is None:
        return growth_signal(folds, base)
    return known.signal


def _assigned(found: Assignment, whole: int) -> tuple[tuple[str, str], ...]:
    parts = ", ".join(f"{cell} {n:.4g}" for cell, n in sorted(found.counts.items()))
    lines = [("assigned", parts), ("unassigned", f"{found.unassigned} of {whole} cells")]
    for lineage, n in found.unresolved.items():
        text = f"{n} cells of {lineage} without a clear state, shared out like the others"
        lines.append(("unresolved", text))
    return tuple(lines)


def _missing(
    matrix: Matrix, markers: Sequence[str], base: KnowledgeBase, names: Vocabulary
) -> tuple[tuple[str, str], ...]:
    known = _columns(matrix.genes, base, names)
    lost = [row.gene for row in base.expression_reference if row.gene not in known]
    unseen = [gene for gene in markers if gene not in set(matrix.genes)]
    return (
        ("genes", f"{len(known)} of {len(base.expression_reference)}{_named(lost)}"),
        ("markers", f"{len(markers) - len(unseen)} of {len(markers)}{_named(unseen)}"),
    )


def _named(missing: Sequence[str]) -> str:
    if not missing:
        return ""
    more = " …" if len(missing) > SHOWN else ""
    return f"; missing: {', '.join(missing[:SHOWN])}{more}"


def _described(parts: Mapping[str, Part], base: KnowledgeBase) -> str:
    fewest = base.tissue["composition_cells"].value
    own = [f"{p.cell} {len(p.profile.folds)} genes" for p in parts.values() if p.profile]
    rare = [p.cell for p in parts.values() if p.profile is None]
    text = ", ".join(own) or "none"
    few = f"; of fewer than {fewest:g} cells, so as recorded: {', '.join(rare)}"
    return text + (few if rare else "")
