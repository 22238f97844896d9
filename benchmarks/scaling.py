"""Time per step against the number of species."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import ours
from benchmarks.problem import generated_problem

__all__ = ["section"]

RTOL = 1e-6
SIZES = (60, 150, 300, 600)
HEAD = ("species", "us/step", "ns/step/species", "attempts/member", "lost", "compile s")


def section(*, quick: bool) -> list[dict[str, Any]]:
    """Processor time of one core per step that was tried and lane."""
    times = np.linspace(0.0, 6.0 if quick else 72.0, 100)
    count = 64 if quick else 256
    return [_measure(size, count, times) for size in (SIZES[:2] if quick else SIZES)]


def _measure(size: int, count: int, times: Any) -> dict[str, Any]:  # noqa: ANN401 - an array
    problem = generated_problem(count, times, size)
    engine = ours.Ours(problem.spec)
    atol = problem.atol(RTOL)
    engine.warm_up(problem.y0, problem.p, atol)
    run = engine.run(problem.y0, problem.p, times, RTOL, atol)
    found = {"species": size, "compile": engine.compile_seconds, "lost": run.lost}
    found |= {"attempts": run.attempts / count}
    return found | {"microseconds": 1e6 * run.cpu / max(run.attempts, 1)}


def cells(rows: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The table of a section."""
    return [HEAD, *(_cells(row) for row in rows)]


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    step, n = row["microseconds"], row["species"]
    head = (str(n), f"{step:.2f}", f"{1e3 * step / n:.1f}", f"{row['attempts']:.0f}")
    return (*head, str(row["lost"]), f"{row['compile']:.2f}")
