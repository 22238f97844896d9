"""Timing of one simulator on one problem: compile, single run, ensemble, error."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import ours, peers
from benchmarks.problem import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.problem import Problem
    from glutarium.kernel import Array

__all__ = ["Row", "measure_ours", "measure_peer"]

SENSIBLE = 0.5
"""A peer whose check at rtol 1e-8 errs more has misunderstood the model and is not timed."""


@dataclass
class Row:
    """One line of the table; None where there is no figure.

    Attributes
    ----------
    single, per_member
        Wall time of one run, and of one member of an ensemble on one core, s.
    solver
        The same by the peer's own clock.
    cold, warm
        Time to compile, s; warm with a cache, where there is one.
    lost
        Members that failed.
    """

    problem: str
    simulator: str
    rtol: float
    members: int = 0
    single: float | None = None
    per_member: float | None = None
    solver: float | None = None
    steps: float | None = None
    median: float | None = None
    p95: float | None = None
    cold: float | None = None
    warm: float | None = None
    lost: int = 0
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure_ours(
    problem: Problem, rtols: list[float], judged: int, threads: int, say: Callable[[str], None]
) -> list[Row]:
    """Our engine on all members; errors on the first ``judged`` ones."""
    say(f"{problem.name}: {ours.NAME}")
    with tempfile.TemporaryDirectory() as folder:
        cold = ours.Ours(problem.spec, Path(folder)).compile_seconds
        engine = ours.Ours(problem.spec, Path(folder))
    warm = engine.compile_seconds
    rows = []
    for rtol in rtols:
        atol = problem.atol(rtol)
        one = (problem.y0[:1], problem.p[:1], problem.times, rtol, atol)
        engine.run(*one)  # compile the driver and warm the caches of the processor
        single = min(engine.run(*one).seconds for _ in range(5))
        run = engine.run(problem.y0, problem.p, problem.times, rtol, atol)
        row = Row(problem.name, ours.NAME, rtol, len(run.y), single, run.seconds / len(run.y))
        row.steps, row.cold, row.warm = float(np.mean(run.steps)), cold, warm
        row.lost = int((~np.isfinite(run.y).all(axis=(1, 2))).sum())
        row.median, row.p95 = _errors(problem, dict(enumerate(run.y[:judged])))
        if threads > 1 and ours.BATCHED:
            both = engine.run(problem.y0, problem.p, problem.times, rtol, atol, threads=threads)
            row.note = f"{threads} threads: {run.seconds / both.seconds:.2f} times one"
        rows.append(row)
    return rows


def measure_peer(
    name: str, problem: Problem, rtols: list[float], members: int, say: Callable[[str], None]
) -> list[Row]:
    """A peer on the first members; a row with a reason where it cannot."""
    title = peers.NAMES[name]
    say(f"{problem.name}: {title}")
    try:
        start = time.perf_counter()
        peer = peers.build(name, problem.spec, problem.sbml)
        _check(peer, problem, say)  # also compiles what a peer compiles at its first run
        cold = time.perf_counter() - start
    except Exception as reason:  # noqa: BLE001 - whatever a peer throws, the others go on
        note = str(reason) if str(reason) == "not installed" else f"failed: {_short(reason)}"
        return [Row(problem.name, title, rtol, note=note) for rtol in rtols]
    rows = [_time(peer, Row(problem.name, title, r, cold=cold), problem, members) for r in rtols]
    warm = getattr(peer, "warm_seconds", None)
    for row in rows:
        row.warm = warm
    return rows


def _check(peer: peers.Peer, problem: Problem, say: Callable[[str], None]) -> None:
    """Refuse a peer that solves another model: two members, the last one with changed numbers."""
    for member in (0, min(17, len(problem.y0) - 1)):
        truth = problem.reference(member)
        if truth is None:
            continue
        numbers = problem.y0[member], problem.p[member]
        y, _ = peer.run(*numbers, problem.times, 1e-7, problem.atol(1e-7))
        off = error(y, truth)
        say(f"  check of member {member} at 1e-7: error {off:.1e}")
        if not off < SENSIBLE:
            message = f"disagrees with the reference on member {member}: error {off:.1e}"
            raise peers.PeerError(message)


def _time(peer: peers.Peer, row: Row, problem: Problem, members: int) -> Row:
    atol = problem.atol(row.rtol)
    found: dict[int, Array] = {}
    walls, clocks, steps, reason = [], [], [], ""
    for i in range(min(members, len(problem.y0))):
        start = time.perf_counter()
        try:
            y, info = peer.run(problem.y0[i], problem.p[i], problem.times, row.rtol, atol)
        except Exception as trouble:  # noqa: BLE001 - one member fails, the others go on
            row.lost, reason = row.lost + 1, _short(trouble)
            continue
        walls.append(time.perf_counter() - start)
        clocks += [info.solver_seconds] if info.solver_seconds is not None else []
        steps += [info.steps] if info.steps is not None else []
        found[i] = y
    row.members = len(found)
    if not found:
        row.note = f"failed: {reason}"
        return row
    row.single, row.per_member = walls[0], float(np.mean(walls))
    row.solver = float(np.mean(clocks)) if clocks else None
    row.steps = float(np.mean(steps)) if steps else None
    row.median, row.p95 = _errors(problem, found)
    return row


def _errors(problem: Problem, found: dict[int, Array]) -> tuple[float, float]:
    """Median and 95th percentile over members; members that the reference cannot solve are left out."""
    pairs = ((y, problem.reference(i)) for i, y in found.items())
    errors = [error(y, truth) for y, truth in pairs if truth is not None]
    if not errors:
        return float("nan"), float("nan")
    return float(np.median(errors)), float(np.quantile(errors, 0.95, method="nearest"))


def _short(reason: BaseException) -> str:
    text = " ".join(str(reason).split())
    return (text or type(reason).__name__)[:120]
