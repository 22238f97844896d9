"""``glutarium validate``: figures against measured data that lie outside the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.console import examples, note, progress, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.study.validate_labels import LabelRow

__all__ = ["EXAMPLES", "validate"]

EXAMPLES = examples(
    "glutarium validate --data path/to/data",
    "glutarium validate --data path/to/data --labels --plot figures",
    "glutarium validate --labels --study my-tracing.yaml --data my-labels.tsv",
)


def validate(
    *,
    data: Annotated[
        Path,
        typer.Option(
            help="Folder with the data sets; with --study a table of isotopologues or mzTab-M."
        ),
    ],
    labels: Annotated[
        bool, typer.Option("--labels", help="Compare isotopologues from tracers instead.")
    ] = False,
    study: Annotated[
        Path | None, typer.Option(help="With --labels: the study that predicts your data.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="With --labels: folder for figures, one per condition.")
    ] = None,
) -> None:
    """Compare the model with data sets that are too large to ship."""
    if labels:
        _labels(data, study, plot)
        return
    from glutarium.study.validate import validate_against

    with progress() as hook:
        rows = validate_against(data, progress=hook)
    columns = ("figure", "model>", "data>", "unit", "agreement", "asked", "source")
    table(
        columns,
        [(r.figure, r.model, r.data, r.unit, r.agreement, r.verdict, r.source) for r in rows],
    )
    asked = [r for r in rows if r.met is not None]
    met = sum(bool(r.met) for r in asked)
    note(f"{len(rows)} figures; of {len(asked)} from which agreement is asked, {met} are met")


def _label_rows(data: Path, study: Path | None) -> list[LabelRow]:
    """Isotopologues of the packaged protocols, or of a study of one's own."""
    from glutarium.knowledge.vocabulary import vocabulary
    from glutarium.study.compare_labels import compare_labels
    from glutarium.study.parse import read_studies
    from glutarium.study.read_isotopologues import read_isotopologues
    from glutarium.study.validate_labels import validate_labels

    with progress() as hook:
        if study is None:
            return validate_labels(data, progress=hook)
        measured = read_isotopologues(data)
        return compare_labels(read_studies([study], vocabulary())[0], measured, progress=hook)


def _labels(data: Path, study: Path | None, plot: Path | None) -> None:
    """One line for every isotopologue that data or prediction show, then how well they agree."""
    from glutarium.study.validate_labels import summarise

    rows = _label_rows(data, study)
    columns = ("figure", "data>", "error>", "model>", "members>", "unlabelled>", "oxygen")
    verdict = {(True, True): "right", (False, True): "wrong"}
    verdict |= {(True, False): "right, within errors", (False, False): "wrong, within errors"}
    table(
        columns,
        [
            (
                r.figure,
                f"{r.data:.3f}",
                f"{r.error:.3f}",
                f"{r.model:.3f}",
                f"{r.low:.3f}-{r.high:.3f}",
                f"{r.guess:.3f}",
                "" if r.change is None else verdict[r.change, r.clear],
            )
            for r in rows
            if r.counts
        ],
    )
    s = summarise(rows)
    note(
        f"{s.count} isotopologues above 0.05 in data or prediction: mean absolute error "
        f"{s.mean_error:.3f}, {s.near:.0%} within 0.1; all unlabelled: {s.guess_error:.3f}, "
        f"{s.guess_near:.0%}; {s.all_right} of {s.all_changes} changes with oxygen have the right sign, "
        f"{s.changes_right} of the {s.changes} that are larger than twice their standard error"
    )
    if plot is not None:
        _draw(rows, plot)


def _draw(rows: Sequence[LabelRow], folder: Path) -> None:
    """Bars of all isotopologues, those that nothing shows included."""
    from glutarium.report.label_figure import LabelBar, write_label_figures

    bars = [
        LabelBar(r.condition, r.metabolite, r.count, r.data, r.error, r.model, r.low, r.high)
        for r in rows
    ]
    written = write_label_figures(bars, folder)
    note(f"{len(written)} figures in {folder}")
