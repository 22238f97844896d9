"""A site on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.sites.site import SiteRun

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array, ResultCode
    from glutarium.solve.sites.control import Pace
    from glutarium.solve.sites.site import Present, Site, Steward

__all__ = ["Task"]


def _none() -> npt.NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass(eq=False)
class Task:
    """A site on its way; its cells stand in some lanes of some blocks."""

    position: int
    site: Site
    steward: Steward
    block: npt.NDArray[np.int64] = field(default_factory=_none)
    lane: npt.NDArray[np.int64] = field(default_factory=_none)
    blocks: frozenset[int] = frozenset()
    present: Present | None = None
    pace: Pace | None = None
    reported: list[Array] = field(default_factory=list)
    taken: list[Array] = field(default_factory=list)
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
