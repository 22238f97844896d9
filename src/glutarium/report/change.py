"""How an arm differs from the first one, member by member, by the rules of the study format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.report.readings import Readings, Spread, split_name, spreads
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
    if not readings.kept:  # a report asks for nearly all of them, some several times
        readings.kept.update(_all_changes(readings))
    found: Change = readings.kept[observable][arm]
    return found


def _all_changes(readings: Readings) -> dict[str, list[Change]]:
    """Every observable in every arm; side by side, since one at a time takes a hundred times longer."""
    names = list(readings.units)
    ends = np.array([readings.end(name) for name in names])
    ends = ends.reshape(len(names), len(readings.arms), len(readings.members))
    floors = np.array([_floor(name) for name in names]).reshape(-1, 1, 1)
    first = np.broadcast_to(ends[:, :1], ends.shape)
    both = np.isfinite(ends) & np.isfinite(first)
    effect = effect_between(np.where(both, ends, 1.0), np.where(both, first, 1.0), floor=floors)
    votes = np.where(effect.size >= _CHANGED, effect.direction, 0.0)
    members = len(readings.members)

    def flat(values: Array) -> Array:
        return values.reshape(-1, members)

    down, same, up = (flat(both & (np.sign(votes) == sign)).sum(axis=1) for sign in (-1, 0, 1))
    log2 = np.where(both, np.clip(effect.log2, -_ENDLESS, _ENDLESS), np.nan)
    rows = [
        _one(*row)
        for row in zip(
            spreads(flat(ends)),
            spreads(flat(first)),
            spreads(flat(log2)),
            zip(down.tolist(), same.tolist(), up.tolist(), strict=True),
            strict=True,
        )
    ]
    arms = len(readings.arms)
    return {name: rows[i * arms : (i + 1) * arms] for i, name in enumerate(names)}


def _one(value: Spread, reference: Spread, log2: Spread, votes: tuple[int, int, int]) -> Change:
    counts = dict(zip(("down", "same", "up"), votes, strict=True))
    total = sum(votes)
    direction = max(counts, key=lambda k: counts[k]) if total else "none"
    agree = counts.get(direction, 0)
    return Change(value, reference, _folds(log2), direction, agree, total)


def change_step(fold: float) -> int:
    """Colour class of a fold, from -3 (a third and less) to 3 (three times and more)."""
    size = fold if fold >= 1 else np.inf if fold == 0 else 1 / fold
    level = sum(size >= s for s in _STEPS)
    return level if fold >= 1 else -level


def _floor(observable: str) -> float:
    first, family, _ = split_name(observable)
    return FLOORS.get("concentration" if first == "medium" else family, RATIO_FLOOR)


def _folds(log2: Spread) -> Spread:
    """Quantiles of folds; a member's infinite log2 counts as a very large one, not as missing."""
    low, median, high = (_power(v) for v in (log2.low, log2.median, log2.high))
    return Spread(median, low, high, log2.count)


def _power(log2: float) -> float:
    if abs(log2) < _ENDLESS / 2:
        return float(2.0**log2)
    return float("nan") if np.isnan(log2) else float("inf") if log2 > 0 else 0.0
