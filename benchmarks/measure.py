"""Timing of one simulator on one problem: compile, single run, ensemble, error."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import ours, peers
from benchmarks.problem import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.problem import Problem
    from glutarium.kernel import Array

__all__ = [
    "SENSIBLE",
    "Row",
    "measure_ours",
    "measure_peer",
    "median_error",
    "members_of_pair",
    "same_members",
]

SENSIBLE = 0.5
"""A peer whose check at a tight tolerance errs more has misunderstood the model and is not timed."""
FEW = 256
"""Of our members at tolerances that only show what equal errors cost."""
WORK, PAIRS, PER_LANE = 1.5, 5, 16
"""All cores against one: s of work on one, pairs of runs, and members per lane at least, so that the end,
where lanes fall idle, counts little."""
AGAIN, SHORT = 5, 8.0
"""How often our ensemble is run if that takes less than so many s; the median of processor times counts."""
ENOUGH = 2
"""Members that even the slowest peer runs."""


@dataclass
class Row:
    """One line of the table; None where there is no figure.

    Attributes
    ----------
    species
        Of the model; 0 if nothing asked depends on them.
    single
        Wall time of the first member alone, s.
    wall, cpu
        Time per member of an ensemble on one core, s.
    solver
        The same by the peer's own clock.
    steps
        Accepted steps per member.
    errors
        Member → error; see :func:`benchmarks.problem.error`.
    share
        Member → its steps over the mean of the ensemble, where that is known.
    compiled
        Time to compile, s.
    lost
        Members that failed.
    pairs
        Wall times of the same work on one core and on all, s, in turn.
    """

    problem: str
    simulator: str
    rtol: float
    members: int = 0
    single: float | None = None
    wall: float | None = None
    cpu: float | None = None
    solver: float | None = None
    steps: float | None = None
    errors: dict[int, float] = field(default_factory=dict)
    share: dict[int, float] = field(default_factory=dict)
    compiled: float | None = None
    lost: int = 0
    pairs: list[tuple[float, float]] = field(default_factory=list)
    species: int = 0
    note: str = ""

    @property
    def gain(self) -> float | None:
        """How many times faster all cores are than one, by the least time of each."""
        if not self.pairs:
            return None
        one, every = zip(*self.pairs, strict=True)
        return float(min(one) / min(every))

    @property
    def scatter(self) -> tuple[float, float]:
        """Least and largest gain of the single pairs."""
        gains = [one / every for one, every in self.pairs]
        return min(gains), max(gains)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def median_error(row: Row, also: Row | None = None) -> float | None:
    """Median error of a row, over the members that another row has as well."""
    found = [e for i, e in row.errors.items() if also is None or i in also.errors]
    return float(np.median(found)) if found else None


def same_members(ours: Row, theirs: Row) -> float:
    """Our time per member for the members of a peer, over that for the whole ensemble.

    Lanes are filled by an ensemble, not by the few members that a peer runs; what these few take of it
    goes by their steps.
    """
    found = [ours.share[i] for i in theirs.errors if i in ours.share]
    return float(np.mean(found)) if found else 1.0


def measure_ours(
    problem: Problem, rtols: list[float], full: list[float], threads: int
) -> list[Row]:
    """Our engine on all members at the full tolerances; errors where the problem has references."""
    alone = ours.Ours(problem.spec, systems=1)
    engine = ours.Ours(problem.spec, alone=alone.kernel)
    for each in (engine, alone):
        each.warm_up(problem.y0, problem.p, problem.atol(1e-3))
    rows = []
    for rtol in rtols:
        atol = problem.atol(rtol)
        one = (problem.y0[:1], problem.p[:1], problem.times, rtol, atol)
        single = min(alone.run(*one).seconds for _ in range(7))
        count = len(problem.y0) if rtol in full else min(FEW, len(problem.y0))
        many = (problem.y0[:count], problem.p[:count], problem.times, rtol, atol)
        run = engine.run(*many)
        clocks = [(run.cpu, run.seconds)]
        while len(clocks) < AGAIN and len(clocks) * clocks[0][1] < SHORT:
            del run  # or the next run would need memory of its own
            run = engine.run(*many)
            clocks.append((run.cpu, run.seconds))
        cpu, wall = sorted(clocks)[(len(clocks) - 1) // 2]
        row = Row(problem.name, ours.NAME, rtol, count, single, species=len(problem.spec.states))
        row.wall, row.cpu, row.lost = wall / count, cpu / count, run.lost
        row.steps = float(run.result.steps.mean())
        tried = run.result.steps + run.result.rejected
        row.share = {i: float(tried[i] / tried.mean()) for i in problem.truth}
        row.errors = {i: error(run.y[i], truth) for i, truth in problem.truth.items()}
        if threads > 1 and rtol in full:
            row.pairs = _pairs(engine, problem, rtol, row.wall, threads)
        rows.append(row)
    return rows


def _pairs(
    engine: ours.Ours, problem: Problem, rtol: float, wall: float, threads: int
) -> list[tuple[float, float]]:
    """Wall times on one thread and on all in turn, of all members, repeated until there is enough to do."""
    count = max(members_of_pair(wall, threads * engine.kernel.width), len(problem.y0))
    chosen = np.arange(count) % len(problem.y0)
    numbers = problem.y0[chosen], problem.p[chosen], problem.times, rtol, problem.atol(rtol)
    counts = (1, threads)
    seconds = [[engine.run(*numbers, threads=n).seconds for n in counts] for _ in range(PAIRS)]
    return [(one, every) for one, every in seconds]


def members_of_pair(wall: float, lanes: int) -> int:
    """How many members take long enough and keep all lanes busy; ``wall`` of one of them, s."""
    return max(math.ceil(WORK / wall), PER_LANE * lanes)


def measure_peer(
    name: str, problem: Problem, rtols: list[float], budget: float, say: Callable[[str], None]
) -> list[Row]:
    """A peer on the members of a problem, as many as a budget allows, s; rows with a reason if none."""
    title = peers.NAMES[name]
    say(f"{problem.name}: {title}")
    try:
        build = peers.find(name)
        start = time.perf_counter()
        peer = build(problem.spec, problem.sbml)
        compiled = peer.compiled or time.perf_counter() - start
        say(f"  compiled in {compiled:.1f} s")
        _check(peer, problem, say)
    except Exception as reason:  # noqa: BLE001 - whatever a peer throws, the others go on
        note = str(reason) if str(reason) == "not installed" else f"failed: {_short(reason)}"
        return [Row(problem.name, title, rtol, note=note) for rtol in rtols]
    rows = [Row(problem.name, title, rtol, compiled=compiled) for rtol in rtols]
    return [_time(peer, row, problem, budget) for row in rows]


def _check(peer: peers.Peer, problem: Problem, say: Callable[[str], None]) -> None:
    """Refuse a peer that solves another model: members with numbers of their own, the median counts.

    A member on the edge of a switch may err with any solver; one who misread the model errs on all.
    """
    members = sorted(problem.truth)
    chosen = {members[0], members[len(members) // 2], members[-1]}
    found = {}
    for member in sorted(chosen):
        numbers = problem.y0[member], problem.p[member]
        y, _ = peer.run(*numbers, problem.times, peer.check, problem.atol(peer.check))
        found[member] = error(y, problem.truth[member])
        say(f"  check of member {member} at {peer.check:g}: error {found[member]:.1e}")
    if not np.median(list(found.values())) < SENSIBLE:
        errors = ", ".join(f"{off:.1e} on member {member}" for member, off in found.items())
        message = f"disagrees with the reference: errors {errors}"
        raise peers.PeerError(message)


def _time(peer: peers.Peer, row: Row, problem: Problem, budget: float) -> Row:
    atol = problem.atol(row.rtol)
    found: dict[int, Array] = {}
    walls: list[float] = []
    cpus: list[float] = []
    clocks, steps, reason = [], [], ""
    peer.prepare(problem.y0[0], problem.p[0], problem.times, row.rtol, atol)
    for i in range(len(problem.y0)):
        if sum(walls) > budget and len(walls) >= ENOUGH:
            break
        start = time.perf_counter(), time.process_time()
        try:
            y, info = peer.run(problem.y0[i], problem.p[i], problem.times, row.rtol, atol)
        except Exception as trouble:  # noqa: BLE001 - one member fails, the others go on
            row.lost, reason = row.lost + 1, _short(trouble)
            continue
        walls.append(time.perf_counter() - start[0])
        cpus.append(time.process_time() - start[1])
        clocks += [info.solver_seconds] if info.solver_seconds is not None else []
        steps += [info.steps] if info.steps is not None else []
        found[i] = y
    row.members, row.note = len(found), peer.note
    if not found:
        row.note = f"failed: {reason}"
        return row
    row.single = min([walls[0], *_again(peer, problem, row.rtol, walls[0])])
    row.wall, row.cpu = float(np.mean(walls)), float(np.mean(cpus))
    row.solver = float(np.mean(clocks)) if clocks else None
    row.steps = float(np.mean(steps)) if steps else None
    row.errors = {i: error(y, problem.truth[i]) for i, y in found.items() if i in problem.truth}
    return row


def _again(peer: peers.Peer, problem: Problem, rtol: float, seconds: float) -> list[float]:
    """The first member a few times more, if that is quick."""
    found = []
    for _ in range(6 if seconds < 0.5 else 0):
        start = time.perf_counter()
        peer.run(problem.y0[0], problem.p[0], problem.times, rtol, problem.atol(rtol))
        found.append(time.perf_counter() - start)
    return found


def _short(reason: BaseException) -> str:
    text = " ".join(str(reason).split())
    return (text or type(reason).__name__)[:120]
