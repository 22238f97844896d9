"""``glutarium new``: a commented study to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from glutarium.cli.console import examples, note
from glutarium.errors import OutputError

__all__ = ["EXAMPLES", "new"]

EXAMPLES = examples("glutarium new my-study.yaml", "glutarium run my-study.yaml -o results")


def new(
    path: Annotated[Path, typer.Argument(help="File to write, for example my-study.yaml.")],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file if it is there.")
    ] = False,
) -> None:
    """Write a commented example study to start from."""
    if path.exists() and not force:
        message = f"{path} is already there; choose another name, or replace it with --force"
        raise OutputError(message)
    if not path.parent.is_dir():
        message = f"There is no folder {path.parent}; make it first"
        raise OutputError(message)
    path.write_text(template(), encoding="utf-8")
    note(f"Wrote {path}. Change it, then: glutarium run {path} -o results")


def template() -> str:
    """Return the text of the commented example study."""
    return files("glutarium.cli").joinpath("study-template.yaml").read_text(encoding="utf-8")
