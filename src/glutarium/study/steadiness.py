"""The reference state on its own: whether it stands still, and comes back when it is pushed.

Both are asked of balanced growth: per unit of dry mass, in a medium that is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.simulate.model import PER_MASS
from glutarium.solve.batch import Batch, System
from glutarium.solve.modes import eigenvalues

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from glutarium.kernel import Array
    from glutarium.model.network import Network
    from glutarium.simulate.model import CellModel
    from glutarium.solve.batch import BatchResult

__all__ = ["Pulse", "fastest_change", "free_pools", "moiety_pools", "pulses", "slowest_mode"]

HOURS = 72.0
FACTORS = (0.5, 1.5)


@dataclass(frozen=True, slots=True)
class Pulse:
    """One pool set to a multiple of its reference, and what is left of that later.

    Attributes
    ----------
    species, factor
        What was pulsed, to which multiple.
    furthest
        The pool that is furthest from its reference at the end.
    deviation
        Its distance, relative to its reference; infinite where the run did not finish.
    detail
        Why the run stopped early.
    """

    species: str
    factor: float
    furthest: str
    deviation: float
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.species} x {self.factor:g} -> {self.furthest or self.detail}"


def moiety_pools(network: Network) -> tuple[str, ...]:
    """Species that are copies of a conserved core (rows ``moiety:`` of the kinetics table)."""
    named = (c.partition(":") for r in network.reactions.values() for c in r.constants)
    return tuple(species for kind, _, species in named if kind == "moiety")


def free_pools(network: Network) -> tuple[str, ...]:
    """Pools of cytosol and matrix outside the conserved moieties."""
    held = set(moiety_pools(network))
    return tuple(s for s in network.in_compartment("c", "m") if s not in held)


def fastest_change(model: CellModel, member: int) -> tuple[float, str]:
    """Largest ``|dx/dt| / x`` of a pool or macromolecule at reference, 1/h, and where."""
    y, p = model.ensemble.initial[member], model.parameters(member, PER_MASS)
    rates = np.empty_like(y)
    model.kernel.rhs(0.0, y, p, rates)
    watched = _watched(model, y)
    relative = np.abs(rates[watched]) / y[watched]
    worst = int(np.argmax(relative))
    return float(relative[worst]), model.spec.state_ids[watched[worst]]


def slowest_mode(model: CellModel, member: int) -> float:
    """Largest real part of an eigenvalue at reference, 1/h.

    The total of a conserved moiety follows dry mass, so it decays to its share at the rate of growth
    and needs no exception; what the medium and the mass itself hold is projected out.
    """
    y, p = model.ensemble.initial[member], model.parameters(member, PER_MASS)
    weights = model.mass_weights(p)
    found = eigenvalues(model.kernel, y, p, frozen=model.outside, kept=weights)
    return float(found.real.max())


def pulses(model: CellModel, member: int, species: Iterable[str] | None = None) -> list[Pulse]:
    """Pulse pools one by one, down and up by half, and look at all pools after :data:`HOURS`.

    Parameters
    ----------
    model
        The model.
    member
        Row of its ensemble.
    species
        What to pulse; by default every pool outside the conserved moieties.
    """
    chosen = free_pools(model.network) if species is None else tuple(species)
    reference, p = model.ensemble.initial[member], model.parameters(member, PER_MASS)
    pushed = [(s, factor) for s in chosen for factor in FACTORS]
    systems = []
    for pool, factor in pushed:
        start = reference.copy()
        start[model.state_index[pool]] *= factor
        systems.append(System(start, p))
    result = model.engine.run(Batch.of(systems, np.array([0.0, HOURS])), observables=False)
    return [_pulse(model, member, push, result, i) for i, push in enumerate(pushed)]


def _pulse(
    model: CellModel, member: int, pushed: tuple[str, float], result: BatchResult, i: int
) -> Pulse:
    if result.codes[i] is not ResultCode.SUCCESS:
        return Pulse(*pushed, "", np.inf, f"{result.codes[i].name}: {result.details[i]}")
    reference = model.ensemble.initial[member]
    watched = _watched(model, reference)
    deviation = np.abs(result.end[i][watched] / reference[watched] - 1.0)
    worst = int(np.argmax(deviation))
    return Pulse(*pushed, model.spec.state_ids[watched[worst]], float(deviation[worst]))


def _watched(model: CellModel, reference: Array) -> npt.NDArray[np.intp]:
    """Positions of the pools and macromolecules of the cell."""
    return np.flatnonzero(model.in_cell & (reference > 0.0))
