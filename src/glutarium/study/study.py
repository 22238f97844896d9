"""What a study says, as frozen values: arms, read-outs, expectations; and the defaults.

:mod:`glutarium.study.parse` makes them from YAML; nothing here reads files or knows names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from glutarium.study.conditions import Conditions, merge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.errors import Location
    from glutarium.names import Observable
    from glutarium.study.grids import Grid

__all__ = [
    "DEFAULT_DURATION_H",
    "DEFAULT_MEDIUM",
    "DEFAULT_OXYGEN",
    "SYSTEMS",
    "VERBS",
    "Arm",
    "Expectation",
    "Readout",
    "Sides",
    "Study",
    "System",
    "Verb",
]

System: TypeAlias = Literal["cell", "coculture", "tissue", "body"]
Verb: TypeAlias = Literal["up", "down", "unchanged", "rescued", "not_rescued", "synergy", "value"]
Sides: TypeAlias = tuple[str, ...]
"""One arm, or the two arms of a pair ``[x, y]`` that stands for x / y."""

SYSTEMS: tuple[System, ...] = ("cell", "coculture", "tissue", "body")
VERBS: tuple[Verb, ...] = (
    "up",
    "down",
    "unchanged",
    "rescued",
    "not_rescued",
    "synergy",
    "value",
)
# Defaults that the study format promises.
DEFAULT_DURATION_H: Mapping[System, float] = MappingProxyType(
    {"cell": 24.0, "coculture": 48.0, "tissue": 14 * 24.0, "body": 3 * 24.0}
)
DEFAULT_MEDIUM: Mapping[System, str | None] = MappingProxyType(
    {"cell": "RPMI-1640", "coculture": "RPMI-1640", "tissue": None, "body": None}
)
"""Base medium where none is named; None: an interstitium fed by plasma."""
DEFAULT_OXYGEN = 0.21
"""Fraction of 1 atm in the gas phase."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A named arm with its own conditions only; see :meth:`Study.merged`."""

    name: str
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class Readout:
    """An observable to report, at a time (h) or, with None, at the end of the run."""

    observable: Observable
    at_h: float | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a study expects of its arms.

    Attributes
    ----------
    observable
        What is compared.
    verb
        The key ``is``.
    arm, versus
        One arm each, or two for a pair; ``versus`` is empty where the verb needs none.
    versus_observable
        What is read in ``versus`` where that is another observable.
    baseline, insult
        Arms that a rescue is measured against.
    a, b
        The single arms of a synergy.
    factor
        Bounds of the median fold (of the median itself for ``value``); None is open.
    claim
        Claim that this tests.
    hard
        Whether the model-free rule is wrong or has no answer here.
    at_h
        Time of the read-out, h; None: the end of the run.
    location
        File and line.
    """

    observable: Observable
    verb: Verb
    arm: Sides
    versus: Sides = ()
    versus_observable: Observable | None = None
    baseline: str | None = None
    insult: str | None = None
    a: str | None = None
    b: str | None = None
    factor: tuple[float | None, float | None] | None = None
    claim: str | None = None
    hard: bool = False
    at_h: float | None = None
    location: Location | None = None

    @property
    def other_observable(self) -> Observable:
        """What is read in ``versus``."""
        return self.versus_observable or self.observable

    def needs(self) -> tuple[tuple[str, Observable], ...]:
        """Return the (arm, observable) pairs that a verdict is made from, each once."""
        named = (self.baseline, self.insult, self.a, self.b)
        others = [name for name in named if name is not None]
        mine = [(name, self.observable) for name in (*self.arm, *others)]
        theirs = [(name, self.other_observable) for name in self.versus]
        return tuple(dict.fromkeys(mine + theirs))


@dataclass(frozen=True, slots=True)
class Study:
    """A question: a setup, arms, what to read and what to expect.

    Attributes
    ----------
    id, title, claims
        Identity and the claims it tests.
    system
        What kind of system it runs in.
    duration_h
        Length of the run, h.
    setup
        Conditions shared by all arms. A cell's rest follows from these alone, never from an arm's.
    arms
        Arms by name, in order.
    readouts
        What is reported beside what the expectations need.
    expectations
        What is expected, in order.
    disputed_with
        Ids of claims that answer the same design in the opposite way.
    text
        The YAML document as it was written.
    location
        File and line where it starts.
    grids
        Arms that came from grids of doses.
    """

    id: str
    system: System
    duration_h: float
    setup: Conditions
    arms: Mapping[str, Arm]
    location: Location
    title: str = ""
    claims: tuple[str, ...] = ()
    readouts: tuple[Readout, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    disputed_with: tuple[str, ...] = ()
    text: str = ""
    grids: tuple[Grid, ...] = ()

    @property
    def path(self) -> Path:
        """File that the study stands in."""
        return Path(self.location.path)

    @property
    def layer(self) -> str:
        """Name of the file without its ending: what totals are grouped by."""
        return self.path.stem

    @property
    def composition_lines(self) -> tuple[str, ...]:
        """What was read of the files that cells come from, in lines; those of arms after the setup's."""
        said = [self.setup, *(arm.conditions for arm in self.arms.values())]
        found = (c.cells.composition for c in said if c.cells is not None)
        return tuple(dict.fromkeys(line for one in found if one is not None for line in one.lines))

    def merged(self, arm: str) -> Conditions:
        """Return an arm's conditions merged over the setup; they hold from time zero."""
        return merge(self.setup, self.arms[arm].conditions)

    def observables(self) -> tuple[Observable, ...]:
        """Return everything that has to be read out, each once, in order of appearance."""
        asked = [readout.observable for readout in self.readouts]
        needed = [o for expectation in self.expectations for _, o in expectation.needs()]
        return tuple(dict.fromkeys(asked + needed))
