"""From values to a verdict: whether an expectation holds over the ensemble.

Pure functions: values per (arm, observable) in, a :class:`Verdict` out. The thresholds are those
of the study format. A run that failed is never read as "no change": it makes ``no verdict``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from glutarium.study.effect import (
    RATIO_FLOOR,
    Effect,
    effect_between,
    floor_of,
    ratio_of_pair,
    undone_share,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from glutarium.kernel import Array
    from glutarium.names import Observable
    from glutarium.study.study import Expectation, Sides

__all__ = ["CHANGED", "OUTCOMES", "UNCHANGED", "Outcome", "Values", "Verdict", "judge"]

Outcome: TypeAlias = Literal["holds", "fails", "not supported", "no verdict"]
OUTCOMES: tuple[Outcome, ...] = ("holds", "fails", "not supported", "no verdict")

Values: TypeAlias = "Mapping[tuple[str, str], npt.ArrayLike]"
"""(arm, name of the observable) → values at the read-out time, ``(n_members,)``; NaN: failed."""

# Thresholds of the study format.
CHANGED = 0.05
UNCHANGED = 0.15
_RESCUED = 0.5
_NOT_RESCUED = 0.2
_AGREEMENT_PERCENT = 80
# A change of exactly 5 % must count although 1.05 * x / x is not always 1.05 in floating point.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out of one expectation.

    Attributes
    ----------
    outcome
        ``holds``, ``fails``, ``not supported`` or ``no verdict``.
    fold
        Median of arm over versus (rescues: arm over insult; ``value``: the median itself); None
        where there is none, or where it is infinite because versus is nothing.
    agreement
        Share of the members that agree, 0-1.
    reason
        Why it does not hold; what is missing; which run failed. Empty if there is nothing to say.
    """

    outcome: Outcome
    fold: float | None = None
    agreement: float | None = None
    reason: str = ""


def judge(
    expectation: Expectation,
    values: Values,
    *,
    failures: Mapping[str, str] | None = None,
    missing: str | None = None,
) -> Verdict:
    """Judge one expectation.

    Parameters
    ----------
    expectation
        What is expected.
    values
        Values over the members, for all of ``expectation.needs()``.
    failures
        Arm → why its run failed, in words; used in the reason of ``no verdict``.
    missing
        Name or key that the model cannot simulate: the verdict is then ``not supported``.

    Returns
    -------
    Verdict
        Never raises for a failed run: a value that is missing or not finite makes ``no verdict``.
    """
    if missing is not None:
        return Verdict("not supported", reason=missing)
    problem = _problem(expectation, values, failures or {})
    if problem:
        return Verdict("no verdict", reason=problem)
    reader = _Reader(expectation, values)
    match expectation.verb:
        case "up" | "down" | "unchanged":
            return _judge_change(expectation, reader.effect())
        case "rescued" | "not_rescued":
            return _judge_rescue(expectation, reader)
        case "synergy":
            return _judge_synergy(expectation, reader)
        case "value":
            return _judge_value(expectation, reader.own(expectation.arm[0]))


def _problem(expectation: Expectation, values: Values, failures: Mapping[str, str]) -> str:
    """Return why no verdict is possible, or nothing."""
    needs = expectation.needs()
    for arm in dict.fromkeys(arm for arm, _ in needs):
        if arm in failures:
            return f"a run of arm {arm!r} failed: {failures[arm]}"
    for arm, observable in needs:
        key = (arm, observable.name)
        if key not in values:
            return f"arm {arm!r} has no value of {observable.name}"
        bad = ~np.isfinite(np.asarray(values[key], dtype=np.float64))
        if bad.any() or not bad.size:
            count = f"{int(bad.sum())} of {bad.size} members"
            return f"arm {arm!r} has no finite {observable.name} in {count}"
    return ""


class _Reader:
    """Looks values up for one expectation."""

    def __init__(self, expectation: Expectation, values: Values) -> None:
        self._expectation = expectation
        self._values = values

    def own(self, arm: str | None) -> Array:
        """Return the expectation's observable in an arm."""
        return self._read(arm, self._expectation.observable)

    def effect(self) -> Effect:
        """Return the effect of arm against versus, as ratios where they are pairs."""
        e = self._expectation
        if len(e.arm) > 1:
            mine = self._pair(e.arm, e.observable)
            return effect_between(mine, self._pair(e.versus, e.other_observable), floor=RATIO_FLOOR)
        return effect_between(
            self.own(e.arm[0]),
            self._read(e.versus[0], e.other_observable),
            floor=floor_of(e.observable),
            versus_floor=floor_of(e.other_observable),
        )

    def _pair(self, sides: Sides, observable: Observable) -> Array:
        x, y = (self._read(arm, observable) for arm in sides)
        return ratio_of_pair(x, y, floor=floor_of(observable))

    def _read(self, arm: str | None, observable: Observable) -> Array:
        return np.asarray(self._values[str(arm), observable.name], dtype=np.float64)


def _judge_change(expectation: Expectation, effect: Effect) -> Verdict:
    fold = float(np.median(effect.fold))
    verb = expectation.verb
    if verb == "unchanged":
        agrees = effect.size < UNCHANGED * (1 - _SLACK)
    else:
        right = effect.direction == (1.0 if verb == "up" else -1.0)
        agrees = right & (effect.size >= CHANGED * (1 - _SLACK))
    reason = "" if _enough(agrees) else _describe_change(effect)
    if not reason and not _within(fold, expectation.factor):
        reason = f"median fold {fold:.3g} is outside {_bounds(expectation.factor)}"
    return _verdict(agrees, fold, reason)


def _describe_change(effect: Effect) -> str:
    """Say what the members did instead."""
    strong = effect.size >= CHANGED * (1 - _SLACK)
    up = int((strong & (effect.direction > 0)).sum())
    down = int((strong & (effect.direction < 0)).sum())
    rest = effect.size.size - up - down
    return f"up in {up}, down in {down}, changed by less than 5 % in {rest} members"


def _judge_rescue(expectation: Expectation, reader: _Reader) -> Verdict:
    arm, insult = reader.own(expectation.arm[0]), reader.own(expectation.insult)
    floor = floor_of(expectation.observable)
    share, effect = undone_share(reader.own(expectation.baseline), insult, arm, floor=floor)
    hit = (effect.direction != 0) & (effect.size >= CHANGED * (1 - _SLACK))
    if expectation.verb == "rescued":
        agrees = hit & (share >= _RESCUED * (1 - _SLACK))
    else:
        agrees = hit & (share < _NOT_RESCUED * (1 - _SLACK))
    reason = ""
    if not _enough(hit):
        reason = f"the insult changes it by 5 % in only {int(hit.sum())} of {hit.size} members"
    elif not _enough(agrees):
        reason = f"{float(np.median(share[hit])):.0%} of the insult's change is undone (median)"
    fold = float(np.median(effect_between(arm, insult, floor=floor).fold))
    return _verdict(agrees, fold, reason)


def _judge_synergy(expectation: Expectation, reader: _Reader) -> Verdict:
    versus = reader.own(expectation.versus[0])
    floor = floor_of(expectation.observable)
    alive = versus >= floor
    left = [
        np.divide(reader.own(arm), versus, out=np.ones_like(versus), where=alive)
        for arm in (expectation.arm[0], expectation.a, expectation.b)
    ]
    # What is left of a single arm cannot be less than nothing: two negative shares would multiply
    # to a positive one.
    predicted = np.maximum(left[1], 0.0) * np.maximum(left[2], 0.0)
    # Two drugs that raise growth by less than expected show no loss, so no synergy.
    agrees = alive & (left[0] < np.minimum(predicted, 1.0) - _SLACK)
    fold, expected = float(np.median(left[0])), float(np.median(predicted))
    reason = (
        "" if _enough(agrees) else f"{fold:.3g} is left, Bliss predicts {expected:.3g} (medians)"
    )
    return _verdict(agrees, fold, reason)


def _judge_value(expectation: Expectation, values: Array) -> Verdict:
    median = float(np.median(values))
    agrees = np.array([_within(float(v), expectation.factor) for v in values.ravel()])
    bounds = _bounds(expectation.factor)
    if _within(median, expectation.factor):
        return Verdict("holds", median, float(agrees.mean()))
    return Verdict(
        "fails", median, float(agrees.mean()), f"median {median:.3g} is outside {bounds}"
    )


def _verdict(agrees: npt.NDArray[np.bool_], fold: float, reason: str) -> Verdict:
    outcome: Outcome = "fails" if reason else "holds"
    return Verdict(outcome, fold if np.isfinite(fold) else None, float(agrees.mean()), reason)


def _enough(agrees: npt.NDArray[np.bool_]) -> bool:
    """Tell whether at least 80 % agree; in whole numbers, so that 4 of 5 is enough."""
    return bool(100 * int(agrees.sum()) >= _AGREEMENT_PERCENT * agrees.size)


def _within(value: float, factor: tuple[float | None, float | None] | None) -> bool:
    low, high = factor or (None, None)
    return (low is None or value >= low) and (high is None or value <= high)


def _bounds(factor: tuple[float | None, float | None] | None) -> str:
    low, high = factor or (None, None)
    ends = ("-inf" if low is None else f"{low:g}", "inf" if high is None else f"{high:g}")
    return f"[{ends[0]}, {ends[1]}]"
