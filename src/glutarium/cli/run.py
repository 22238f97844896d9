"""``glutarium run``: run studies, write results and a report."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.complete import complete_study
from glutarium.cli.console import examples, note, progress, stoppable, table, write
from glutarium.cli.workers import Integrator, Scheduler, Solver, Workers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.study.run import StudyRun
    from glutarium.study.study import Study

__all__ = ["EXAMPLES", "run"]

EXAMPLES = examples(
    "glutarium run examples/hct116-cb839.yaml -o results",
    "glutarium run my-studies/ -o results --members 4 --force",
    "glutarium run my-study.yaml --json > summary.json",
    "glutarium run my-studies/ -o results --scheduler tcp://host:8786 --resume",
)


def run(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Study files or folders.", autocompletion=complete_study),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")] = Path(
        "results"
    ),
    force: Annotated[
        bool, typer.Option("--force", help="Replace results that are already there.")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Keep studies that are finished and go on with the rest. A run that was left "
            "unfinished is continued with and without it.",
        ),
    ] = False,
    members: Annotated[
        int | None,
        typer.Option(min=1, help="How many ensemble members to use; all by default."),
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    solver: Integrator = Solver.LANES,
    report: Annotated[
        bool, typer.Option("--report/--no-report", help="Whether to draw figures and report.html.")
    ] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON instead of a table.")
    ] = False,
) -> None:
    """Run studies; write results, figures, tables and report.html.

    Ctrl-C or a crash loses little: what is finished is kept, and the same command goes on from there.

    Exit status: 0 all ran, 1 something got no verdict, 2 a study cannot be read, 130 stopped.
    """
    from glutarium.study.run import RunOptions, run_studies

    if report:
        _require_drawing()  # before the work, not after it
    with stoppable(), progress() as hook:
        options = RunOptions(
            members=members,
            force=force,
            resume=resume,
            workers=workers,
            scheduler=scheduler,
            solver=solver.value,
            progress=hook,
        )
        summary = run_studies(paths, out, options=options)
        for i, done in enumerate(summary.runs if report else ()):
            hook(f"report of {done.study.id}", i, len(summary.runs))
            _report(done)
    rows = [_row(done) for done in summary.runs]
    if as_json:
        write(json.dumps(rows, indent=2))
    else:
        columns = [key if key in {"study", "folder"} else f"{key}>" for key in rows[0]]
        table(columns, [tuple(row.values()) for row in rows])
    _remarks(summary.runs)
    raise typer.Exit(1 if any(row["no verdict"] for row in rows) else 0)


def _require_drawing() -> None:
    from glutarium.report.extras import require

    for package in ("jinja2", "matplotlib"):
        require(package)


def _report(done: StudyRun) -> None:
    from glutarium.knowledge.base import load
    from glutarium.report.write import write_report

    if done.result is None:
        return
    citations = {key: source.citation for key, source in load().sources.items()}
    records = [record.as_dict() for record in done.records]
    write_report(
        done.result,
        records,
        done.folder,
        citations=citations,
        doses=_doses(done.study),
        grids=done.study.grids,
    )


def _doses(study: Study) -> Mapping[str, tuple[str, float]]:
    """Arm → drug and uM, for arms with one drug that is held at a concentration."""
    drugs = {name: dict(study.merged(name).drug or {}) for name in study.arms}
    singles = {name: next(iter(given.items())) for name, given in drugs.items() if len(given) == 1}
    held = {name: (d, x) for name, (d, x) in singles.items() if isinstance(x, float)}
    lines = [grid for grid in study.grids if len(grid.drugs) == 1]
    often = Counter(grid.drugs for grid in lines)
    for grid in lines:  # one drug on a grid in several arms makes as many curves
        label = grid.drugs[0] if often[grid.drugs] == 1 else f"{grid.drugs[0]}, {grid.arm}"
        held |= {arm: (label, dose) for arm, dose in zip(grid.arms, grid.doses[0], strict=True)}
    return held


def _row(done: StudyRun) -> dict[str, object]:
    outcomes = Counter(record.outcome for record in done.records)
    return {
        "study": done.study.id,
        "arms": len(done.study.arms),
        "members": done.members,
        "failed runs": len(done.failures),
        **{key: outcomes[key] for key in ("holds", "fails", "not supported", "no verdict")},
        "folder": str(done.folder),
    }


def _remarks(runs: tuple[StudyRun, ...]) -> None:
    from glutarium.simulate.named import plain
    from glutarium.study.accounts import headline

    for done in runs:
        for line in done.study.composition_lines:
            note(f"{done.study.id}: {line}")
        for failure in done.failures:
            note(f"{done.study.id}: {failure}")
        taken = headline(plain(done.result)) if done.result is not None else ""
        if taken:
            note(f"{done.study.id}: {taken}")
        page = done.folder / "report.html"
        if page.exists():
            note(f"Report: {page}")
