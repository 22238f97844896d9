"""ATP by the carbon that was oxidised for it: how much of it stems from one compound of the medium.

Nothing is divided by fixed shares. At every time, tracing (:mod:`glutarium.simulate.origin`) says which
share of each pool's carbon stems from the compound. A reaction that hands electrons to NADH or ubiquinol
hands on the share of the carbon that it oxidises; where a carrier is reduced by another carrier, it
hands on that carrier's share. Pumped charges then divide the ATP of the synthase, and ATP that is made
at the substrate is counted by its own carbon. Leak is borne by all electrons alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.atoms import read_parts
from glutarium.model.transfers import load_transfers
from glutarium.simulate.origin import element_map, find_origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.kernel import Array
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.atoms import Node
    from glutarium.model.network import Network, Reaction
    from glutarium.simulate.origin import ElementMap

__all__ = ["EnergyLedger", "atp_source"]

CARBON = "C"
CYTOSOLIC, MATRIX, QUINOL, OXYGEN = "nadh_c", "nadh_m", "qh2_m", "o2_e"
CARRIERS = (CYTOSOLIC, MATRIX, QUINOL)
"""Carriers of electrons on their way to oxygen, in order."""

SYNTHASE, AT_SUBSTRATE = "oxphos", "substrate_level_ATP"
HYDRIDE_IN, HYDRIDE_OUT = "hydride_to_malate", "hydride_from_malate"
_PREFIX = "ATP_from_"


def atp_source(item: str, network: Network) -> str:
    """Species of the medium that a process ``ATP_from_<compound>`` is about; empty if it is none."""
    name = item.removeprefix(_PREFIX)
    if name == item:
        return ""
    found = (s.id for s in network.substances.values() if s.compartment == "e" and s.name == name)
    return next(found, "")


@dataclass(frozen=True)
class _Source:
    """Tracing prepared for one compound."""

    ways: ElementMap
    node: Mapping[Node, int]


class EnergyLedger:
    """Counts ATP by origin; build it once for a model.

    Parameters
    ----------
    base
        Tables: the processes that make ATP and that move hydride between compartments.
    network
        Reactions and species.
    """

    def __init__(self, base: KnowledgeBase, network: Network) -> None:
        self.network = network
        self._transfers = load_transfers(base, network)
        self._skeleton = read_parts(base, network)[0].skeletons[CARBON]
        self._at = {r: i for i, r in enumerate(network.reactions)}
        self._weights = {
            p: {s.reaction: s.weight for s in base.processes.where("process", p)}
            for p in (SYNTHASE, AT_SUBSTRATE, HYDRIDE_IN, HYDRIDE_OUT)
        }
        self._touching = {
            c: tuple(r for r in network.reactions.values() if c in r.stoichiometry)
            for c in CARRIERS
        }
        self._sources: dict[str, _Source] = {}

    def atp_from(self, source: str, rates: Array) -> Array:
        """ATP that stems from a compound's carbon, mmol/gDW/h.

        Parameters
        ----------
        source
            Species of the medium.
        rates
            Net rates in the order of the network, shape ``(n_times, n_reactions)``.
        """
        return np.array([self._once(source, row) for row in rates])

    def _once(self, source: str, rates: Array) -> float:
        prepared = self._prepared(source)
        ways = prepared.ways
        nothing = np.zeros((1, len(ways.nodes)))
        shares = find_origin(ways, rates[None], nothing, ways.atoms[None]).shares[0]
        carrier: dict[str, float] = {}
        carrier[CYTOSOLIC] = self._mixed(CYTOSOLIC, rates, shares, prepared, carrier)
        carrier[MATRIX] = self._mixed(MATRIX, rates, shares, prepared, carrier)
        carrier[QUINOL] = self._mixed(QUINOL, rates, shares, prepared, carrier)
        synthase = self._sum(SYNTHASE, rates)
        at_substrate = sum(
            weight * self._rate(r, rates) * self._oxidised(r, rates, shares, prepared)
            for r, weight in self._weights[AT_SUBSTRATE].items()
        )
        return float(synthase * self._pumped_share(rates, carrier) + at_substrate)

    def _prepared(self, source: str) -> _Source:
        if source not in self._sources:
            ways = element_map(self.network, self._transfers, CARBON, source=source)
            self._sources[source] = _Source(ways, {v: i for i, v in enumerate(ways.nodes)})
        return self._sources[source]

    def _rate(self, reaction: str, rates: Array) -> float:
        return float(rates[self._at[reaction]])

    def _sum(self, process: str, rates: Array) -> float:
        return sum(w * self._rate(r, rates) for r, w in self._weights[process].items())

    def _mixed(
        self,
        carrier: str,
        rates: Array,
        shares: Array,
        prepared: _Source,
        known: Mapping[str, float],
    ) -> float:
        """Share of a carrier's electrons: the mean over all reactions that reduce it."""
        whole = marked = 0.0
        for reaction in self._touching[carrier]:
            made = reaction.stoichiometry[carrier] * self._rate(reaction.id, rates)
            if made <= 0.0:
                continue
            whole += made
            marked += made * self._electrons(reaction, rates, shares, prepared, known)
        return marked / whole if whole > 0.0 else 0.0

    def _electrons(
        self,
        reaction: Reaction,
        rates: Array,
        shares: Array,
        prepared: _Source,
        known: Mapping[str, float],
    ) -> float:
        """Share of the electrons that one reaction hands on."""
        taken = _taken(reaction, self._rate(reaction.id, rates))
        for carrier in CARRIERS:
            if carrier in taken:
                return known.get(carrier, 0.0)
        own = self._oxidised(reaction.id, rates, shares, prepared)
        if reaction.id not in self._weights[HYDRIDE_OUT]:
            return own
        # Part of the malate got its hydride from cytosolic NADH: the malate-aspartate shuttle.
        carried = max(self._sum(HYDRIDE_IN, rates), 0.0)
        part = min(1.0, carried / max(self._sum(HYDRIDE_OUT, rates), carried, 1e-30))
        return part * known[CYTOSOLIC] + (1.0 - part) * own

    def _oxidised(self, reaction: str, rates: Array, shares: Array, prepared: _Source) -> float:
        """Share of the carbon that a reaction takes in, cofactors left out."""
        whole = marked = 0.0
        for species in _taken(self.network.reactions[reaction], self._rate(reaction, rates)):
            for node, atoms in self._transfers.atoms[CARBON].items():
                if node.species == species and node not in self._skeleton:
                    whole += atoms
                    marked += atoms * float(shares[prepared.node[node]])
        return marked / whole if whole > 0.0 else 0.0

    def _pumped_share(self, rates: Array, carrier: Mapping[str, float]) -> float:
        """Share of all pumped charge that a compound's electrons pumped."""
        whole = marked = 0.0
        for reaction, share in self._pumps(carrier):
            charge = abs(reaction.charge_into_matrix) * max(self._rate(reaction.id, rates), 0.0)
            whole += charge
            marked += charge * share
        return marked / whole if whole > 0.0 else 0.0

    def _pumps(self, carrier: Mapping[str, float]) -> Iterable[tuple[Reaction, float]]:
        """Reactions that pump with electrons from a carrier, and the carrier's share."""
        for reaction in self.network.reactions.values():
            if reaction.charge_into_matrix >= 0.0:
                continue
            reduces = QUINOL in reaction.products and MATRIX in reaction.substrates
            oxidises = OXYGEN in reaction.substrates and QUINOL in reaction.substrates
            if reduces or oxidises:
                yield reaction, carrier[MATRIX if reduces else QUINOL]


def _taken(reaction: Reaction, rate: float) -> tuple[str, ...]:
    """Species that a reaction consumes in the direction in which it runs."""
    return reaction.substrates if rate >= 0.0 else reaction.products
