"""How much one arm differs from another, member by member: pure functions on arrays.

The effect of a member is ``log2(arm / versus)``. A ratio says nothing where a side is as good as
zero or the signs differ, so every family of observables has a floor (see :data:`FLOORS`):

- both sides below the floor: the member reads *unchanged*;
- one side below it, or opposite signs: direction is that of the difference, size is the difference
  over the larger side;
- else direction is that of the difference too, and size is the change as a share of ``versus``.
  For two positive values that is what the ratio says; a growth rate that falls from -0.01 to
  -0.02 /h goes down although the ratio of the two numbers is above one.

"Below" is meant for the magnitude: -0.02 /h is not below the floor of growth.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array
    from glutarium.names import Observable

__all__ = [
    "FLOORS",
    "RATIO_FLOOR",
    "Effect",
    "effect_between",
    "floor_of",
    "ratio_of_pair",
    "undone_share",
]

# The study format fixes these: growth 1e-4 /h, pools 1e-6 mM, fluxes and exchanges 1e-4 of their
# unit, shares, hazards and indices 1e-3. They belong to the format as its keys do, not to biology.
_GROWTH = 1e-4
_POOL = 1e-6
_EXCHANGE = 1e-4
_INDEX = 1e-3
# A protein is secreted at amol/cell/h where a metabolite is at fmol/cell/h: the floor of an exchange is
# taken in its own unit, or none would ever change. It stands in fmol/cell/h here.
_PROTEIN = 1e-7

FLOORS: Mapping[str, float] = MappingProxyType(
    {
        "growth_rate": _GROWTH,
        "pool": _POOL,
        "concentration": _POOL,
        "flux": _EXCHANGE,
        "reaction": _EXCHANGE,
        "uptake": _EXCHANGE,
        "secretion": _EXCHANGE,
        "efflux": _EXCHANGE,
        "demand": _EXCHANGE,
    }
)
"""Floor per family of observables, in the unit of the family; what is not named is an index."""

RATIO_FLOOR = _INDEX
"""Floor of the ratio of a pair of arms, which has no unit."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The difference between two sides, per member.

    Attributes
    ----------
    direction
        -1, 0 or 1, shape ``(n_members,)``.
    size
        Relative change, at least 0, shape ``(n_members,)``: 0.05 is 5 %.
    log2
        ``log2(arm / versus)``, shape ``(n_members,)``; infinite where one side is nothing.
    """

    direction: Array
    size: Array
    log2: Array

    @property
    def fold(self) -> Array:
        """Arm over versus, shape ``(n_members,)``: 0 if nothing is left, inf if nothing was."""
        return np.asarray(np.exp2(self.log2), dtype=np.float64)


def effect_between(
    arm: npt.ArrayLike,
    versus: npt.ArrayLike,
    *,
    floor: npt.ArrayLike,
    versus_floor: float | None = None,
) -> Effect:
    """Compare two sides member by member.

    Parameters
    ----------
    arm, versus
        Values, shape ``(n_members,)`` or several rows of them, in the same unit.
    floor
        Magnitude below which `arm` is as good as zero, in that unit; rows may have their own.
    versus_floor
        The same for `versus` where it is another observable; `floor` if not given.

    Returns
    -------
    Effect
        Direction, size and log2 ratio. Swapping the sides turns the direction and the sign of the
        log2 ratio; scaling values and floors together changes nothing.
    """
    a = np.asarray(arm, dtype=np.float64)
    v = np.asarray(versus, dtype=np.float64)
    small_a = np.abs(a) < np.asarray(floor)
    small_v = np.abs(v) < np.asarray(floor if versus_floor is None else versus_floor)
    nothing = small_a & small_v
    irregular = ((small_a ^ small_v) | (np.sign(a) * np.sign(v) < 0)) & ~nothing
    regular = ~(nothing | irregular)
    difference = np.abs(a - v)
    direction = np.where(nothing, 0.0, np.sign(a - v))
    # What is not read is replaced by one, so that nothing is divided by next to nothing.
    mine, other = (np.where(regular, np.abs(side), 1.0) for side in (a, v))
    larger = np.where(irregular, np.maximum(np.abs(a), np.abs(v)), 1.0)
    share = np.where(irregular, difference / larger, 0.0)
    with np.errstate(divide="ignore"):
        # All of it is lost (or won, seen from the other side) where the sign turns.
        log2 = np.where(irregular, -np.log2(1.0 - np.minimum(share, 1.0)), np.log2(mine / other))
    return Effect(
        direction=direction,
        size=np.where(regular, difference / other, share),
        # `where` rather than a product: no direction times an infinite size would be NaN.
        log2=np.where(direction == 0, 0.0, np.copysign(log2, direction)),
    )


def ratio_of_pair(numerator: npt.ArrayLike, denominator: npt.ArrayLike, *, floor: float) -> Array:
    """Return what a pair of arms ``[x, y]`` stands for: x / y.

    Parameters
    ----------
    numerator, denominator
        Values of x and y, shape ``(n_members,)``, same unit.
    floor
        Floor of the family; a denominator below it counts as the floor, so that a ratio to nothing
        stays finite and comparable.

    Returns
    -------
    Array
        The ratio, shape ``(n_members,)``; NaN where the denominator is negative: a cell that
        shrinks when left alone has no sensitivity to compare.
    """
    y = np.asarray(denominator, dtype=np.float64)
    safe = np.where(np.abs(y) < floor, floor, y)
    return np.where(safe > 0, np.asarray(numerator, dtype=np.float64) / np.abs(safe), np.nan)


def undone_share(
    baseline: npt.ArrayLike, insult: npt.ArrayLike, arm: npt.ArrayLike, *, floor: float
) -> tuple[Array, Effect]:
    """Return how much of an insult's effect an arm undoes.

    Parameters
    ----------
    baseline, insult, arm
        Values, shape ``(n_members,)``, same unit.
    floor
        Floor of the family.

    Returns
    -------
    share : Array
        ``(arm - insult) / (baseline - insult)``: 0 is nothing, 1 is all; 0 where the insult changes
        nothing. Shape ``(n_members,)``.
    effect : Effect
        Effect of the insult against the baseline.
    """
    start, hit, now = (np.asarray(x, dtype=np.float64) for x in (baseline, insult, arm))
    effect = effect_between(hit, start, floor=floor)
    changed = effect.direction != 0
    change = np.where(changed, start - hit, 1.0)
    return np.where(changed, (now - hit) / change, 0.0), effect


def floor_of(observable: Observable) -> float:
    """Return the floor of an observable, in its own unit."""
    if observable.family == "secretion" and observable.kind != "metabolite":
        return _PROTEIN
    return FLOORS.get(observable.family, _INDEX)
