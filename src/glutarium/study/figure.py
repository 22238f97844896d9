"""A figure with its target: what is promised, and what was measured on whom."""

from __future__ import annotations

import operator
from dataclasses import dataclass

__all__ = ["Figure", "Measured", "Target"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A number, what it was found at, and on which subject."""

    value: float
    where: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach.

    Attributes
    ----------
    relation
        ``<``, ``<=`` or ``>=``.
    bound
        Number on the right of it.
    """

    relation: str
    bound: float

    def __str__(self) -> str:
        return f"{self.relation} {self.bound:g}"

    def met(self, value: float) -> bool:
        """Whether a value reaches the target; NaN does not."""
        relations = {"<": operator.lt, "<=": operator.le, ">=": operator.ge}
        return bool(relations[self.relation](value, self.bound))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, measured.

    Attributes
    ----------
    key
        Short name, unique among the figures.
    name, unit
        What it is.
    target
        What it must reach; None where it is only reported.
    recorded
        Measured on the recorded values; None where it is a figure of the ensemble.
    members
        Measured on the members, or once on the ensemble as a whole.
    """

    key: str
    name: str
    unit: str
    target: Target | None
    recorded: Measured | None
    members: tuple[Measured, ...] = ()

    @property
    def worst(self) -> Measured | None:
        """The member that is furthest on the wrong side; None where there is none."""
        if not self.members:
            return None
        lowest = self.target is None or self.target.relation == ">="
        return (min if lowest else max)(self.members, key=lambda m: m.value)

    @property
    def meeting(self) -> int:
        """How many members reach the target."""
        return sum(self.target is None or self.target.met(m.value) for m in self.members)

    @property
    def met(self) -> bool:
        """Whether the recorded values and all members reach the target."""
        alone = self.target is None or self.recorded is None or self.target.met(self.recorded.value)
        return alone and self.meeting == len(self.members)
