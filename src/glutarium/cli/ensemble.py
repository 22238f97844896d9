"""``glutarium ensemble``: make the parameter sets again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.console import examples, note, progress, table

if TYPE_CHECKING:
    from glutarium.study.build_ensemble import Build, Candidate

__all__ = ["app"]

app = typer.Typer(help="Parameter sets drawn from the records' ranges.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Parameter sets drawn from the records' ranges."""


@app.command(
    epilog=examples(
        "glutarium ensemble build", "glutarium ensemble build --members 4 --seed 100 -o trial.npz"
    )
)
def build(
    *,
    members: Annotated[
        int | None,
        typer.Option(min=1, help="How many sets to keep; as many as the tables say by default."),
    ] = None,
    seed: Annotated[int, typer.Option(help="First seed; the draws count up from it.")] = 1,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes; the result does not depend on them.")
    ] = 2,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write; by default the one that the model reads."),
    ] = None,
) -> None:
    """Draw, test and keep parameter sets; print how many were drawn, feasible, stable, kept.

    The recorded values are the first candidate. A set is kept if its cell is balanced, stable and
    physiological in one half of the stress screen; the other half only judges it.

    Exit status: 0 as many were kept as asked for, 1 fewer.
    """
    from glutarium.model.ensemble import DATA, save_ensemble
    from glutarium.study import build_ensemble

    count = members or build_ensemble.recorded_count()

    with progress() as hook:

        def told(candidate: Candidate, kept: int) -> None:
            hook(f"draw {candidate.seed}: {candidate.stage}", kept, count)

        built = build_ensemble.build(count, first_seed=seed, workers=workers, progress=told)
    _show(built)
    if len(built.kept) < count:
        note(f"Only {len(built.kept)} of {count} were kept; nothing was written.")
        raise typer.Exit(1)
    path = out or DATA
    path.parent.mkdir(parents=True, exist_ok=True)
    save_ensemble(path, [c.member for c in built.kept if c.member], built.provenance)
    note(f"Wrote {path}")


def _show(built: Build) -> None:
    feasible = built.drawn - built.stages["infeasible"]
    stable = feasible - built.stages["unstable"]
    table(
        ("drawn>", "feasible>", "stable>", "kept>"),
        [(built.drawn, feasible, stable, len(built.kept))],
    )
    columns = ("kept draw>", "selection half>", "judging half>", "ATP kept")
    rows = [
        (
            "recorded values" if c.seed is None else c.seed,
            f"{c.selected[0]:.0%}",
            f"{c.judged[0]:.0%}",
            "yes" if c.selected[1] and c.judged[1] else "no",
        )
        for c in built.kept
    ]
    table(columns, rows)
