"""``glutarium network control``: who controls a flux or a pool."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from glutarium.cli.complete import complete_controlled
from glutarium.cli.console import examples, note, progress, table
from glutarium.cli.json_file import require_writable, write_json
from glutarium.cli.workers import Members

__all__ = ["EXAMPLES", "control"]

EXAMPLES = examples(
    "glutarium network control GLS",
    "glutarium network control growth_rate --genes --top 30",
    "glutarium network control gsh_c --members 8 --json control.json",
)


def control(
    name: Annotated[
        str,
        typer.Argument(
            help="A reaction (GLS), a species (gsh_c) or growth_rate.",
            autocompletion=complete_controlled,
        ),
    ],
    *,
    genes: Annotated[
        bool,
        typer.Option("--genes", help="Responses to genes and other nodes instead of reactions."),
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="How many to show, largest first.")] = 15,
    members: Members = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all coefficients to this file as JSON.")
    ] = None,
) -> None:
    """Show which enzymes and carriers control a flux or a pool of the cell at rest.

    A coefficient of 0.3 says that 10 per cent more of the enzyme raise the flux by 3 per cent once the cell
    has settled, regulation included. All reactions together have 1 on a flux and 0 on a pool.

    Exit status: 0 it ran, 2 the name is unknown.
    """
    from glutarium.study.control import control_coefficients
    from glutarium.study.stress import stress_model

    require_writable(json_file, "coefficients")
    with progress() as hook:
        hook("loading the model", 0, 1)
        model = stress_model(members)
        found = control_coefficients(model, name, genes=genes, progress=hook)
    if json_file is not None:
        write_json(json_file, {"controlled": name, "coefficients": [asdict(c) for c in found]})
        note(f"Wrote {len(found)} coefficients to {json_file}")
    columns = ("gene or node" if genes else "reaction", "coefficient>", "low>", "high>", "agree>")
    table(columns, [(c.name, c.value, c.low, c.high, f"{c.agreement:.0%}") for c in found[:top]])
    if not genes:
        note(f"sum over all {len(found)} reactions: {sum(c.value for c in found):.3g}")
