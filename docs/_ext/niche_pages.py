"""Writes the page of what passes between cells of a place from its tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api_pages import write_if_changed
from knowledge_tables import DATA

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "niche"
TABLES = {
    "messengers": "Messengers: what cells release, lay down or show",
    "nodes": "Nodes: what the tissue does",
    "edges": "Edges: what acts on them",
    "populations": "How much of each cell a tissue holds",
    "tissue": "Constants of the tissue",
    "exchange": "What crosses vessel walls more slowly than small solutes",
    "spheroid": "Constants of a ball of cells in a dish",
    "diffusion": "Diffusion through tissue without vessels",
}


def write_niche(app: Sphinx) -> None:
    """Write ``_generated/niche.md``: known tables in their order, then the rest."""
    there = {path.stem for path in (DATA / FOLDER).glob("*.tsv")}
    names = [n for n in TABLES if n in there] + sorted(there - TABLES.keys())
    folder = Path(app.srcdir) / "_generated"
    folder.mkdir(parents=True, exist_ok=True)
    write_if_changed(folder / "niche.md", page(names))


def page(names: list[str]) -> str:
    """Return the MyST text of the page."""
    lines = ["# Tables of the niche", ""]
    for name in names:
        lines += [f"## {TABLES.get(name, name.capitalize())}", ""]
        lines += [f"```{{knowledge-table}} {name}", f":folder: {FOLDER}", "```", ""]
    return "\n".join(lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_niche)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
