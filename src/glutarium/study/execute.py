"""Many runs on several processes: one task is all arms of a study for one member of the ensemble.

Results do not depend on the number of processes: a task is a pure function of its plans and its member.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.model import load_model
from glutarium.study.threads import one_thread, use_one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

__all__ = ["default_workers", "in_parallel", "run_member", "shared_model"]

Task = TypeVar("Task")
Done = TypeVar("Done")

# Fewer tasks than this are not worth starting processes for.
SMALLEST_BATCH = 8


def default_workers() -> int:
    """Number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def shared_model() -> CellModel:
    """The model of this process, loaded once."""
    return load_model()


def run_member(plans: Sequence[ArmPlan], member: int) -> list[Lane]:
    """All arms of a study for one member; arms with the same rest share it."""
    model = shared_model()
    return run_lanes(model, [(plan, member) for plan in plans], RestCache())


def in_parallel(
    work: Callable[[Task], Done], tasks: Sequence[Task], workers: int | None = None
) -> Iterator[Done]:
    """Results of all tasks in order; on this process alone where there are few."""
    count = default_workers() if workers is None else workers
    with one_thread():
        if count == 1 or len(tasks) < SMALLEST_BATCH:
            yield from map(work, tasks)
            return
        shared_model()  # compile before the processes start, so that they find the cache
        with ProcessPoolExecutor(count, initializer=use_one_thread) as pool:
            yield from pool.map(work, tasks)
