"""What happens to one arm, in the model's own terms: parameters and medium by time.

``study`` translates conditions into plans; nothing here knows a study file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ArmPlan", "Clone", "Phase", "Place", "RestPlan", "SetPoint", "clone_name"]

Key = tuple[object, ...]


def clone_name(cell: str, clone: str) -> str:
    """What a part of a cell population is called; the cell's own name without a clone."""
    return f"{cell}[{clone}]" if clone else cell


@dataclass(frozen=True, slots=True)
class SetPoint:
    """The rest in which a cell's expression was measured: its profile and nothing else.

    Attributes
    ----------
    parameters, medium
        As of a rest.
    genes
        Whose expression was measured; at this rest it is what the levels say.
    """

    parameters: Mapping[str, float]
    medium: Mapping[str, float]
    genes: tuple[str, ...]

    @property
    def key(self) -> Key:
        """Equal for equal set points."""
        held = (("|", 0.0), *((gene, 1.0) for gene in self.genes))
        return (*_key(self.parameters, self.medium), *held)


@dataclass(frozen=True, slots=True)
class RestPlan:
    """Where the cells of an arm come from.

    Attributes
    ----------
    parameters
        Parameter id → value that held while the cells came to rest.
    medium
        Fresh base medium, species → mM.
    profile
        Where the expression of its profile was measured, if it has one.
    """

    parameters: Mapping[str, float] = field(default_factory=dict)
    medium: Mapping[str, float] = field(default_factory=dict)
    profile: SetPoint | None = None

    @property
    def key(self) -> Key:
        """Equal for plans with the same rest."""
        profile = () if self.profile is None else self.profile.key
        return (*_key(self.parameters, self.medium), *profile)


def _key(parameters: Mapping[str, float], medium: Mapping[str, float]) -> Key:
    return (*sorted(parameters.items()), ("|", 0.0), *sorted(medium.items()))


@dataclass(frozen=True, slots=True)
class Phase:
    """Conditions from a time on.

    Attributes
    ----------
    start_h
        Start, h.
    parameters
        Parameter id → value, complete for the phase; others keep the member's value.
    medium
        Species → mM that are set at the start; others stay as they are.
    added
        Species → mM that are then added to what the medium holds.
    factors
        Parameter id → factor on the member's own value.
    tracer
        Which nutrients of its medium are labelled; see :mod:`glutarium.model.tracers`.
    """

    start_h: float
    parameters: Mapping[str, float] = field(default_factory=dict)
    medium: Mapping[str, float] = field(default_factory=dict)
    added: Mapping[str, float] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    tracer: str = ""

    @property
    def key(self) -> Key:
        """Equal for phases in which the same happens."""
        changed = (self.parameters, self.medium, self.added, self.factors)
        return (self.start_h, self.tracer, *(tuple(sorted(c.items())) for c in changed))


@dataclass(frozen=True, slots=True)
class Place:
    """Surroundings that cells share.

    Attributes
    ----------
    name
        Name of the site; plans with one name stand in one.
    system
        ``coculture`` (one closed dish) or ``tissue`` (fed by plasma; the media of phases are the plasma).
    share
        Dry mass of the cell at the start: gDW/L in a dish; in a tissue over that of a pure tumour.
    alternatives
        Question → answer, of what passes between cells.
    diameter
        Of the balls in which the cells of a dish grow at the start, um; zero: the medium reaches all alike.
    """

    name: str
    system: str
    share: float
    alternatives: tuple[tuple[str, str], ...] = ()
    diameter: float = 0.0


@dataclass(frozen=True, slots=True)
class Clone:
    """A part of a cell population that differs from the rest.

    Attributes
    ----------
    name
        What it is called.
    share
        Share of the population at the start.
    rest, phases, before
        As of a plan.
    """

    name: str
    share: float
    rest: RestPlan
    phases: tuple[Phase, ...]
    before: Phase | None = None

    @property
    def key(self) -> Key:
        """Equal for clones of one name that are the same."""
        return (self.name, self.share, self.rest.key, tuple(p.key for p in self.phases))


@dataclass(frozen=True, slots=True)
class ArmPlan:
    """One arm.

    Attributes
    ----------
    name
        Name of the run: that of the arm for its first dish.
    rest
        Where the cells come from.
    phases
        In order of time; the first starts at zero and sets the whole medium.
    times
        Times to report, h; the last one is the end.
    before
        Pre-treatment in a dish of its own, lifted at time zero.
    before_h
        Its length, h.
    arm
        Arm that the dish belongs to; empty for runs that no arm asks for.
    cell
        Kind of cell in the dish.
    place
        Surroundings that it shares with other cells; None: a dish of its own.
    clones
        Its parts, where they differ.
    natural_abundance
        Whether isotopologues are read with the natural share of heavy atoms, as in raw data.
    tracer_purity
        Probability that a labelled atom of a tracer is heavy.
    """

    name: str
    rest: RestPlan
    phases: tuple[Phase, ...]
    times: tuple[float, ...]
    before: Phase | None = None
    before_h: float = 0.0
    arm: str = ""
    cell: str = ""
    place: Place | None = None
    clones: tuple[Clone, ...] = ()
    natural_abundance: bool = False
    tracer_purity: float = 1.0

    @property
    def key(self) -> Key:
        """Equal for plans of which the same comes, whatever they and their places are called."""
        before = None if self.before is None else (self.before.key, self.before_h)
        place = self.place and (self.place.system, self.place.share, self.place.alternatives)
        isotopes = self.natural_abundance, self.tracer_purity
        what = self.rest.key, tuple(p.key for p in self.phases), tuple(c.key for c in self.clones)
        return (self.cell, *what, self.times, before, place, *isotopes)
