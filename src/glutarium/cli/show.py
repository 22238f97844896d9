"""``glutarium show``: everything that is known about one name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glutarium.cli.complete import complete_name
from glutarium.cli.console import examples, note, write
from glutarium.errors import OutputError

__all__ = ["EXAMPLES", "show"]

EXAMPLES = examples(
    "glutarium show glutamine",
    "glutarium show ASCT2",
    "glutarium show CB-839",
    "glutarium show MYC --kind gene --claims 30",
    "glutarium show ATF4 --svg atf4.svg",
)


def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A metabolite, gene, reaction, drug, medium or cell; synonyms are understood.",
            autocompletion=complete_name,
        ),
    ],
    *,
    kind: Annotated[
        str | None, typer.Option(help="Which one, where several things bear the name.")
    ] = None,
    claims: Annotated[int, typer.Option(min=0, help="Show at most so many claims.")] = 10,
    svg: Annotated[
        Path | None,
        typer.Option(help="Draw what regulates it and what it regulates into this SVG file."),
    ] = None,
) -> None:
    """Show a name: what it is, ids, numbers with sources, reactions, regulation and claims."""
    from glutarium.knowledge.describe import describe

    found = describe(name, kind=kind, limit=claims)
    write(str(found))
    if svg is not None:
        _draw(found.name, svg)


def _draw(node: str, out: Path) -> None:
    from glutarium.knowledge.base import load
    from glutarium.knowledge.neighbourhood import neighbourhood
    from glutarium.report.neighbourhood import neighbourhood_svg

    around = neighbourhood(node, load())
    if not around:
        message = f"{node} is no node of regulation, so there is nothing to draw; see edges.tsv"
        raise OutputError(message)
    try:
        out.write_text(neighbourhood_svg(around), encoding="utf-8")
    except OSError as problem:
        message = f"{out} cannot be written: {problem.strerror}; choose another place"
        raise OutputError(message) from problem
    note(f"Wrote {out}: {len(around.incoming)} edges in, {len(around.outgoing)} out")
