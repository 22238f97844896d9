"""What became of the glutamine: the sinks of its carbon and nitrogen, at one time or over a run.

What a sink gains is counted by atoms from glutamine: biomass by kind, species let out into the medium by
name (less what is taken up again), pools that grow with the cells, and pools that change. The sinks add
up to the uptake for any fluxes, because every passage of atoms is counted once as loss and once as gain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.assemble import dish_level
from glutarium.model.atoms import ELEMENTS
from glutarium.simulate.fate import Fate
from glutarium.simulate.origin import element_map, find_origin
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.network import Network
    from glutarium.model.transfers import Transfers
    from glutarium.simulate.fate import Course
    from glutarium.simulate.origin import ElementMap, Origin

__all__ = ["CHANGE", "DILUTION", "Balance", "Tracing"]

DILUTION = "growing pools"
CHANGE = "pools"
# Hours; so short that nothing has been mixed into the medium of the start yet.
_AT_ONCE = 1e-9
_PLAIN_NAMES = {"co2_e": "CO2", "co2_g": "CO2", "nh4_e": "ammonia", "lip_b": "lipid"}


@dataclass(frozen=True)
class Balance:
    """Where the atoms of glutamine go at one time.

    Attributes
    ----------
    uptake
        Element name → atoms of glutamine that leave the medium, mmol/gDW/h.
    sinks
        Element name → sink → atoms from glutamine that it gains, mmol/gDW/h.
    shares
        Element name → species → share of its atoms that stems from glutamine of the medium.
    """

    uptake: Mapping[str, float]
    sinks: Mapping[str, Mapping[str, float]]
    shares: Mapping[str, Mapping[str, float]]


class Tracing:
    """A network ready for tracing; build it once and use it for all runs.

    Parameters
    ----------
    network
        The network.
    transfers
        The way of its atoms.
    """

    def __init__(self, network: Network, transfers: Transfers) -> None:
        self.network = network
        self.elements = tuple(ELEMENTS.values())
        self._maps = tuple(element_map(network, transfers, e) for e in ELEMENTS)
        ends = _ends(network)
        self.sinks = (*dict.fromkeys(ends.values()), DILUTION, CHANGE)
        position = {name: i for i, name in enumerate(self.sinks)}
        self._sink_of = tuple(
            np.array([position[ends.get(v.species, CHANGE)] for v in ways.nodes], dtype=np.intp)
            for ways in self._maps
        )
        self._dish = np.array([dish_level(r) for r in network.reactions.values()])
        self._litres = np.array(
            [_litres(network, network.substances[s].compartment) for s in network.dynamic]
        )
        self._outside = np.array(
            [network.substances[s].compartment == "e" for s in network.dynamic]
        )

    def balance(
        self,
        rates: Mapping[str, float],
        contents: Mapping[str, float] | None = None,
        *,
        growth: float = 0.0,
        before: Mapping[str, float] | None = None,
    ) -> Balance:
        """Balance of the atoms at one time.

        Parameters
        ----------
        rates
            Reaction → net rate, mmol/gDW/h; zero where not named.
        contents
            Species of the cells → mmol/gDW; nothing by default.
        growth
            Specific growth rate, 1/h.
        before
            Species → share that it had; kept by the medium and by what has no inflow. Zero by default.
        """
        flux = np.array([rates.get(r, 0.0) for r in self.network.reactions])
        held = np.array([(contents or {}).get(s, 0.0) for s in self.network.dynamic])
        had = np.array([(before or {}).get(s, 0.0) for s in self.network.dynamic])
        uptake, sinks, shares = {}, {}, {}
        for element, name in enumerate(self.elements):
            ways = self._maps[element]
            inside = held[ways.species] * ways.atoms
            origin = find_origin(ways, flux[None], had[None, ways.species], inside[None])
            gains = self._gains(element, origin, growth * inside[None])[0]
            uptake[name] = float(origin.uptake[0])
            sinks[name] = dict(zip(self.sinks, gains.tolist(), strict=True))
            shares[name] = _by_species(ways, origin.shares[0])
        return Balance(uptake, sinks, shares)

    def fate(self, course: Course) -> Fate:
        """Balance of the atoms over a run, by the trapezoid rule.

        The medium remembers: what cells let out is mixed with what was there, and taken up again with
        the share of the mixture.

        Parameters
        ----------
        course
            The run.
        """
        return self.fates([course])[0]

    def fates(self, courses: Sequence[Course]) -> list[Fate]:
        """Balances of several runs of one dish, side by side; see :meth:`fate`.

        Parameters
        ----------
        courses
            Runs with the same times and the same changes of their medium; at least one.
        """
        one = courses[0]
        mass = np.stack([c.mass for c in courses])[:, :, None]
        growth = np.stack([c.growth for c in courses])[:, :, None]
        rates = np.stack([c.rates for c in courses])
        levels = np.stack([c.concentrations for c in courses])
        density = np.array([c.density for c in courses])[:, None, None]
        per_dish = np.where(self._dish, rates, rates * mass)
        contents = np.where(self._outside, levels / density, levels * self._litres * mass)
        shape = (len(self.elements), len(courses), len(one.times))
        uptake, gains = np.zeros(shape), np.zeros((*shape, len(self.sinks)))
        for element, ways in enumerate(self._maps):
            inside = contents[:, :, ways.species] * ways.atoms
            before = np.zeros((len(courses), len(ways.nodes)))
            for i in range(len(one.times)):
                stock, before = _medium_before(one, ways, inside, before, i)
                origin = find_origin(ways, per_dish[:, i], before, inside[:, i], stock)
                uptake[element, :, i] = origin.uptake
                gains[element, :, i] = self._gains(element, origin, growth[:, i] * inside[:, i])
                before = origin.shares
        taken = np.asarray(np.trapezoid(uptake, one.times, axis=2))
        ended = np.trapezoid(gains, one.times, axis=2)
        whole = np.where(taken > 0.0, taken, np.nan)
        shares = ended / whole[:, :, None]
        return [
            Fate(self.elements, self.sinks, taken[:, r], shares[:, r]) for r in range(len(courses))
        ]

    def _gains(self, element: int, origin: Origin, dilution: Array) -> Array:
        """Atoms from glutamine per run and sink; ``dilution`` is what growth needs of every node."""
        cell = self._maps[element].cell
        runs, sinks = len(dilution), len(self.sinks)
        place = np.arange(runs)[:, None] * sinks + self._sink_of[element]
        counted = np.bincount(place.ravel(), origin.gain.ravel(), runs * sinks)
        gains = np.asarray(counted, dtype=np.float64).reshape(runs, sinks)
        grown = np.where(cell, dilution * origin.shares, 0.0).sum(axis=1)
        gains[:, self.sinks.index(DILUTION)] += grown
        gains[:, self.sinks.index(CHANGE)] -= grown
        return gains


def _ends(network: Network) -> dict[str, str]:
    """Species in which atoms may end → name of the sink: biomass by kind, then what is let out."""
    names = {}
    for place in ("b", "e", "g"):
        for species in network.in_compartment(place):
            substance = network.substances[species]
            name = substance.name if place == "b" else f"secreted {substance.name}"
            if not ELEMENTS.keys().isdisjoint(substance.formula):
                names[species] = _PLAIN_NAMES.get(species, name)
    return names


def _litres(network: Network, compartment: str) -> float:
    """Volume of a compartment of the cells per gDW, L; zero outside."""
    volume = network.constants.get(f"volume.{compartment}")
    return 0.0 if volume is None else convert(volume.value, "mL", "L")


def _by_species(ways: ElementMap, shares: Array) -> dict[str, float]:
    whole: dict[str, float] = {}
    marked: dict[str, float] = {}
    for node, atoms, share in zip(ways.nodes, ways.atoms, shares, strict=True):
        whole[node.species] = whole.get(node.species, 0.0) + float(atoms)
        marked[node.species] = marked.get(node.species, 0.0) + float(atoms * share)
    return {species: marked[species] / atoms for species, atoms in whole.items()}


def _medium_before(
    course: Course, ways: ElementMap, inside: Array, before: Array, i: int
) -> tuple[Array, Array]:
    """What was in the medium before step ``i``, as an inflow over the step, and the shares it had."""
    start, end = float(course.times[max(i - 1, 0)]), float(course.times[i])
    span = max(end - start, _AT_ONCE)
    renewed = any(start <= t < end for t in course.fresh)
    stored = inside[:, i] if renewed else inside[:, max(i - 1, 0)]
    if not renewed:
        held = (stored, inside[:, i])
        stored, before = _supplemented(course, ways, held, before, (start, end))
    # Rounding of the solver may leave an empty pool below zero; then nothing was there.
    stock = np.where(ways.medium & (stored > 0.0), stored, 0.0) / span
    return stock, np.where(ways.medium, 0.0, before) if renewed else before


def _supplemented(
    course: Course,
    ways: ElementMap,
    inside: tuple[Array, Array],
    before: Array,
    step: tuple[float, float],
) -> tuple[Array, Array]:
    """What the medium held and the shares it had, diluted by what was added within a step.

    The sample before an addition does not show it, the one after it does, less what was taken up.
    """
    held, then = inside
    species = [i for t, added in course.added if step[0] <= t < step[1] for i in added]
    raised = np.isin(ways.species, species) & ways.medium & (then > held)
    stored = np.where(raised, then, held)
    share = np.divide(held, stored, out=np.ones_like(held), where=raised & (stored > 0.0))
    return stored, before * np.where(share > 0.0, share, 0.0)
