"""``glutarium reference``: the reference state against physiology."""

from __future__ import annotations

from typing import Annotated

import typer

from glutarium.cli.console import examples, note, progress, table

__all__ = ["EXAMPLES", "reference"]

EXAMPLES = examples("glutarium reference", "glutarium reference --outside")


def reference(
    *,
    outside: Annotated[
        bool, typer.Option("--outside", help="Only what lies outside its range.")
    ] = False,
) -> None:
    """Compare pools and exchange fluxes of the reference state with published ranges."""
    from glutarium.study.reference import compare_reference

    with progress() as hook:
        rows = compare_reference(progress=hook)
    shown = [r for r in rows if not (outside and r.inside)]
    columns = ("observable", "value>", "low>", "high>", "unit", "inside", "source")
    lines = [
        (r.observable, r.value, r.low, r.high, r.unit, "yes" if r.inside else "NO", r.source)
        for r in shown
    ]
    table(columns, lines)
    inside = sum(r.inside for r in rows)
    note(f"{inside} of {len(rows)} within their range")
