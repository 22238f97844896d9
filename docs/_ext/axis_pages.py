"""Writes a page for each axis of regulation from its tables, with drawings of its central nodes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from api_pages import write_if_changed
from axis_plots import caption, experiment_svg
from knowledge_tables import DATA

from glutarium.knowledge.base import load
from glutarium.knowledge.neighbourhood import neighbourhood
from glutarium.report.neighbourhood import neighbourhood_svg

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CENTRAL = 2
"""How many of an axis' nodes are drawn: those with the most edges."""


_LEGEND = "Blue lowers, orange raises; wide lines are strong; sizes of dashed lines are assumed."


def write_axes(app: Sphinx) -> None:
    """Write ``_generated/axes/<axis>.md`` and the drawings beside it."""
    folder = Path(app.srcdir) / "_generated" / "axes"
    folder.mkdir(parents=True, exist_ok=True)
    for axis in sorted(p for p in (DATA / "regulation").iterdir() if p.is_dir()):
        write_if_changed(folder / f"{axis.name}.md", _page(axis, folder))


def _page(axis: Path, folder: Path) -> str:
    title = axis.name.replace("-", " ").capitalize()
    lines = [f"# {title}", "", *_experiment(axis.name, folder)]
    for node in _central(axis):
        name = f"{node}.svg"
        write_if_changed(folder / name, neighbourhood_svg(neighbourhood(node, load())))
        lines += [
            f"```{{figure}} {name}",
            f":alt: What regulates {node} and what it regulates",
            ":width: 100%",
            "",
            f"{node}: what acts on it and what it acts on. {_LEGEND}",
            "```",
            "",
        ]
    for table in ("nodes", "sensors", "edges"):
        if (axis / f"{table}.tsv").exists():
            lines += [f"## {table.capitalize()}", "", f"```{{knowledge-table}} {table}"]
            lines += [f":folder: {axis.name}", "```", ""]
    return "\n".join(lines)


def _experiment(axis: str, folder: Path) -> list[str]:
    """The axis' key experiment, drawn; nothing where it has none."""
    drawn = experiment_svg(axis)
    if drawn is None:
        return []
    name = f"{axis}-experiment.svg"
    write_if_changed(folder / name, drawn)
    return [
        f"```{{figure}} {name}",
        f":alt: Time courses of the key experiment of {axis.replace('-', ' ')}",
        ":width: 100%",
        "",
        f"{caption(axis)} Recorded values; 1 is the reference cell.",
        "```",
        "",
    ]


def _central(axis: Path) -> list[str]:
    """Nodes that the axis declares and that most edges touch."""
    base = load()
    own = {row.node for row in base.nodes if row.location.path.parent.name == axis.name}
    touched = Counter(n for e in base.edges for n in (e.regulator, e.target) if n in own)
    return [node for node, _ in touched.most_common(CENTRAL)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_axes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
