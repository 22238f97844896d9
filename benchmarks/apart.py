"""A peer in a process of its own: it may take too long, or bring its process down, and the others go on."""

from __future__ import annotations

import multiprocessing
import queue
import sys
import time
from typing import TYPE_CHECKING, Any

from benchmarks import peers
from benchmarks.measure import Row, measure_peer

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.queues import Queue

    from benchmarks.problem import Problem

__all__ = ["LostError", "apart", "measure_apart"]

SHARE = 1.0 / 12.0
"""Of the limit, for the runs at one tolerance; the rest is for reading and compiling the model."""
LONGEST = 120
"""Letters of a reason."""


class LostError(Exception):
    """A process was not done within its limit, or ended without an answer; the text says which."""


def apart(work: Callable[..., Any], *arguments: Any, limit: float) -> Any:  # noqa: ANN401
    """Return what a function returns in a process that is ended after a limit, s."""
    context = multiprocessing.get_context("spawn")
    answers: Queue[Any] = context.Queue()
    child = context.Process(target=_answer, args=(answers, work, *arguments))
    child.start()
    try:
        return _await(child, answers, limit)
    finally:
        if child.exitcode is None:
            child.kill()
        child.join()


def measure_apart(name: str, problem: Problem, rtols: list[float], limit: float) -> list[Row]:
    """Measure a peer; rows with a reason where it crashed or was not done within a limit, s."""
    try:
        found: list[Row] = apart(
            measure_peer, name, problem, rtols, limit * SHARE, _say, limit=limit
        )
    except LostError as reason:
        title, note = peers.NAMES[name], str(reason)
        return [Row(problem.name, title, rtol, note=note) for rtol in rtols]
    return found


def _answer(answers: Queue[Any], work: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401
    try:
        answers.put((work(*arguments), ""))
    except Exception as reason:  # noqa: BLE001 - whatever a peer throws, the others go on
        answers.put((None, f"failed: {reason}"[:LONGEST]))


def _await(child: multiprocessing.process.BaseProcess, answers: Queue[Any], limit: float) -> Any:  # noqa: ANN401
    end = time.monotonic() + limit
    while time.monotonic() < end:
        dead = child.exitcode is not None
        try:
            found, trouble = answers.get(timeout=1.0)
        except queue.Empty:
            if dead:
                message = f"failed: its process ended with {child.exitcode}"
                raise LostError(message) from None
        else:
            if trouble:
                raise LostError(trouble)
            return found
    message = f"no run within {limit:g} s"
    raise LostError(message)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
