"""The door of the maps: names in, a layout out; the same one every time, kept for the next time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from glutarium.errors import GlutariumError
from glutarium.kept import kept, program
from glutarium.knowledge.base import load
from glutarium.model.network import load_network
from glutarium.model.transfers import load_transfers
from glutarium.report.maps.graph import build_graph
from glutarium.report.maps.layout import Detail, Layout, Sheet, make_layout
from glutarium.report.maps.place import place
from glutarium.report.maps.regions import make_grid
from glutarium.report.maps.roles import roles_of
from glutarium.report.maps.select import choose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network
    from glutarium.report.maps.graph import Graph
    from glutarium.report.maps.regions import Grid, Ints
    from glutarium.report.maps.roles import Roles

__all__ = ["Atlas", "atlas"]


@dataclass(frozen=True)
class Atlas:
    """A network that maps are made of.

    Attributes
    ----------
    base, network
        The tables and what they say.
    roles
        Reaction id → roles of its participants.
    """

    base: KnowledgeBase
    network: Network
    roles: Mapping[str, Roles]

    def layout(
        self, names: Sequence[str] = (), *, radius: int | None = None, detail: Detail = "full"
    ) -> Layout:
        """Lay out a selection; see :func:`glutarium.report.maps.select.choose` for the names.

        Raises
        ------
        UnknownNameError
            A name is no pathway, reaction or metabolite.
        GlutariumError
            No reaction is left.
        """
        chosen = choose(self.network, self.roles, names, radius)
        if not chosen:
            message = f"No reaction of the network takes part in {', '.join(names)}; name another"
            raise GlutariumError(message)
        return self._layout(chosen, detail)

    def _layout(self, chosen: tuple[str, ...], detail: Detail) -> Layout:
        return kept("map", f"{program()}\n{detail}\n{chosen}", lambda: self._made(chosen, detail))

    def _made(self, chosen: tuple[str, ...], detail: Detail) -> Layout:
        graph = build_graph(self.network, self.roles, chosen)
        grid = make_grid(graph)
        cells = _placed(graph, grid)
        return make_layout(Sheet(self.base, self.network, self.roles, graph, grid, cells, detail))


@cache
def atlas() -> Atlas:
    """Return the atlas of the packaged tables, the same object at every call."""
    base = load()
    return Atlas(base, *kept("atlas", program(), lambda: _read(base)))


def _read(base: KnowledgeBase) -> tuple[Network, Mapping[str, Roles]]:
    network = load_network(base)
    return network, roles_of(network, load_transfers(base, network))


@lru_cache(maxsize=1)
def _source() -> str:
    """Hash of this folder's own source, so that changed rules find no stale placement."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _placed(graph: Graph, grid: Grid) -> Ints:
    """Cells of all items: found by what they follow from, since placing takes longest of all."""
    return kept("place", f"{_source()}\n{graph}\n{grid}", lambda: place(graph, grid))
