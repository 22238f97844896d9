"""Runs the key experiment of each axis of regulation and writes what it read to ``docs/_static/axes``.

    python docs/_ext/axis_experiments.py

Run it after a change of the tables of regulation. The recorded values are run, one table per axis: hours,
then one column per arm and observable. The pages are drawn from these tables, so that building them runs
nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.simulate.readout import Reading, reading_of, series
from glutarium.study.execute import run_member, shared_model
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from glutarium.study.study import Study

HERE = Path(__file__).parent
STUDIES = HERE / "axis-experiments.yaml"
TABLES = HERE.parent / "_static" / "axes"
"""Where :mod:`axis_pages` finds the tables."""


def main() -> None:
    """Write a table for every experiment."""
    TABLES.mkdir(parents=True, exist_ok=True)
    for study in read_studies([STUDIES], vocabulary()):
        (TABLES / f"{study.id}.tsv").write_text(_table(study), encoding="utf-8")


def _table(study: Study) -> str:
    model, names = shared_model(), vocabulary()
    plans, missing = Translator(model).plans(study)
    if missing:
        message = f"{study.id}: {missing[0]}"
        raise SystemExit(message)
    columns: list[tuple[str, list[float]]] = []
    for arm, lane in zip(plans, run_member(list(plans.values()), 0), strict=True):
        columns = columns or [("h", [float(t) for t in lane.times])]
        for readout in study.readouts:
            reading = reading_of(readout.observable, model, names)
            if not isinstance(reading, Reading):
                message = f"{study.id}: {reading}"
                raise SystemExit(message)
            values = [float(v) for v in series(reading, lane, model)]
            columns.append((f"{arm}: {str(readout.observable).partition('.')[2]}", values))
    rows = zip(*(values for _, values in columns), strict=True)
    lines = ["\t".join(name for name, _ in columns)]
    lines += ["\t".join(f"{value:.4g}" for value in row) for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
