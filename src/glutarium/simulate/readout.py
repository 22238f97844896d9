"""From what the kernel observes to the observables of studies.

Every supported observable is a :class:`Reading`: a linear combination of kernel observables, possibly
over another one. What the model cannot read is a :class:`Missing`, which names what is not there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.knowledge.equations import parse_genes
from glutarium.names import Observable
from glutarium.simulate.energy import atp_source
from glutarium.simulate.label_read import atoms_request, label_request
from glutarium.simulate.labels import labels_of
from glutarium.simulate.read_site import shared_series, tissue_course
from glutarium.simulate.steering import STEERED, competitors, kernel_name
from glutarium.simulate.timing import half_time
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glutarium.kernel import Array
    from glutarium.names import Vocabulary
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.labels import LabelRequest
    from glutarium.simulate.model import CellModel

__all__ = ["Missing", "Reading", "at_end", "reading_of", "series"]

# Fluxes and growth are read as means over this last share of a run (study format).
LAST_SHARE = 0.1
# A share of a lineage is read in a dish that need not have begun with the cell itself.
DIFFERENTIATES = "fraction"
RATES = (
    "growth_rate",
    "proliferation",
    "flux",
    "reaction",
    "uptake",
    "secretion",
    "exchange",
    "efflux",
)


@dataclass(frozen=True, slots=True)
class Missing:
    """What an observable would need that the model does not have."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read an observable.

    Attributes
    ----------
    top, bottom
        Kernel observable → weight; without ``bottom`` the value is ``top`` alone.
    unit
        Unit of the value.
    averaged
        Whether it is read as a mean over the end of the run.
    complement
        Whether one minus the value is meant.
    source
        Species of the medium whose oxidation the ATP in ``top`` is counted for; empty: no tracing.
    cell
        In whose dish it is read; empty for the first one of an arm.
    label
        What is asked of labels; then ``top`` is empty.
    constant
        A number that no run changes, such as atoms counted on the maps; then ``top`` is empty.
    half
        Whether the time is meant at which half of the change is reached, h.
    timed
        Two readings, where the time by which the first changes later than the second is meant, h.
    site
        What the cells of a place share → weight; ``top`` is what is read where a cell stands alone, if
        that can be.
    """

    top: Mapping[str, float]
    unit: str
    bottom: Mapping[str, float] | None = None
    averaged: bool = False
    complement: bool = False
    source: str = ""
    cell: str = ""
    label: LabelRequest | None = None
    constant: float | None = None
    half: bool = False
    timed: tuple[Reading, Reading] | None = None
    site: Mapping[str, float] | None = None


def reading_of(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """How the model reads an observable, or what it lacks."""
    if observable.system == "medium":
        return _medium(observable, model)
    if observable.system == "tissue":
        return _shared(tissue_course(observable, model), observable.unit)
    if observable.system != "cell":
        where = observable.place or observable.system
        return Missing(where, "only cells, their medium and tissues are modelled yet")
    if observable.place not in model.base.profiles:
        return Missing(observable.place, "the model has no profile of this cell yet")
    family = _FAMILIES.get(observable.family)
    if family is None:
        return Missing(observable.family, "this kind of read-out is not modelled yet")
    found = family(observable, model, vocabulary)
    if isinstance(found, Missing):
        return found
    cell = "" if observable.family == DIFFERENTIATES else observable.place
    return replace(found, averaged=observable.family in RATES, cell=cell)


def series(reading: Reading, lane: Lane, model: CellModel) -> Array:
    """Values over the lane's times, shape ``(n,)``; a time of change is the same at all of them."""
    if reading.timed is not None:
        late, early = (half_time(lane.times, series(r, lane, model)) for r in reading.timed)
        return np.full(len(lane.times), late - early)
    if reading.half:
        plain = series(replace(reading, half=False), lane, model)
        return np.full(len(lane.times), half_time(lane.times, plain))
    if reading.label is not None:
        return labels_of(model).series(reading.label, lane)
    if reading.site is not None and (lane.course is not None or not reading.top):
        return shared_series(reading.site, lane)
    if reading.constant is not None:
        return np.full(len(lane.times), reading.constant)
    if reading.source:
        return _atp(reading, lane.observed, model)
    values = _combine(reading, lane.observed, model)
    return 1.0 - values if reading.complement else values


def at_end(reading: Reading, times: Array, values: Array, at_h: float | None = None) -> float:
    """One number: the value at a time, at the end, or the mean over the end of the run."""
    if not len(times):
        return float("nan")
    if at_h is not None:
        return float(np.interp(at_h, times, values))
    if not reading.averaged or len(times) == 1:
        return float(values[-1])
    start = times[-1] - LAST_SHARE * (times[-1] - times[0])
    inner = times[times > start]
    grid = np.concatenate([[start], inner])
    sampled = np.interp(grid, times, values)
    return float(np.trapezoid(sampled, grid) / (grid[-1] - grid[0]))


def _combine(reading: Reading, observed: Array, model: CellModel) -> Array:
    top = _weighted(reading.top, observed, model)
    if reading.bottom is None:
        return top
    bottom = _weighted(reading.bottom, observed, model)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(top / bottom)


def _atp(reading: Reading, observed: Array, model: CellModel) -> Array:
    """ATP from one compound, in the unit of the reading; ``top`` names the rates that it needs."""
    rates = observed[:, [model.observable_index[name] for name in reading.top]]
    factor = next(iter(reading.top.values()))
    return np.asarray(factor * model.energy.atp_from(reading.source, rates))


def _weighted(weights: Mapping[str, float], observed: Array, model: CellModel) -> Array:
    columns = [model.observable_index[name] for name in weights]
    return np.asarray(observed[:, columns] @ np.array(list(weights.values())))


def _shared(found: Mapping[str, float] | str, unit: str) -> Reading | Missing:
    """A reading of what the cells of a place share."""
    if isinstance(found, str):
        return Missing("tissue", found)
    return Reading({}, unit, site=found)


def _populated(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """Numbers of cells in a place that they share with others."""
    del model, vocabulary
    return Reading({}, observable.unit, site={f"{observable.family}.{observable.place}": 1.0})


def _medium(observable: Observable, model: CellModel) -> Reading | Missing:
    species = _species(observable.item, model, "e")
    if not species:
        return Missing(observable.item, "the medium of the model does not hold it")
    return Reading({f"conc.{s}": 1.0 for s in species}, "mM")


def _ids(item: str, model: CellModel) -> tuple[str, ...]:
    """Metabolite ids of a pool's name: one, or the members of a group."""
    group = model.base.groups.get("pool", item)
    if group is not None:
        return group.members
    return tuple(m.id for m in model.base.metabolites if m.name == item)


def _species(item: str, model: CellModel, compartments: str) -> list[str]:
    known = model.network.substances
    names = [f"{m}_{c}" for m in _ids(item, model) for c in compartments]
    return [s for s in names if s in known and not known[s].buffered]


def _volume(model: CellModel, compartment: str) -> float:
    """ML per gDW."""
    return model.network.constants[f"volume.{compartment}"].value


def _growth(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading:
    """Growth of the living less what dies beyond the turnover at rest."""
    del observable, model, vocabulary
    return Reading({"net_growth": 1.0}, "1/h")


def _density(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading:
    """Of a dish of its own by the usual start; among others, what there is of it."""
    del vocabulary
    alone = {"mass": model.network.constants["dish.density"].value}
    return Reading(alone, "gDW/L", site={f"mass.{observable.place}": 1.0})


def _pool(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    if observable.form:
        return _steered(replace(observable, family="expression"), model, vocabulary)
    inside = {"cytosol": "c", "mito": "m", "": "cm"}.get(observable.compartment, "")
    species = _species(observable.item, model, inside)
    macro = _species(observable.item, model, "b")
    if macro and not species:
        return Reading({f"conc.{s}": 1.0 for s in macro}, "mmol/gDW")
    if not species:
        return _index(observable, model)
    whole = sum(_volume(model, c) for c in inside)
    weights = {f"conc.{s}": _volume(model, s[-1]) / whole for s in species}
    return Reading(weights, "mM")


def _rates(item: str, model: CellModel) -> dict[str, float]:
    """Reaction → weight of a process, gene or reaction; empty if unknown."""
    shares = model.base.processes.where("process", item)
    if shares:
        return {s.reaction: s.weight for s in shares}
    if item in model.network.reactions:
        return {item: 1.0}
    weights: dict[str, float] = defaultdict(float)
    for reaction in model.network.reactions.values():
        for isozyme in parse_genes(reaction.genes):
            if item in isozyme.genes:
                weights[reaction.id] += isozyme.share
    return dict(weights)


def _reaction(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    del vocabulary
    weights = _rates(observable.item, model)
    if not weights:
        return Missing(observable.item, "no reaction of the network carries it")
    return Reading({f"rate.{r}": w for r, w in weights.items()}, "mmol/gDW/h")


def _index(observable: Observable, model: CellModel) -> Reading | Missing:
    """Amount of something that is a node of regulation, not a species: relative to rest."""
    name, _ = kernel_name(replace(observable, family="activity"), model)
    return Reading({name: 1.0}, "1") if name else Missing(observable.item, _NO_POOL)


def _signalled(observable: Observable, model: CellModel, missing: Missing) -> Reading | Missing:
    """Speed of a process that is a node of regulation, not a reaction: relative to rest."""
    node = model.network.regulation.nodes.get(observable.item)
    if node is None or node.kind != "activity" or observable.item in model.base.genes:
        return missing
    return _index(observable, model)


def _flux(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    """mM/h of cell volume."""
    source = atp_source(observable.item, model.network)
    found: Reading | Missing
    if source:
        rates = dict.fromkeys((f"rate.{r}" for r in model.network.reactions), 1.0)
        found = Reading(rates, "mmol/gDW/h", source=source)
    else:
        found = _reaction(observable, model, vocabulary)
    if isinstance(found, Missing):
        return _signalled(observable, model, found)
    factor = 1.0 / convert(_volume(model, "c") + _volume(model, "m"), "mL", "L")
    top = {r: w * factor for r, w in found.top.items()}
    return replace(found, top=top, unit="mM/h")


def _exchange_weights(item: str, model: CellModel) -> dict[str, float]:
    """Net uptake of a compound of the medium, mmol/gDW/h, as weights of cell reactions."""
    weights: dict[str, float] = defaultdict(float)
    species = set(_species(item, model, "e"))
    for reaction in model.network.reactions.values():
        if reaction.subsystem == "medium":
            continue
        for s, n in reaction.stoichiometry.items():
            if s in species:
                weights[f"rate.{reaction.id}"] -= n
    return dict(weights)


def _exchange(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    del vocabulary
    secreted = f"measure.{observable.item}"
    if observable.family == "secretion" and secreted in model.observable_index:
        return Reading({secreted: 1.0}, "fmol/cell/h")
    weights = _exchange_weights(observable.item, model)
    if not weights:
        return Missing(observable.item, "the cell of the model does not exchange it")
    if observable.family == "exchange":
        return Reading(weights, "mmol/gDW/h")
    sign = -1.0 if observable.family == "secretion" else 1.0
    return _per_cell({r: sign * w for r, w in weights.items()}, observable.place, model)


def _efflux(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    """Gross outward flux: the legs of all carriers that set the compound free in the medium.

    Unlike secretion it does not net what comes in: an exchanger that swaps a compound against itself or
    against another shows what leaves. Of a reversible reaction the forward leg is the net rate plus the
    backward leg; an irreversible one has the net rate alone.
    """
    del vocabulary
    weights: dict[str, float] = defaultdict(float)
    for reaction in model.network.reactions.values():
        outside = sum(reaction.stoichiometry.get(s, 0.0) for s in _outside(observable.item, model))
        if outside == 0.0 or reaction.subsystem == "medium":
            continue
        back = f"backward.{reaction.id}"
        two_legs = back in model.observable_index
        if outside > 0.0:
            weights[f"rate.{reaction.id}"] += outside
        if two_legs:
            weights[back] += abs(outside)
    if not weights:
        return Missing(observable.item, "no carrier of the network takes it out of the cell")
    return _per_cell(weights, observable.place, model)


def _outside(item: str, model: CellModel) -> list[str]:
    """Species of a compound in the medium, buffered ones included."""
    known = model.network.substances
    return [f"{m}_e" for m in _ids(item, model) if f"{m}_e" in known]


def _per_cell(weights: Mapping[str, float], cell: str, model: CellModel) -> Reading:
    own = model.base.dry_masses.get(cell)
    dry = model.network.constants["cell.dry_mass"].value if own is None else own.value
    factor = dry * convert(1.0, "mmol/g", "fmol/pg")
    return Reading({r: w * factor for r, w in weights.items()}, "fmol/cell/h")


def _ratio(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    if not observable.other:
        return _named_ratio(observable, model, vocabulary)
    sides = [
        _pool(replace(observable, family="pool", item=item, other=""), model, vocabulary)
        for item in (observable.item, observable.other)
    ]
    for side in sides:
        if isinstance(side, Missing):
            return side
    top, bottom = (s.top for s in sides if isinstance(s, Reading))
    return Reading(top, "1", bottom=bottom)


def _named_ratio(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    record = model.base.ratios.get(observable.item)
    if record is None:
        return Missing(observable.item, "the model has no such ratio")
    sides = [
        reading_of(Observable.parse(f"{observable.place}.{text}", vocabulary), model, vocabulary)
        for text in (record.top, record.bottom)
    ]
    for side in sides:
        if isinstance(side, Missing):
            return side
    top, bottom = (s.top for s in sides if isinstance(s, Reading))
    return Reading(top, "1", bottom=bottom)


def _steered(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    """What regulation changes; what it does not reach must not read as unchanged."""
    del vocabulary
    name, unit = kernel_name(observable, model)
    if name:
        return Reading({name: 1.0}, unit)
    return Missing(
        "_".join(filter(None, (observable.item or observable.family, observable.form))), unit
    )


def _fraction(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """Share of a cell in its lineage: its programme over all that compete with it."""
    del vocabulary
    programmes = competitors(observable.place, model)
    if observable.place not in programmes:
        return Missing("fraction", f"no programme of the model leads to {observable.place} yet")
    everyone = {name: share for one in programmes.values() for name, share in one.items()}
    return Reading(programmes[observable.place], "1", bottom=everyone)


def _inhibition(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    del vocabulary
    level, free = f"level.{observable.item}", f"unblocked.{observable.item}"
    if level not in model.observable_index:
        return Missing(observable.item, "the network has no such protein")
    if free in model.observable_index:
        return Reading({free: 1.0}, "1", complement=True)
    return Reading({level: 1.0}, "1", bottom={level: 1.0}, complement=True)  # no drug is on it


_NO_POOL = "the network has no such pool"


def _half(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    """Time of half of the change of what is expressed or else active."""
    for family in ("expression", "activity"):
        form = "" if observable.form == "decay" else observable.form
        found = _steered(replace(observable, family=family, form=form), model, vocabulary)
        if isinstance(found, Reading):
            return replace(found, unit="h", half=True)
    return found


def _lag(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    """How much later one process changes than another."""
    sides: list[Reading] = []
    for item in (observable.item, observable.other):
        found = _reaction(replace(observable, item=item), model, vocabulary)
        if isinstance(found, Missing):
            return found
        sides.append(found)
    return Reading({}, "h", timed=(sides[0], sides[1]))


def _label(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    del vocabulary
    found = label_request(observable, model)
    if isinstance(found, str):
        return Missing(observable.name, found)
    return Reading({}, "1", label=found)


def _atoms(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    del vocabulary
    found = atoms_request(observable, model)
    if isinstance(found, str):
        return Missing(observable.name, found)
    return Reading({}, "1", constant=float(found))


_FAMILIES: Mapping[str, Callable[[Observable, CellModel, Vocabulary], Reading | Missing]] = {
    "growth_rate": _growth,
    "proliferation": _growth,
    "fraction": _fraction,
    "density": _density,
    "pool": _pool,
    "flux": _flux,
    "reaction": _reaction,
    "uptake": _exchange,
    "secretion": _exchange,
    "exchange": _exchange,
    "efflux": _efflux,
    "ratio": _ratio,
    **dict.fromkeys(STEERED, _steered),
    "fractional_inhibition": _inhibition,
    "time_to_half_max": _half,
    "lag": _lag,
    "label": _label,
    "atoms": _atoms,
    "infiltration": _populated,
    "core_fraction": _populated,
}
