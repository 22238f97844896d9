"""Options that say who does the work; they are the same for every command that has them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

__all__ = ["Scheduler", "Workers"]

Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, help="Processes; one per core by default. Results do not depend on them."),
]
Scheduler: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Address of a Dask scheduler, tcp://host:8786, or 'local' for a Dask cluster on this "
        "machine. Results do not depend on it."
    ),
]
