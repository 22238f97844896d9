"""A site on its way, and the lanes of sites that take a step together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.sites.site import SiteRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array, ResultCode
    from glutarium.solve.sites.blocks import Block
    from glutarium.solve.sites.control import Pace
    from glutarium.solve.sites.site import Present, Site, Steward

__all__ = ["Crew", "Task", "blocks_of", "by_zone"]


@dataclass(eq=False)
class Task:
    """A site on its way."""

    position: int
    site: Site
    steward: Steward
    lanes: list[tuple[Block, int]] = field(default_factory=list)
    present: Present | None = None
    pace: Pace | None = None
    reported: list[Array] = field(default_factory=list)
    taken: list[Array] = field(default_factory=list)
    step: Array | float = 0.0
    singular: bool = False
    steps: int = 0
    rejected: int = 0
    code: ResultCode | None = None
    detail: str = ""

    @property
    def now(self) -> Present:
        """The present; there is one once the site is admitted."""
        assert self.present is not None
        return self.present

    def result(self, times: Array) -> SiteRun:
        """What came of it, of the times that were to be reported."""
        n = len(self.reported)
        assert self.code is not None
        observed = np.stack(self.reported, axis=1) if n else np.empty((len(self.site.zone), 0, 0))
        taken = np.array(self.taken)
        ends = self.now.y, self.now.p, self.code, self.detail, self.steps, self.rejected
        return SiteRun(times[:n], observed, taken, *ends)


class Crew:
    """Lanes of the sites that take a step together, in the order of sites and cells.

    Parameters
    ----------
    tasks
        The sites.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.blocks = list(blocks_of(tasks))
        place = {id(block): i for i, block in enumerate(self.blocks)}
        width = len(self.blocks[0].numbers["h"])
        lanes = [(i, z, b, n) for i, t in enumerate(tasks) for z, (b, n) in _zoned(t)]
        self.home = np.array([i for i, *_ in lanes]), np.array([z for _, z, *_ in lanes])
        self._width = width
        self._places = np.array([place[id(b)] * width + n for *_, b, n in lanes])

    def gathered(self, parts: Sequence[Array]) -> Array:
        """One row per lane from arrays of all blocks that have the lanes last."""
        stacked = np.moveaxis(np.array(parts), -1, 1)
        return np.asarray(stacked.reshape(-1, *stacked.shape[2:])[self._places])

    def handed(self, values: Array, parts: Sequence[Array], rows: npt.NDArray[np.int32]) -> None:
        """Write one row per lane into some rows of arrays of all blocks; idle lanes get zeros."""
        spread = np.zeros((len(parts) * self._width, values.shape[1]))
        spread[self._places] = values
        for part, own in zip(parts, spread.reshape(len(parts), self._width, -1), strict=True):
            part[rows] = own.T


def _zoned(task: Task) -> Iterator[tuple[int, tuple[Block, int]]]:
    """Zone and lane of every cell of a site."""
    return zip(task.site.zone.tolist(), task.lanes, strict=True)


def blocks_of(tasks: Sequence[Task]) -> Iterator[Block]:
    """Blocks in which sites have lanes, each once."""
    return iter({id(block): block for task in tasks for block, _ in task.lanes}.values())


def by_zone(shared: Array, site: Site) -> Array:
    """Shared states of every zone, from the first of its cells."""
    first = [int(np.flatnonzero(site.zone == z)[0]) for z in range(site.n_zones)]
    return np.asarray(shared[first])
