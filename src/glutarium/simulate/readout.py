"""From what the kernel observes to the observables of studies: which reading answers each of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from glutarium.knowledge.equations import parse_genes
from glutarium.names import Observable
from glutarium.simulate.energy import atp_source
from glutarium.simulate.plan import clone_name
from glutarium.simulate.read_labels import read_atoms, read_label
from glutarium.simulate.read_site import tissue_course
from glutarium.simulate.read_steered import (
    read_fraction,
    read_half_time,
    read_inhibition,
    read_steered,
)
from glutarium.simulate.reading import LAST_SHARE, Missing, Reading, at_end, series
from glutarium.simulate.steering import STEERED, kernel_name
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glutarium.names import Vocabulary
    from glutarium.simulate.model import CellModel

__all__ = ["LAST_SHARE", "RATES", "Missing", "Reading", "at_end", "reading_of", "series"]

# A share of a lineage is read in a dish that need not have begun with the cell itself.
DIFFERENTIATES = "fraction"
LABEL = "label"
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


def reading_of(
    observable: Observable, model: CellModel, vocabulary: Vocabulary
) -> Reading | Missing:
    """How the model reads an observable, or what it lacks."""
    if observable.system != "cell" and observable.family == LABEL:
        return read_label(observable, model, vocabulary)
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
    rates = observable.family in RATES
    return replace(found, averaged=rates, cell=cell, clone=observable.clone)


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
    whose = clone_name(observable.place, observable.clone)
    return Reading({}, observable.unit, site={f"{observable.family}.{whose}": 1.0})


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
    whose = clone_name(observable.place, observable.clone)
    return Reading(alone, "gDW/L", site={f"mass.{whose}": 1.0})


def _pool(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    if observable.form:
        return read_steered(replace(observable, family="expression"), model, vocabulary)
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
    probe = model.base.groups.get("probe", observable.item)
    if probe is not None and observable.family == "uptake":
        return _traced(probe.members[0], observable.place, model)
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


def _traced(metabolite: str, cell: str, model: CellModel) -> Reading:
    """Influx of a trace of a probe of 1 mM that carriers do not tell from a metabolite."""
    outside = f"{metabolite}_e"
    weights: dict[str, float] = defaultdict(float)
    for reaction in model.network.reactions.values():
        taken = -reaction.stoichiometry.get(outside, 0.0)
        if taken == 0.0 or reaction.subsystem == "medium":
            continue
        back = f"backward.{reaction.id}"
        if taken > 0.0:
            weights[f"rate.{reaction.id}"] += taken
        if back in model.observable_index:
            weights[back] += abs(taken)
    return replace(_per_cell(weights, cell, model), bottom={f"conc.{outside}": 1.0})


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


_NO_POOL = "the network has no such pool"


def _lag(observable: Observable, model: CellModel, vocabulary: Vocabulary) -> Reading | Missing:
    """How much later one process changes than another."""
    sides: list[Reading] = []
    for item in (observable.item, observable.other):
        found = _reaction(replace(observable, item=item), model, vocabulary)
        if isinstance(found, Missing):
            return found
        sides.append(found)
    return Reading({}, "h", timed=(sides[0], sides[1]))


_FAMILIES: Mapping[str, Callable[[Observable, CellModel, Vocabulary], Reading | Missing]] = {
    "growth_rate": _growth,
    "proliferation": _growth,
    "fraction": read_fraction,
    "density": _density,
    "pool": _pool,
    "flux": _flux,
    "reaction": _reaction,
    "uptake": _exchange,
    "secretion": _exchange,
    "exchange": _exchange,
    "efflux": _efflux,
    "ratio": _ratio,
    **dict.fromkeys(STEERED, read_steered),
    "fractional_inhibition": read_inhibition,
    "time_to_half_max": read_half_time,
    "lag": _lag,
    "label": read_label,
    "atoms": read_atoms,
    "infiltration": _populated,
    "core_fraction": _populated,
}
