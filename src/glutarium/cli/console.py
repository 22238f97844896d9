"""How the command line speaks: tables to stdout, messages and progress bars to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

__all__ = ["ProgressHook", "error", "examples", "note", "progress", "stoppable", "table", "write"]

ProgressHook: TypeAlias = Callable[[str, int, int], None]
"""Called as ``hook(what, done, total)`` while work goes on."""

STOPPED = 130
"""Exit status after Ctrl-C."""

_PIPE_WIDTH = 160  # a table that goes into a file or a pipe is not squeezed into 80 columns


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=not stream.isatty())


def write(text: str) -> None:
    """Print plain text to stdout, without markup and without wrapping."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Print a remark to stderr, so that it does not mix with output that is piped on."""
    _console(stderr=True).print(escape(text), soft_wrap=True)


def error(text: str) -> None:
    """Print an error as one readable line to stderr."""
    line = " ".join(text.split())
    _console(stderr=True).print(f"[bold red]error:[/] {escape(line)}", soft_wrap=True)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> None:
    """Print a table to stdout.

    Parameters
    ----------
    columns
        Headers; one that ends in ``>`` is set to the right.
    rows
        Cells, as many per row as there are columns; floats are shown with four digits.
    title
        Line above the table.
    """
    grid = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for header in columns:
        right = header.endswith(">")
        grid.add_column(header.rstrip(">"), justify="right" if right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(escape(_cell(value)) for value in row))
    _console().print(grid)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def examples(*commands: str) -> str:
    """Build the epilogue of a help page from example commands."""
    return "\n\n".join(["[bold]Examples[/]", *(f"  {escape(line)}" for line in commands)])


@contextmanager
def progress() -> Iterator[ProgressHook]:
    """Show a bar on stderr while the block runs; it disappears at the end.

    Nothing is shown where stderr is not a terminal.

    Yields
    ------
    ProgressHook
        To be called with what is going on, how much is done and how much there is.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = _console(stderr=True)
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("starting", total=None)

        def hook(what: str, done: int, total: int) -> None:
            bar.update(task, description=escape(what), completed=done, total=total)

        yield hook


@contextmanager
def stoppable() -> Iterator[None]:
    """End the command at Ctrl-C with what the stopped work has to say, and status 130."""
    try:
        yield
    except KeyboardInterrupt as stop:
        for text in getattr(stop, "__notes__", ["Stopped."]):
            note(text)
        raise typer.Exit(STOPPED) from None
