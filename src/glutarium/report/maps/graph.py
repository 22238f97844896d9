"""The items that a map places: species and reactions, and the lines between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from glutarium.model.network import Network
    from glutarium.report.maps.roles import Roles

__all__ = ["CYTOSOL", "MEDIUM", "Graph", "Item", "build_graph", "home_of"]

MEDIUM, CYTOSOL = "e", "c"
_HOMES = {"b": CYTOSOL, "g": MEDIUM, "x": CYTOSOL}
"""Compartments that are no place of their own on the map → where they are drawn."""


@dataclass(frozen=True, slots=True)
class Item:
    """A species or a reaction that has a place.

    Attributes
    ----------
    id
        Species or reaction id.
    homes
        One compartment, or the two on whose border a transporter stands, the outer one first.
    reaction
        Whether it is a reaction.
    """

    id: str
    homes: tuple[str, ...]
    reaction: bool = True


@dataclass(frozen=True)
class Graph:
    """Items, and lines as pairs of their indices: substrate to reaction, reaction to product.

    Attributes
    ----------
    items
        Reactions in order, then species in order of first use.
    lines
        Index of the start, index of the end.
    pathways
        For every item the index of its pathway; species have that of their first reaction.
    """

    items: tuple[Item, ...]
    lines: tuple[tuple[int, int], ...]
    pathways: tuple[int, ...]

    def without(self, dropped: Collection[int]) -> tuple[Graph, tuple[int, ...]]:
        """Return the graph without some items, and the index here of each item that is kept."""
        kept = tuple(i for i in range(len(self.items)) if i not in dropped)
        place = {i: k for k, i in enumerate(kept)}
        lines = [(place[a], place[b]) for a, b in self.lines if a in place and b in place]
        part = Graph(
            tuple(self.items[i] for i in kept), tuple(lines), tuple(self.pathways[i] for i in kept)
        )
        return part, kept

    @property
    def leaves(self) -> dict[int, int]:
        """Species at the end of a single line → the reaction at its other end."""
        ends: dict[int, list[int]] = {}
        for a, b in self.lines:
            ends.setdefault(a, []).append(b)
            ends.setdefault(b, []).append(a)
        return {
            i: near[0]
            for i, near in sorted(ends.items())
            if len(near) == 1 and not self.items[i].reaction
        }


def home_of(species: str) -> str:
    """Compartment in which a species is drawn: its own, for macromolecules the cytosol."""
    suffix = species.rpartition("_")[2]
    return _HOMES.get(suffix, suffix)


def build_graph(network: Network, roles: Mapping[str, Roles], chosen: Iterable[str]) -> Graph:
    """Items and lines of some reactions.

    Parameters
    ----------
    network
        Where the reactions stand.
    roles
        Reaction id → roles.
    chosen
        Reactions in the order in which they are drawn.
    """
    reactions = list(chosen)
    subsystems = list(dict.fromkeys(network.reactions[r].subsystem for r in reactions))
    items = [Item(r, homes=_homes(network, roles[r], r)) for r in reactions]
    pathways = [subsystems.index(network.reactions[r].subsystem) for r in reactions]
    index: dict[str, int] = {}
    lines: list[tuple[int, int]] = []
    for place, reaction in enumerate(reactions):
        for species in (*roles[reaction].sources, *roles[reaction].targets):
            if species not in index:
                index[species] = len(items)
                items.append(Item(species, homes=(home_of(species),), reaction=False))
                pathways.append(pathways[place])
        lines += [(index[s], place) for s in roles[reaction].sources]
        lines += [(place, index[s]) for s in roles[reaction].targets]
    return Graph(tuple(items), tuple(lines), tuple(pathways))


def _homes(network: Network, roles: Roles, reaction: str) -> tuple[str, ...]:
    """Where a reaction stands: where its lines end, or on the border that they cross."""
    ends = (*roles.sources, *roles.targets) or tuple(network.reactions[reaction].stoichiometry)
    homes = {home_of(s) for s in ends}
    if len(homes) == 1:
        return tuple(homes)
    if len(homes) == 2 and CYTOSOL in homes:  # noqa: PLR2004 - a border has two sides
        (other,) = homes - {CYTOSOL}
        outside = other == MEDIUM
        return (MEDIUM, CYTOSOL) if outside else (CYTOSOL, other)
    return (CYTOSOL,)
