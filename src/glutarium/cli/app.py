"""The command ``glutarium``: puts the commands together and turns errors into one line."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated

import typer

from glutarium._version import __version__
from glutarium.cli import (
    check,
    compose,
    ensemble,
    export,
    figures,
    knowledge,
    names,
    network,
    new,
    profile,
    reference,
    run,
    show,
    tracers,
    validate,
)
from glutarium.cli import compile as compile_
from glutarium.cli import map as map_
from glutarium.cli.console import error, examples, write
from glutarium.errors import GlutariumError

__all__ = ["app", "main"]

LINEAR_ALGEBRA = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
BETWEEN_COLLECTIONS = 200_000
"""Objects that are made between two searches for cycles that nobody holds."""
UNREADABLE = 2
"""Exit status when an input cannot be read or an output not be written."""

app = typer.Typer(
    name="glutarium",
    help="An executable kinetic model of glutamine metabolism; for research, not for treatment.",
    epilog=examples("glutarium new my-study.yaml", "glutarium run my-study.yaml -o results"),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        write(f"glutarium {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda value: _print_version(wanted=value),
            help="Print the version and stop.",
        ),
    ] = False,
) -> None:
    del version  # handled by its callback


app.command("run", epilog=run.EXAMPLES)(run.run)
app.command("check", epilog=check.EXAMPLES)(check.check)
app.command("new", epilog=new.EXAMPLES)(new.new)
app.command("names", epilog=names.EXAMPLES)(names.names)
app.command("show", epilog=show.EXAMPLES)(show.show)
app.command("profile", epilog=profile.EXAMPLES)(profile.profile)
app.command("compose", epilog=compose.EXAMPLES)(compose.compose)
app.command("map", epilog=map_.EXAMPLES)(map_.draw_map)
app.command("reference", epilog=reference.EXAMPLES)(reference.reference)
app.command("figures", epilog=figures.EXAMPLES)(figures.figures)
app.command("validate", epilog=validate.EXAMPLES)(validate.validate)
app.command("tracers", epilog=tracers.EXAMPLES)(tracers.tracers)
app.command("compile", epilog=compile_.EXAMPLES)(compile_.compile_model)
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(network.app, name="network")
app.add_typer(ensemble.app, name="ensemble")
app.add_typer(export.app, name="export")


def _one_thread_per_process() -> None:
    """Keep linear algebra to one thread, unless the user says otherwise.

    There is a process per core and the matrices are small: more threads only wait for each other, up
    to ten times as long. The libraries read this when they are loaded, so it comes first.
    """
    for name in LINEAR_ALGEBRA:
        os.environ.setdefault(name, "1")


def _few_collections() -> None:
    """Search rarely for what nobody holds.

    Tables and equations are hundreds of thousands of objects that stay, and a search goes through all of
    them: by default that takes a tenth of a small run.
    """
    gc.set_threshold(BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])


def main() -> None:
    """Run the command line; an error that was foreseen ends it with one line and status 2."""
    _one_thread_per_process()
    _few_collections()
    try:
        app()
    except GlutariumError as problem:
        error(str(problem))
        sys.exit(UNREADABLE)
