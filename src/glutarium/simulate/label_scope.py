"""Networks whose atoms are followed: of a cell alone, and of cells that share a place."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from glutarium.simulate.label_isotopes import natural_abundance
from glutarium.simulate.label_run import Marking
from glutarium.simulate.label_site import site_maps, site_reactions
from glutarium.simulate.label_system import Systems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.model.atom_steps import Step
    from glutarium.model.atommaps import AtomMaps
    from glutarium.simulate.label_pools import SiteLayout

__all__ = ["Scope", "Scopes"]


@dataclass(frozen=True, eq=False)
class Scope:
    """A network whose atoms are followed.

    Attributes
    ----------
    maps
        Its atom maps.
    systems
        EMUs of what was asked so far.
    """

    maps: AtomMaps
    systems: Systems

    @cached_property
    def _markings(self) -> Mapping[bool, Marking]:
        return {True: Marking(self.maps, natural_abundance()), False: Marking(self.maps)}

    def marking(self, natural: bool) -> Marking:  # noqa: FBT001 - it is a key
        """Labels of what the cells do not make."""
        return self._markings[natural]


@dataclass(frozen=True, eq=False)
class Scopes:
    """Networks of one model, made when they are first asked for.

    Attributes
    ----------
    maps
        Atom maps of a cell with its medium.
    steps
        Those of its steps that are followed.
    reactions
        Its reactions, in the order of fluxes.
    nutrients
        As of :class:`~glutarium.simulate.label_system.Systems`.
    """

    maps: AtomMaps
    steps: tuple[Step, ...]
    reactions: tuple[str, ...]
    nutrients: frozenset[str]
    _shared: dict[SiteLayout, Scope] = field(default_factory=dict, repr=False)

    @cached_property
    def alone(self) -> Scope:
        """Of a cell alone with its medium."""
        return Scope(self.maps, Systems(self.maps, self.steps, self.reactions, self.nutrients))

    def of(self, layout: SiteLayout) -> Scope:
        """Of cells that share a place."""
        if layout not in self._shared:
            maps = site_maps(self.maps, self.steps, layout)
            reactions = site_reactions(layout, self.reactions)
            self._shared[layout] = Scope(maps, Systems(maps, maps.steps, reactions, self.nutrients))
        return self._shared[layout]
