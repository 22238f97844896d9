"""What a run of cells that share a place came to, beside the cells themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array

__all__ = ["SiteCourse"]


@dataclass(frozen=True)
class SiteCourse:
    """Courses of a site at the times of its lanes.

    Attributes
    ----------
    times
        Hours, shape ``(n,)``.
    values
        Name → course, shape ``(n,)``: ``medium.<species>`` (mM, mean over the zones), ``edge.<species>``
        and ``core.<species>``, ``level.<messenger>``, ``node.<node>``, ``mass.<cell>`` (gDW per litre of the
        start), ``density.<cell>`` (gDW per litre of what surrounds the cells), ``infiltration.<cell>`` (that
        over the start), ``core_fraction.<cell>``, the four of a clone as ``mass.<cell>[<clone>]``,
        ``fraction.<cell or clone>`` (share of all dry mass, of a clone of that of malignant cells),
        ``tumour_volume`` (mm3), ``volume`` (over the start), ``total.<element>`` and ``ledger.<element>``
        (mmol per litre of the start).
    weights
        Dry mass of every lane, gDW per litre of the start, shape ``(n, n_lanes)``.
    cells, clones
        Kind of cell of every lane, and which clone of it (empty: it has none).
    taken
        Net uptake of every lane since the start, mmol per litre of the start, shape
        ``(n, n_lanes, n_nutrients)`` in the order of :func:`~glutarium.simulate.niche.accounts.accounted`.
    place
        Of the same nutrients what came from outside since the start, what the medium holds, and what its
        own reactions used up, shape ``(n, len(ENTRIES), n_nutrients)``.
    """

    times: Array
    values: Mapping[str, Array]
    weights: Array
    cells: tuple[str, ...]
    clones: tuple[str, ...]
    taken: Array
    place: Array
