"""How far the kept members still span the ranges that the records give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.calibrate.draw import Draw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.kernel import Array
    from glutarium.model.network import Reaction
    from glutarium.model.ranges import Range
    from glutarium.simulate.model import CellModel

__all__ = ["Span", "spans"]

KINDS = {
    "km": "Michaelis constants",
    "flux": "reference fluxes",
    "rho": "distances from equilibrium",
}


@dataclass(frozen=True, slots=True)
class Span:
    """One kind of record.

    Attributes
    ----------
    kind
        What was drawn.
    records
        How many records of it have a range.
    kept
        Median over the records: log range between the lowest and the highest member, within the
        recorded range, over the recorded log range.
    free
        The same for as many draws that nothing selected.
    """

    kind: str
    records: int
    kept: float
    free: float


@dataclass(frozen=True)
class _Row:
    """One record: purpose of its draws, its range, its value in every member."""

    purpose: str
    recorded: Range
    values: Array


def spans(model: CellModel) -> list[Span]:
    """How the members of a model span the records' ranges, by kind of record.

    Parameters
    ----------
    model
        At least two members.
    """
    rows = {"km": _michaelis(model), "flux": _fluxes(model), "rho": _distances(model)}
    return [_span(KINDS[kind], list(found), len(model.ensemble)) for kind, found in rows.items()]


def _span(kind: str, rows: list[_Row], members: int) -> Span:
    ranged = [r for r in rows if 0.0 < r.recorded.low < r.recorded.high]
    draws = [Draw(seed) for seed in range(1, members + 1)]
    kept = [_covered(r.recorded, r.values) for r in ranged]
    free = [
        _covered(r.recorded, np.array([d.number(r.purpose, r.recorded) for d in draws]))
        for r in ranged
    ]
    return Span(kind, len(ranged), float(np.median(kept)), float(np.median(free)))


def _covered(recorded: Range, values: Array) -> float:
    low, high = max(values.min(), recorded.low), min(values.max(), recorded.high)
    return max(float(np.log(high / low) / np.log(recorded.spread)), 0.0)


def _michaelis(model: CellModel) -> Iterator[_Row]:
    for reaction in model.network.reactions.values():
        for name, recorded in reaction.constants.items():
            kind, _, species = name.partition(":")
            if kind == "km":
                key = f"km.{reaction.id}.{species}"
                yield _Row(key, recorded, _parameter(model, key))


def _fluxes(model: CellModel) -> Iterator[_Row]:
    observed = _observed(model)
    for reaction, recorded in model.network.fluxes.items():
        rates = observed[:, model.observable_index[f"rate.{reaction}"]]
        yield _Row(f"flux.{reaction}", recorded, np.abs(rates))


def _distances(model: CellModel) -> Iterator[_Row]:
    observed = _observed(model)
    for reaction in model.network.reactions.values():
        if "rho" in reaction.constants:
            ratio = _mass_action(model, reaction, observed) / _parameter(
                model, f"keq.{reaction.id}"
            )
            yield _Row(f"rho.{reaction.id}", reaction.constants["rho"], ratio)


def _mass_action(model: CellModel, reaction: Reaction, observed: Array) -> Array:
    """Mass-action ratio of every member at reference."""
    logs = np.zeros(len(observed))
    for species, n in reaction.stoichiometry.items():
        if not model.network.substances[species].buffered:
            logs += n * np.log(observed[:, model.observable_index[f"conc.{species}"]])
    return np.exp(logs)


def _parameter(model: CellModel, name: str) -> Array:
    return np.asarray(model.ensemble.parameters[:, model.parameter_index[name]])


def _observed(model: CellModel) -> Array:
    """Kernel observables of all members at reference, shape ``(n_members, n_observables)``."""
    out = np.empty((len(model.ensemble), len(model.kernel.observable_names)))
    pairs = zip(model.ensemble.initial, model.ensemble.parameters, strict=True)
    for row, (y, p) in zip(out, pairs, strict=True):
        model.kernel.observe(0.0, y, p, row)
    return out
