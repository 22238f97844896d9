"""What a sample of several kinds of cells shows: their distributions, weighted by how much each brings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import ModelError
from glutarium.names import Observable
from glutarium.simulate.labels import labels_of
from glutarium.simulate.reading import Reading
from glutarium.simulate.readout import reading_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.names import Vocabulary
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

__all__ = ["Portion", "mixed", "mixed_sample"]

MOST_ATOMS = 40


@dataclass(frozen=True, eq=False)
class Portion:
    """One kind of cell in a sample.

    Attributes
    ----------
    lane
        Its run.
    mass
        Dry mass of these cells at time zero, g or any unit that all portions share; what they grow to
        since follows from the run.
    """

    lane: Lane
    mass: float


def mixed(distributions: Sequence[Array], amounts: Sequence[Array]) -> Array:
    """Distribution of a molecule in a sample of several pools.

    Parameters
    ----------
    distributions
        Of every pool, shape ``(..., size + 1)``.
    amounts
        Of every pool, shape ``(...)``; in one unit. Amounts, not concentrations: a kind of cell weighs by
        how much of the molecule it brings.

    Raises
    ------
    ModelError
        There is nothing to mix, or shapes or amounts do not fit.
    """
    if not distributions or len(distributions) != len(amounts):
        message = (
            f"{len(distributions)} distributions and {len(amounts)} amounts cannot be mixed; give one "
            "amount for every distribution, and at least one"
        )
        raise ModelError(message)
    shapes = sorted({np.shape(d) for d in distributions})
    if len(shapes) > 1:
        message = f"Distributions of shapes {shapes} cannot be mixed; they must be of one molecule"
        raise ModelError(message)
    weights = np.array([np.broadcast_to(a, shapes[0][:-1]) for a in amounts])
    if (weights < 0.0).any() or not (weights.sum(axis=0) > 0.0).all():
        message = (
            "Amounts in a sample must not be below zero, and some of the molecule must be there"
        )
        raise ModelError(message)
    whole = np.einsum("p...,p...n->...n", weights, np.array(distributions))
    return np.asarray(whole / weights.sum(axis=0)[..., None])


def mixed_sample(
    portions: Sequence[Portion], metabolite: str, model: CellModel, vocabulary: Vocabulary
) -> Array:
    """Isotopologues of a metabolite in a sample of several kinds of cells.

    Every kind weighs by the amount that it holds: concentration, volume and dry mass, which grows.

    Parameters
    ----------
    portions
        Runs that report the same times, and how much of each kind there is.
    metabolite
        Its name.
    model
        The model that ran.
    vocabulary
        Known names.

    Returns
    -------
    Array
        M+0 and so on, shape ``(n_times, n_atoms + 1)``.

    Raises
    ------
    ModelError
        The molecule has no isotopologues, a run has no tracer, or their times differ.
    """
    if len({tuple(p.lane.times) for p in portions}) > 1:
        message = "Portions of a sample must be read at the same times; give their plans one list"
        raise ModelError(message)
    labels = labels_of(model)
    readings = _isotopologues(portions, metabolite, model, vocabulary)
    requests = [r.label for r in readings if r.label is not None]
    labels.prepare(requests, [p.lane for p in portions])
    found, amounts = [], []
    for portion in portions:
        rows = [labels.series(request, portion.lane) for request in requests]
        # Isotopologues that the tracer cannot reach are empty, not absent.
        found.append(np.nan_to_num(np.stack(rows, axis=1)))
        amounts.append(portion.mass * labels.amount(requests[0], portion.lane))
    return mixed(found, amounts)


def _isotopologues(
    portions: Sequence[Portion], metabolite: str, model: CellModel, vocabulary: Vocabulary
) -> list[Reading]:
    cells = [p.lane.plan.cell for p in portions if p.lane.plan is not None]
    if len(cells) < len(portions) or not portions:
        message = "A sample needs at least one run, and every run its plan"
        raise ModelError(message)
    cell = cells[0] or "tumour"
    readings: list[Reading] = []
    for count in range(MOST_ATOMS):
        observable = Observable.parse(f"{cell}.label.{metabolite}_M{count}", vocabulary)
        found = reading_of(observable, model, vocabulary)
        if not isinstance(found, Reading):
            break
        readings.append(replace(found, cell=""))
    if not readings:
        message = f"{metabolite!r} cannot be read in a mixed sample: {found}"
        raise ModelError(message)
    return readings
