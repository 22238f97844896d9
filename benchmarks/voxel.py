"""Tissue: many systems with parameters of their own that stop every 300 s to exchange matter."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import ours
from benchmarks import peers as other
from benchmarks.apart import LostError, apart
from benchmarks.measure import SENSIBLE
from benchmarks.problem import cell_problem, error, generated_problem

if TYPE_CHECKING:
    from benchmarks.problem import Problem
    from glutarium.kernel import Array

__all__ = ["section"]

RTOL = 1e-3
STEP = 300.0 / 3600.0
EXCHANGED = 3
SHARE = 0.02
"""Of the difference to the two neighbours, exchanged at each coupling."""
WIDE, CELLS = 20_000, 2_000
"""Voxels of generated networks, and of the cell, whose parameters fill memory."""
SAMPLE, FEWEST = 100, 3
"""Voxels of libRoadRunner, at most and at least."""
BUDGET = 0.25
"""Share of libRoadRunner's limit for its steps; on the cell, reading the model takes most of the rest."""
COUPLINGS = 24
"""Two hours; the first few run in the members' way from their starts."""
JUDGED = 64
LEAST = 1e-6
"""First step of a voxel that accepted none before, h."""
HEAD = (
    "model",
    "voxels (theirs)",
    "steps/coupling",
    "ours",
    "libRoadRunner",
    "ratio",
    "error median",
)


def section(*, quick: bool, limit: float | None) -> list[dict[str, Any]]:
    """Measure voxel steps per second of one core, by processor time.

    Parameters
    ----------
    quick
        Whether few voxels do.
    limit
        Seconds after which libRoadRunner is ended on one model; None to leave it out.
    """
    times = np.array([0.0, STEP])
    found = []
    for make, wide in ((_generated_60, WIDE), (generated_problem, WIDE), (cell_problem, CELLS)):
        problem = make(200 if quick else wide, times)
        row = _measure(problem)
        if limit is not None:
            row |= _theirs(problem.head(5 if quick else SAMPLE), limit)
        found.append(row)
    return found


def _theirs(problem: Problem, limit: float) -> dict[str, Any]:
    """What libRoadRunner does, in a process of its own; a note where it gives nothing."""
    try:
        found: dict[str, Any] = apart(_roadrunner, problem, BUDGET * limit, limit=limit)
    except LostError as reason:
        return {"note": f"libRoadRunner: {reason}"}
    return found


def _generated_60(count: int, times: Array) -> Problem:
    return generated_problem(count, times, 60)


def _measure(problem: Problem) -> dict[str, Any]:
    engine = ours.Ours(problem.spec, method="rodas3")
    atol = problem.atol(RTOL)
    engine.warm_up(problem.y0, problem.p, atol)
    y, steps, cpu, attempts, lost = problem.y0, None, 0.0, 0, 0
    problem.solve(min(JUDGED, len(y)))
    errors: list[float] = []
    for k in range(COUPLINGS):
        times = problem.times + k * STEP
        run = engine.run(y, problem.p, times, RTOL, atol, ends_only=True, first_steps=steps)
        y, steps = run.result.end, np.maximum(run.result.first_allowed, LEAST)
        cpu, attempts, lost = cpu + run.cpu, attempts + run.attempts, lost + run.lost
        if not errors:
            errors = [error(y[i : i + 1], truth[-1:]) for i, truth in problem.truth.items()]
        y = _exchange(y)
    count = COUPLINGS * len(y)
    row = {"model": problem.name, "voxels": len(y), "lost": lost, "attempts": attempts / count}
    row |= {"species": len(problem.spec.states)}
    return row | {"ours": count / cpu, "error": float(np.median(errors))}


def _exchange(y: Array) -> Array:
    """Let the first pools diffuse along a ring of voxels."""
    moved = y.copy()
    pools = y[:, :EXCHANGED]
    moved[:, :EXCHANGED] += SHARE * (np.roll(pools, 1, 0) + np.roll(pools, -1, 0) - 2.0 * pools)
    return moved


def _roadrunner(problem: Problem, budget: float) -> dict[str, Any]:
    """One instance that steps through the voxels one after the other; the time of its steps alone.

    As many voxels as a budget allows, s, judged by the first one; a few at least.
    """
    peer: Any = other.find("roadrunner")(problem.spec, problem.sbml)
    atol = problem.atol(RTOL)

    def step(y: Array, p: Array) -> tuple[Array, float]:
        peer.set(y, p, RTOL, atol)  # not timed: an instance per voxel has them already
        start = time.process_time()
        return peer.go(problem.times)[-1], time.process_time() - start

    step(problem.y0[0], problem.p[0])
    start = time.perf_counter()
    step(problem.y0[0], problem.p[0])
    affordable = int(budget / COUPLINGS / (time.perf_counter() - start))
    problem = problem.head(max(FEWEST, min(affordable, len(problem.y0))))
    y, cpu, errors = problem.y0, 0.0, []
    for k in range(COUPLINGS):
        found = [step(*numbers) for numbers in zip(y, problem.p, strict=True)]
        cpu += sum(seconds for _, seconds in found)
        if k == 0:
            judged = [i for i in problem.truth if i < len(y)]
            errors = [error(found[i][0][None], problem.truth[i][-1:]) for i in judged]
        y = _exchange(np.array([end for end, _ in found]))
    off = float(np.median(errors))
    note = "libRoadRunner errs by more than half" if off > SENSIBLE else ""
    found_all = {"roadrunner": COUPLINGS * len(y) / cpu, "their_voxels": len(y)}
    return found_all | {"their_error": off, "note": note}


def cells(rows: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The table of a section."""
    return [HEAD, *(_cells(row) for row in rows)]


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    theirs = row.get("roadrunner")
    ratio = "-" if theirs is None else f"{row['ours'] / theirs:.1f}"
    rate = row.get("note", "-") if theirs is None else f"{theirs:.0f}"
    errors = f"{row['error']:.0e}"
    errors += "" if theirs is None else f" / {row['their_error']:.0e}"
    voxels = f"{row['voxels']}" + (f" ({row['their_voxels']})" if theirs else "")
    head = (row["model"], voxels, f"{row['attempts']:.1f}", f"{row['ours']:.0f}")
    return (*head, rate, ratio, errors)
