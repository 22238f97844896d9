"""Time per step against the number of species."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import ours, table
from benchmarks.problem import generated_problem

__all__ = ["section"]

RTOL = 1e-6
SIZES = (60, 150, 300, 600)


def section(*, quick: bool) -> list[dict[str, Any]]:
    """Measure and print the table; time is wall time of one core, steps count for every lane."""
    count = 64 if ours.BATCHED else 2
    times = np.linspace(0.0, 6.0 if quick else 72.0, 100)
    found = []
    for size in SIZES[:2] if quick else SIZES:
        problem = generated_problem(count, times, size)
        engine = ours.Ours(problem.spec)
        atol = problem.atol(RTOL)
        engine.run(problem.y0[:1], problem.p[:1], times[:2], RTOL, atol)
        run = engine.run(problem.y0, problem.p, times, RTOL, atol)
        steps = int(run.steps.sum() + run.rejected.sum())
        row = {"species": size, "compile": engine.compile_seconds, "steps": steps / count}
        found.append(row | {"microseconds": 1e6 * run.seconds / max(steps, 1)})
    print(f"\n## scaling: {ours.NAME}, generated networks, rtol {RTOL:g}, {count} members")
    head = ("species", "us/step", "ns/step/species", "steps/member", "compile s")
    print(table.grid([head, *(_cells(row) for row in found)]), flush=True)
    return found


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    step = row["microseconds"]
    each = f"{1e3 * step / row['species']:.1f}"
    return (
        str(row["species"]),
        f"{step:.2f}",
        each,
        f"{row['steps']:.0f}",
        f"{row['compile']:.2f}",
    )
