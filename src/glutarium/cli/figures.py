"""``glutarium figures``: the figures that the model promises, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.console import examples, note, progress, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.study.figure import Figure

__all__ = ["EXAMPLES", "figures"]

# Figures in which members differ most: key and header of the table by member.
BY_MEMBER = {
    "selection": "selection half>",
    "judging": "judging half>",
    "stress": "all runs>",
    "atp": "lowest ATP, mM>",
    "recovery": "after pulses>",
    "ranges": "within ranges>",
}

EXAMPLES = examples("glutarium figures", "glutarium figures --members 2 --quick")


def figures(
    *,
    members: Annotated[
        int | None,
        typer.Option(min=0, help="How many ensemble members to use; all by default, none with 0."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only the dishes at the corners of the grid.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; one per core by default. The figures do not depend."),
    ] = None,
) -> None:
    """Measure what the model promises and say which targets are met.

    Steadiness, stability and recovery of the reference state; dishes over glutamine, glucose and
    oxygen, with what they keep of matter; the stress screen; published ranges; and how far the
    ensemble spans the ranges of its records. For the recorded values and the worst member.

    Exit status: 0 every target is met, 1 some are not.
    """
    from glutarium.study.figures import FigureOptions, measure

    with progress() as hook:
        hook("loading the model", 0, 1)
        options = FigureOptions(members=members, quick=quick, workers=workers, progress=hook)
        measured = measure(options)
    columns = ("figure", "unit", "target", "recorded>", "worst member>", "members>", "met", "where")
    table(columns, [_row(figure) for figure in measured])
    _show_members({figure.key: figure for figure in measured})
    missed = [figure for figure in measured if not figure.met]
    aimed = sum(figure.target is not None for figure in measured)
    note(f"{aimed - len(missed)} of {aimed} targets are met by the recorded values and all members")
    raise typer.Exit(1 if missed else 0)


def _row(figure: Figure) -> tuple[object, ...]:
    worst = figure.worst
    shown = worst or figure.recorded
    aimed = figure.target is not None
    return (
        figure.name,
        figure.unit,
        figure.target or "",
        None if figure.recorded is None else figure.recorded.value,
        None if worst is None else worst.value,
        f"{figure.meeting}/{len(figure.members)}" if aimed and figure.members else "",
        ("yes" if figure.met else "NO") if aimed else "",
        "" if shown is None else ": ".join(filter(None, (shown.subject, shown.where))),
    )


def _show_members(figures: Mapping[str, Figure]) -> None:
    """Print a line for every member: the figures in which members differ most."""
    shown = [figures[key] for key in BY_MEMBER]
    if not shown[0].members:
        return
    rows = [
        (values[0].subject, *(measured.value for measured in values))
        for values in zip(*(figure.members for figure in shown), strict=True)
    ]
    table(("member", *BY_MEMBER.values()), rows)
