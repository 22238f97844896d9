"""Tables of expression that a user brings: read, checked and put against the generic carcinoma cell.

Two columns, tab-separated, with a header that says what the numbers are: ``gene`` and ``TPM``,
``log2 TPM+1`` or ``fold`` (over the generic cell, as ``glutarium profile`` writes it). A table with several
columns of numbers holds several samples; one of them is chosen by name.
"""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from glutarium.errors import Location, OutputError, StudyError
from glutarium.knowledge.equations import parse_genes
from glutarium.model.profiles import Profile, growth_signal, level_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.names import Vocabulary

__all__ = ["FOLD", "HIGHEST_LOG", "LOG", "Personal", "read_profile", "read_rows", "write_profile"]

FOLD, TPM, LOG = "fold", "tpm", "log2tpm+1"
SCALES = (TPM, LOG, FOLD)
# Highest log2 of TPM + 1 that can be: all transcripts of one gene.
HIGHEST_LOG = math.log2(1e6 + 1.0)

_Row: TypeAlias = "tuple[str, float, Location]"


@dataclass(frozen=True)
class Personal:
    """A profile from a user's table.

    Attributes
    ----------
    profile
        Folds of the genes that are known, and the growth signal that follows from them.
    unknown
        Genes of the table that the vocabulary does not have, in its order.
    without_reference
        Genes that are known but whose expression in the generic cell is not.
    repeated
        Genes that stand in several rows, whose amounts were added up.
    """

    profile: Profile
    unknown: tuple[str, ...]
    without_reference: tuple[str, ...]
    repeated: tuple[str, ...] = ()

    def carried(self, base: KnowledgeBase) -> list[tuple[str, float]]:
        """Genes that carry reactions, with the logarithm of their fold."""
        genes = {g for r in base.reactions for i in parse_genes(r.genes) for g in i.genes}
        return [(g, math.log(f)) for g, f in self.profile.folds.items() if g in genes]


def write_profile(path: Path, profile: Profile, base: KnowledgeBase) -> None:
    """Write folds and what they make of capacity; :func:`read_profile` reads the folds again.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    rows = [f"{g}\t{f:.6g}\t{level_of(f, base):.6g}" for g, f in profile.folds.items()]
    try:
        path.write_text("\n".join(["gene\tfold\tcapacity", *rows]) + "\n", encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error}; choose another file with -o"
        raise OutputError(message) from error


def read_profile(
    path: Path,
    base: KnowledgeBase,
    vocabulary: Vocabulary,
    *,
    column: str | None = None,
    scale: str | None = None,
) -> Personal:
    """Make a profile from a table of expression.

    Parameters
    ----------
    path
        The table; may be compressed with gzip.
    base
        Holds the expression of the generic cell.
    vocabulary
        Symbols and their synonyms, HGNC and Ensembl ids.
    column
        Sample to read where there are several.
    scale
        ``TPM``, ``log2 TPM+1`` or ``fold``; by default what the header says.

    Raises
    ------
    StudyError
        The table cannot be read, a number is bad or a gene stands twice; names file and line.
    """
    rows, unit = read_rows(path, column, scale)
    values, unknown, repeated = _named(rows, vocabulary, unit)
    if not values:
        message = f"{path}: no gene is known; the first column must hold symbols or Ensembl ids"
        raise StudyError(message, location=Location(path, 1))
    folds, bare = _folds(values, unit, base)
    profile = Profile(path.name, folds, growth_signal(folds, base))
    return Personal(profile, tuple(unknown), tuple(bare), tuple(repeated))


def read_rows(path: Path, column: str | None, scale: str | None) -> tuple[list[_Row], str]:
    """Rows of one sample, and what their numbers are; see :func:`read_profile`."""
    remarks, lines = _lines(path)
    header = lines[0].rstrip("\r").split("\t")
    chosen = _column(path, header, column)
    unit = _scale(path, (header[chosen], header[0], *remarks), scale)
    numbered = list(enumerate(lines, len(remarks) + 1))
    return list(_numbers(path, numbered[1:], chosen, unit)), unit


def _lines(path: Path) -> tuple[list[str], list[str]]:
    """Remarks above the header, which start with ``#``; the header and the rows."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {error}; give a tab-separated table of expression"
        raise StudyError(message, location=Location(path)) from error
    first = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    remarks, lines = lines[:first], lines[first:]
    if len(lines) < 2:  # noqa: PLR2004 - a header and a row
        message = f"{path} holds no rows under a header; give lines of gene and value"
        raise StudyError(message, location=Location(path))
    return remarks, lines


def _column(path: Path, header: Sequence[str], column: str | None) -> int:
    names = [name.strip() for name in header]
    if len(names) < 2:  # noqa: PLR2004 - gene and value
        message = f"The header {header[0]!r} has one cell: part gene and value by a tab"
        raise StudyError(message, location=Location(path, 1))
    if column is not None:
        if column not in names[1:]:
            message = f"There is no column {column!r}; the table has {', '.join(names[1:])}"
            raise StudyError(message, location=Location(path, 1))
        return names.index(column)
    # What the command writes says more than the fold; the fold is what is meant.
    folds = [i for i, name in enumerate(names) if _plain(name) == FOLD]
    if len(names) > 2 and not folds:  # noqa: PLR2004 - gene and value
        message = f"The table holds several samples ({', '.join(names[1:])}): name one"
        raise StudyError(message, location=Location(path, 1))
    return folds[0] if folds else 1


def _plain(text: str) -> str:
    return text.strip().lower().replace(" ", "").replace("(", "").replace(")", "").replace("_", "")


def _scale(path: Path, said: Sequence[str], scale: str | None) -> str:
    """What the numbers are: said by the caller, by the head of their column, of the genes, above."""
    for text in (scale, *said):
        if text is None:
            continue
        for known in (LOG, TPM, FOLD):
            if known in _plain(text):
                return known
        if text is scale:
            message = f"{scale!r} is no scale of expression: use TPM, 'log2 TPM+1' or fold"
            raise StudyError(message, location=Location(path, 1))
    message = (
        f"The header {said[0]!r} does not say what the numbers are: call the column TPM, "
        "'log2 TPM+1' or fold"
    )
    raise StudyError(message, location=Location(path, 1))


def _numbers(
    path: Path, lines: Sequence[tuple[int, str]], column: int, unit: str
) -> Iterator[_Row]:
    for number, line in lines:
        if not line.strip():
            continue
        cells, location = line.rstrip("\r").split("\t"), Location(path, number)
        if len(cells) <= column:
            message = f"The row has {len(cells)} cells, column {column + 1} was asked for"
            raise StudyError(message, location=location)
        yield cells[0].strip(), _number(cells[column].strip(), cells[0], unit, location), location


def _number(text: str, gene: str, unit: str, location: Location) -> float:
    try:
        value = float(text)
    except ValueError:
        message = f"Expression of {gene!r} is {text!r}: must be a number, 0 or above"
        raise StudyError(message, location=location) from None
    if not math.isfinite(value) or value < 0.0 or (unit == FOLD and value == 0.0):
        least = "above 0" if unit == FOLD else "0 or above"
        message = f"Expression of {gene!r} is {text}: must be finite and {least}"
        raise StudyError(message, location=location)
    if unit == LOG and value > HIGHEST_LOG:
        message = (
            f"Expression of {gene!r} is {text} as log2 TPM+1, more than all transcripts together "
            f"({HIGHEST_LOG:.1f}); if the table holds plain TPM, say TPM in its header"
        )
        raise StudyError(message, location=location)
    return value


def _named(
    rows: Sequence[_Row], vocabulary: Vocabulary, unit: str
) -> tuple[dict[str, float], list[str], list[str]]:
    """Values by symbol, what is unknown, and what stands in several rows.

    Symbols and ids come first: an old name of one gene may be the present symbol of another, so a
    synonym counts only where the gene does not stand in the table itself. Transcripts of several rows
    of one gene are added up; folds cannot be.
    """
    values: dict[str, float] = {}
    later: list[_Row] = []
    repeated: list[str] = []
    for text, value, location in rows:
        gene = _symbol(text, vocabulary)
        if gene is None or not _names_directly(text, gene):
            later.append((text, value, location))
            continue
        if gene not in values:
            values[gene] = value
            continue
        if unit == FOLD:
            message = f"{text!r} is gene {gene!r}, which stands above already; keep one row of it"
            raise StudyError(message, location=location)
        repeated.append(gene)
        values[gene] = _sum(values[gene], value, unit)
    unknown: list[str] = []
    for text, value, _ in later:
        gene = _symbol(text, vocabulary)
        if gene is None or gene in values:
            unknown.append(text)
        else:
            values[gene] = value
    return values, unknown, repeated


def _sum(a: float, b: float, unit: str) -> float:
    return math.log2(2.0**a + 2.0**b - 1.0) if unit == LOG else a + b


def _names_directly(text: str, gene: str) -> bool:
    return text == gene or text.startswith(("ENSG", "HGNC:"))


def _symbol(text: str, vocabulary: Vocabulary) -> str | None:
    """Symbol of a gene; ids of Ensembl may carry a version."""
    spelling = text.partition(".")[0] if text.startswith("ENSG") else text
    found = vocabulary.find(spelling, ("gene",), lax=False)
    return None if found is None else found.name


def _folds(
    values: Mapping[str, float], unit: str, base: KnowledgeBase
) -> tuple[dict[str, float], list[str]]:
    """Folds against the generic cell; one transcript per million is added to both amounts."""
    if unit == FOLD:
        return dict(values), []
    found: dict[str, float] = {}
    bare: list[str] = []
    for gene, value in values.items():
        reference = base.expression_reference.get(gene)
        if reference is None:
            bare.append(gene)
            continue
        amount = 2.0**value if unit == LOG else value + 1.0
        found[gene] = amount / (reference.value + 1.0)
    return found, bare
