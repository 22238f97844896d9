"""Who does the work: this machine, or the workers of a scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from glutarium.study.cluster import on_cluster
from glutarium.study.local import as_finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Workforce"]

Task = TypeVar("Task")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Workforce:
    """Who does the work; results do not depend on it.

    Attributes
    ----------
    workers
        Processes on this machine; one per core by default.
    scheduler
        Address of a Dask scheduler, or ``local`` for a Dask cluster on this machine; none by default.
    """

    workers: int | None = None
    scheduler: str | None = None

    def spread(
        self, work: Callable[[Task], Done], tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Done]]:
        """Position and result of every task, in the order in which they finish."""
        if self.scheduler is None or not tasks:
            return as_finished(work, tasks, self.workers)
        return on_cluster(work, tasks, self.scheduler, self.workers)
