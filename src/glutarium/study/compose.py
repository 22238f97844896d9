"""Files that say what a tissue is made of, by what they hold.

Single cells (AnnData, ``.h5ad``), the expression of a whole tissue (a table of gene and value), or what was
made of such a file before (a table of cell, item and value).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from glutarium.errors import Location, StudyError
from glutarium.knowledge.base import load
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.composition import SingleCellOptions

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.study.composition import Composition

__all__ = ["read_composition"]

SINGLE_CELLS = ".h5ad"


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
