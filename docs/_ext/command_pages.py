"""Directive ``command-help``: options and examples, from the commands themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import typer
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from glutarium.cli.app import app as cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

Command: TypeAlias = Any  # typer's and click's commands are alike, and which of them it is varies


def commands(
    command: Command | None = None, path: str = "glutarium"
) -> Iterator[tuple[str, Command]]:
    """Yield every command that does something, with the words that call it."""
    command = command or typer.main.get_command(cli)
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, child in inner.items():
        yield from commands(child, f"{path} {name}")


class CommandHelp(SphinxDirective):
    """Render all commands as sections."""

    def run(self) -> list[nodes.Node]:
        return [_section(path, command) for path, command in commands()]


def _section(path: str, command: Command) -> nodes.section:
    section = nodes.section(ids=[nodes.make_id(path)])
    section += nodes.title("", "", nodes.literal("", path))
    for paragraph in (command.help or "").split("\n\n"):
        section += nodes.paragraph("", " ".join(paragraph.split()))
    section += _parameters(command)
    section += _examples(command)
    return section


def _parameters(command: Command) -> nodes.definition_list:
    items = nodes.definition_list()
    for parameter in command.params:
        if parameter.name == "help":
            continue
        term = nodes.term("", "", nodes.literal("", _words(parameter)))
        body = nodes.paragraph("", getattr(parameter, "help", None) or "")
        items += nodes.definition_list_item("", term, nodes.definition("", body))
    return items


def _words(parameter: Command) -> str:
    if parameter.param_type_name == "argument":
        return (parameter.name or "").upper()
    return ", ".join(parameter.opts)


def _examples(command: Command) -> nodes.literal_block:
    lines = [line.strip() for line in (command.epilog or "").replace("\\[", "[").splitlines()]
    text = "\n".join(line for line in lines if line.startswith("glutarium "))
    return nodes.literal_block(text, text, language="bash")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
