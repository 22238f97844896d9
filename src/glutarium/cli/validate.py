"""``glutarium validate``: figures against measured data that lie outside the package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glutarium.cli.console import examples, note, progress, table

__all__ = ["EXAMPLES", "validate"]

EXAMPLES = examples("glutarium validate --data path/to/data")


def validate(
    *,
    data: Annotated[Path, typer.Option(help="Folder with the data sets.")],
) -> None:
    """Compare the model with data sets that are too large to ship."""
    from glutarium.study.validate import validate_against

    with progress() as hook:
        rows = validate_against(data, progress=hook)
    columns = ("figure", "model>", "data>", "unit", "agreement", "asked", "source")
    table(
        columns,
        [(r.figure, r.model, r.data, r.unit, r.agreement, r.verdict, r.source) for r in rows],
    )
    asked = [r for r in rows if r.met is not None]
    met = sum(bool(r.met) for r in asked)
    note(f"{len(rows)} figures; of {len(asked)} from which agreement is asked, {met} are met")
