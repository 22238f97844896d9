"""Many tasks on the workers of a Dask scheduler: one that runs somewhere, or one made for the call."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from glutarium.errors import MissingExtraError, SchedulerError
from glutarium.kept import program
from glutarium.solve.lanes import default_threads
from glutarium.study.execute import shared_model
from glutarium.study.local import AHEAD
from glutarium.study.threads import use_one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

__all__ = ["LOCAL", "on_cluster"]

Task = TypeVar("Task")
Done = TypeVar("Done")
Client: TypeAlias = Any  # Dask is optional, so its classes cannot be named here
Future: TypeAlias = Any

LOCAL = "local"
TIMEOUT = "10s"
NEARBY = "127.0.0.1:0"  # any free port, so that several clusters go side by side; only this machine sees it
ADVICE = "what is finished is kept: mend it and run the same command again"


def on_cluster(
    work: Callable[[Task], Done],
    tasks: Sequence[Task],
    scheduler: str,
    workers: int | None = None,
) -> Iterator[tuple[int, Done]]:
    """Position and result of every task, in the order in which they finish.

    Parameters
    ----------
    work
        A pure function that can be sent to another machine.
    tasks
        What it is called with.
    scheduler
        Address of a scheduler such as ``tcp://host:8786``, or ``local`` for a cluster of processes on
        this machine that lasts as long as the call.
    workers
        Processes of a local cluster; one per core by default.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    SchedulerError
        If no scheduler answers, its workers have another version or a worker is lost again and again.
    """
    with _connect(scheduler, workers) as client:
        yield from _spread(client, partial(_on_worker, work, program()), tasks)


def _distributed() -> ModuleType:
    try:
        return import_module("distributed")
    except ModuleNotFoundError as error:
        if error.name not in {"dask", "distributed"}:
            raise
        package = "dask[distributed]"
        raise MissingExtraError(package, "scale") from error


@contextmanager
def _connect(scheduler: str, workers: int | None) -> Iterator[Client]:
    dask = _distributed()
    if scheduler == LOCAL:
        count = workers or default_threads()
        made = partial(dask.LocalCluster, threads_per_worker=1, dashboard_address=NEARBY)
        quiet = logging.ERROR  # at Ctrl-C it warns of every task that it drops
        with made(n_workers=count, silence_logs=quiet) as cluster, dask.Client(cluster) as client:
            yield client
        return
    try:
        client = dask.Client(scheduler, timeout=TIMEOUT)
    except (OSError, ValueError) as error:
        message = (
            f"No scheduler answers at {scheduler!r}; start one with `dask scheduler` and workers "
            f"with `dask worker ADDRESS`, give its address (tcp://host:8786), or use {LOCAL!r}"
        )
        raise SchedulerError(message) from error
    with client:
        yield client


def _spread(
    client: Client, work: Callable[[Task], Done], tasks: Sequence[Task]
) -> Iterator[tuple[int, Done]]:
    """Hand out a few tasks per thread at a time, so that no results pile up."""
    queue = iter(enumerate(tasks))
    position: dict[str, int] = {}
    running = _distributed().as_completed([])

    def hand_out() -> None:
        threads = sum(client.nthreads().values())
        for i, task in islice(queue, max(1, AHEAD * threads - len(position))):
            future = client.submit(work, task, pure=False)
            position[future.key] = i
            running.add(future)

    hand_out()
    for future in running:
        i = position.pop(future.key)
        yield i, _result(future)
        hand_out()


def _result(future: Future) -> Any:  # noqa: ANN401 - Dask's futures do not say what they hold
    dask = _distributed()
    try:
        return future.result()
    except dask.KilledWorker as error:
        message = f"Workers were lost again and again, perhaps for want of memory; {ADVICE}"
        raise SchedulerError(message) from error
    except dask.CancelledError as error:
        message = f"The scheduler was lost; {ADVICE}"
        raise SchedulerError(message) from error
    except ModuleNotFoundError as error:
        message = f"A worker has no {error.name!r}; install the same Glutarium there; {ADVICE}"
        raise SchedulerError(message) from error


def _on_worker(work: Callable[[Task], Done], wanted: str, task: Task) -> Done:
    """Do a task, unless this worker would do something else than the caller."""
    if program() != wanted:
        message = (
            f"A worker runs Glutarium {program()}, this is {wanted}; install the same there, so "
            f"that results are the same; {ADVICE}"
        )
        raise SchedulerError(message)
    use_one_thread()
    shared_model().engine.threads = 1  # the worker has a task for every core
    return work(task)
