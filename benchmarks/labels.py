"""What a labelled run costs beside an unlabelled one.

    python -m benchmarks.labels [--members 8]

Members of the shipped ensemble, one day with [U-13C]glutamine in samples of half an hour; all isotopologues
of the molecules that are measured unless others are named are read. Processor time, of warm calls; the cells
are at rest already. Exits with 1 where a labelled run costs more than five unlabelled ones.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.names import Observable
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.model import load_model, medium_of
from glutarium.simulate.plan import ArmPlan, Phase, RestPlan
from glutarium.simulate.reading import Reading, prepare, series
from glutarium.simulate.readout import reading_of
from glutarium.study.tracer_design import PRODUCTS

if TYPE_CHECKING:
    from glutarium.simulate.model import CellModel

ALLOWED = 5.0
CELL, TRACER = "tumour", "U-13C-glutamine"
REPEATS = 3


def readings(model: CellModel) -> list[Reading]:
    """All isotopologues of the default products."""
    found = []
    for product in PRODUCTS:
        for count in range(20):
            observable = Observable.parse(f"{CELL}.label.{product}_M{count}", vocabulary())
            reading = reading_of(observable, model, vocabulary())
            if isinstance(reading, Reading):
                found.append(reading)
    return found


def main() -> int:
    """Measure, and say how much more labels cost."""
    parser = argparse.ArgumentParser(description="What a labelled run costs.")
    parser.add_argument("--members", type=int, default=8)
    count = parser.parse_args().members
    model = load_model(count)
    medium = medium_of(model.base, model.network, "reference")
    times = tuple(float(t) for t in np.linspace(0.0, 24.0, 49))
    phase = Phase(0.0, medium=medium, tracer=TRACER)
    jobs = [
        (ArmPlan("dish", RestPlan(medium=medium), (phase,), times), m)
        for m in range(len(model.ensemble))
    ]
    rests, asked = RestCache(), readings(model)
    plain, labelled = [], []
    for _ in range(REPEATS + 1):
        start = time.process_time()
        lanes = run_lanes(model, jobs, rests)
        middle = time.process_time()
        fresh = [replace(lane, memo={}) for lane in lanes]
        prepare(itertools.product(asked, fresh), model)
        for lane in fresh:
            for reading in asked:
                series(reading, lane, model)
        plain.append(middle - start)
        labelled.append(time.process_time() - middle)
    run, more = min(plain[1:]) / len(jobs), min(labelled[1:]) / len(jobs)
    ratio = (run + more) / run
    print(f"{len(jobs)} members, {len(asked)} isotopologues of {', '.join(PRODUCTS)}")
    print(
        f"unlabelled {1e3 * run:.1f} ms, labels {1e3 * more:.1f} ms: {ratio:.1f} times, asked {ALLOWED:g}"
    )
    return int(ratio > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
