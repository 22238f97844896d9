"""Set points: what a profile measured is what its cell has at rest.

A profile states how much of a gene a cell has, all regulation of that cell included. Were its fold simply
the level that regulation then multiplies, a resting cell would be counted twice: its little MYC was at work
when its transporters were measured. So the cell with nothing but its profile is first brought to rest with
the measured genes held as measured; what regulation there makes of each of them divides its level from
then on. That state is the cell's rest also once nothing is held, and everything that later changes a
regulator changes the gene from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.simulate.model import PER_MASS
from glutarium.solve.batch import System
from glutarium.solve.rest import RestOptions, find_rest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import SetPoint
    from glutarium.solve.rest import Rest

__all__ = ["PATIENT", "Settled", "rests", "settle"]

GROWTH = "growth_rate"
PATIENT = RestOptions(horizon=1600.0, dilutions=40.0)
"""How long cells of studies may take: some genotypes swing for weeks before they settle."""
# A gene that regulation shuts off at rest keeps no measurable part that could be divided by.
LEAST = 1e-3


@dataclass(frozen=True)
class Settled:
    """A set point of one member.

    Attributes
    ----------
    y
        State in which the measured genes have come to rest, shape ``(n_states,)``.
    factors
        Position of a level among the parameters → factor on it.
    code, detail
        Whether the rest was found.
    """

    y: Array
    factors: Mapping[int, float]
    code: ResultCode
    detail: str

    def scaled(self, p: Array) -> Array:
        """Parameters with the levels of the measured genes at the set point."""
        for i, factor in self.factors.items():
            p[i] *= factor
        return p


def rests(
    model: CellModel, systems: Sequence[System], options: RestOptions = PATIENT
) -> list[Rest]:
    """States of rest of cells seen per their own mass."""
    return find_rest(
        model.kernel,
        systems,
        lambda batch: model.engine.run(batch, observables=False, resting=True),
        atol=model.atol,
        positive=model.positive,
        dilution=model.observable_index[GROWTH],
        options=options,
    )


def settle(
    model: CellModel, jobs: Sequence[tuple[SetPoint, int]], options: RestOptions = PATIENT
) -> list[Settled]:
    """Set points of members, found together."""
    systems = [_held(model, point, member) for point, member in jobs]
    found = rests(model, systems, options)
    return [
        _settled(model, point, system.p, rest)
        for (point, _), system, rest in zip(jobs, systems, found, strict=True)
    ]


def _held(model: CellModel, point: SetPoint, member: int) -> System:
    """A cell whose measured genes neither make nor lose mRNA or protein."""
    turnover = [f"turnover.{what}.{g}" for g in point.genes for what in ("mrna", "protein")]
    still = {name: 0.0 for name in turnover if name in model.parameter_index}
    p = model.parameters(member, {**point.parameters, **still, **PER_MASS})
    return System(model.with_medium(model.ensemble.initial[member], point.medium), p)


def _settled(model: CellModel, point: SetPoint, p: Array, rest: Rest) -> Settled:
    if rest.code is not ResultCode.SUCCESS:
        return Settled(rest.y, {}, rest.code, f"set point of the profile: {rest.detail}")
    seen = np.empty(len(model.kernel.observable_names))
    model.kernel.observe(0.0, rest.y, p, seen)
    y, factors = rest.y.copy(), {}
    for gene in point.genes:
        share = max(float(seen[model.observable_index[f"settled.{gene}"]]), LEAST)
        y[model.state_index[f"protein.{gene}"]] = share
        factors[model.parameter_index[f"level.{gene}"]] = 1.0 / share
        mrna = model.state_index.get(f"mrna.{gene}")
        if mrna is not None:
            y[mrna] = seen[model.observable_index[f"settled_mrna.{gene}"]]
    return Settled(y, factors, rest.code, rest.detail)
