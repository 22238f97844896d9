"""A peer in a process of its own: it may take too long, or bring its process down, and the others go on."""

from __future__ import annotations

import multiprocessing
import queue
import sys
import time
from typing import TYPE_CHECKING

from benchmarks import peers
from benchmarks.measure import Row, measure_peer

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

    from benchmarks.problem import Problem

__all__ = ["measure_apart"]


def measure_apart(name: str, problem: Problem, rtols: list[float], limit: float) -> list[Row]:
    """Measure a peer; rows with a reason where it crashed or was not done within a limit, s."""
    context = multiprocessing.get_context("spawn")
    answers: Queue[list[Row]] = context.Queue()
    child = context.Process(target=_work, args=(answers, name, problem, rtols, limit / 12.0))
    child.start()
    rows = _await(child, answers, limit)
    ended = child.exitcode
    if rows is None:
        child.kill()
    child.join()
    if rows is not None:
        return rows
    slow = f"no run within {limit:g} s"
    note = slow if ended is None else f"failed: its process ended with {ended}"
    return [Row(problem.name, peers.NAMES[name], rtol, note=note) for rtol in rtols]


def _await(
    child: multiprocessing.process.BaseProcess, answers: Queue[list[Row]], limit: float
) -> list[Row] | None:
    end = time.monotonic() + limit
    while time.monotonic() < end:
        dead = child.exitcode is not None
        try:
            return answers.get(timeout=1.0)
        except queue.Empty:
            if dead:
                return None
    return None


def _work(
    answers: Queue[list[Row]], name: str, problem: Problem, rtols: list[float], budget: float
) -> None:
    answers.put(measure_peer(name, problem, rtols, budget, _say))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
