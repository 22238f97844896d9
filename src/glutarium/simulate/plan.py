"""What happens to one arm, in the model's own terms: parameters and medium by time.

``study`` translates conditions into plans; nothing here knows a study file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ArmPlan", "Phase", "RestPlan"]


@dataclass(frozen=True, slots=True)
class RestPlan:
    """Where the cells of an arm come from.

    Attributes
    ----------
    parameters
        Parameter id → value that held while the cells came to rest.
    medium
        Fresh base medium, species → mM.
    """

    parameters: Mapping[str, float] = field(default_factory=dict)
    medium: Mapping[str, float] = field(default_factory=dict)

    @property
    def key(self) -> tuple[tuple[str, float], ...]:
        """Equal for plans with the same rest."""
        return (*sorted(self.parameters.items()), ("|", 0.0), *sorted(self.medium.items()))


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
    """

    name: str
    rest: RestPlan
    phases: tuple[Phase, ...]
    times: tuple[float, ...]
    before: Phase | None = None
    before_h: float = 0.0
    arm: str = ""
    cell: str = ""
