"""``glutarium compile``: look at the stages between the model and its machine code."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from glutarium.cli.console import examples, write

__all__ = ["EXAMPLES", "Stage", "compile_model"]

EXAMPLES = examples(
    "glutarium compile --dump spec | less", "glutarium compile --dump jacobian > jacobian.txt"
)


class Stage(Enum):
    """What can be looked at."""

    SPEC = "spec"
    IR = "ir"
    CODE = "code"
    JACOBIAN = "jacobian"
    LU = "lu"


def compile_model(
    *,
    dump: Annotated[
        Stage,
        typer.Option(
            help="spec: states, fluxes and rate laws; ir: the shared expression graph; "
            "code: what is given to the compiler; jacobian: the derivatives; "
            "lu: the order in which a step eliminates the unknowns, and its cost."
        ),
    ] = Stage.SPEC,
) -> None:
    """Compile the model of the cell and print a stage in readable form."""
    from glutarium.compile.dump import dump as dump_stage
    from glutarium.knowledge.base import load
    from glutarium.model.assemble import assemble
    from glutarium.model.network import load_network

    base = load()
    write(dump_stage(assemble(base, load_network(base)), dump.value))
