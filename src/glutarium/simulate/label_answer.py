"""From labelled atoms of pools to what a study reads: isotopologues, and shares of a product's atoms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.simulate.label_run import source_pool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.emu import Emu
    from glutarium.simulate.label_pools import LabelCourse, SiteTrace
    from glutarium.simulate.label_request import LabelRequest

__all__ = ["isotopologues", "share"]


def isotopologues(course: LabelCourse, wanted: Sequence[Emu], found: Mapping[Emu, Array]) -> Array:
    """Fractions of the molecules of some pools by the number of labelled atoms.

    Parameters
    ----------
    course
        Amounts of the pools.
    wanted
        Whole molecules of the pools.
    found
        Their mass distributions, shape ``(n, atoms + 1)`` each.

    Returns
    -------
    ndarray
        Shape ``(n, most + 1)`` for at most so many atoms that can be labelled; NaN where there is none of
        the molecule.
    """
    top = np.zeros((len(course.times), max((len(emu.atoms) for emu in wanted), default=0) + 1))
    bottom = np.zeros((len(course.times), 1))
    for emu in wanted:
        amount = course.amounts[source_pool(emu.pool)][:, None]
        if emu.atoms:
            top[:, : len(emu.atoms) + 1] += amount * found[emu]
        else:
            top[:, :1] += amount
        bottom += amount
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0.0)


def share(
    request: LabelRequest,
    course: LabelCourse,
    wanted: Sequence[Emu],
    found: Mapping[Emu, Array],
    *,
    atoms: Mapping[str, int],
    trace: SiteTrace | None,
) -> Array:
    """Share of the atoms of a product that are labelled.

    Parameters
    ----------
    request
        Pools of the product with their weights, in terms of the pools of the course.
    course
        Amounts of the pools.
    wanted
        Single atoms of the pools.
    found
        Their mass distributions, shape ``(n, 2)`` each.
    atoms
        Pool → how many of its atoms count.
    trace
        The place, where cells share one: weights of the pools in it.

    Returns
    -------
    ndarray
        Shape ``(n,)``; NaN where there is nothing of the product.
    """
    weights = dict(zip(request.pools, request.weights, strict=False))
    labelled: dict[str, Array] = {}
    for emu in dict.fromkeys(wanted):
        if emu.atoms:
            pool = source_pool(emu.pool)
            labelled[pool] = labelled.get(pool, np.zeros(len(course.times))) + found[emu][:, 1]
    top, bottom = np.zeros(len(course.times)), np.zeros(len(course.times))
    for pool in request.pools:
        amount = weights.get(pool, course.amounts[pool])
        if pool in weights and trace is not None:
            amount = amount * trace.weight(pool)
        top += amount * labelled.get(pool, np.zeros(len(top)))
        bottom += amount * atoms[pool]
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0.0)
