"""Summary of ``glutarium network audit`` as a page of the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.cli.audit_show import totals
from glutarium.knowledge.base import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from glutarium.study.audit import Audit, EdgeAudit

__all__ = ["audit_page"]

_ASSUMED = "assumed"
# Source of rows that nobody published.
_OWN = "Glutarium2026"
# Edges that are listed; the JSON file has all.
_LISTED = 60


def audit_page(audit: Audit) -> str:
    """The page: totals, edges that decide most, what restates an edge, edges without evidence."""
    parts = (_head(audit), _deciding(audit), _restated(audit), _bare())
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(audit: Audit) -> Iterator[str]:
    cuts = sum(e.runs for e in audit.edges)
    telling = sum(bool(e.lost or e.gained) for e in audit.edges)
    yield "# What rests on which edge"
    yield ""
    yield (
        "Recorded values; studies of cells alone in their dish. `glutarium network audit --page` writes "
        "this page."
    )
    yield ""
    yield (
        f"{len(audit.edges)} edges; {cuts} cuts that could flip an expectation were run and {audit.left} "
        f"were left. {telling} edges decide an expectation."
    )
    yield ""
    yield from _table(
        ("expectations", "hold", "of"), ((name, a, b) for name, (a, b) in totals(audit))
    )


def _deciding(audit: Audit) -> Iterator[str]:
    ranked = sorted(audit.edges, key=lambda e: len(e.lost) + len(e.gained), reverse=True)
    telling = [e for e in ranked if e.lost or e.gained]
    yield ""
    yield "## Edges that decide most"
    yield ""
    columns = ("edge", "cuts", "hold only with it", "hold only without it", "restated")
    yield from _table(columns, (_row(e) for e in telling[:_LISTED]))
    if len(telling) > _LISTED:
        yield ""
        yield f"And {len(telling) - _LISTED} more; `--json` lists all."


def _row(edge: EdgeAudit) -> tuple[object, ...]:
    name = f"`{edge.edge.removeprefix('edge.')}`"
    return name, edge.runs, len(edge.lost), len(edge.gained), len(edge.restated)


def _restated(audit: Audit) -> Iterator[str]:
    yield ""
    yield "## Expectations that restate an edge"
    yield ""
    found = (
        (f"`{e.edge.removeprefix('edge.')}`", j.label) for e in audit.edges for j in e.restated
    )
    yield from _table(("edge", "expectation"), found)


def _bare() -> Iterator[str]:
    bare = [row for row in load().edges if row.basis == _ASSUMED and not row.claims]
    lone = [row for row in bare if row.source == (_OWN,)]
    yield ""
    yield "## Edges without evidence"
    yield ""
    yield (
        f"{len(bare)} edges rest on no claim of the reviews and on an assumed size; all but {len(lone)} of "
        "them name a paper for what they say. The others are assumptions of the model:"
    )
    yield ""
    yield from (f"- `{row.regulator} {row.target} {row.process}`" for row in lone)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(str(cell) for cell in row)} |"
