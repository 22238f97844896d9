"""Reference concentrations: as close to the priors as thermodynamics allows.

In log space the distance of a reversible reaction from equilibrium is linear, so the concentrations that
put every one into its recorded band are the closest point of a polyhedron.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from glutarium.errors import ModelError
from glutarium.model.calibrate.quadratic import closest_point
from glutarium.model.protons import compartments, protons_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.model.calibrate.draw import Draw
    from glutarium.model.network import Network, Reaction

__all__ = ["Concentrations", "reference_concentrations"]

# Weight of a drawn distance from equilibrium against the priors of the pools (standard deviations).
POISE_SIGMA = 0.5


@dataclass(frozen=True, slots=True)
class Concentrations:
    """Reference concentrations, mM (mmol/gDW for macromolecules).

    Attributes
    ----------
    values
        Species → concentration, medium included.
    feasible
        Whether all reversible reactions reach their band.
    status
        The optimiser's own word.
    shifts
        Species → distance from the prior in standard deviations.
    """

    values: Mapping[str, float]
    feasible: bool
    status: str
    shifts: Mapping[str, float]


def reference_concentrations(
    network: Network, medium: Mapping[str, float], keq: Mapping[str, float], draw: Draw
) -> Concentrations:
    """Solve for the pools of cytosol and matrix.

    Parameters
    ----------
    network
        The network with recorded pools and bands of ``rho = Q / Keq``.
    medium
        Medium species → mM; held.
    keq
        Reaction → equilibrium constant of this member.
    draw
        Source of the priors and of the preferred distances from equilibrium.
    """
    fixed = {s: network.pools[s].value for s in network.in_compartment("b", "g")}
    fixed |= {s: medium.get(s, 0.0) for s in network.in_compartment("e")}
    fixed |= _protons(network)
    _refuse_absent(network, fixed)
    free = network.in_compartment("c", "m")
    index = {s: i for i, s in enumerate(free)}
    prior = np.log([draw.number(f"pool.{s}", network.pools[s]) for s in free])
    sigma = np.array([max(np.log(network.pools[s].spread) / 4.0, 0.05) for s in free])
    poised = [r for r in network.reactions.values() if "rho" in r.constants]
    rows = np.array([_log_ratio_row(r, index, network) for r in poised])
    offset = np.array([_log_ratio_offset(r, fixed, network) - np.log(keq[r.id]) for r in poised])
    bands = np.log([[r.constants["rho"].low, r.constants["rho"].high] for r in poised])
    wish = np.log([draw.number(f"rho.{r.id}", r.constants["rho"]) for r in poised])
    n, m = len(free), len(poised)
    # Unknowns: log concentrations and log rho; the equality ties them together.
    equality = sparse.csc_array(np.hstack([rows, -np.eye(m)]))
    bounds = np.log([[network.pools[s].low, network.pools[s].high] for s in free])
    lower = np.concatenate([bounds[:, 0], bands[:, 0]])
    upper = np.concatenate([bounds[:, 1], bands[:, 1]])
    unit = sparse.eye_array(n + m, format="csc")
    solution = closest_point(
        np.concatenate([prior, wish]),
        np.concatenate([sigma, np.full(m, POISE_SIGMA)]),
        (equality, -offset),
        (sparse.csc_array(sparse.vstack([unit, -unit])), np.concatenate([upper, -lower])),
    )
    logs = solution.x[:n]
    values = fixed | dict(zip(free, np.exp(logs).tolist(), strict=True))
    shifts = dict(zip(free, ((logs - prior) / sigma).tolist(), strict=True))
    return Concentrations(values, solution.feasible, solution.status, shifts)


def _protons(network: Network) -> dict[str, float]:
    """Protons at the recorded pH, mM; they count where a rate law has a constant for them."""
    return {f"h_{c}": protons_at(network.constants[f"pH.{c}"].value) for c in compartments(network)}


def _refuse_absent(network: Network, fixed: Mapping[str, float]) -> None:
    """A species at zero has no distance from equilibrium."""
    poised = [r for r in network.reactions.values() if "rho" in r.constants]
    absent = sorted({s for r in poised for s in r.stoichiometry if fixed.get(s, 1.0) <= 0.0})
    if absent:
        message = (
            f"The reference medium holds no {', '.join(absent)}, but reversible reactions exchange "
            "it; give it a concentration above zero in media.tsv"
        )
        raise ModelError(message)


def _log_ratio_row(reaction: Reaction, index: Mapping[str, int], network: Network) -> list[float]:
    row = [0.0] * len(index)
    for s, n in reaction.stoichiometry.items():
        if s in index and not network.substances[s].buffered:
            row[index[s]] = n
    return row


def _log_ratio_offset(reaction: Reaction, fixed: Mapping[str, float], network: Network) -> float:
    return sum(
        n * float(np.log(fixed[s]))
        for s, n in reaction.stoichiometry.items()
        if s in fixed and (not network.substances[s].buffered or reaction.km(s) is not None)
    )
