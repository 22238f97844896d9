"""The stoichiometric model of a network: columns with bounds, and growth as one of them.

Rows are the dynamic species and the charge of the matrix, whose balance couples respiration to ATP
synthesis. Beside the reactions of the network stand an exchange for every species of the medium and of
the surroundings (``EX_<species>``, positive: leaves the dish), and ``GROWTH``, in 1/h, which takes the
content of one gram of dry mass: macromolecules, and the pools that growth dilutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from glutarium.model.assemble import OUTSIDE
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.model.network import Network

__all__ = ["CHARGE", "EXCHANGE", "GROWTH", "FluxModel", "contents", "flux_model"]

CHARGE = "charge_m"
"""Row of the charge that reactions move into the matrix."""

EXCHANGE = "EX_"
"""Begins the id of an exchange."""

GROWTH = "GROWTH"
"""Id of the column that makes a cell."""


@dataclass(frozen=True)
class FluxModel:
    """Columns of a stoichiometric model, mmol/gDW/h; growth in 1/h.

    Attributes
    ----------
    columns
        Reaction, exchange or growth → row → coefficient.
    bounds
        The same → lowest and highest flux.
    """

    columns: Mapping[str, Mapping[str, float]]
    bounds: Mapping[str, tuple[float, float]]

    def rows(self) -> dict[str, dict[str, float]]:
        """Row → column → coefficient."""
        found: dict[str, dict[str, float]] = {}
        for column, terms in self.columns.items():
            for row, n in terms.items():
                found.setdefault(row, {})[column] = n
        return found


def flux_model(
    network: Network,
    supply: Mapping[str, float],
    content: Mapping[str, float] | None = None,
) -> FluxModel:
    """Make the stoichiometric model of a network.

    Parameters
    ----------
    network
        Its reactions; one that is written with ``->`` runs forward only.
    supply
        Species of the medium → fastest uptake, mmol/gDW/h (may be infinite); others only leave.
        The surroundings beyond the medium give and take without bound.
    content
        What one gDW holds, mmol/gDW; :func:`contents` of the network where None.
    """
    columns: dict[str, dict[str, float]] = {}
    bounds: dict[str, tuple[float, float]] = {}
    for reaction in network.reactions.values():
        column = {
            s: n for s, n in reaction.stoichiometry.items() if not network.substances[s].buffered
        }
        if reaction.charge_into_matrix:
            column[CHARGE] = reaction.charge_into_matrix
        columns[reaction.id] = column
        bounds[reaction.id] = (-inf if reaction.reversible else 0.0, inf)
    for species in network.in_compartment(*OUTSIDE):
        beyond = network.substances[species].compartment != "e"
        columns[f"{EXCHANGE}{species}"] = {species: -1.0}
        bounds[f"{EXCHANGE}{species}"] = (-inf if beyond else -supply.get(species, 0.0), inf)
    held = contents(network) if content is None else content
    columns[GROWTH] = {s: -n for s, n in held.items() if n}
    bounds[GROWTH] = (0.0, inf)
    return FluxModel(columns, bounds)


def contents(network: Network, pools: Mapping[str, float] | None = None) -> dict[str, float]:
    """What a gram of dry mass holds, species of the cell → mmol/gDW.

    Parameters
    ----------
    network
        Species and volumes.
    pools
        Species → mM (macromolecules mmol/gDW); the recorded reference where None.
    """
    known = {s: r.value for s, r in network.pools.items()} if pools is None else pools
    found: dict[str, float] = {}
    for species in network.dynamic:
        compartment = network.substances[species].compartment
        if compartment in OUTSIDE or species not in known:
            continue
        volume = network.constants.get(f"volume.{compartment}")
        litres = 1.0 if volume is None else convert(volume.value, "mL", "L")
        found[species] = known[species] * litres
    return found
