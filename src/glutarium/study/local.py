"""Many tasks on this machine. How they are spread over its cores is decided here and nowhere else.

Results do not depend on the number of processes: a task is a pure function of what it is given.
"""

from __future__ import annotations

import signal
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from glutarium.errors import SchedulerError
from glutarium.solve.lanes import default_threads
from glutarium.study.execute import shared_model
from glutarium.study.threads import one_thread, use_one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

__all__ = ["Progress", "as_finished", "counted", "in_parallel", "over_members"]

Progress: TypeAlias = "Callable[[str, int, int], None] | None"
"""Called with what is done, how much is done and how much there is."""

Task = TypeVar("Task")
Done = TypeVar("Done")

# Fewer tasks than this are not worth starting processes for.
SMALLEST_BATCH = 8
# Tasks per process that are handed out at a time: the results of more would wait in memory.
AHEAD = 2


def as_finished(
    work: Callable[[Task], Done], tasks: Sequence[Task], workers: int | None = None
) -> Iterator[tuple[int, Done]]:
    """Position and result of every task, in the order in which they finish.

    Parameters
    ----------
    work
        A pure function that can be sent to another process.
    tasks
        What it is called with.
    workers
        Processes; one per core by default, and this process alone where there is little to do. It then
        lets the solver use as many threads.

    Raises
    ------
    SchedulerError
        If a process was lost.
    """
    count = default_threads() if workers is None else workers
    with one_thread():
        if count == 1 or len(tasks) < SMALLEST_BATCH:
            shared_model().engine.threads = workers
            yield from ((i, work(task)) for i, task in enumerate(tasks))
            return
        shared_model().engine.prepare()  # before the processes start, so that they find the caches
        yield from _in_processes(work, tasks, count)


def in_parallel(
    work: Callable[[Task], Done], tasks: Sequence[Task], workers: int | None = None
) -> Iterator[Done]:
    """Results of all tasks in order; see :func:`as_finished`."""
    waiting: dict[int, Done] = {}
    following = 0
    for i, done in as_finished(work, tasks, workers):
        waiting[i] = done
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def counted(results: Iterable[Done], what: str, of: int, progress: Progress) -> Iterator[Done]:
    """Results as they are; each is told as it comes."""
    for done, result in enumerate(results, start=1):
        if progress is not None:
            progress(what, done, of)
        yield result


def over_members(
    work: Callable[[int], Done],
    members: int | None,
    what: str,
    workers: int | None = None,
    progress: Progress = None,
) -> list[Done]:
    """Results for the first members of the shipped ensemble, in order.

    Parameters
    ----------
    work
        Called with the row of a member; can be sent to another process.
    members
        How many; all by default and at most.
    what
        What is told as it goes.
    workers, progress
        See :func:`as_finished` and :func:`counted`.
    """
    there = len(shared_model().ensemble)
    count = min(members or there, there)
    return list(counted(in_parallel(work, range(count), workers), what, count, progress))


def _in_processes(
    work: Callable[[Task], Done], tasks: Sequence[Task], count: int
) -> Iterator[tuple[int, Done]]:
    pool = ProcessPoolExecutor(count, initializer=_prepare)
    try:
        queue = iter(enumerate(tasks))
        running: dict[Future[Done], int] = {}
        for i, task in queue:
            running[pool.submit(work, task)] = i
            if len(running) < AHEAD * count:
                continue
            yield from _collect(running)
        while running:
            yield from _collect(running)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _collect(running: dict[Future[Done], int]) -> Iterator[tuple[int, Done]]:
    """Wait for the next tasks to finish and take them out."""
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        try:
            yield running.pop(future), future.result()
        except BrokenProcessPool as error:
            message = (
                "A process was lost, perhaps for want of memory; what is finished is kept: run the "
                "same command again, with fewer --workers"
            )
            raise SchedulerError(message) from error


def _prepare() -> None:
    """A process of the pool computes on one thread and ends without a word at Ctrl-C."""
    use_one_thread()
    shared_model().engine.threads = 1
    signal.signal(signal.SIGINT, signal.SIG_DFL)
