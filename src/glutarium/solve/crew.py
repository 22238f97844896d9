"""Threads that do jobs, each of which may bring up further ones."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Any

    Job = Callable[[], Iterable[Any]]

__all__ = ["Crew"]

_POLL_SECONDS = 0.1


class Crew:
    """Threads, or this one alone; a context.

    Parameters
    ----------
    threads
        How many; none does all jobs in the thread that asks.
    stop
        Called where a job failed or the user stopped, so that others end soon.
    """

    def __init__(self, threads: int, stop: Callable[[], None]) -> None:
        self._pool = ThreadPoolExecutor(threads) if threads else None
        self._stop = stop

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stop()
        if self._pool is not None:
            self._pool.shutdown()

    def do(self, jobs: Iterable[Job], tell: Callable[[], None] | None = None) -> None:
        """Do jobs, and those that they return.

        Parameters
        ----------
        jobs
            What to do; each returns further jobs.
        tell
            Called now and then while threads work, or once at the end.
        """
        if self._pool is None:
            for job in jobs:
                self.do(job())
            if tell is not None:
                tell()
            return
        pending = {self._pool.submit(job) for job in jobs}
        while pending:
            done, pending = wait(pending, _POLL_SECONDS, FIRST_COMPLETED)
            if tell is not None:
                tell()
            pending |= {self._pool.submit(job) for future in done for job in future.result()}
