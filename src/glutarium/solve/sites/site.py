"""What a site consists of, what may happen to it between steps, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array, ResultCode

__all__ = ["Flow", "Present", "Site", "SiteRun", "Steward"]


@dataclass(frozen=True)
class Flow:
    """What flows into and out of the shared states of a site; constant within a step.

    The rate of shared state ``s`` in zone ``z`` is ``gain[z, s] - sum_x loss[z, x, s] * value[x, s]``.

    Attributes
    ----------
    gain
        Unit of the state per h, shape ``(n_zones, n_shared)``.
    loss
        1/h, shape ``(n_zones, n_zones, n_shared)``.
    """

    gain: Array
    loss: Array

    @classmethod
    def none(cls, n_zones: int, n_shared: int) -> Flow:
        """A closed site."""
        return cls(np.zeros((n_zones, n_shared)), np.zeros((n_zones, n_zones, n_shared)))


@dataclass(frozen=True)
class Site:
    """Cells that share their surroundings, at the start.

    Attributes
    ----------
    y
        States of every cell, shape ``(n_cells, n_states)``; cells of a zone agree in the shared ones.
    p
        Parameters, shape ``(n_cells, n_parameters)``. Rates that belong to the surroundings run in every
        cell of a zone: their parameters must share them out.
    zone
        Zone of every cell, counted from zero, each with a cell at least, shape ``(n_cells,)``.
    """

    y: Array
    p: Array
    zone: npt.NDArray[np.int64]

    @property
    def n_zones(self) -> int:
        """Number of zones."""
        return int(self.zone.max()) + 1


@dataclass
class Present:
    """A site at its present time, as its steward sees it; parameters, states, flow and pace may be changed.

    Attributes
    ----------
    t
        Time, h.
    y, p
        As of the site.
    flow
        What flows until the next step ends.
    taken
        Net amount that flowed in from outside and between zones so far, in the unit of the states, shape
        ``(n_zones, n_shared)``.
    observed
        Observables of every cell at this time under the parameters so far, shape
        ``(n_cells, n_observables)``.
    max_step
        Longest next step, h.
    jumped
        Whether the next step should be small, because rates jumped.
    renewed
        Columns of the parameters that were changed, where not all of them may have been.
    ahead
        How long the next step will be as far as one can tell, h.
    """

    t: float
    y: Array
    p: Array
    flow: Flow
    taken: Array
    observed: Array
    max_step: float
    jumped: bool = False
    renewed: npt.NDArray[np.int64] | None = None
    ahead: float = 0.0


class Steward(Protocol):
    """Looks after one site: is called at the start and after every step.

    What it changes holds for the whole next step. What changes along with the cells is best set to what
    it will be in the middle of that step: then an error in it is of second order in the step's length.
    """

    def tend(self, present: Present) -> None:
        """Change parameters, states or flows of the site to what they are now; then comes the report."""

    def lead(self, present: Present) -> None:
        """Change them to what the next step is to be taken with; not called after the last report."""

    def next_stop(self, t: float) -> float:
        """Next time after ``t`` at which a step must end, h; infinite for none."""


@dataclass(frozen=True)
class SiteRun:
    """What became of a site.

    Attributes
    ----------
    times
        Times that were reached, h, shape ``(n,)``.
    observed
        Observables, or states, of every cell at these times, shape ``(n_cells, n, n_reported)``.
    taken
        As of :class:`Present` at these times, shape ``(n, n_zones, n_shared)``.
    end, end_parameters
        Last sound states and parameters of every cell.
    code, detail
        How it ended.
    steps, rejected
        Accepted and rejected steps.
    """

    times: Array
    observed: Array
    taken: Array
    end: Array
    end_parameters: Array
    code: ResultCode
    detail: str
    steps: int
    rejected: int
