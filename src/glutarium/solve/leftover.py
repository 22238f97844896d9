"""Systems that are left when others have ended: taken out of wide lanes to go on in a lane of their own.

A wide kernel takes as long for one system as for all its lanes. So the last systems of a batch, which may
need a hundred times as many steps as the others, go on in a kernel of one lane, with the same bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glutarium.solve.driver.layout import SYSTEM

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array
    from glutarium.solve.driver.layout import Lanes

__all__ = ["Leftover", "few_of", "leftovers", "resume"]


class Leftover(NamedTuple):
    """A system on its way: a column of what lanes keep from step to step, see ``Lanes``."""

    reals: Array
    ints: npt.NDArray[np.int64]
    y: Array
    p: Array
    levels: Array


def few_of(width: int) -> int:
    """Systems that a kernel of one lane ends sooner than one of ``width``; two of eight."""
    return width // 4


def leftovers(lanes: Lanes) -> list[Leftover]:
    """Copies of the systems that lanes hold."""
    return [
        Leftover(*(getattr(lanes, name)[:, lane].copy() for name in Leftover._fields))
        for lane in np.flatnonzero(lanes.ints[SYSTEM] >= 0)
    ]


def resume(left: Leftover, lanes: Lanes) -> None:
    """Put a system into the first lane."""
    for name in Leftover._fields:
        getattr(lanes, name)[:, 0] = getattr(left, name)
