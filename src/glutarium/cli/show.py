"""``glutarium show``: everything that is known about one name."""

from __future__ import annotations

from typing import Annotated

import typer

from glutarium.cli.complete import complete_name
from glutarium.cli.console import examples, write

__all__ = ["EXAMPLES", "show"]

EXAMPLES = examples(
    "glutarium show glutamine",
    "glutarium show ASCT2",
    "glutarium show CB-839",
    "glutarium show MYC --kind gene --claims 30",
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
) -> None:
    """Show a name: what it is, ids, numbers with sources, reactions and claims."""
    from glutarium.knowledge.describe import describe

    write(str(describe(name, kind=kind, limit=claims)))
