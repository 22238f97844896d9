"""Tissue: many systems with parameters of their own that stop every 300 s to exchange matter."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import ours, peers, table
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
WIDE = 20_000
WITHOUT_ENGINE = 20


def section(*, quick: bool, peers: bool) -> list[dict[str, Any]]:
    """Measure voxel steps per second and core; print a table."""
    wide = WIDE if ours.BATCHED and not quick else WITHOUT_ENGINE
    couplings, sample = (2, 5) if quick else (4, 40)
    times = np.array([0.0, STEP])
    makers = [lambda: generated_problem(wide, times, 60), lambda: generated_problem(wide, times)]
    makers += [lambda: cell_problem(wide, times)]
    found = []
    for make in makers:
        problem = make()
        found.append(_measure(problem, couplings, sample if peers else 0))
    print(f"\n## voxels: coupled every 300 s, rtol {RTOL:g}; voxel steps/s/core")
    head = ("model", "voxels", ours.NAME, "libRoadRunner", "ratio", "error median", "note")
    print(table.grid([head, *(_cells(row) for row in found)]), flush=True)
    return found


def _measure(problem: Problem, couplings: int, sample: int) -> dict[str, Any]:
    engine = ours.Ours(problem.spec)
    atol = problem.atol(RTOL)
    engine.run(problem.y0[:1], problem.p[:1], problem.times, RTOL, atol)
    y, first = problem.y0, None
    start = time.perf_counter()
    for k in range(couplings):
        times = problem.times + k * STEP
        y = engine.run(y, problem.p, times, RTOL, atol).y[:, -1]
        first = y if first is None else first
        y = _exchange(y)
    rate = couplings * len(y) / (time.perf_counter() - start)
    judged = range(min(8, len(y)))
    truths = {i: problem.reference(i) for i in judged}
    errors = [error(first[i : i + 1], t[-1:]) for i, t in truths.items() if t is not None]  # type: ignore[index]
    row = {"model": problem.name, "voxels": len(y), "ours": rate, "error": float(np.median(errors))}
    if sample:
        row |= _roadrunner(problem, couplings, sample)
    return row


def _exchange(y: Array) -> Array:
    """Let the first pools diffuse along a ring of voxels."""
    moved = y.copy()
    pools = y[:, :EXCHANGED]
    moved[:, :EXCHANGED] += SHARE * (np.roll(pools, 1, 0) + np.roll(pools, -1, 0) - 2.0 * pools)
    return moved


def _roadrunner(problem: Problem, couplings: int, sample: int) -> dict[str, Any]:
    """One instance that steps through the voxels one after the other."""
    try:
        peer = peers.build("roadrunner", problem.spec, problem.sbml)
        atol = problem.atol(RTOL)
        y = problem.y0[:sample]
        truth, note = problem.reference(0), ""
        start = time.perf_counter()
        for k in range(couplings):
            rows = zip(y, problem.p[:sample], strict=True)
            found = [peer.run(a, b, problem.times, RTOL, atol)[0][-1] for a, b in rows]
            if k == 0 and truth is not None and error(found[0][None], truth[-1:]) > SENSIBLE:
                note = "libRoadRunner errs by more than half"
            y = _exchange(np.array(found))
        rate = couplings * len(y) / (time.perf_counter() - start)
        return {"roadrunner": rate, "note": note}
    except Exception as reason:  # noqa: BLE001 - whatever a peer throws, the others go on
        return {"note": f"libRoadRunner failed: {reason}"[:100]}


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    theirs = row.get("roadrunner")
    ratio = "-" if theirs is None else f"{row['ours'] / theirs:.1f}"
    rate = "-" if theirs is None else f"{theirs:.0f}"
    head = (row["model"], str(row["voxels"]), f"{row['ours']:.0f}", rate, ratio)
    return (*head, f"{row['error']:.0e}", row.get("note", ""))
