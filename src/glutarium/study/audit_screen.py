"""Which cuts could flip which expectation, to first order, so that only these are run.

Cutting an edge takes its factor out of its target. What all arms share drops out of a comparison, so what
counts is how far the factor differs between the arms of a study, and over their course. An expectation
can flip only if that, times an amplification that is taken generously, reaches the distance at which its
verdict changes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.study.verdict import CHANGED, UNCHANGED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.regulators import Edge
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Expectation
    from glutarium.study.verdict import Verdict

__all__ = ["distance_of", "likelihood", "swings_of"]

# A factor that differs by less than this share between arms and over time is as good as constant.
_STILL = 0.05
# How much more than its target what is read may change: steep edges in a row, pools that run empty.
_AMPLIFICATION = 2.0
# Folds at which verdicts of direction and of constancy change; see the study format.
_CHANGED, _UNCHANGED = math.log1p(CHANGED), math.log1p(UNCHANGED)
# Smallest factor: an edge that takes all from its target has no logarithm.
_FLOOR = 1e-6


def swings_of(model: CellModel, lanes: Sequence[Lane]) -> dict[str, float]:
    """How far each edge's factor differs between the arms of a study, as a natural logarithm.

    Parameters
    ----------
    model
        The model that was run.
    lanes
        All lanes of the study.

    Returns
    -------
    dict of str to float
        Edge → range of its factor's logarithm over arms and time; edges that stand still are left out.
    """
    edges = model.network.regulation.edges
    lowest, highest = np.full(len(edges), np.inf), np.full(len(edges), -np.inf)
    for lane in lanes:
        logs = _factors(model, edges, lane)
        lowest, highest = np.fmin(lowest, logs.min(axis=0)), np.fmax(highest, logs.max(axis=0))
    moved = highest - lowest
    return {e.id: float(m) for e, m in zip(edges, moved, strict=True) if m > _STILL}


def _factors(model: CellModel, edges: Sequence[Edge], lane: Lane) -> Array:
    """Logarithms of all factors along a lane, shape (times, edges)."""
    columns = [model.observable_index[f"available.{e.regulator}"] for e in edges]
    activity = np.maximum(np.vstack([lane.at_rest[columns], lane.observed[:, columns]]), 0.0)
    absent, saturated, k = (
        lane.end_parameters[[model.parameter_index[f"{e.id}.{name}"] for e in edges]]
        for name in ("absent", "saturated", "k")
    )
    power = activity ** np.array([e.hill for e in edges])
    factor = absent + (saturated - absent) * power / np.maximum(k + power, _FLOOR)
    factor = 1.0 + _gates(model, edges, lane) * (factor - 1.0)
    logs: Array = np.log(np.maximum(factor, _FLOOR))
    return logs


def _gates(model: CellModel, edges: Sequence[Edge], lane: Lane) -> Array:
    """1 where an edge acts in a lane, 0 where the cell or the chosen answer switches it off."""
    names = [[*_switches(edge)] for edge in edges]
    return np.array(
        [np.prod([lane.end_parameters[model.parameter_index[n]] for n in own]) for own in names]
    )


def _switches(edge: Edge) -> Iterator[str]:
    if edge.alternative:
        yield f"alternative.{edge.alternative.replace(':', '.')}"
    if edge.context:
        yield f"context.{edge.context}"


def distance_of(expectation: Expectation, verdict: Verdict) -> float:
    """How far an expectation's fold is from where its verdict changes, as a natural logarithm.

    Zero where that cannot be said from the fold alone (rescues, synergies, values).
    """
    fold = verdict.fold
    if fold is None or fold <= 0.0 or expectation.verb not in ("up", "down", "unchanged"):
        return 0.0
    change = math.log(fold)
    if expectation.verb == "unchanged":
        return abs(_UNCHANGED - abs(change))
    bounds = [math.log(b) for b in expectation.factor or () if b]
    sign = 1.0 if expectation.verb == "up" else -1.0
    return min(abs(change - end) for end in (sign * _CHANGED, *bounds))


def likelihood(swings: Mapping[str, float], edge: str, distances: Sequence[float]) -> float:
    """How easily cutting an edge flips any of a study's expectations; 0 where it cannot, to first order.

    Parameters
    ----------
    swings
        What :func:`swings_of` gives.
    edge
        The edge.
    distances
        What :func:`distance_of` gives for all expectations of the study.

    Returns
    -------
    float
        The factor's range over the smallest distance; above 1 / amplification it may flip.
    """
    if edge not in swings or not distances:
        return 0.0
    ratio = swings[edge] / max(min(distances), _STILL)
    return ratio if _AMPLIFICATION * ratio >= 1.0 else 0.0
