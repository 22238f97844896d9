"""``glutarium check``: run the expectations of studies and say which hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.complete import complete_study
from glutarium.cli.console import examples, note, progress, stoppable, table, write
from glutarium.cli.json_file import require_writable
from glutarium.cli.workers import Integrator, Scheduler, Solver, Workers

if TYPE_CHECKING:
    from glutarium.study.check_json import Record

__all__ = ["EXAMPLES", "check"]

EXAMPLES = examples(
    "glutarium check examples/hct116-cb839.yaml",
    "glutarium check my-studies/ --json verdicts.json",
)


def check(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Study files or folders.", autocompletion=complete_study),
    ],
    *,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the verdicts to this file as JSON.")
    ] = None,
    members: Annotated[
        int | None,
        typer.Option(min=1, help="How many ensemble members to use; all by default."),
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    solver: Integrator = Solver.LANES,
) -> None:
    """Check the expectations of studies: a line for each, then totals.

    With --json, a check that is stopped keeps the verdicts on finished studies beside that file, and the
    same command goes on from there.

    Hard ones are marked with an asterisk. Totals are given three ways: all expectations, the hard
    ones, and what the rule "more of anything gives more, less gives less" scores without any model.

    Exit status: 0 all ran, 1 something got no verdict, 2 a study cannot be read, 130 stopped.
    """
    from glutarium.study.check import CheckOptions, check_studies
    from glutarium.study.check_json import to_json
    from glutarium.study.totals import count_by, render
    from glutarium.study.verdict_log import SUFFIX

    require_writable(json_file, "verdicts")
    log = None if json_file is None else json_file.with_name(json_file.name + SUFFIX)
    with stoppable(), progress() as hook:
        options = CheckOptions(
            members=members,
            workers=workers,
            scheduler=scheduler,
            solver=solver.value,
            progress=hook,
            log=log,
        )
        records = check_studies(paths, options=options)
    if json_file is not None and log is not None:
        json_file.write_text(to_json(records), encoding="utf-8")
        log.unlink(missing_ok=True)
        note(f"Wrote {len(records)} verdicts to {json_file}")
    columns = ("verdict", "study", "observable", "arm", "is", "versus", "fold>", "agree>", "why")
    table(columns, [_row(record) for record in records])
    write("")
    write(render(count_by(records, lambda record: record.layer), "studies"))
    raise typer.Exit(1 if any(r.outcome == "no verdict" for r in records) else 0)


def _row(record: Record) -> tuple[object, ...]:
    """One line; a hard expectation is marked with an asterisk."""
    return (
        f"{record.outcome}{' *' if record.hard else ''}",
        record.study,
        record.observable,
        " / ".join(record.arm),
        record.verb,
        " / ".join(record.versus),
        record.fold,
        None if record.agreement is None else f"{record.agreement:.0%}",
        record.reason,
    )
