"""``glutarium profile``: a profile from a user's table of expression."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.console import examples, note, table

if TYPE_CHECKING:
    from glutarium.study.expression_table import Personal

__all__ = ["EXAMPLES", "profile"]

EXAMPLES = examples(
    "glutarium profile my-line.tsv",
    "glutarium profile lines.tsv.gz --column 786-O --scale 'log2 TPM+1' -o 786-O.tsv",
)


def profile(
    file: Annotated[
        Path,
        typer.Argument(help="Table of gene and expression, tab-separated with a header; or .gz."),
    ],
    *,
    column: Annotated[
        str | None, typer.Option(help="Sample to read where the table holds several.")
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(help="TPM, 'log2 TPM+1' or fold; by default what the header says."),
    ] = None,
    most: Annotated[
        int, typer.Option(min=0, help="Show so many genes of the largest change.")
    ] = 12,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the folds; a study's key `expression` reads them."),
    ] = None,
) -> None:
    """Put a cell's expression against the generic carcinoma cell: folds, levels, growth signal.

    Genes go by symbol, synonym, HGNC or Ensembl id. Unknown ones are counted and named.
    """
    from glutarium.knowledge.base import load
    from glutarium.knowledge.vocabulary import vocabulary
    from glutarium.model.profiles import level_of
    from glutarium.study.expression_table import read_profile, write_profile

    base = load()
    found = read_profile(file, base, vocabulary(), column=column, scale=scale)
    changed = sorted(found.carried(base), key=lambda pair: -abs(pair[1]))[:most]
    folds = found.profile.folds
    rows = [(g, f"{folds[g]:.3g}", f"{level_of(folds[g], base):.3g}") for g, _ in changed]
    table(("gene", "expression>", "capacity>"), rows)
    _tell(found, len(found.carried(base)))
    if out is not None:
        write_profile(out, found.profile, base)
        note(f"Wrote {out}")


def _tell(found: Personal, carried: int) -> None:
    note(f"{len(found.profile.folds)} genes are known, {carried} carry reactions of the network")
    note(f"growth signal {found.profile.signal:.3g}")
    for names, what in (
        (found.unknown, "are not known"),
        (found.repeated, "stand in several rows, which were added up"),
        (found.without_reference, "have no expression in the generic cell"),
    ):
        if names:
            shown = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")  # noqa: PLR2004
            note(f"{len(names)} genes {what}: {shown}")
