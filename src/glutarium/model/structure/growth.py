"""The fastest growth that stoichiometry and uptake allow; no kinetic model of the cell grows faster.

Uptake of a nutrient is limited by the carriers (and the enzymes that take it from the medium at once):
capacity times saturation with what the medium holds, whatever the cell is like inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, prod
from typing import TYPE_CHECKING

from glutarium.model.assemble import OUTSIDE
from glutarium.model.structure.flux_model import EXCHANGE, GROWTH, flux_model
from glutarium.model.structure.linear import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.model.network import Network, Reaction
    from glutarium.model.structure.flux_model import FluxModel

__all__ = ["GrowthBound", "fastest_uptake", "growth_bound"]

_MEDIUM = "e"
_BY_CAPACITY = "modular"
# An effector of this kind may raise a rate without end.
_UNLIMITED = "exponential"
# An uptake this near to its limit, relative to it, is at it.
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class GrowthBound:
    """The optimum of growth.

    Attributes
    ----------
    growth
        Fastest growth of a cell of the given composition, 1/h.
    any_composition
        Fastest gain of dry mass whatever it consists of, 1/h; never less.
    limiting
        Nutrient whose uptake is at its limit → growth gained per more uptake, 1/h per mmol/gDW/h;
        most telling first.
    fluxes
        Reaction, exchange or growth → flux of the optimum, mmol/gDW/h.
    """

    growth: float
    any_composition: float
    limiting: Mapping[str, float]
    fluxes: Mapping[str, float]


def fastest_uptake(
    network: Network, parameters: Mapping[str, float], medium: Mapping[str, float]
) -> dict[str, float]:
    """Upper bound of the net uptake of every species of the medium, mmol/gDW/h.

    Parameters
    ----------
    network
        Reactions with their rate laws.
    parameters
        Parameter id → value of the kinetic model: capacities and constants.
    medium
        Species → mM; what it lacks cannot be taken up.
    """
    found: dict[str, float] = {}
    for species, amount in medium.items():
        taking = [_taking(r, species, parameters, medium) for r in network.reactions.values()]
        found[species] = sum(taking) if amount > 0.0 else 0.0
    return found


def _taking(
    reaction: Reaction, species: str, parameters: Mapping[str, float], medium: Mapping[str, float]
) -> float:
    """Fastest consumption of a species by one reaction."""
    n = reaction.stoichiometry.get(species, 0.0)
    if n == 0.0 or (n > 0.0 and not reaction.reversible) or _stands_still(reaction):
        return 0.0
    if reaction.law != _BY_CAPACITY or any(e.kind == _UNLIMITED for e in reaction.effects):
        return inf
    forward = n < 0.0
    same_side = reaction.substrates if forward else reaction.products
    saturation = prod(_saturation(reaction, s, parameters, medium) for s in same_side)
    capacity = parameters[f"vmax.{reaction.id}"]
    if not forward:
        capacity *= _backward(reaction, parameters)
        saturation = 1.0 if reaction.charge_into_matrix else saturation
    return abs(n) * capacity * saturation


def _stands_still(reaction: Reaction) -> bool:
    """Gas goes with the surroundings, and the medium's enzymes are drugs: neither is the cell's."""
    return reaction.law in {"gas", "medium_enzyme", "medium_oxidation"}


def _saturation(
    reaction: Reaction, species: str, parameters: Mapping[str, float], medium: Mapping[str, float]
) -> float:
    """Largest share of a site that a species of the medium holds; one for what is in the cell."""
    km = parameters.get(f"km.{reaction.id}.{species}")
    if km is None or not species.endswith(f"_{_MEDIUM}") or species not in medium:
        return 1.0
    order = abs(reaction.stoichiometry[species]) if reaction.reversible else 1.0
    return float((medium[species] / (km + medium[species])) ** order)


def _backward(reaction: Reaction, parameters: Mapping[str, float]) -> float:
    """Capacity of the reverse reaction over that of the forward one (Haldane relation)."""
    ratio = 1.0 / parameters[f"keq.{reaction.id}"]
    for species, n in reaction.stoichiometry.items():
        ratio *= parameters.get(f"km.{reaction.id}.{species}", 1.0) ** n
    return ratio


def growth_bound(
    network: Network,
    parameters: Mapping[str, float],
    medium: Mapping[str, float],
    content: Mapping[str, float] | None = None,
) -> GrowthBound:
    """Find the fastest growth by flux balance, with the kinetic model's medium and uptake.

    Parameters
    ----------
    network
        The network.
    parameters
        Parameter id → value of one member.
    medium
        Species → mM.
    content
        What one gDW holds, mmol/gDW; that of the recorded reference where None.
    """
    uptake = fastest_uptake(network, parameters, medium)
    model = flux_model(network, uptake, content)
    program = _program(model, {GROWTH: 1.0})
    best = program.maximise()
    prices = {
        species: abs(best.prices.get(species, 0.0))
        for species, limit in uptake.items()
        if limit > 0.0 and _at_limit(best.values.get(f"{EXCHANGE}{species}", 0.0), limit)
    }
    telling = {s: price for s, price in prices.items() if price > _CLOSE}
    limiting = dict(sorted(telling.items(), key=lambda item: -item[1]))
    inside = [s for s in network.dynamic if network.substances[s].compartment not in OUTSIDE]
    loosest = _program(model, _mass(network, parameters), inside).maximise().objective
    fluxes = {str(c): v for c, v in best.values.items()}
    return GrowthBound(best.objective, loosest, limiting, fluxes)


def _at_limit(exchange: float, limit: float) -> bool:
    return -exchange > limit * (1.0 - _CLOSE)


def _mass(network: Network, parameters: Mapping[str, float]) -> dict[str, float]:
    """Reaction → share of dry mass that one turnover makes, the definition of growth."""
    gains: dict[str, float] = {}
    for reaction in network.reactions.values():
        made = sum(
            parameters[f"weight.{s}"] * n
            for s, n in reaction.stoichiometry.items()
            if f"weight.{s}" in parameters
        )
        if made:
            gains[reaction.id] = made
    return gains


def _program(
    model: FluxModel, gains: Mapping[str, float], surplus: Iterable[str] | None = None
) -> Program:
    """Balances of all rows; where there is a ``surplus``, it is left over instead of growth."""
    program = Program()
    free = surplus is not None
    for column, (low, high) in model.bounds.items():
        closed = free and column == GROWTH
        program.variable(column, low, 0.0 if closed else high, gains.get(column, 0.0))
    left_over = {*(surplus or ())}
    for row, terms in model.rows().items():
        program.row(row, terms, least=row in left_over)
    return program
