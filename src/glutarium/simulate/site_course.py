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
        and ``core.<species>``, ``level.<messenger>``, ``node.<node>``, ``density.<cell>`` (gDW per litre of
        what surrounds the cells), ``infiltration.<cell>`` (that over the start), ``core_fraction.<cell>``,
        ``fraction.<cell or clone>`` (share of all dry mass), ``tumour_volume`` (mm3), ``volume`` (over the
        start), ``total.<element>`` and ``ledger.<element>`` (mmol per litre of the start).
    weights
        Dry mass of every lane, gDW per litre of the start, shape ``(n, n_lanes)``.
    """

    times: Array
    values: Mapping[str, Array]
    weights: Array
