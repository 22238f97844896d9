"""Sites over threads: each has lanes of its own and takes sites from one queue.

Machine code runs without the interpreter's lock. What comes of a site depends neither on the others nor on
the lanes that it has, so the number of threads does not change a bit.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from glutarium.solve.crew import Crew

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Queue", "run_threads"]

Task = TypeVar("Task")


class Worker(Protocol):
    """Something that empties a queue until it is told to stop."""

    def __call__(self, halt: threading.Event) -> None:
        """Work."""


class Queue(Generic[Task]):
    """Tasks that threads share.

    Parameters
    ----------
    tasks
        All of them, in order.
    """

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tasks = deque(tasks)
        self._lock = threading.Lock()

    def take(self, fits: Callable[[Task], bool]) -> Task | None:
        """The next task if it fits; None otherwise, and where there is none."""
        with self._lock:
            return self._tasks.popleft() if self._tasks and fits(self._tasks[0]) else None


def run_threads(work: Worker, threads: int, tell: Callable[[], None]) -> None:
    """Let threads work until all are done; an interrupt or a failure ends the others soon.

    Parameters
    ----------
    work
        What each of them does.
    threads
        How many; one works in this thread.
    tell
        Called now and then.
    """
    halt = threading.Event()

    def job() -> tuple[()]:
        work(halt)
        return ()

    with Crew(0 if threads == 1 else threads, halt.set) as crew:
        crew.do([job] * threads, tell)
