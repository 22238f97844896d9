"""Measurements as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Row
    from benchmarks.problem import Problem

__all__ = ["ensemble", "grid", "heading"]

COLUMNS = ("simulator", "rtol", "members", "single ms", "member ms", "solver ms", "runs/s/core")
COLUMNS += ("steps", "error median", "p95", "lost", "compile s", "warm s")


def heading(problem: Problem) -> str:
    """Name and size of a problem."""
    s = problem.spec
    sizes = f"{len(s.states)} states, {len(s.fluxes)} reactions, {len(s.parameters)} parameters"
    return f"\n## {problem.name}: {sizes}; {problem.times[-1]:g} h, {len(problem.times)} outputs"


def grid(rows: Sequence[Sequence[str]]) -> str:
    """Columns of equal width; the first one to the left."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def ensemble(ours: Sequence[Row], theirs: Sequence[Row]) -> str:
    """The table of one problem, and our ratio to every peer."""
    rows = sorted([*ours, *theirs], key=lambda row: row.rtol)
    text = [grid([COLUMNS, *(_cells(row) for row in rows)])]
    text += [f"{row.simulator}, {row.rtol:g}: {row.note}" for row in rows if row.note]
    text += ["", *_ratios(ours, theirs)]
    return "\n".join(text)


def _cells(row: Row) -> tuple[str, ...]:
    rate = 1.0 / row.per_member if row.per_member else None
    return (
        row.simulator,
        f"{row.rtol:g}",
        str(row.members),
        _ms(row.single),
        _ms(row.per_member),
        _ms(row.solver),
        _figure(rate, "#.3g"),
        _figure(row.steps, ".0f"),
        _figure(row.median, ".0e"),
        _figure(row.p95, ".0e"),
        str(row.lost),
        _figure(row.cold, ".2f"),
        _figure(row.warm, ".3f"),
    )


def _ratios(ours: Sequence[Row], theirs: Sequence[Row]) -> list[str]:
    mine = {row.rtol: row for row in ours}
    lines = [("our gain over", "rtol", "ensemble", "own clock", "single", "error ours / theirs")]
    for row in theirs:
        me = mine[row.rtol]
        if row.per_member is None or me.per_member is None or not me.single:
            continue
        clock = None if row.solver is None else row.solver / me.per_member
        single = None if row.single is None else row.single / me.single
        whole = row.per_member / me.per_member
        errors = f"{_figure(me.median, '.0e')} / {_figure(row.median, '.0e')}"
        figures = (_figure(v, "#.3g") for v in (whole, clock, single))
        lines.append((row.simulator, f"{row.rtol:g}", *figures, errors))
    return [grid(lines)] if len(lines) > 1 else []


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1e3 * seconds:#.3g}"


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
