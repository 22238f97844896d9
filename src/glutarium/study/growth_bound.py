"""Growth of the kinetic cell beside the fastest growth that its stoichiometry and uptake allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import UnknownNameError
from glutarium.kernel import ResultCode
from glutarium.model.structure.flux_model import contents
from glutarium.model.structure.growth import growth_bound
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.model import medium_of
from glutarium.simulate.plan import ArmPlan, Phase, RestPlan
from glutarium.simulate.setpoint import GROWTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.model.structure.growth import GrowthBound
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

__all__ = ["BoundedGrowth", "bounded_growth"]

# The rates are those of rest; the run only has to begin.
_MOMENT = (0.0, 1e-3)
# Rest is found, and the program solved, to about this.
_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class BoundedGrowth:
    """One medium, one member.

    Attributes
    ----------
    medium, member
        Name; row of the ensemble, from 1.
    kinetic
        Growth of the cell at rest in it, 1/h; None where it does not come to rest.
    bound
        The optimum by flux balance, for what the cell consists of at rest there.
    """

    medium: str
    member: int
    kinetic: float | None
    bound: GrowthBound

    @property
    def holds(self) -> bool:
        """Whether the cell grows no faster than its bound, but for the tolerance of its rest."""
        return self.kinetic is None or self.kinetic <= self.bound.growth * (1.0 + _TOLERANCE)


def bounded_growth(
    model: CellModel,
    media: Sequence[str],
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> list[BoundedGrowth]:
    """Compare growth at rest with its bound.

    Parameters
    ----------
    model
        The model with its members.
    media
        Names of recorded media.
    progress
        Called with what goes on, how much is done and how much there is.

    Raises
    ------
    UnknownNameError
        There is no such medium.
    """
    known = [m.medium for m in model.base.media_names]
    for name in media:
        if name not in known:
            kind = "medium"
            raise UnknownNameError(name, kind, known)
    found: list[BoundedGrowth] = []
    for done, name in enumerate(media):
        progress(name, done, len(media))
        medium = medium_of(model.base, model.network, name)
        plan = ArmPlan(name, RestPlan(medium=medium), (Phase(0.0, medium=medium),), _MOMENT)
        jobs = [(plan, m) for m in range(len(model.ensemble))]
        lanes = run_lanes(model, jobs, RestCache())
        found += [_bounded(model, name, m, lane) for (_, m), lane in zip(jobs, lanes, strict=True)]
    return found


def _bounded(model: CellModel, name: str, member: int, lane: Lane) -> BoundedGrowth:
    values = model.ensemble.parameters[member].tolist()
    parameters = dict(zip(model.spec.parameter_ids, values, strict=True))
    medium = medium_of(model.base, model.network, name)
    at = model.observable_index
    growth, content = None, None
    if lane.code is ResultCode.SUCCESS:
        growth = float(lane.at_rest[at[GROWTH]])
        pools = {s: float(lane.at_rest[at[f"conc.{s}"]]) for s in model.network.dynamic}
        content = contents(model.network, pools)
    bound = growth_bound(model.network, parameters, medium, content)
    return BoundedGrowth(name, member + 1, growth, bound)
