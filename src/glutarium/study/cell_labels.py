"""Annotations of single cells, as names of our cells: what each cell may be, and which labels are unknown."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import Location, StudyError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.names import Vocabulary
    from glutarium.study.expression_matrix import Matrix

__all__ = ["Labels", "plain_label", "read_labels"]

NONE = "none"
COLUMNS = (
    "cell_type", "celltype", "cell_types", "celltypes", "cell_type_major", "major_cell_type",
    "celltype_major", "cell_label", "cell_ontology_class", "cell_annotation",
)  # fmt: skip


@dataclass(frozen=True)
class Labels:
    """What annotations say.

    Attributes
    ----------
    allowed
        For every cell the kinds that it may be; None where nothing is known.
    report
        A heading and a line each.
    """

    allowed: tuple[frozenset[str] | None, ...]
    report: tuple[tuple[str, str], ...] = ()


def read_labels(
    matrix: Matrix, base: KnowledgeBase, names: Vocabulary, wanted: str | None
) -> Labels:
    """Read the annotation of a file.

    Parameters
    ----------
    matrix
        The cells.
    base
        Labels and lineages.
    names
        Names of cells.
    wanted
        Column; by default one that is called like it, ``none`` for none.

    Raises
    ------
    StudyError
        There is no such column.
    """
    column = _column(matrix, wanted)
    if column is None:
        return Labels((None,) * len(matrix.cells), (("annotation", "none; markers decide"),))
    texts = [str(text) for text in matrix.annotations[column]]
    known = {text: _meaning(text, base, names) for text in dict.fromkeys(texts)}
    report = [("annotation", f"column {column!r}: {_told(known)}")]
    strange = Counter(text for text in texts if known[text] is None)
    if strange:
        shown = ", ".join(f"{text!r} ({n} cells)" for text, n in strange.most_common())
        advice = "markers decide; add rows to niche/labels.tsv or rename them"
        report.append(("unknown labels", f"{shown}; {advice}"))
    return Labels(tuple(known[text] for text in texts), tuple(report))


def _column(matrix: Matrix, wanted: str | None) -> str | None:
    columns = [str(name) for name in matrix.annotations.columns]
    if wanted == NONE:
        return None
    if wanted is not None and wanted not in columns:
        message = (
            f"There is no annotation {wanted!r}: obs has {', '.join(columns) or 'no columns'}; "
            f"name one of them, or {NONE}"
        )
        raise StudyError(message, location=Location(matrix.path))
    held = {re.sub(r"[^a-z]+", "_", name.lower()): name for name in columns}
    return wanted or next((held[name] for name in COLUMNS if name in held), None)


def plain_label(text: str) -> str:
    """A label in lower case, with single spaces and without a plural."""
    words = re.sub(r"[\s_.-]+", " ", text.strip().lower())
    return words.removesuffix("s") if len(words) > 2 else words  # noqa: PLR2004 - "DCs" is one


def _meaning(text: str, base: KnowledgeBase, names: Vocabulary) -> frozenset[str] | None:
    """Cells that a label may stand for."""
    plain = plain_label(text)
    found = {plain_label(row.label): row.cells for row in base.cell_labels}.get(plain)
    if found is None:
        entry = names.find(text, ("cell",)) or names.find(plain, ("cell",))
        found = None if entry is None else (entry.name,)
    if found is None:
        return None
    lineages = {row.name: row.members for row in base.groups.where("kind", "lineage")}
    return frozenset(c for name in found for c in _spread(name, lineages))


def _spread(name: str, lineages: Mapping[str, Sequence[str]]) -> Collection[str]:
    return lineages.get(name, (name,))


def _told(known: Mapping[str, frozenset[str] | None]) -> str:
    return ", ".join(
        f"{text} = {' or '.join(sorted(cells))}" for text, cells in known.items() if cells
    )
