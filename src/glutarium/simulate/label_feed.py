"""Fresh medium of a run and the label that it carries: at time zero, renewed, and what is added."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from glutarium.simulate.label_pools import PLASMA
from glutarium.simulate.label_run import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.model.atommaps import AtomMaps
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.label_pools import SiteTrace
    from glutarium.simulate.label_request import Chooser, View
    from glutarium.simulate.label_scope import Scope

__all__ = ["Feed"]


@dataclass(frozen=True)
class Feed:
    """What brings label into a run.

    Attributes
    ----------
    maps
        Atom maps of the network of one cell.
    chooser
        Reads tracers and says which of them count.
    scope
        The network that a lane is part of.
    density
        Where the density of the dish stands among the parameters.
    """

    maps: AtomMaps
    chooser: Chooser
    scope: Callable[[Lane], Scope]
    density: int

    def events(self, lane: Lane, view: View) -> list[Event]:
        """Fresh medium of a lane's phases with the label that counts."""
        plan, trace = lane.plan, lane.trace
        assert plan is not None  # the caller has seen to it
        molecules = self.scope(lane).maps.number
        whole = lane.end_parameters[self.density] if trace is None else trace.whole
        events, before = [], ""
        for number, phase in enumerate(plan.phases):
            pools_of = _fed(self.maps, trace, first=number == 0)
            species = set(phase.medium)
            if phase.tracer != before:
                both = (*self.chooser.tracers(before), *self.chooser.tracers(phase.tracer))
                species |= {f"{t.metabolite}_e" for t in both}
            before = phase.tracer
            fresh = frozenset(p for s in species for p in pools_of(s))
            added = {
                p: molecules[p] * amount / (1.0 if p.startswith(PLASMA) else whole)
                for s, amount in phase.added.items()
                for p in pools_of(s)
            }
            events.append(Event(phase.start_h, fresh, added, self.chooser.marked(view, phase)))
        return events


def _fed(maps: AtomMaps, trace: SiteTrace | None, *, first: bool) -> Callable[[str], Sequence[str]]:
    """Which pools fresh medium replaces, by species."""
    return maps.pools_of if trace is None else partial(trace.fed, maps, first=first)
