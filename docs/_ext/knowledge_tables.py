"""Pages and directives made from the knowledge tables when the documentation is built."""

from __future__ import annotations

import csv
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from api_pages import write_if_changed
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx.application import Sphinx

TITLES = {
    "metabolites": "Metabolites",
    "reactions": "Reactions",
    "processes": "Processes",
    "fluxes": "Reference fluxes",
    "kinetics": "Kinetic constants",
    "modifiers": "Allosteric effectors",
    "pools": "Reference concentrations",
    "constants": "Constants",
    "genes": "Genes",
    "alterations": "Genotypes",
    "profiles": "Profiles of cells",
    "expression": "Expression against the generic cell",
    "dry_masses": "Dry mass of one cell",
    "expression_reference": "Expression of the generic cell",
    "nodes": "Nodes of regulation",
    "sensors": "What nodes sense",
    "edges": "Edges of regulation",
    "media_names": "Media",
    "media": "Composition of media",
    "drugs": "Drugs",
    "drug_targets": "Targets of drugs",
    "physiology": "Physiological ranges",
    "folds": "Published folds of regulated targets",
    "screen": "Stress screen, short",
    "stress": "Stress screen, whole",
    "expected": "Accumulations that are real",
    "membranes": "Membranes",
    "messengers": "Messengers between cells",
    "populations": "Shares of cells in a tissue",
    "tissue": "Constants of the tissue",
    "exchange": "Exchange across vessel walls",
    "groups": "Groups of nutrients",
    "names": "Other names",
    "claims": "Claims",
}
MOST_CITED = 2000
"""Longest table whose sources are links; in longer ones they are plain keys, to spare the build."""
HIDDEN = {"review", "layer"}  # columns that only sort records


DATA = Path(str(files("glutarium.knowledge").joinpath("data")))


def table_paths(name: str, folder: str = "") -> list[Path]:
    """Return the files of a knowledge table in the installed package: one, or one per pathway or axis.

    With the name of a `folder` only the file in it.
    """
    found = sorted(DATA.rglob(f"{name}.tsv"))
    return [p for p in found if not folder or p.parent.name == folder]


def read_table(name: str, folder: str = "") -> tuple[list[str], list[dict[str, str]]]:
    """Return columns and rows of a table; no cell is quoted."""
    columns: list[str] = []
    rows: list[dict[str, str]] = []
    for path in table_paths(name, folder):
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            rows += [{key: value or "" for key, value in row.items() if key} for row in reader]
            columns = [c for c in reader.fieldnames or () if c not in HIDDEN]
    return columns, rows


def known_tables() -> list[str]:
    """Return the tables of the package: those with a title in its order, then the rest."""
    there = sorted({p.stem for p in DATA.rglob("*.tsv")})
    return [n for n in TITLES if n in there] + [n for n in there if n not in TITLES]


def write_pages(app: Sphinx) -> None:
    """Write one page per table."""
    folder = Path(app.srcdir) / "_generated" / "knowledge"
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(known_tables(), start=1):
        title = TITLES.get(name, name.replace("_", " ").capitalize())
        text = f"# {title}\n\n```{{knowledge-table}} {name}\n```\n"
        write_if_changed(folder / f"{number:02}-{name}.md", text)


class KnowledgeTable(SphinxDirective):
    """Print a knowledge table; sources become citations."""

    required_arguments = 1
    option_spec = {  # noqa: RUF012 - docutils reads it as is
        "columns": directives.unchanged,
        "folder": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        folder = self.options.get("folder", "")
        columns, rows = read_table(self.arguments[0], folder)
        for path in table_paths(self.arguments[0], folder):
            self.env.note_dependency(str(path))
        wanted = self.options.get("columns")
        columns = [c for c in columns if wanted is None or c in wanted.split()]
        cite = len(rows) <= MOST_CITED
        body = [[self._cell(c, row.get(c, ""), cite=cite) for c in columns] for row in rows]
        count = nodes.paragraph("", f"{len(rows)} records.")
        return [count, _scrolling(make_table(columns, body))]

    def _cell(self, column: str, text: str, *, cite: bool) -> list[nodes.Node]:
        if column not in {"source", "sources"} or not text or not cite:
            return [nodes.Text(text.replace(";", "; "))]
        keys = ",".join(key.strip() for key in text.split(";"))
        cited, messages = self.parse_inline(f"{{cite:t}}`{keys}`")
        return [*cited, *messages]


class EvidenceSummary(SphinxDirective):
    """Print how many records of each table rest on which basis."""

    def run(self) -> list[nodes.Node]:
        bases = ("measured", "borrowed", "fitted", "assumed")
        body: list[list[list[nodes.Node]]] = []
        for name in known_tables():
            columns, rows = read_table(name)
            if "basis" not in columns:
                continue
            counts = Counter(row["basis"] for row in rows)
            numbers = [str(counts[b]) for b in bases] + [str(len(rows))]
            body.append([[nodes.Text(text)] for text in (TITLES.get(name, name), *numbers)])
        return [make_table(("table", *bases, "all"), body)]


def make_table(
    columns: Sequence[str], body: Sequence[Sequence[Sequence[nodes.Node]]]
) -> nodes.table:
    """Build a docutils table from headers and cells."""
    group = nodes.tgroup(cols=len(columns))
    group += [nodes.colspec(colwidth=1) for _ in columns]
    head = nodes.thead()
    head += _row([[nodes.Text(c)] for c in columns])
    rows = nodes.tbody()
    rows += [_row(cells) for cells in body]
    group += [head, rows]
    table = nodes.table(classes=["records"])
    table += group
    return table


def _row(cells: Sequence[Sequence[nodes.Node]]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        row += nodes.entry("", nodes.paragraph("", "", *cell))
    return row


def _scrolling(table: nodes.table) -> nodes.container:
    return nodes.container("", table, classes=["records-scroll"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    app.add_directive("knowledge-table", KnowledgeTable)
    app.add_directive("evidence-summary", EvidenceSummary)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
