"""``glutarium compose``: what a tissue is made of, as a file of cells or of its expression says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.console import examples, note, table

if TYPE_CHECKING:
    from glutarium.study.composition import Composition

__all__ = ["EXAMPLES", "compose"]

EXAMPLES = examples(
    "glutarium compose luad.h5ad",
    "glutarium compose luad.h5ad --annotation none --scale log2 -o luad.tsv --genes GLS,SLC1A5",
    "glutarium compose biopsy.tsv --scale TPM",
)


def compose(
    file: Annotated[
        Path,
        typer.Argument(
            help="Single cells (.h5ad), a table of gene and expression, or one of cell, item, value."
        ),
    ],
    *,
    scale: Annotated[
        str | None,
        typer.Option(
            help="What the numbers are: counts, TPM, log2, ln or log10 of single cells, TPM or "
            "'log2 TPM+1' of a tissue; by default what they look like or the header says."
        ),
    ] = None,
    annotation: Annotated[
        str | None,
        typer.Option(help="Column of obs with kinds of cell, or none; by default one called so."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write shares and folds; `cells: {from: …}` reads them."),
    ] = None,
    genes: Annotated[
        str | None, typer.Option(help="Write the folds of these genes only, by commas.")
    ] = None,
) -> None:
    """Tell which cells a tissue holds, by their share of the dry mass, and what was read of each.

    Single cells are told by annotation and markers, tissues by markers; all that is missing is named.
    """
    from glutarium.study.compose import read_composition
    from glutarium.study.composition import SingleCellOptions
    from glutarium.study.composition_table import write_composition

    found = read_composition(file, SingleCellOptions(scale, annotation))
    table(("cell", "share>", "cells>", "genes>", "growth signal>"), _rows(found))
    for what, text in found.report:
        note(f"{what}: {text}")
    if out is not None:
        chosen = None if genes is None else {gene.strip() for gene in genes.split(",")}
        write_composition(out, found, chosen)
        note(f"Wrote {out}")


def _rows(found: Composition) -> list[tuple[object, ...]]:
    return [
        (
            part.cell,
            f"{part.share:.4f}",
            None if part.count is None else f"{part.count:.4g}",
            None if part.profile is None else str(len(part.profile.folds)),
            None if part.profile is None else f"{part.profile.signal:.3g}",
        )
        for part in found.parts
    ]
