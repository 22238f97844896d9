"""The page's opening: one plain sentence or two per arm, from the ensemble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.report.change import change
from glutarium.report.chosen import key_pools, title
from glutarium.report.words import number, spread_text

if TYPE_CHECKING:
    from glutarium.report.change import Change
    from glutarium.report.readings import Readings

__all__ = ["Story", "stories"]

_MOST_POOLS = 3
_WORDS = {"up": "higher", "down": "lower", "same": "within 5 %"}


@dataclass(frozen=True, slots=True)
class Large:
    """A large number: what it is, the number, two remarks and its colour class."""

    label: str
    value: str
    notes: tuple[str, ...]
    step: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One arm in brief.

    Attributes
    ----------
    arm
        Its name.
    figures
        The large numbers: growth, glutamine uptake, glutamate.
    pools
        A sentence on the pools that changed most; may be empty.
    note
        How many runs finished, if not all did.
    """

    arm: str
    figures: tuple[Large, ...]
    pools: str
    note: str


def stories(readings: Readings, cell: str) -> tuple[Story, ...]:
    """Tell every arm of a cell in brief; the first one in absolute numbers."""
    return tuple(_story(readings, cell, arm) for arm in range(len(readings.arms)))


def _story(readings: Readings, cell: str, arm: int) -> Story:
    names = [f"{cell}.{n}" for n in ("growth_rate", "uptake.glutamine", "pool.glutamate")]
    figures = tuple(_figure(readings, n, arm) for n in names if n in readings.units)
    finished, members = int(readings.finished[arm].sum()), len(readings.members)
    note = "" if finished == members else f"{finished} of {members} runs finished"
    return Story(readings.arms[arm], figures, _pools(readings, cell, arm), note)


def _figure(readings: Readings, name: str, arm: int) -> Large:
    found, unit, label = change(readings, name, arm), readings.units[name], title(name)
    if not found.value:
        return Large(label, "–", ("no run finished",))
    if arm == 0:
        low, high, count = found.value.low, found.value.high, found.value.count
        notes = (unit, f"{number(low)} – {number(high)} over {count} members")
        return Large(label, number(found.value.median), notes)
    notes = (f"{spread_text(found.value)} {unit}".strip(), f"{_votes(found)} members")
    return Large(label, found.text, notes, found.step)


def _votes(found: Change) -> str:
    return f"{_WORDS.get(found.direction, 'unclear')} in {found.agree} of {found.count}"


def _pools(readings: Readings, cell: str, arm: int) -> str:
    if arm == 0:
        return ""
    found = [(name, change(readings, name, arm)) for name in key_pools(readings, cell)]
    moved = [(n, c) for n, c in found if c.direction in ("up", "down") and c.step]
    moved.sort(key=lambda item: -_size(item[1].fold.median))
    parts = [f"{title(n)} {c.text} ({c.agree}/{c.count})" for n, c in moved[:_MOST_POOLS]]
    return ", ".join(parts)


def _size(fold: float) -> float:
    return float("inf") if fold == 0 else max(fold, 1 / fold)
