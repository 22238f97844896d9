"""What is looked for in a run under stress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kernel import ResultCode
from glutarium.model.assemble import OUTSIDE
from glutarium.model.structure.flux_model import contents
from glutarium.study.stress_levels import read_levels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glutarium.kernel import Array
    from glutarium.model.network import Network
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.study.stress_levels import Levels

__all__ = ["Alarm", "Watch"]

_MOIETY = "moiety:"
_SEPARATOR = "+"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that should not happen.

    Attributes
    ----------
    kind
        ``pool``, ``energy``, ``locked``, ``free`` or ``stopped``.
    subject
        Species, or species joined by ``+``.
    value
        What was reached: fold of the reference (pool, free), mM (energy), share (locked), h (stopped).
    limit
        What is allowed.
    note
        More, such as the concentration reached.
    source
        Publication by which it is real; empty for an alarm that counts.
    """

    kind: str
    subject: str
    value: float
    limit: float
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class Watch:
    """Everything to watch in runs of a model.

    Attributes
    ----------
    model, levels
        Where observables and limits stand.
    pools
        Pools of the cell.
    moieties
        Species → amount of the moiety for one mM of it, one mapping per moiety.
    free
        Groups of species that together are the free form of a carrier, each with its lowest share.
    """

    model: CellModel
    levels: Levels
    pools: tuple[str, ...]
    moieties: tuple[Mapping[str, float], ...]
    free: tuple[tuple[tuple[str, ...], float], ...]

    @classmethod
    def of(cls, model: CellModel) -> Watch:
        """Gather what there is to watch."""
        levels = read_levels(model.base)
        network = model.network
        outside = (*OUTSIDE, "b")
        pools = [s for s in network.dynamic if network.substances[s].compartment not in outside]
        groups = [g for row in levels.rows("moiety") for g in _placed(row.target, network)]
        free = [
            (species, row.value)
            for row in levels.rows("free")
            for species in _placed(row.target, network)
        ]
        own = [dict.fromkeys(species, 1.0) for species in groups if len(species) > 1]
        return cls(model, levels, tuple(pools), (*own, *_kept(network)), tuple(free))

    def look(self, lane: Lane, blocks: frozenset[str]) -> list[Alarm]:
        """All alarms of a run; those that are real where some reactions are blocked bear a source."""
        if not len(lane.times):
            return [Alarm("stopped", "", 0.0, self.levels.value("length"), lane.detail)]
        found = [*self._rises(lane, blocks), *self._energy(lane)]
        found += [*self._locks(lane, blocks), *self._used_up(lane)]
        if lane.code is not ResultCode.SUCCESS:
            end, length = float(lane.times[-1]), self.levels.value("length")
            found.append(Alarm("stopped", "", end, length, lane.detail))
        return found

    def _series(self, lane: Lane, species: str) -> tuple[Array, float]:
        i = self.model.observable_index[f"conc.{species}"]
        return lane.observed[:, i], float(lane.at_rest[i])

    def _rises(self, lane: Lane, blocks: frozenset[str]) -> Iterator[Alarm]:
        limit, smallest = self.levels.value("rise"), self.levels.value("smallest")
        for species in self.pools:
            series, rest = self._series(lane, species)
            highest = float(series.max())
            if highest > smallest and highest > limit * rest:
                fold = highest / rest if rest > 0.0 else np.inf
                source = self._source(species, blocks)
                yield Alarm("pool", species, fold, limit, f"{highest:.3g} mM", source)

    def _source(self, species: str, blocks: frozenset[str]) -> str:
        for reaction in sorted(blocks):
            row = self.model.base.expected.get(reaction, species)
            if row is not None:
                return ", ".join(row.source)
        return ""

    def _energy(self, lane: Lane) -> Iterator[Alarm]:
        row = self.levels.row("lowest")
        lowest = float(self._series(lane, row.target)[0].min())
        if lowest < row.value:
            yield Alarm("energy", row.target, lowest, row.value, "mM")

    def _locks(self, lane: Lane, blocks: frozenset[str]) -> Iterator[Alarm]:
        limit, minor = self.levels.value("locked"), self.levels.value("minor")
        for forms in self.moieties:
            amounts = {s: n * self._series(lane, s)[0] for s, n in forms.items()}
            rest = {s: n * self._series(lane, s)[1] for s, n in forms.items()}
            whole, whole_rest = sum(amounts.values()), sum(rest.values())
            for species in forms:
                share = float((amounts[species] / whole).max())
                if rest[species] < minor * whole_rest and share >= limit:
                    whole_form = f"of {_SEPARATOR.join(forms)}"
                    source = self._source(species, blocks)
                    yield Alarm("locked", species, share, limit, whole_form, source)

    def _used_up(self, lane: Lane) -> Iterator[Alarm]:
        for species, least in self.free:
            parts = [self._series(lane, s) for s in species]
            rest = sum(r for _, r in parts)
            lowest = float(np.sum([series for series, _ in parts], axis=0).min())
            share = lowest / rest if rest else 1.0
            if share < least:
                yield Alarm("free", _SEPARATOR.join(species), share, least)


def _placed(target: str, network: Network) -> list[tuple[str, ...]]:
    """Species of the metabolites of a target, one group per compartment of the cell."""
    metabolites = target.split(_SEPARATOR)
    found: dict[str, list[str]] = {}
    for species in network.dynamic:
        metabolite, _, compartment = species.rpartition("_")
        if metabolite in metabolites and compartment not in (*OUTSIDE, "b"):
            found.setdefault(compartment, []).append(species)
    return [tuple(species) for species in found.values()]


def _kept(network: Network) -> Iterator[dict[str, float]]:
    """Moieties that accretion reactions keep: copies times volume, per species."""
    volumes = contents(network, dict.fromkeys(network.dynamic, 1.0))
    for reaction in network.reactions.values():
        copies = {
            name.removeprefix(_MOIETY): recorded.value
            for name, recorded in reaction.constants.items()
            if name.startswith(_MOIETY)
        }
        if len(copies) > 1:
            yield {s: n * volumes[s] for s, n in copies.items() if s in volumes}
