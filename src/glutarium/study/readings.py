"""What every result holds: all pools, reactions and exchanges, whatever the study asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.names import Observable
from glutarium.simulate.readout import Missing, Reading, reading_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.names import Vocabulary
    from glutarium.simulate.model import CellModel

__all__ = ["default_readings"]

RATIOS = ("ATP_ADP", "NADPH_NADP", "NAD_NADH", "GSH_GSSG")


def default_readings(model: CellModel, names: Vocabulary) -> dict[str, Reading]:
    """Everything that a result holds beside what the study asks for."""
    network = model.network
    stuff = sorted({s.name for s in network.substances.values() if not s.buffered})
    places: dict[str, set[str]] = {s.name: set() for s in network.substances.values()}
    for s in network.substances.values():
        places[s.name].add(s.compartment)
    texts = ["tumour.growth_rate", "tumour.density"]
    for name in stuff:
        inside = places[name] & {"c", "m"}
        texts += [f"tumour.pool.{name}"] if inside or "b" in places[name] else []
        if inside == {"c", "m"}:
            texts += [f"tumour.pool.{name}_cytosol", f"tumour.pool.{name}_mito"]
        if "e" in places[name]:
            texts += [f"tumour.uptake.{name}", f"tumour.secretion.{name}", f"medium.{name}"]
    texts += [f"tumour.ratio.{ratio}" for ratio in RATIOS]
    texts += [f"tumour.flux.{p}" for p in dict.fromkeys(r.process for r in model.base.processes)]
    found = _readable(texts, model, names)
    rates = {
        f"tumour.reaction.{r}": Reading({f"rate.{r}": 1.0}, "mmol/gDW/h", averaged=True)
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
