"""In what order the systems of a batch are taken: those that need most steps first, once this is known.

A system that swings may need a hundred times as many steps as others. Begun among the last ones, it keeps
one lane busy long after all others are done. So in a large batch all systems first come some way and are put
aside; then they go on, those with most steps so far first. This changes when a system is advanced, and no bit
of its result.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.driver.layout import ATTEMPTS, LANE_INTS, LANE_REALS, Queue

if TYPE_CHECKING:
    from glutarium.solve.batch import Batch
    from glutarium.solve.methods import Method

__all__ = ["ROUNDS", "begin_all", "go_on", "is_worth_scouting"]

_SCOUTED = 1 / 256
"""Part of the time that systems come before they are put aside."""
ROUNDS = 4
"""So many systems per lane are a large batch."""


def is_worth_scouting(batch: Batch, method: Method, lanes: int) -> bool:
    """Whether systems are put aside: enough of them, over a time of many steps, without conditions.

    Parameters
    ----------
    batch, method
        What is advanced, and how; a method for short spans has no dense output.
    lanes
        Of all threads.
    """
    return bool(method.dense) and not batch.watches and len(batch) >= ROUNDS * lanes


def begin_all(batch: Batch, *, scouts: bool) -> Queue:
    """All systems in their order.

    Parameters
    ----------
    batch
        The systems.
    scouts
        Whether they are put aside on their way.
    """
    rows = len(batch) if scouts else 0
    start, end = batch.times[0], batch.times[-1]
    pause = start + _SCOUTED * (end - start) if scouts else math.inf
    return Queue(
        np.arange(len(batch)),
        np.zeros(1, dtype=np.int64),
        pause,
        np.zeros((rows, LANE_REALS)),
        np.zeros((rows, LANE_INTS), dtype=np.int64),
    )


def go_on(queue: Queue) -> Queue:
    """Systems that were put aside, those with most steps so far first."""
    attempts = queue.ints[:, ATTEMPTS]
    order = np.argsort(-attempts, kind="stable")[: np.count_nonzero(attempts)]
    return queue._replace(order=order, counter=np.zeros(1, dtype=np.int64), pause=math.inf)
