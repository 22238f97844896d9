"""``glutarium network``: look at the network as a whole: its structure, under stress, its bound."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from glutarium.cli import audit_show as edges
from glutarium.cli import network_show as show
from glutarium.cli.audit_page import audit_page
from glutarium.cli.complete import complete_folder, complete_medium, complete_study
from glutarium.cli.console import examples, note, progress
from glutarium.cli.json_file import require_writable, write_json
from glutarium.cli.network_control import EXAMPLES as CONTROL_EXAMPLES
from glutarium.cli.network_control import control
from glutarium.cli.workers import Members, Workers

__all__ = ["app"]

app = typer.Typer(help="Look at the network as a whole.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Look at the network as a whole."""


@app.command(
    epilog=examples(
        "glutarium network check",
        "glutarium network check my-tables/ --evidence",
        "glutarium network check --json findings.json",
    )
)
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder with tables of your own, laid out like the package's: reactions.tsv or "
            "pathways/NAME/reactions.tsv and so on. What does not speak of reactions and is not there "
            "is taken from the package. By default the package's own network.",
            autocompletion=complete_folder,
        ),
    ] = None,
    *,
    evidence: Annotated[
        bool,
        typer.Option("--evidence", help="List every reaction whose constants are all assumed."),
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all findings to this file as JSON.")
    ] = None,
) -> None:
    """Check the structure of the network: what its tables say about it before anything is run.

    Balance of C, H, N, O, P, S and charge; unknown species and contradictory compartments; missing
    constants; dead ends, reactions that cannot carry a flux and species that cannot be made, with
    all that any recorded medium offers; reactions without evidence; closed loops and whether the
    equilibrium constants around them multiply to one.

    Exit status: 0 sound or with warnings only, 1 errors, 2 the tables cannot be read.
    """
    from glutarium.knowledge.base import load
    from glutarium.knowledge.own_tables import OwnTables
    from glutarium.model.network_check import check_network

    require_writable(json_file, "findings")
    base = load() if folder is None else OwnTables(folder)
    with progress() as hook:
        report = check_network(base, hook)
    if json_file is not None:
        write_json(json_file, show.check_json(report))
        note(f"Wrote {len(report.findings)} findings to {json_file}")
    show.check_report(report, base.folder, evidence=evidence)
    raise typer.Exit(1 if report.errors else 0)


@app.command(
    epilog=examples(
        "glutarium network stress",
        "glutarium network stress --members 4 --json stress.json",
        "glutarium network stress --data measured-data/",
    )
)
def stress(
    *,
    members: Members = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of measured data outside the package, with abundances of proteins and "
            "turnover numbers, to compare capacities with.",
            autocompletion=complete_folder,
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all runs to this file as JSON.")
    ] = None,
) -> None:
    """Put the cell under every stress that the network knows, 72 h each, and show the alarms.

    Every enzyme and transporter blocked and raised, every nutrient taken away, levels of oxygen,
    every inhibitor at a dose by its potency. Alarms: a pool far above its reference, lost ATP, a
    moiety locked up in one form, a used-up carrier, a run that stops, and, with measured data, a
    capacity that the proteins cannot have. Accumulations that are known to be real are shown as
    expected and not counted. The half called "select" may choose members of the ensemble, the half
    called "judge" only judges them.

    Exit status: 0 it ran, 2 something cannot be read.
    """
    from glutarium.study.protein_capacity import compare_capacities, read_proteins
    from glutarium.study.stress import run_stress, stress_model

    require_writable(json_file, "runs")
    proteins = None if data is None else read_proteins(data)
    with progress() as hook:
        hook("loading the model", 0, 1)
        model = stress_model(members)
        found = run_stress(model, hook)
    capacities = None if proteins is None else compare_capacities(model, proteins)
    if json_file is not None:
        write_json(json_file, show.stress_json(found, capacities))
        note(f"Wrote {len(found.runs)} runs to {json_file}")
    show.stress_report(found, capacities, of_ensemble=members is not None)


@app.command(
    epilog=examples(
        "glutarium network audit my-studies/ --json audit.json",
        "glutarium network audit my-studies/ --from MYC --from HIF1A",
        "glutarium network audit my-studies/ --keep cuts.jsonl --minutes 20 --page audit.md",
    )
)
def audit(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Study files or folders.", autocompletion=complete_study),
    ],
    *,
    regulators: Annotated[
        list[str] | None,
        typer.Option("--from", help="Only edges that start from this node; may be repeated."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all edges to this file as JSON.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write a summary to this file as Markdown.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", help="Keep cuts in this file as they come, and go on from it."),
    ] = None,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0.0, help="Begin no more cuts after so many minutes.")
    ] = math.inf,
    workers: Workers = None,
) -> None:
    """Cut every edge of regulation in turn and list the expectations that flip without it.

    Runs the recorded values. An expectation that asks for nothing but one edge (what is done acts
    on its regulator, what is read is its target) is marked as restated, and totals are given with
    and without these. Edges whose numbers are all assumed are listed. Only cuts that could flip an
    expectation are run, to first order; those that could restate one come first, then the likeliest.

    Exit status: 0 it ran, 2 a study cannot be read.
    """
    from glutarium.study.audit import audit_edges

    require_writable(json_file, "edges")
    require_writable(page, "summary")
    with progress() as hook:
        found = audit_edges(
            paths,
            regulators=regulators or (),
            kept=keep,
            minutes=minutes,
            workers=workers,
            progress=hook,
        )
    if page is not None:
        page.write_text(audit_page(found), encoding="utf-8")
        note(f"Wrote a summary to {page}")
    if json_file is not None:
        write_json(json_file, edges.audit_json(found))
        note(f"Wrote {len(found.edges)} edges to {json_file}")
    edges.audit_report(found)


@app.command(
    epilog=examples("glutarium network folds", "glutarium network folds --json folds.json")
)
def folds(
    *,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all rows to this file as JSON.")
    ] = None,
    workers: Workers = None,
) -> None:
    """Repeat the experiments behind published folds of regulated targets and compare.

    Runs the recorded values: MYC switched on, hypoxia, starvation, lost suppressors. The table says
    what was done, the published range and what the model makes of it.

    Exit status: 0 it ran, 2 the table cannot be read.
    """
    from glutarium.knowledge.base import load
    from glutarium.study.folds import published_folds

    require_writable(json_file, "folds")
    with progress() as hook:
        found = published_folds(load().folds, workers=workers, progress=hook)
    if json_file is not None:
        write_json(json_file, edges.folds_json(found))
        note(f"Wrote {len(found)} folds to {json_file}")
    edges.folds_report(found)


@app.command(
    epilog=examples("glutarium network bound", "glutarium network bound HPLM Plasmax --members 4")
)
def bound(
    media: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of media; the reference medium by default.", autocompletion=complete_medium
        ),
    ] = None,
    *,
    members: Members = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures to this file as JSON.")
    ] = None,
) -> None:
    """Compare growth with the fastest growth that stoichiometry and uptake allow (flux balance).

    Uptake is limited by the carriers' capacity and their saturation with the medium. The kinetic
    cell cannot grow faster than the optimum for what it consists of.

    Exit status: 0 no cell grows faster than its bound, 1 one does, 2 a medium is unknown.
    """
    from glutarium.model.ensemble import REFERENCE_MEDIUM
    from glutarium.study.growth_bound import bounded_growth
    from glutarium.study.stress import stress_model

    require_writable(json_file, "figures")
    with progress() as hook:
        hook("loading the model", 0, 1)
        found = bounded_growth(stress_model(members), media or [REFERENCE_MEDIUM], hook)
    if json_file is not None:
        write_json(json_file, show.bound_json(found))
        note(f"Wrote {len(found)} figures to {json_file}")
    show.bound_report(found)
    raise typer.Exit(0 if all(b.holds for b in found) else 1)


app.command(epilog=CONTROL_EXAMPLES)(control)
