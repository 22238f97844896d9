"""Draws from the recorded ranges: the only place where an ensemble gets its randomness.

A draw is log-normal around the recorded value, with a standard deviation of a quarter of the log range,
truncated to the bounds. Every number has its own random stream, keyed by the seed and by what it is
for, so that adding a record does not change the draws of the others.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from glutarium.model.ranges import Range

__all__ = ["Draw"]

TRIES = 64


@dataclass(frozen=True, slots=True)
class Draw:
    """One member's source of numbers.

    Attributes
    ----------
    seed
        Number of the draw; ``None`` gives the recorded values themselves.
    """

    seed: int | None = None

    def number(self, purpose: str, recorded: Range) -> float:
        """Draw one number.

        Parameters
        ----------
        purpose
            What it is for, e.g. ``km.GLS.gln_m``; keys the random stream.
        recorded
            Its value and bounds; zero, negative or rangeless numbers are returned as they are.
        """
        if self.seed is None or recorded.low <= 0.0 or recorded.high <= recorded.low:
            return recorded.value
        low, high = np.log(recorded.low), np.log(recorded.high)
        centre, spread = np.log(recorded.value), (high - low) / 4.0
        stream = np.random.default_rng(self._key(purpose))
        for x in stream.normal(centre, spread, TRIES):
            if low <= x <= high:
                return float(np.exp(x))
        return recorded.value

    def _key(self, purpose: str) -> int:
        digest = hashlib.sha256(f"{self.seed}:{purpose}".encode()).digest()
        return int.from_bytes(digest[:8], "little")
