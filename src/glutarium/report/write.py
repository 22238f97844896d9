"""The door of this room: write a report beside a result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from glutarium.errors import OutputError
from glutarium.report import tables
from glutarium.report.asked import read_study
from glutarium.report.balance import read_balances
from glutarium.report.dose import find_series
from glutarium.report.extras import require
from glutarium.report.page import Page, Parts, page_shades, render_page
from glutarium.report.palette import arm_styles
from glutarium.report.readings import read_dataset
from glutarium.report.sections import Scene, balance_part, cell_part, places_part
from glutarium.report.shared import shared_part
from glutarium.report.sources import number_sources
from glutarium.report.surface import find_surfaces
from glutarium.report.takers import read_takers
from glutarium.report.verdicts import COLUMNS, as_records, tally, verdict_rows
from glutarium.report.words import brief, slug
from glutarium.simulate.named import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from glutarium.report.readings import Readings
    from glutarium.simulate.named import AnyData, HasDataset
    from glutarium.study.grids import Grid

__all__ = ["write_report"]


def write_report(
    result: HasDataset,
    verdicts: Sequence[object],
    out_dir: Path,
    *,
    citations: Mapping[str, str],
    doses: Mapping[str, tuple[str, float]] | None = None,
    grids: Sequence[Grid] = (),
    about: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write ``report.html`` with PNG, SVG and CSV files beside it.

    All is drawn before the first file is written; the same input gives the same bytes.

    Parameters
    ----------
    result
        A finished result.
    verdicts
        Verdict records: mappings, or dataclasses with these fields.
    out_dir
        Folder, made if it is missing; files of the same names are replaced.
    citations
        BibTeX key → citation text.
    doses
        Arm → (drug, µM) where arms differ in the dose of a drug; 0 is an arm without it.
    grids
        Grids of doses; those of two drugs are drawn as surfaces.
    about
        More lines for "How it was made", label → words: solver, tolerances, command.

    Returns
    -------
    list of Path
        The files, ``report.html`` first.

    Raises
    ------
    MissingExtraError
        Matplotlib or Jinja2 is not installed, or ``synergy`` where two drugs lie on a grid.
    OutputError
        The folder or a file cannot be written.
    """
    require("matplotlib")
    require("jinja2")
    dataset = plain(result)
    readings = read_dataset(dataset)
    records = as_records(verdicts)
    parts = _draw(dataset, readings, doses, grids)
    files = {**_shared_files(readings, records), **parts.files}
    page = _page(dataset, readings, records, parts, files)
    sources = number_sources(dataset.attrs.get("sources"), citations)
    page = replace(page, sources=sources, made=_made(dataset, about or {}))
    return _write(out_dir, {"report.html": render_page(page).encode("utf-8"), **files})


def _page(
    dataset: AnyData,
    readings: Readings,
    records: Sequence[Mapping[str, object]],
    parts: Parts,
    files: Iterable[str],
) -> Page:
    return Page(
        title=str(dataset.attrs.get("title") or dataset.attrs.get("study") or "Report"),
        lead=_lead(dataset, readings),
        asked=read_study(str(dataset.attrs.get("study_yaml", ""))),
        parts=parts,
        verdicts=verdict_rows(records),
        tally=tally(records),
        failures=tables.failures(readings),
        finished=int(readings.finished.sum()),
        runs=readings.finished.size,
        assumed=_count(dataset.attrs.get("assumed_records")),
        files=sorted(name for name in files if name.endswith(".csv")),
    )


def _draw(
    dataset: AnyData,
    readings: Readings,
    doses: Mapping[str, tuple[str, float]] | None,
    grids: Sequence[Grid],
) -> Parts:
    arms = arm_styles(readings.arms, doses)
    series, surfaces = find_series(readings, doses), find_surfaces(readings, grids)
    scene = Scene(readings, arms, page_shades(arms), series, surfaces)
    several = len(readings.cells) > 1
    return Parts(
        arms=arms,
        cells=tuple(cell_part(scene, c, f"_{slug(c)}" if several else "") for c in readings.cells),
        places=places_part(scene),
        balances={
            cell: balance_part(scene, cell, balance)
            for cell, balance in read_balances(dataset, readings).items()
        },
        shared=shared_part(scene, read_takers(dataset, readings)),
    )


def _shared_files(readings: Readings, records: Sequence[Mapping[str, object]]) -> dict[str, bytes]:
    failed = tables.failures(readings)
    head = ("arm", "member", "code", "advice", "detail")
    return {
        "readouts.csv": tables.ends_csv(readings, readings.units),
        "verdicts.csv": tables.rows_csv(COLUMNS, [[r[c] for c in COLUMNS] for r in records]),
        "failed_runs.csv": tables.rows_csv(head, [[f[h] for h in head] for f in failed]),
    }


def _count_of(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _lead(dataset: AnyData, readings: Readings) -> str:
    parts = [_count_of(readings.arms, "arm"), _count_of(readings.members, "ensemble member")]
    hours = dataset.attrs.get("duration_h")
    if hours is not None:
        parts.append(f"{brief(float(hours))} h")
    if "system" in dataset.attrs:
        parts.append(f"system: {dataset.attrs['system']}")
    return " · ".join(parts)


_SHOWN = (
    "study",
    "system",
    "members",
    "ensemble",
    "version",
    "model_hash",
    "format",
    "format_version",
)
_ELSEWHERE = frozenset({"study_yaml", "sources", "assumed_records", "title", "duration_h"})


def _made(dataset: AnyData, about: Mapping[str, str]) -> list[tuple[str, str]]:
    """Known attributes in a fixed order, then the rest, then what the caller adds."""
    attrs = dataset.attrs
    rest = sorted(str(k) for k in attrs if k not in _ELSEWHERE and k not in _SHOWN)
    listed = [k for k in _SHOWN if k in attrs] + rest
    made = [(k.replace("_", " "), str(attrs[k])) for k in listed]
    return made + [(str(k), str(v)) for k, v in about.items()]


def _count(value: object) -> int | None:
    return int(str(value)) if value is not None else None


def _write(out_dir: Path, contents: Mapping[str, bytes]) -> list[Path]:
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (out_dir / name).write_bytes(content)
    except OSError as error:
        message = (
            f"The report cannot be written to {str(out_dir)!r}: {error.strerror}. "
            "Choose a folder that you may write to."
        )
        raise OutputError(message) from error
    return [out_dir / name for name in contents]
