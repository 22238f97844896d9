"""``glutarium knowledge``: look after the knowledge tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.console import examples, note, table

if TYPE_CHECKING:
    from glutarium.knowledge.check import Finding

__all__ = ["app"]

app = typer.Typer(help="Look after the knowledge tables.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Look after the knowledge tables."""


@app.command(epilog=examples("glutarium knowledge check"))
def check(
    *,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what is wrong.")] = False,
) -> None:
    """Check every record: unit, source and basis, names, balance of reactions.

    Exit status: 0 when the tables are sound, 1 when there are findings.
    """
    from glutarium.knowledge.base import load
    from glutarium.knowledge.check import check as check_base

    findings = check_base(load())
    if findings:
        table(("where", "what"), [(_where(finding), finding.message) for finding in findings])
    if findings or not quiet:
        note(f"{len(findings)} findings")
    raise typer.Exit(1 if findings else 0)


def _where(finding: Finding) -> str:
    """All tables lie in one folder, so the file's name is enough."""
    line = finding.location.line
    name = Path(finding.location.path).name
    return name if line is None else f"{name}, line {line}"
