"""Tables and JSON of ``glutarium network audit`` and ``glutarium network folds``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from glutarium.cli.console import note, table, write
from glutarium.knowledge.base import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from glutarium.study.audit import Audit, EdgeAudit, Judged
    from glutarium.study.folds import Fold

__all__ = ["audit_json", "audit_report", "folds_json", "folds_report", "totals"]

_ASSUMED = "assumed"


def audit_json(audit: Audit) -> dict[str, Any]:
    """Edges with what depends on them, and the totals."""
    return {
        "totals": dict(totals(audit)),
        "left": audit.left,
        "edges": [asdict(edge) for edge in audit.edges],
    }


def audit_report(audit: Audit) -> None:
    """Print every edge on which something depends, then edges without evidence, then totals."""
    columns = ("edge", "cuts>", "hold only with it", "hold only without it", "restated")
    telling = [e for e in audit.edges if e.lost or e.gained]
    table(columns, [_row(e) for e in telling])
    idle = [e.edge for e in audit.edges if not e.runs]
    write("")
    note(
        f"{len(audit.edges)} edges; {len(telling)} decide an expectation, {len(idle)} were not cut"
    )
    if audit.left:
        note(
            f"{audit.left} cuts that could flip something were left; run again with the same --keep"
        )
    bare = [row.label for row in load().edges if row.basis == _ASSUMED and not row.claims]
    note(f"{len(bare)} edges rest on no claim and on an assumed size: {', '.join(bare) or 'none'}")
    table(("expectations", "hold", "of"), [(name, a, b) for name, (a, b) in totals(audit)])


def _row(edge: EdgeAudit) -> tuple[object, ...]:
    sides = (edge.lost, edge.gained, edge.restated)
    return edge.edge.removeprefix("edge."), edge.runs, *(_labels(side) for side in sides)


def _labels(judged: Iterable[Judged]) -> str:
    return "; ".join(f"{j.label}{' *' if j.hard else ''}" for j in judged)


def totals(audit: Audit) -> list[tuple[str, tuple[int, int]]]:
    """How many expectations hold, of how many: all, hard, and without those that restate an edge."""
    own = [j for j in audit.judged if j.label not in audit.restated]
    sets = {
        "all": audit.judged,
        "hard": [j for j in audit.judged if j.hard],
        "without restated": own,
        "hard, without restated": [j for j in own if j.hard],
    }
    return [(name, (sum(j.holds for j in some), len(some))) for name, some in sets.items()]


def folds_json(found: Sequence[Fold]) -> list[dict[str, Any]]:
    """Published folds with the model's beside them."""
    return [
        {
            "id": f.row.id,
            "setup": f.row.setup,
            "arm": f.row.arm,
            "observable": f.row.observable,
            "hours": f.row.hours,
            "published": f.row.value,
            "low": f.row.low,
            "high": f.row.high,
            "fold": f.fold,
            "within": f.within,
        }
        for f in found
    ]


def folds_report(found: Sequence[Fold]) -> None:
    """Print what was done, the published range and the model's fold, then how many lie within."""
    columns = ("row", "done", "observable", "h>", "published>", "range", "model>", "within")
    table(columns, [_fold_row(f) for f in found])
    inside = sum(f.within for f in found)
    note(f"{inside} of {len(found)} folds lie within the published range")


def _fold_row(fold: Fold) -> tuple[object, ...]:
    row = fold.row
    done = " then ".join(filter(None, (row.setup, row.arm)))
    bounds = f"{row.low:g} - {row.high:g}"
    says = "yes" if fold.within else "no"
    return row.id, done, row.observable, row.hours, row.value, bounds, fold.fold, says
