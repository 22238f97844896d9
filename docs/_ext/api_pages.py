"""One reference page per room, with every public module in it, written before sources are read."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOMS = (
    "errors", "units", "names", "kernel", "knowledge", "model", "compile", "solve", "simulate",
    "study", "report", "cli",
)  # fmt: skip


def modules_of(room: str) -> list[tuple[str, bool]]:
    """Return the room and all public modules below it, each with whether it is a package."""
    name = f"glutarium.{room}"
    path = getattr(import_module(name), "__path__", None)
    if path is None:
        return [(name, False)]
    below = sorted((i.name, i.ispkg) for i in pkgutil.walk_packages(path, prefix=f"{name}."))
    public = [(n, p) for n, p in below if not any(part.startswith("_") for part in n.split("."))]
    return [(name, True), *public]


def page(room: str) -> str:
    """Return the MyST text of a room's page."""
    return f"# {room}\n\n" + "\n".join(_block(module) for module in modules_of(room))


def _block(module: tuple[str, bool]) -> str:
    name, is_package = module
    # What a package re-exports is described where it is defined.
    members = "" if is_package else "   :members:\n"
    return f"## `{name}`\n\n```{{eval-rst}}\n.. automodule:: {name}\n{members}```\n"


def write_pages(app: Sphinx) -> None:
    """Write ``reference/generated/NN-room.md`` for every room, in the order of the chain."""
    folder = Path(app.srcdir) / "reference" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    for number, room in enumerate(ROOMS, start=1):
        write_if_changed(folder / f"{number:02}-{room}.md", page(room))


def write_if_changed(path: Path, text: str) -> None:
    """Leave an equal file alone, so that a second build has nothing to read anew."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def fenced_to_literal(
    _app: object, _what: object, _name: object, _object: object, _options: object, lines: list[str]
) -> None:
    """Turn a fenced block of a docstring into a literal block of reStructuredText, in place."""
    text = "\n".join(lines)
    lines[:] = re.sub(r"(?ms)^```\w*\n(.*?)^```$", _literal, text).split("\n")


def _literal(match: re.Match[str]) -> str:
    body = "\n".join(f"    {line}" for line in match.group(1).splitlines())
    return f"::\n\n{body}\n"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", fenced_to_literal)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
