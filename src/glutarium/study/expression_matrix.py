"""Expression of single cells as an AnnData file holds it, turned into transcripts per million."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium.errors import Location, MissingExtraError, StudyError
from glutarium.study.expression_table import HIGHEST_LOG

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

    from glutarium.kernel import Array

__all__ = ["SCALES", "Matrix", "read_matrix", "require_omics"]

SCALES = ("counts", "TPM", "log2", "ln", "log10")
BASES = {"log2": 2.0, "ln": np.e, "log10": 10.0}
MILLION = 1e6
ENSEMBL = "ENS"
SYMBOL_COLUMNS = (
    "symbol", "gene_symbol", "gene_symbols", "gene_name", "gene_names", "feature_name",
    "gene_short_name", "hgnc_symbol",
)  # fmt: skip
# Totals of logarithms to the right base are the same in all cells, but for rounding.
EVEN = 0.01
HALF = 0.5


def require_omics(package: str) -> Any:  # noqa: ANN401 - a module of a package without types
    """Import a package of the extra ``omics``.

    Raises
    ------
    MissingExtraError
        It is not installed; the message names the command that installs it.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingExtraError(package, "omics") from error


@dataclass(frozen=True)
class Matrix:
    """Single cells.

    Attributes
    ----------
    path
        The file.
    amounts
        Transcripts per million, sparse, shape ``(n_cells, n_genes)``.
    cells, genes
        Names of rows and columns; genes by symbol.
    annotations
        What the file says of its cells, one row each.
    depth
        Transcripts that were counted in each cell, shape ``(n_cells,)``.
    scale
        What the numbers of the file are.
    """

    path: Path
    amounts: Any
    cells: tuple[str, ...]
    genes: tuple[str, ...]
    annotations: pd.DataFrame
    depth: Array
    scale: str

    def mean(self, own: npt.NDArray[np.bool_]) -> Array:
        """Mean over some cells, shape ``(n_genes,)``."""
        return np.asarray(self.amounts[np.flatnonzero(own)].mean(axis=0)).ravel()

    def refuse_strange_symbols(self, markers: Sequence[str]) -> None:
        """Refuse names of genes among which hardly a marker is.

        Raises
        ------
        StudyError
            The names are no symbols of human genes.
        """
        known = set(self.genes)
        if sum(gene in known for gene in markers) >= HALF * len(markers):
            return
        upper = {gene.upper() for gene in self.genes}
        shown = ", ".join(self.genes[:3])
        expected = ", ".join(markers[:3])
        advice = "put symbols into var_names and write the file again"
        if sum(gene in upper for gene in markers) >= HALF * len(markers):
            advice = "these look like genes of mouse: put the symbols of their human orthologues"
        message = (
            f"The names of genes ({shown}, …) are no symbols of human genes, of which {expected} "
            f"and others were expected; {advice}"
        )
        raise StudyError(message, location=Location(self.path))


def read_matrix(path: Path, scale: str | None) -> Matrix:
    """Read an AnnData file.

    Parameters
    ----------
    path
        The file.
    scale
        What its numbers are; by default what they look like.

    Raises
    ------
    StudyError
        It cannot be read, has no symbols, or holds something else than was declared.
    MissingExtraError
        ``anndata`` is not installed.
    """
    anndata = require_omics("anndata")
    try:
        data = anndata.read_h5ad(path)
    except (OSError, KeyError, ValueError, anndata.AnnDataReadError) as error:
        message = f"{path} cannot be read as AnnData: {error}; write it with AnnData.write_h5ad"
        raise StudyError(message, location=Location(path)) from error
    if data.X is None or not data.n_obs or not data.n_vars:
        message = f"{path} holds {data.n_obs} cells and {data.n_vars} genes in X; expected are some"
        raise StudyError(message, location=Location(path))
    genes = _symbols(path, data)
    values = _sparse(data.X)
    _refuse_bad(path, values)
    kind = _scale(path, values, scale, dict(data.uns))
    amounts, depth = _per_million(path, values, kind)
    cells = tuple(str(name) for name in data.obs_names)
    return Matrix(path, amounts, cells, genes, data.obs, depth, kind)


def _sparse(values: Any) -> Any:  # noqa: ANN401 - a matrix of numpy or scipy
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - heavy, and only for single cells

    found = csr_matrix(values, dtype=np.float64)
    found.eliminate_zeros()
    return found


def _symbols(path: Path, data: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Symbols of genes: the names of the columns, or a column of symbols beside ids of Ensembl."""
    genes = tuple(str(name) for name in data.var_names)
    if sum(gene.startswith(ENSEMBL) for gene in genes) < HALF * len(genes):
        return genes
    held = {str(c).lower(): c for c in data.var.columns}
    column = next((held[name] for name in SYMBOL_COLUMNS if name in held), None)
    if column is not None:
        return tuple(str(name) for name in data.var[column])
    message = (
        f"Genes go by ids of Ensembl ({genes[0]}, …), and var has no column of symbols "
        f"({', '.join(SYMBOL_COLUMNS[:3])} …; it has {', '.join(held) or 'none'}). Symbols such as "
        "EPCAM are needed: add them as var['gene_symbols'], from the features.tsv of the counts or "
        "the annotation (GTF) that was used, and write the file again"
    )
    raise StudyError(message, location=Location(path))


def _refuse_bad(path: Path, values: Any) -> None:  # noqa: ANN401
    if not values.nnz:
        message = f"{path} holds nothing but zeros in X; expected are counts or their logarithms"
        raise StudyError(message, location=Location(path))
    if not np.isfinite(values.data).all():
        message = f"{path} holds numbers in X that are not finite; expected are 0 and above"
        raise StudyError(message, location=Location(path))
    if values.data.min() < 0.0:
        message = (
            f"{path} holds {values.data.min():g} in X: expected are 0 and above. Scaled values "
            "(z-scores) say nothing of amounts; put counts or their logarithms into X "
            "(often they stand in .raw or a layer)"
        )
        raise StudyError(message, location=Location(path))


def _scale(path: Path, values: Any, said: str | None, about: dict[str, Any]) -> str:  # noqa: ANN401
    """What the numbers are; what was said is held against them."""
    if said is not None and said not in SCALES:
        message = f"scale is {said!r}; it must be one of {', '.join(SCALES)}"
        raise StudyError(message, location=Location(path))
    highest = float(values.data.max())
    whole = bool(np.all(values.data == np.round(values.data)))
    looks = f"numbers up to {highest:g}, {'all' if whole else 'not all'} of them whole"
    if said == "counts" and not whole:
        message = f"{path} was declared to hold counts, but X holds {looks}: {_fitting(values)}"
        raise StudyError(message, location=Location(path))
    if said in BASES and (whole or highest > HIGHEST_LOG):
        message = (
            f"{path} was declared to hold logarithms ({said}), but X holds {looks}: "
            "these look like counts; say scale: counts"
        )
        raise StudyError(message, location=Location(path))
    if said is not None:
        return said
    if whole:
        return "counts"
    if highest > HIGHEST_LOG:
        return "TPM"
    return _base(path, values, about)


def _fitting(values: Any) -> str:  # noqa: ANN401
    even = next((name for name in BASES if _spread(values, name) < EVEN), "log2")
    return f"these look like logarithms; say scale: {even}"


def _base(path: Path, values: Any, about: dict[str, Any]) -> str:  # noqa: ANN401
    """Base of logarithms: as the file says, or the one that makes all totals equal."""
    if "log1p" in about:
        base = dict(about["log1p"]).get("base")
        return next((n for n, b in BASES.items() if base is not None and b == float(base)), "ln")
    even = [name for name in BASES if _spread(values, name) < EVEN]
    if even:
        return even[0]
    message = (
        f"{path} holds numbers up to {values.data.max():g} in X that could be logarithms to any "
        f"base: totals of the cells differ under each. Say what they are: scale: "
        f"{', '.join(SCALES)}"
    )
    raise StudyError(message, location=Location(path))


def _linear(values: Any, scale: str) -> Any:  # noqa: ANN401
    amounts = values.copy()
    if scale in BASES:
        amounts.data = np.power(BASES[scale], amounts.data) - 1.0
    return amounts


def _spread(values: Any, scale: str) -> float:  # noqa: ANN401
    totals = np.asarray(_linear(values, scale).sum(axis=1)).ravel()
    return float(totals.std() / totals.mean())


def _per_million(path: Path, values: Any, scale: str) -> tuple[Any, Array]:  # noqa: ANN401
    """Transcripts per million, and how many transcripts were counted in each cell.

    Where counts are gone, the smallest amount of a cell stands for one transcript.
    """
    from scipy.sparse import diags  # noqa: PLC0415 - heavy, and only for single cells

    amounts = _linear(values, scale)
    totals = np.asarray(amounts.sum(axis=1)).ravel()
    if (totals <= 0.0).any():
        empty = int((totals <= 0.0).sum())
        message = f"{path} holds {empty} cells without any transcript; leave them out"
        raise StudyError(message, location=Location(path))
    relative = (diags(MILLION / totals) @ amounts).tocsr()
    if scale == "counts":
        return relative, totals
    least = np.array([relative[i].data.min() for i in range(relative.shape[0])])
    return relative, MILLION / least
