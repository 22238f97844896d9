"""Labels in media that several cells share: the pools of all lanes of a site as one network.

Every lane of a site has the pools of its cells to itself; species of the medium belong to its zone. So a
label that one cell lets out is in the medium of all, and what another eats of it carries it on. Amounts and
gross fluxes are those of the whole site, per gram of dry mass at the start.

In a tissue blood brings what the plasma holds, and fluid passes between rim and core. Cells that enter or
move carry the label of those that are there, as they have their pools.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.assemble import dish_level
from glutarium.model.atom_steps import Donor, Step
from glutarium.model.atommaps import AtomMaps
from glutarium.simulate.label_pools import MARK, PLASMA, LabelCourse, SiteTrace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.label_course import FluxReader
    from glutarium.simulate.label_pools import SiteLayout, Watch
    from glutarium.simulate.model import CellModel

__all__ = ["read_trace", "site_maps", "site_reactions"]


def site_reactions(layout: SiteLayout, reactions: Sequence[str]) -> list[str]:
    """Reactions of all lanes, then what flows; in the order of fluxes."""
    of_lanes = [f"{i}{MARK}{r}" for i in range(len(layout.zone)) for r in reactions]
    return [*of_lanes, *(_flow(*way) for way in layout.flows)]


def _flow(species: str, source: int, zone: int) -> str:
    return f"flow{source}>{zone}{MARK}{species}"


def site_maps(maps: AtomMaps, steps: Sequence[Step], layout: SiteLayout) -> AtomMaps:
    """Atom maps of a site.

    Parameters
    ----------
    maps
        Of one cell with its medium.
    steps
        Those of its steps that are followed.
    layout
        The lanes.
    """
    lanes = range(len(layout.zone))
    names = [(layout.pool(i, p), p) for i in lanes for p in maps.elements]
    if layout.blood:
        names += [(f"{PLASMA}{p}", p) for p in _shared(maps, layout)]
    found = [_of_lane(step, i, layout) for i in lanes for step in steps]
    for species, source, zone in layout.flows:
        found += [_carried(maps, p, (source, zone), layout) for p in maps.pools_of(species)]
    elements = {name: maps.elements[p] for name, p in names}
    return AtomMaps(elements, {name: maps.number[p] for name, p in names}, tuple(found))


def _shared(maps: AtomMaps, layout: SiteLayout) -> Iterable[str]:
    return (p for s in layout.shared for p in maps.pools_of(s))


def _of_lane(step: Step, lane: int, layout: SiteLayout) -> Step:
    donors = tuple(d._replace(pool=layout.pool(lane, d.pool)) for d in step.donors)
    product = layout.pool(lane, step.product)
    return step._replace(reaction=f"{lane}{MARK}{step.reaction}", product=product, donors=donors)


def _carried(maps: AtomMaps, pool: str, way: tuple[int, int], layout: SiteLayout) -> Step:
    """Molecules of the medium that flow into a zone as they are."""
    source, zone = way
    giver = f"{PLASMA}{pool}" if source < 0 else layout.around(source, pool)
    donors = tuple(Donor(giver, i, 0) for i in range(len(maps.elements[pool])))
    name = _flow(pool.partition("/")[0], source, zone)
    return Step(
        name,
        forward=True,
        product=layout.around(zone, pool),
        number=maps.number[pool],
        donors=donors,
    )


def read_trace(  # noqa: PLR0917 - one per thing that labels need to know
    model: CellModel,
    maps: AtomMaps,
    reader: FluxReader,
    lanes: Sequence[Lane],
    watches: Sequence[Watch],
    layout: SiteLayout,
) -> SiteTrace:
    """Put the lanes of a site together.

    Parameters
    ----------
    model
        The model that ran.
    maps
        Of one cell with its medium.
    reader
        Reads amounts and gross fluxes of one cell.
    lanes
        With the observables of every lane.
    watches
        At the times of the lanes.
    layout
        The lanes.
    """
    held = np.array([w.held for w in watches])
    whole, room = float(held[0].sum()), np.array([w.room for w in watches])
    around = np.repeat([dish_level(r) for r in model.network.reactions.values()], 2)
    amounts: dict[str, Array] = {}
    flux = []
    for i, lane in enumerate(lanes):
        p = np.array([w.p[i] for w in watches])
        (course,) = reader.read([replace(lane, phases=_renewed(lane.times, p))])
        own = held[:, i] / lane.observed[:, model.observable_index["mass"]] / whole
        around_it = room[:, layout.zone[i]] / whole
        density, share = (p[:, model.parameter_index[n]] for n in ("dish.density", "dish.share"))
        medium = density * share * around_it
        flux.append(course.flux * np.where(around, medium[:, None], own[:, None]))
        for pool, amount in course.amounts.items():
            around_all = pool.partition("/")[0] in layout.shared
            # Of the medium the reader says how much there is for each gram that the lane began with.
            amounts[layout.pool(i, pool)] = amount * (density * around_it if around_all else own)
    levels = _levels(model, lanes, layout)
    flux.append(_flowing(layout, watches, levels, room / whole))
    for s, species in enumerate(layout.shared if layout.blood else ()):
        level = np.array([max(float(w.plasma[s]), 0.0) for w in watches])
        amounts |= {f"{PLASMA}{p}": maps.number[p] * level for p in maps.pools_of(species)}
    course = LabelCourse(lanes[0].times, amounts, np.concatenate(flux, axis=1))
    return SiteTrace(layout, course, held / whole, whole)


def _renewed(times: Array, p: Array) -> tuple[tuple[float, Array], ...]:
    """Phases of a lane whose parameters are renewed at every time that is reported."""
    starts = [-np.inf, *times[:-1].tolist()]
    return tuple(zip(starts, p, strict=True))


def _levels(
    model: CellModel, lanes: Sequence[Lane], layout: SiteLayout
) -> dict[tuple[str, int], Array]:
    """Concentrations in the medium by species and zone, mM."""
    first = {z: lanes[layout.zone.index(z)].observed for z in layout.zones}
    return {
        (s, z): np.maximum(first[z][:, model.observable_index[f"conc.{s}"]], 0.0)
        for s in layout.shared
        for z in layout.zones
    }


def _flowing(
    layout: SiteLayout,
    watches: Sequence[Watch],
    levels: Mapping[tuple[str, int], Array],
    room: Array,
) -> Array:
    """What flows, forward and (never) backward, shape ``(n_times, 2 n_flows)``."""
    found = np.zeros((len(watches), 2 * len(layout.flows)))
    place = {s: i for i, s in enumerate(layout.shared)}
    for k, (species, source, zone) in enumerate(layout.flows):
        s = place[species]
        if source < 0:
            rate = np.array([w.flow.gain[zone, s] for w in watches])
        else:
            passing = np.array([-w.flow.loss[zone, source, s] for w in watches])
            rate = passing * levels[species, source]
        found[:, 2 * k] = np.maximum(rate, 0.0) * room[:, zone]
    return found
