"""``glutarium export``: hand the model to other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.console import examples, note
from glutarium.errors import ModelError, OutputError

if TYPE_CHECKING:
    from glutarium.model.spec import ModelSpec

__all__ = ["app"]

app = typer.Typer(help="Hand the model to other tools.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Hand the model to other tools."""


@app.command(
    epilog=examples(
        "glutarium export sbml glutarium.xml --member 3",
        "glutarium export sbml for-amici.xml --kinetics",
    )
)
def sbml(
    path: Annotated[Path, typer.Argument(help="File to write.")],
    *,
    member: Annotated[
        int, typer.Option(min=1, help="Whose numbers: which member of the ensemble, from 1.")
    ] = 1,
    kinetics: Annotated[
        bool,
        typer.Option(
            "--kinetics",
            help="Leave out genes and flux balance (package fbc), which AMICI refuses to read.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file if it is there.")
    ] = False,
) -> None:
    """Write the cell in its reference medium as SBML level 3 version 2.

    Kinetics for simulators, and for flux balance (package fbc) exchanges, bounds, genes and growth as
    the objective; identifiers and terms of the Systems Biology Ontology throughout.
    """
    from glutarium.knowledge.base import load
    from glutarium.model.ensemble import REFERENCE_MEDIUM
    from glutarium.model.network import load_network
    from glutarium.model.sbml import write_sbml
    from glutarium.model.sbml_context import sbml_context
    from glutarium.simulate.model import medium_of

    if path.exists() and not force:
        message = f"{path} is already there; choose another name, or replace it with --force"
        raise OutputError(message)
    spec = _spec_of(member)
    base = load()
    network = load_network(base)
    medium = medium_of(base, network, REFERENCE_MEDIUM)
    context = sbml_context(spec, network, base, medium)
    write_sbml(spec, path, context.kinetics() if kinetics else context)
    note(f"Wrote {path}")


def _spec_of(number: int) -> ModelSpec:
    """Return the model with the numbers of one member."""
    from glutarium.model.member import Member, with_member
    from glutarium.simulate.model import load_model

    model = load_model(number)
    if number > len(model.ensemble):
        message = f"There is no member {number}; the ensemble has {len(model.ensemble)}"
        raise ModelError(message)
    parameters = model.ensemble.parameters[number - 1].tolist()
    initial = model.ensemble.initial[number - 1].tolist()
    values = dict(zip(model.spec.parameter_ids, parameters, strict=True))
    return with_member(
        model.spec, Member(values, dict(zip(model.spec.state_ids, initial, strict=True)))
    )
