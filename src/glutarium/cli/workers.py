"""Options that say who does the work and for whom; they are the same for every command that has them."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, TypeAlias

import typer

__all__ = ["Integrator", "Members", "Scheduler", "Solver", "Workers"]


class Solver(Enum):
    """Who integrates."""

    LANES = "lanes"
    REFERENCE = "reference"


Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, help="Processes; one per core by default. Results do not depend on them."),
]
Members: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=1, help="Use the first so many members of the ensemble; else the recorded values."
    ),
]
Scheduler: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Address of a Dask scheduler, tcp://host:8786, or 'local' for a Dask cluster on this "
        "machine. Results do not depend on it."
    ),
]
Integrator: TypeAlias = Annotated[
    Solver,
    typer.Option(
        "--solver",
        help="lanes: many cells side by side; reference: SUNDIALS, one by one, to check the other.",
    ),
]
