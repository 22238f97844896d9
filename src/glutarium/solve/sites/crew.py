"""Sites that take a step together: where their cells stand, and their shared states within the step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dgetrf

from glutarium.solve.sites.layout import Crew, System

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array
    from glutarium.solve.sites.task import Task

    Ints = npt.NDArray[np.int64]

__all__ = ["crew_of", "factorise", "system_for"]


def crew_of(tasks: Sequence[Task]) -> Crew:
    """Lanes of some sites, in the order of blocks and lanes; that of a site's cells is the same."""
    block, lane, zone = (
        np.concatenate(parts)
        for parts in zip(*((t.block, t.lane, t.site.zone) for t in tasks), strict=True)
    )
    site = np.repeat(np.arange(len(tasks)), [len(t.block) for t in tasks])
    order = np.lexsort((lane, block))
    active, starts = np.unique(block[order], return_index=True)
    zones = tasks[0].site.n_zones
    cells = np.array([np.bincount(t.site.zone, minlength=zones) for t in tasks])
    ends = np.append(starts, len(block))
    return Crew(active, block[order], lane[order], site[order], zone[order], ends, cells)


def system_for(n_sites: int, n_zones: int, n_shared: int, n_stages: int) -> System:
    """Room for the shared states of so many sites."""
    each, whole = (n_sites, n_zones, n_shared), n_zones * n_shared
    return System(
        t=np.zeros(n_sites),
        h=np.ones(n_sites),
        gain=np.zeros(each),
        loss=np.zeros((n_sites, n_zones, n_zones, n_shared)),
        values=np.zeros(each),
        matrix=np.zeros((n_sites, whole, whole)),
        swaps=np.zeros((n_sites, whole), dtype=np.int32),
        x=np.zeros((n_sites, whole)),
        work=np.zeros(each),
        stages=np.zeros((n_stages, *each)),
        inflows=np.zeros((n_stages, *each)),
        taken=np.zeros(each),
        error=np.zeros(n_sites),
        room=np.zeros(n_sites),
    )


def factorise(matrix: Array, swaps: npt.NDArray[np.int32]) -> bool:
    """Factors of the system of a site, in place; whether there are any.

    Parameters
    ----------
    matrix
        Shape ``(n, n)``. In C order it is the transpose of what LAPACK sees: nothing has to be copied.
    swaps
        Rows that were exchanged, shape ``(n,)``; written.
    """
    _, swaps[:], failed = dgetrf(matrix.T, overwrite_a=True)
    return not failed
