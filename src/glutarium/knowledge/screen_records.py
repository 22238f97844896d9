"""Records of the stress screen: what is pushed, how far, and what piles up in real cells too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glutarium.knowledge.evidence import Evidence, Measurement, Record

__all__ = ["Expected", "ScreenCondition", "StressLevel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenCondition(Record):
    """One condition of the stress screen: blocked reactions, a missing nutrient, little oxygen."""

    TABLE: ClassVar[str] = "screen"
    KEY: ClassVar[tuple[str, ...]] = ("condition",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("kind", "unit")

    condition: str
    kind: str
    target: tuple[str, ...]
    value: float
    unit: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StressLevel(Measurement):
    """How far ``glutarium network stress`` pushes the cell, and what it calls an alarm.

    ``kind`` says what is pushed or watched (see :mod:`glutarium.study.stress_levels`), ``target`` what
    of it where that is not all of its kind.
    """

    TABLE: ClassVar[str] = "stress"
    KEY: ClassVar[tuple[str, ...]] = ("level",)
    REQUIRED: ClassVar[tuple[str, ...]] = ("kind", *Evidence.REQUIRED)

    level: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected(Record):
    """A pool that really piles up where a reaction is blocked: reported, but no alarm."""

    TABLE: ClassVar[str] = "expected"
    KEY: ClassVar[tuple[str, ...]] = ("reaction", "species")
    REQUIRED: ClassVar[tuple[str, ...]] = ("source",)

    reaction: str
    species: str
    source: tuple[str, ...]
    claims: tuple[str, ...]
    note: str
