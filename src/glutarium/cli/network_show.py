"""Tables and JSON of ``glutarium network``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glutarium.cli.console import note, table, write
from glutarium.knowledge.balance import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from glutarium.model.network_check import Balance, NetworkReport
    from glutarium.model.structure.findings import NetworkFinding
    from glutarium.study.growth_bound import BoundedGrowth
    from glutarium.study.protein_capacity import Capacity
    from glutarium.study.stress import Stress, StressRun

__all__ = [
    "bound_json",
    "bound_report",
    "check_json",
    "check_report",
    "stress_json",
    "stress_report",
]

HALVES = ("select", "judge")

# ------------------------------------------------------------------------------------------- check


def check_report(report: NetworkReport, folder: Path, *, evidence: bool) -> None:
    """Print counts, balances, findings and totals."""
    if report.counts:
        write(", ".join(f"{n} {what}" for what, n in report.counts.items()))
        write("")
        balances = ("balance of", "reactions>", "largest excess>", "in")
        table(balances, [_balance(b) for b in report.balances])
        write("")
    shown = [f for f in report.findings if evidence or f.check != "evidence"]
    if shown:
        columns = ("severity", "check", "subject", "what", "where")
        table(columns, [_finding(f, folder) for f in shown])
    hidden = len(report.findings) - len(shown)
    if hidden:
        note(f"{hidden} reactions whose constants are all assumed; --evidence lists them")
    if not report.counts:
        note("The network is not analysed further before these are mended")
    note(f"{len(report.errors)} errors, {len(report.warnings)} warnings")


def _balance(balance: Balance) -> tuple[object, ...]:
    kept = abs(balance.excess) <= TOLERANCE
    return (
        balance.part,
        balance.moving,
        0 if kept else balance.excess,
        "" if kept else balance.worst,
    )


def _finding(finding: NetworkFinding, folder: Path) -> tuple[object, ...]:
    where = _where(finding, folder)
    return finding.severity, finding.check, finding.subject, finding.message, where


def _where(finding: NetworkFinding, folder: Path) -> str:
    """File below the folder of the tables, and line."""
    if finding.location is None:
        return ""
    path = Path(finding.location.path)
    name = path.relative_to(folder) if path.is_relative_to(folder) else path.name
    return f"{name}" if finding.location.line is None else f"{name}, line {finding.location.line}"


def check_json(report: NetworkReport) -> dict[str, Any]:
    """Counts, balances and findings."""
    return {
        "counts": report.counts,
        "balances": [asdict(b) for b in report.balances],
        "findings": [
            {
                "severity": f.severity,
                "check": f.check,
                "subject": f.subject,
                "message": f.message,
                "file": None if f.location is None else str(f.location.path),
                "line": None if f.location is None else f.location.line,
            }
            for f in report.findings
        ],
    }


# ------------------------------------------------------------------------------------------- stress


def stress_report(
    stress: Stress, capacities: Sequence[Capacity] | None, *, of_ensemble: bool
) -> None:
    """Print alarms, what is expected, capacities and totals."""
    columns = ("condition", "half", "member>", "alarm", "subject", "value>", "limit>", "more")
    rows = [row for run in stress.runs for row in _alarms(run)]
    rows += [
        ("as recorded", "", c.member, "capacity", c.reaction, c.vmax, c.most, "mmol/gDW/h")
        for c in capacities or ()
        if c.too_large
    ]
    if rows:
        table(columns, rows)
        write("")
    kinds = dict.fromkeys(run.condition.kind for run in stress.runs)
    table(
        ("stress", "runs>", "without alarm>", "of the judging half>"),
        [_total(stress.runs, kind) for kind in kinds] + [_total(stress.runs)],
    )
    if of_ensemble:
        note(_members(stress))
    if stress.undosed:
        note(f"Left out, as no potency gives them a dose: {', '.join(stress.undosed)}")
    if capacities is None:
        note("Capacities are not compared with proteins: that needs measured data, --data FOLDER")
    else:
        reactions = {c.reaction for c in capacities}
        high = {c.reaction for c in capacities if c.too_large}
        note(f"Capacity: {len(high)} of {len(reactions)} reactions are above what proteins can do")


def _alarms(run: StressRun) -> list[tuple[object, ...]]:
    found = [*run.alarms, *run.expected]
    condition = run.condition
    return [
        (
            condition.condition,
            condition.half,
            run.member,
            f"expected ({a.source})" if a.source else a.kind,
            a.subject,
            a.value,
            a.limit,
            a.note,
        )
        for a in found
    ]


def _total(runs: Iterable[StressRun], kind: str = "") -> tuple[object, ...]:
    chosen = [r for r in runs if kind in {"", r.condition.kind}]
    judged = [r for r in chosen if r.condition.half == HALVES[1]]
    return kind or "all", len(chosen), _share(chosen), _share(judged)


def _share(runs: Sequence[StressRun]) -> str:
    return f"{sum(not r.alarms for r in runs) / len(runs):.1%}" if runs else ""


def _members(stress: Stress) -> str:
    members = sorted({r.member for r in stress.runs})
    good = sum(stress.share_without_alarm(HALVES[1], m) >= stress.enough for m in members)
    return f"{good} of {len(members)} members pass {stress.enough:.0%} of the judging half"


def stress_json(stress: Stress, capacities: Sequence[Capacity] | None) -> dict[str, Any]:
    """Totals, every run, and every capacity that was compared."""
    return {
        "without_alarm": {half: stress.share_without_alarm(half) for half in HALVES},
        "runs": [
            {
                "condition": r.condition.condition,
                "kind": r.condition.kind,
                "half": r.condition.half,
                "member": r.member,
                "lowest_atp_mM": r.lowest_atp,
                "growth_fold": r.growth_fold,
                "alarms": [_finite(asdict(a)) for a in r.alarms],
                "expected": [_finite(asdict(a)) for a in r.expected],
            }
            for r in stress.runs
        ],
        "undosed": list(stress.undosed),
        "capacities": None if capacities is None else [asdict(c) for c in capacities],
    }


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    """JSON has no infinity: a pool that rose from nothing has no fold."""
    return {k: None if v == float("inf") else v for k, v in row.items()}


# ------------------------------------------------------------------------------------------- bound


def bound_report(found: Sequence[BoundedGrowth]) -> None:
    """Print growth, its bounds and what limits it."""
    columns = (
        "medium", "member>", "growth, 1/h>", "fastest, 1/h>", "of any composition>", "limited by",
    )  # fmt: skip
    rows = [
        (
            b.medium,
            b.member,
            "no rest" if b.kinetic is None else b.kinetic,
            b.bound.growth,
            b.bound.any_composition,
            ", ".join(list(b.bound.limiting)[:3]),
        )
        for b in found
    ]
    table(columns, rows)
    note(f"{sum(b.holds for b in found)} of {len(found)} grow no faster than their bound")


def bound_json(found: Sequence[BoundedGrowth]) -> list[dict[str, Any]]:
    """One entry per medium and member."""
    return [
        {
            "medium": b.medium,
            "member": b.member,
            "growth": b.kinetic,
            "fastest": b.bound.growth,
            "fastest_of_any_composition": b.bound.any_composition,
            "limiting": dict(b.bound.limiting),
        }
        for b in found
    ]
