"""Reference fluxes: as close to the priors as the balance of every pool allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from glutarium.model.calibrate.quadratic import closest_point
from glutarium.model.protons import compartments
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array
    from glutarium.model.calibrate.draw import Draw
    from glutarium.model.network import Network

__all__ = ["Fluxes", "moiety_contents", "reference_fluxes"]

# A reference flux may leave its prior by these factors before the draw counts as infeasible.
LOWEST, HIGHEST = 0.08, 12.0
# Relative standard deviation of a flux that is recorded without a range.
NARROWEST = 0.01


@dataclass(frozen=True, slots=True)
class Fluxes:
    """Reference fluxes, mmol/gDW/h.

    Attributes
    ----------
    values
        Reaction → flux; reactions of the dish have none.
    feasible
        Whether the balance can be met with every flux inside its bounds.
    status
        The optimiser's own word.
    shifts
        Reaction → log ratio of flux to prior.
    """

    values: Mapping[str, float]
    feasible: bool
    status: str
    shifts: Mapping[str, float]


def moiety_contents(network: Network, pools: Mapping[str, float]) -> dict[str, float]:
    """Accretion reaction → conserved total per dry mass, mmol/gDW."""
    contents: dict[str, float] = {}
    for reaction in network.reactions.values():
        copies = {
            name.partition(":")[2]: recorded.value
            for name, recorded in reaction.constants.items()
            if name.startswith("moiety:")
        }
        if copies:
            amounts = (n * pools[s] * _volume(network, s) for s, n in copies.items())
            contents[reaction.id] = sum(amounts)
    return contents


def _volume(network: Network, species: str) -> float:
    """Litres per gDW of a species' compartment; macromolecules are per gDW already."""
    compartment = network.substances[species].compartment
    if compartment == "b":
        return 1.0
    return convert(network.constants[f"volume.{compartment}"].value, "mL", "L")


def reference_fluxes(
    network: Network, pools: Mapping[str, float], growth: float, draw: Draw
) -> Fluxes:
    """Solve for all fluxes of the cell in balanced growth.

    Parameters
    ----------
    network
        The network with recorded flux priors.
    pools
        Reference concentrations; dilution by growth is part of the balance.
    growth
        Specific growth rate, 1/h.
    draw
        Source of the flux targets.
    """
    names = [r for r in network.reactions if r in network.fluxes]
    target = np.array([draw.number(f"flux.{r}", network.fluxes[r]) for r in names])
    spreads = np.array([np.log(network.fluxes[r].spread) / 4.0 for r in names])
    sigma = np.maximum(spreads, NARROWEST) * target
    matrix, right = _balance(network, pools, growth, names)
    unit = sparse.eye_array(len(names), format="csc")
    recorded = np.array([network.fluxes[r].value for r in names])
    bounds = np.concatenate([recorded * HIGHEST, -recorded * LOWEST])
    # The unknown is flux over target, so that small fluxes count as much as large ones.
    scaled = sparse.csc_array(matrix * target)
    rescale = np.maximum(np.abs(matrix * target).max(axis=1), 1e-12)
    solution = closest_point(
        np.ones(len(names)),
        sigma / target,
        (sparse.csc_array(scaled / rescale[:, None]), right / rescale),
        (
            sparse.csc_array(sparse.vstack([unit, -unit])),
            bounds / np.concatenate([target, target]),
        ),
    )
    values = _polish(solution.x * target, sigma, matrix, right)
    inside = bool(np.all(values > 0.0)) and solution.feasible
    result = dict(zip(names, values.tolist(), strict=True))
    contents = moiety_contents(network, pools)
    result |= {r: growth * amount for r, amount in contents.items()}
    shifts = dict(zip(names, np.log(np.abs(values / recorded)).tolist(), strict=True))
    return Fluxes(result, inside, solution.status, shifts)


def _balance(
    network: Network, pools: Mapping[str, float], growth: float, names: list[str]
) -> tuple[Array, Array]:
    """Rows: net production equals dilution, for every pool of the cell; none of charge, of protons.

    Protons of a compartment with a pH are balanced; what growth dilutes of them is nothing.
    """
    species = network.in_compartment("c", "m", "b")
    diluted = [growth * pools[s] * _volume(network, s) for s in species]
    inside = tuple(f"h_{c}" for c in compartments(network) if c != "e")
    row = {s: i for i, s in enumerate((*species, *inside))}
    matrix = np.zeros((len(row) + 1, len(names)))
    right = np.array([*diluted, *(0.0 for _ in inside), 0.0])
    for j, name in enumerate(names):
        reaction = network.reactions[name]
        for s, n in reaction.stoichiometry.items():
            if s in row:
                matrix[row[s], j] += n
        matrix[-1, j] = reaction.charge_into_matrix
    for name, content in moiety_contents(network, pools).items():
        reaction = network.reactions[name]
        for s, n in reaction.stoichiometry.items():
            if s in row:
                right[row[s]] -= n * growth * content
        right[-1] -= reaction.charge_into_matrix * growth * content
    return matrix, right


def _polish(values: Array, sigma: Array, matrix: Array, right: Array) -> Array:
    """One weighted projection onto the balance: removes the solver's tolerance."""
    weighted = matrix * sigma
    for _ in range(2):
        step = np.linalg.lstsq(weighted, right - matrix @ values, rcond=1e-12)[0]
        values = values + sigma * step
    return values
