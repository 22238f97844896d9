"""Tables and JSON of ``glutarium network audit``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from glutarium.cli.console import note, table, write
from glutarium.knowledge.base import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glutarium.study.audit import Audit, EdgeAudit, Judged

__all__ = ["audit_json", "audit_report"]

_ASSUMED = "assumed"


def audit_json(audit: Audit) -> dict[str, Any]:
    """Edges with what depends on them, and the totals."""
    return {
        "totals": dict(_totals(audit)),
        "edges": [asdict(edge) for edge in audit.edges],
    }


def audit_report(audit: Audit) -> None:
    """Print every edge on which something depends, then edges without evidence, then totals."""
    columns = ("edge", "studies>", "hold only with it", "hold only without it", "restated")
    telling = [e for e in audit.edges if e.lost or e.gained]
    table(columns, [_row(e) for e in telling])
    idle = [e.edge for e in audit.edges if not e.runs]
    write("")
    note(f"{len(audit.edges)} edges; {len(telling)} decide an expectation, {len(idle)} never move")
    bare = [row.label for row in load().edges if row.basis == _ASSUMED and not row.claims]
    note(f"{len(bare)} edges rest on no claim and on an assumed size: {', '.join(bare) or 'none'}")
    table(("expectations", "hold", "of"), [(name, a, b) for name, (a, b) in _totals(audit)])


def _row(edge: EdgeAudit) -> tuple[object, ...]:
    sides = (edge.lost, edge.gained, edge.restated)
    return edge.edge.removeprefix("edge."), edge.runs, *(_labels(side) for side in sides)


def _labels(judged: Iterable[Judged]) -> str:
    return "; ".join(f"{j.label}{' *' if j.hard else ''}" for j in judged)


def _totals(audit: Audit) -> list[tuple[str, tuple[int, int]]]:
    own = [j for j in audit.judged if j.label not in audit.restated]
    sets = {
        "all": audit.judged,
        "hard": [j for j in audit.judged if j.hard],
        "without restated": own,
        "hard, without restated": [j for j in own if j.hard],
    }
    return [(name, (sum(j.holds for j in some), len(some))) for name, some in sets.items()]
