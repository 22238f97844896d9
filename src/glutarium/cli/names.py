"""``glutarium names``: search the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.console import examples, note, table
from glutarium.errors import GlutariumError

if TYPE_CHECKING:
    from glutarium.names import Match

__all__ = ["EXAMPLES", "names"]

EXAMPLES = examples("glutarium names ASCT2", "glutarium names glutaminase --kind gene")

_ALL = 10_000  # more than there are names: the limit is put after the kind has been chosen


def names(
    query: Annotated[str, typer.Argument(help="Any part of a name or of a synonym.")],
    *,
    kind: Annotated[
        str | None, typer.Option(help="Only this kind: metabolite, gene, drug, medium, cell ...")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 20,
) -> None:
    """Search the names that studies may use, synonyms included.

    Exit status: 0 when something was found, 1 when nothing was.
    """
    from glutarium.knowledge.vocabulary import vocabulary

    known = vocabulary()
    if kind is not None and kind not in known.kinds:
        message = f"No name is of kind {kind!r}; the kinds are {', '.join(known.kinds)}"
        raise GlutariumError(message)
    found = [hit for hit in known.search(query, _ALL) if kind in {None, hit.kind}]
    if not found:
        note(f"Nothing is called {query!r}. Try a shorter part of the name.")
        raise typer.Exit(1)
    table(("name", "kind", "also called", "note"), [_row(hit) for hit in found[:limit]])
    if len(found) > limit:
        note(f"{len(found) - limit} more; ask for them with --limit, or narrow with --kind.")


def _row(hit: Match) -> tuple[str, str, str, str]:
    """Show the spelling that matched where it is not the name itself."""
    other = "" if hit.spelling == hit.name else hit.spelling
    return hit.name, hit.kind, other, hit.entry.note
