"""What every result holds: all pools, reactions and exchanges, whatever the study asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.model.profiles import REFERENCE
from glutarium.names import Observable
from glutarium.simulate.plan import clone_name
from glutarium.simulate.readout import Missing, Reading, reading_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.names import Vocabulary
    from glutarium.simulate.model import CellModel

__all__ = ["default_readings"]

TISSUE = "tissue"
AROUND = ("glutamine", "glucose", "lactate", "oxygen", "pH", "tumour_volume")
"""What is read of a tissue in any case."""
OF_CELLS = ("infiltration", "core_fraction")
"""What is read of every cell of a tissue in any case."""
RATIOS = ("ATP_ADP", "NADPH_NADP", "NAD_NADH", "GSH_GSSG")


def default_readings(
    model: CellModel,
    names: Vocabulary,
    cells: Sequence[str] = (REFERENCE,),
    system: str = "cell",
    clones: Sequence[tuple[str, str]] = (),
) -> dict[str, Reading]:
    """Everything that a result holds beside what the study asks for, for every cell and clone."""
    found: dict[str, Reading] = {}
    for cell, clone in (*((cell, "") for cell in cells), *clones):
        found |= _of_cell(cell, clone, model, names)
    if system == TISSUE:
        texts = [f"{TISSUE}.{name}" for name in AROUND]
        whose = (*cells, *(clone_name(*part) for part in clones))
        texts += [f"{cell}.{name}" for cell in whose for name in OF_CELLS]
        found |= _readable(texts, model, names)
    return found


def _of_cell(kind: str, clone: str, model: CellModel, names: Vocabulary) -> dict[str, Reading]:
    network, cell = model.network, clone_name(kind, clone)
    stuff = sorted({s.name for s in network.substances.values() if not s.buffered})
    places: dict[str, set[str]] = {s.name: set() for s in network.substances.values()}
    for s in network.substances.values():
        places[s.name].add(s.compartment)
    texts = [f"{cell}.growth_rate", f"{cell}.density"]
    for name in stuff:
        inside = places[name] & {"c", "m"}
        texts += [f"{cell}.pool.{name}"] if inside or "b" in places[name] else []
        if inside == {"c", "m"}:
            texts += [f"{cell}.pool.{name}_cytosol", f"{cell}.pool.{name}_mito"]
        if "e" in places[name]:
            texts += [f"{cell}.uptake.{name}", f"{cell}.secretion.{name}", f"medium.{name}"]
    texts += [f"{cell}.ratio.{ratio}" for ratio in RATIOS]
    texts += [f"{cell}.flux.{p}" for p in dict.fromkeys(r.process for r in model.base.processes)]
    found = _readable(texts, model, names)
    rates = {
        f"{cell}.reaction.{r}": Reading(
            {f"rate.{r}": 1.0}, "mmol/gDW/h", averaged=True, cell=kind, clone=clone
        )
        for r in network.reactions
    }
    return found | rates


def _readable(texts: Sequence[str], model: CellModel, names: Vocabulary) -> dict[str, Reading]:
    found: dict[str, Reading] = {}
    for text in texts:
        observable = Observable.parse(text, names)
        reading = reading_of(observable, model, names)
        if not isinstance(reading, Missing):
            found[observable.name] = reading
    return found
