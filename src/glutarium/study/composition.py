"""What a tissue is made of, as data say: how much of each cell there is, and what each one expresses.

A file holds single cells (AnnData, ``.h5ad``), the expression of a whole tissue (a table of gene and value)
or what was made of such a file before (a table of cell, item and value). All of them become one
:class:`Composition`: shares of the dry mass that add up to one, and profiles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from glutarium.errors import Location, StudyError
from glutarium.knowledge.base import load
from glutarium.knowledge.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.profiles import Profile

__all__ = ["Composition", "Part", "SingleCellOptions", "by_mass", "read_composition", "scaled"]

SINGLE_CELLS = ".h5ad"
DRY_MASS = "cell.dry_mass"


@dataclass(frozen=True, slots=True)
class SingleCellOptions:
    """What a user says of a file of single cells.

    Attributes
    ----------
    scale
        ``counts``, ``TPM``, ``log2``, ``ln`` or ``log10``; by default what the numbers look like.
    annotation
        Column of ``obs`` with kinds of cell; by default one that is called like it; ``none`` for none.
    """

    scale: str | None = None
    annotation: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of cell of a tissue.

    Attributes
    ----------
    cell
        Its name.
    share
        Of the dry mass, 0 to 1.
    count
        Cells that were read, where single cells were.
    profile
        Expression over that of the reference cell, where enough was read.
    """

    cell: str
    share: float
    count: float | None = None
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    """What was read of a file.

    Attributes
    ----------
    path
        The file.
    kind
        What it holds, in words.
    parts
        Kinds of cell, the largest first.
    report
        What was used, missing and left out: a heading and a line each.
    """

    path: Path
    kind: str
    parts: tuple[Part, ...]
    report: tuple[tuple[str, str], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The report in a few lines."""
        shares = ", ".join(f"{p.cell} {p.share:.3g}" for p in self.parts)
        first = f"cells from {self.path.name} ({self.kind}), shares of dry mass: {shares}"
        return (first, *(f"{what}: {text}" for what, text in self.report))


def read_composition(path: Path, options: SingleCellOptions | None = None) -> Composition:
    """Read a file; once per process as long as it does not change.

    Parameters
    ----------
    path
        The file; its ending and its header say what it holds.
    options
        What is said of single cells.

    Raises
    ------
    StudyError
        The file cannot be read, or holds something else than was declared.
    MissingExtraError
        Single cells are read by packages that are not installed.
    """
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as error:
        message = f"{path} cannot be read: {error}; name a file with cells or expression"
        raise StudyError(message, location=Location(path)) from error
    return _read(path, stamp, options or SingleCellOptions())


@lru_cache(maxsize=8)
def _read(path: Path, _stamp: int, options: SingleCellOptions) -> Composition:
    # Every reader is imported when it is needed: most studies name no file.
    base, names = load(), vocabulary()
    if path.suffix == SINGLE_CELLS:
        from glutarium.study.single_cells import from_single_cells  # noqa: PLC0415

        return from_single_cells(path, base, names, options)
    from glutarium.study.composition_table import from_table, is_composition  # noqa: PLC0415

    if is_composition(path):
        return from_table(path, base, names)
    from glutarium.study.bulk import from_bulk  # noqa: PLC0415

    return from_bulk(path, base, names, scale=options.scale)


def by_mass(counts: Mapping[str, float], base: KnowledgeBase) -> dict[str, float]:
    """Shares of the dry mass from numbers of cells."""
    usual = base.constants[DRY_MASS].value
    own = {cell: base.dry_masses.get(cell) for cell in counts}
    masses = {
        cell: count * (usual if (row := own[cell]) is None else row.value)
        for cell, count in counts.items()
    }
    whole = sum(masses.values())
    return {cell: mass / whole for cell, mass in masses.items()}


def scaled(parts: Mapping[str, Part]) -> tuple[Part, ...]:
    """Parts with shares that add up to one, the largest first."""
    whole = sum(part.share for part in parts.values())
    new = (replace(part, share=part.share / whole) for part in parts.values())
    return tuple(sorted(new, key=lambda part: -part.share))
