"""How an arm differs from the first one, member by member, by the rules of the study format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.readings import Readings, Spread, split_name, spread
from glutarium.report.words import fold_text, number
from glutarium.study.effect import FLOORS, RATIO_FLOOR, effect_between

if TYPE_CHECKING:
    from glutarium.kernel import Array

__all__ = ["Change", "change", "change_step"]

_CHANGED = 0.05
_ENDLESS = 1000.0

# Folds at which the colour of the map and of the tables deepens.
_STEPS = (1.1, 1.5, 3.0)


@dataclass(frozen=True, slots=True)
class Change:
    """One observable in one arm against the first arm.

    Attributes
    ----------
    value, reference
        End values of the arm and of the first arm over the members.
    fold
        Arm over first arm, paired by member; 0 where nothing is left, infinite where nothing was.
        Count 0 where no member finished both.
    direction
        ``up``, ``down`` or ``same``, what most members say, a change of 5 % being the least;
        ``none`` where there is nothing to compare.
    agree, count
        Members that say so, and members that finished both arms.
    """

    value: Spread
    reference: Spread
    fold: Spread
    direction: str
    agree: int
    count: int

    @property
    def step(self) -> int:
        """Colour class from -3 (much lower) to 3 (much higher)."""
        return change_step(self.fold.median) if self.fold else 0

    @property
    def text(self) -> str:
        """``×0.42``, or ``0.030 → −0.005`` where a fold says nothing."""
        same_sign = self.value.median * self.reference.median > 0
        if not self.count:
            return "–"
        if same_sign and np.isfinite(self.fold.median):
            return fold_text(self.fold.median)
        return f"{number(self.reference.median, 2)} → {number(self.value.median, 2)}"


def change(readings: Readings, observable: str, arm: int) -> Change:
    """Compare the end value of an observable in ``arm`` with the first arm."""
    found = readings.remembered.get((observable, arm))
    if not isinstance(found, Change):
        found = readings.remembered[observable, arm] = _change(readings, observable, arm)
    return found


def _change(readings: Readings, observable: str, arm: int) -> Change:
    ends = readings.end(observable)
    both = np.isfinite(ends[arm]) & np.isfinite(ends[0])
    effect = effect_between(ends[arm][both], ends[0][both], floor=_floor(observable))
    votes = np.where(effect.size >= _CHANGED, effect.direction, 0.0)
    counts = {"down": int((votes < 0).sum()), "same": int((votes == 0).sum())}
    counts["up"] = votes.size - counts["down"] - counts["same"]
    direction = max(counts, key=lambda k: counts[k]) if votes.size else "none"
    return Change(
        value=spread(ends[arm]),
        reference=spread(ends[0]),
        fold=_folds(effect.log2),
        direction=direction,
        agree=counts.get(direction, 0),
        count=int(votes.size),
    )


def change_step(fold: float) -> int:
    """Colour class of a fold, from -3 (a third and less) to 3 (three times and more)."""
    size = fold if fold >= 1 else np.inf if fold == 0 else 1 / fold
    level = sum(size >= s for s in _STEPS)
    return level if fold >= 1 else -level


def _floor(observable: str) -> float:
    first, family, _ = split_name(observable)
    return FLOORS.get("concentration" if first == "medium" else family, RATIO_FLOOR)


def _folds(log2: Array) -> Spread:
    """Quantiles of folds; a member's infinite log2 counts as a very large one, not as missing."""
    read = spread(np.clip(log2, -_ENDLESS, _ENDLESS))
    low, median, high = (_power(v) for v in (read.low, read.median, read.high))
    return Spread(median, low, high, read.count)


def _power(log2: float) -> float:
    if abs(log2) < _ENDLESS / 2:
        return float(2.0**log2)
    return float("nan") if np.isnan(log2) else float("inf") if log2 > 0 else 0.0
