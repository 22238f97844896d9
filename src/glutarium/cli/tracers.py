"""``glutarium tracers``: which tracer tells two arms of a study apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glutarium.cli.console import examples, note, progress, table

__all__ = ["EXAMPLES", "tracers"]

EXAMPLES = examples(
    "glutarium tracers my-study.yaml --arms vehicle,cb839",
    "glutarium tracers my-study.yaml --arms vehicle,cb839 --tracer U-13C-glucose --product citrate",
)


def tracers(
    *,
    study: Annotated[Path, typer.Argument(help="File with one study of one cell.")],
    arms: Annotated[str, typer.Option(help="The two arms to tell apart, parted by a comma.")],
    tracer: Annotated[
        list[str] | None, typer.Option(help="A candidate; may be repeated. Seven by default.")
    ] = None,
    product: Annotated[
        list[str] | None,
        typer.Option(help="A metabolite that is measured; may be repeated. Seven by default."),
    ] = None,
    error: Annotated[
        float, typer.Option(min=1e-6, help="Standard error of a measured fraction.")
    ] = 0.01,
    members: Annotated[
        int | None, typer.Option(min=1, help="Members of the ensemble; all by default.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; one per core by default.")
    ] = None,
) -> None:
    """Rank tracers, and the time to read them, by how far they set two arms apart.

    Exit status: 0; 2 the study cannot be read or run.
    """
    from glutarium.errors import StudyError
    from glutarium.knowledge.vocabulary import vocabulary
    from glutarium.study.parse import read_studies
    from glutarium.study.tracer_design import PRODUCTS, TRACERS, Design, rank_tracers

    pair = tuple(part.strip() for part in arms.split(","))
    if len(pair) != 2:  # noqa: PLR2004  (a pair)
        message = f"--arms {arms!r} must name two arms, parted by a comma"
        raise StudyError(message)
    found = read_studies([study], vocabulary())
    if len(found) != 1:
        message = f"{study} holds {len(found)} studies; give a file with one"
        raise StudyError(message)
    with progress() as hook:
        ranked = rank_tracers(
            found[0],
            (pair[0], pair[1]),
            Design(tracer or TRACERS, product or PRODUCTS, error),
            members=members,
            workers=workers,
            progress=hook,
        )
    columns = ("tracer", "read at>", "separation>", "nine of ten>", "shown most by")
    table(
        columns,
        [
            (r.tracer, f"{r.hours:g} h", f"{r.separation:.1f}", f"{r.low:.1f}", r.product)
            for r in ranked
        ],
    )
    note(f"separation in standard errors of {error:g} of a fraction, median over the members")
