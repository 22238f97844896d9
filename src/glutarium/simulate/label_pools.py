"""Pools as labels see them: amounts and gross fluxes of a run, of one cell or of all that share a place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atommaps import AtomMaps
    from glutarium.simulate.label_request import LabelRequest
    from glutarium.solve.sites.site import Flow

__all__ = ["MARK", "PLASMA", "LabelCourse", "SiteLayout", "SiteTrace", "Watch"]

MARK = ":"
"""Between the place of a pool among several cells and its name."""
PLASMA = f"plasma{MARK}"
"""Before a pool: what blood brings of it."""


@dataclass(frozen=True, eq=False)
class LabelCourse:
    """What labels need of a run, at ``n`` times.

    Attributes
    ----------
    times
        Hours, shape ``(n,)``.
    amounts
        Pool → mmol per gDW of time zero, shape ``(n,)``.
    flux
        Gross fluxes, mmol/h per gDW of time zero, shape ``(n, 2 n_reactions)``: forward and backward
        of every reaction of the network.
    """

    times: Array
    amounts: Mapping[str, Array]
    flux: Array

    def columns(self, pools: Sequence[str]) -> Array:
        """Amounts of some pools, shape ``(n, n_pools)``."""
        if not pools:
            return np.zeros((len(self.times), 0))
        return np.stack([self.amounts[pool] for pool in pools], axis=1)


@dataclass(frozen=True, slots=True)
class SiteLayout:
    """What decides the network of a site.

    Attributes
    ----------
    zone
        Zone of every lane.
    flowing
        Whether anything flows from outside or between zones.
    shared
        Species of the medium.
    blood
        Whether fresh medium is plasma, which brings its label by flowing in.
    """

    zone: tuple[int, ...]
    flowing: bool
    shared: tuple[str, ...]
    blood: bool = False

    @property
    def zones(self) -> range:
        """All zones."""
        return range(max(self.zone) + 1)

    def pool(self, lane: int, pool: str) -> str:
        """What a pool of a lane is called among those of the site."""
        own = pool.partition("/")[0] not in self.shared
        return f"{lane}{MARK}{pool}" if own else self.around(self.zone[lane], pool)

    @staticmethod
    def around(zone: int, pool: str) -> str:
        """What a pool of the medium of a zone is called."""
        return f"zone{zone}{MARK}{pool}"

    @property
    def flows(self) -> tuple[tuple[str, int, int], ...]:
        """Species, zone that it comes from (-1: plasma) and zone that it goes to."""
        if not self.flowing:
            return ()
        outside = (-1,) if self.blood else ()
        ways = [(x, z) for z in self.zones for x in (*outside, *self.zones) if x != z]
        return tuple((s, x, z) for x, z in ways for s in self.shared)


class Watch(NamedTuple):
    """What labels need of a site at a time, beside what the kernel observes.

    Attributes
    ----------
    p
        Parameters of every lane, shape ``(n_lanes, n_parameters)``.
    held
        Dry mass of every lane, gDW per litre of the start, shape ``(n_lanes,)``.
    room
        Volume of every zone over that of the whole start, shape ``(n_zones,)``.
    plasma
        Shared states of the plasma, shape ``(n_shared,)``.
    flow
        What flows.
    """

    p: Array
    held: Array
    room: Array
    plasma: Array
    flow: Flow


@dataclass(frozen=True, eq=False)
class SiteTrace:
    """A run of a site as labels need it, seen by some of its cells.

    Attributes
    ----------
    layout
        Its lanes.
    course
        Pools and gross fluxes of the whole site.
    held
        Dry mass of every lane over that of the whole start, shape ``(n_times, n_lanes)``.
    whole
        Dry mass of the whole start, gDW per litre.
    own
        Lanes whose labels are read.
    answers
        What was found so far; all traces of a run share it.
    """

    layout: SiteLayout
    course: LabelCourse
    held: Array
    whole: float
    own: tuple[int, ...] = ()
    answers: dict[Any, Any] = field(default_factory=dict, repr=False)

    def seen_by(self, own: Sequence[int]) -> SiteTrace:
        """The same run, read for other cells."""
        return replace(self, own=tuple(own))

    def local(self, request: LabelRequest) -> LabelRequest:
        """A request in terms of the pools of the site."""
        lanes = range(len(self.layout.zone)) if request.where == "sample" else self.own
        names = [self.layout.pool(i, p) for i in lanes for p in request.pools]
        if request.where == "medium":
            names = [self.layout.around(z, p) for z in self.layout.zones for p in request.pools]
        weights = tuple(w for _ in lanes for w in request.weights)
        return replace(request, pools=tuple(names), weights=weights)

    def weight(self, pool: str) -> Array:
        """Dry mass of the lane of a pool, over that of the whole start, shape ``(n_times,)``."""
        return np.asarray(self.held[:, int(pool.partition(MARK)[0])])

    def fed(self, maps: AtomMaps, species: str, *, first: bool) -> list[str]:
        """Pools that fresh medium or plasma replaces, at the start or later.

        Balls of cells begin in medium that is theirs inside too; later it meets them from outside, the last
        of the zones.
        """
        pools = maps.pools_of(species)
        if self.layout.blood:
            return [f"{PLASMA}{p}" for p in pools]
        zones = self.layout.zones if first else self.layout.zones[-1:]
        return [self.layout.around(z, p) for z in zones for p in pools]
