"""How long the next step of a site is: as :mod:`glutarium.solve.driver.stepping` does it for one system."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.kernel import ResultCode
from glutarium.solve.options import (
    AFTER_NEGATIVE,
    AFTER_NOT_FINITE,
    LEAST_ERROR,
    MOST_CUT,
    MOST_GROWTH,
    MOST_WISHED,
    REMEMBERED_ERROR,
    SAFETY,
)

if TYPE_CHECKING:
    from glutarium.solve.methods import Method

__all__ = ["Pace"]


@dataclass
class Pace:
    """Step control of one site.

    Attributes
    ----------
    method
        The method.
    first
        Step to try first and after a jump, h.
    wished
        Step that control would try next, h.
    """

    method: Method
    first: float
    wished: float
    h: float = 0.0
    landing: bool = False
    last_step: float = 0.0
    last_error: float = 1.0
    refused: bool = False
    blame: ResultCode = ResultCode.STEP_TOO_SMALL

    def choose(self, t: float, stop: float, longest: float) -> float:
        """Step of the next attempt; it ends at the stop, or so that equal ones lead there."""
        self.landing = min(self.wished, longest) >= (stop - t) * (1.0 - 1e-10)
        self.h = self.expected(t, stop, longest)
        return self.h

    def expected(self, t: float, stop: float, longest: float) -> float:
        """What :meth:`choose` would choose."""
        left, h = stop - t, min(self.wished, longest)
        # Equal steps to the stop: halving what is left would make the last ones ever shorter.
        return left / max(math.ceil(left / h * (1.0 - 1e-10)), 1)

    def judge(self, error: float, room: float) -> bool:
        """Whether an attempt counts; what to try next."""
        if not math.isfinite(error):
            return self._refuse(ResultCode.NOT_FINITE, AFTER_NOT_FINITE * self.h)
        # The smaller one: what cells and place exchange errs beside the step.
        error = max(error / self.method.overestimate_inside, LEAST_ERROR)
        power = 1.0 / (self.method.error_order + 1.0)
        factor = max(MOST_GROWTH, min(MOST_CUT, error**power / SAFETY))
        if error > 1.0:
            return self._refuse(ResultCode.STEP_TOO_SMALL, self.h / factor)
        if room < 0.0:
            return self._refuse(ResultCode.NEGATIVE_POOL, AFTER_NEGATIVE * self.h)
        if self.last_step > 0.0:
            growth = error * error / self.last_error
            predicted = (self.last_step / self.h) * growth**power / SAFETY
            factor = max(factor, MOST_GROWTH, min(MOST_CUT, predicted))
        wished = self.h / factor
        wished = min(wished, self.h) if self.refused else wished
        if self.landing:  # a step cut short says little about the one that control wanted
            wished = max(wished, min(self.wished, MOST_WISHED * self.h))
        self.wished, self.refused = wished, False
        self.last_step, self.last_error = self.h, max(error, REMEMBERED_ERROR)
        return True

    def restart(self) -> None:
        """Begin again with a small step: rates may have jumped."""
        self.wished, self.last_step = min(self.wished, self.first), 0.0

    def _refuse(self, blame: ResultCode, wished: float) -> bool:
        self.blame, self.refused, self.wished = blame, True, wished
        return False
