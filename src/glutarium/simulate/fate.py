"""A run of cells as arrays, and what became of its glutamine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.model.network import Network

__all__ = ["OTHER", "Course", "Fate", "merge_small"]

OTHER = "other"


@dataclass(frozen=True, eq=False)
class Course:
    """One run of cells in their dish, at ``n`` times.

    Attributes
    ----------
    times
        Hours, rising, shape ``(n,)``.
    concentrations
        mM, shape ``(n, n_species)`` in the order of ``network.dynamic``; biomass is not read.
    rates
        Specific net rates, mmol/gDW/h, shape ``(n, n_reactions)`` in the order of the network.
    mass
        Dry mass relative to time zero, shape ``(n,)``.
    growth
        Specific growth rate, 1/h, shape ``(n,)``.
    density
        Dry mass at time zero, gDW per litre of medium.
    fresh
        Times at which the medium was replaced; what it then holds is not from the cells.
    added
        Times at which something was added to the medium, with positions in ``network.dynamic``.
    """

    times: Array
    concentrations: Array
    rates: Array
    mass: Array
    growth: Array
    density: float
    fresh: tuple[float, ...] = ()
    added: tuple[tuple[float, tuple[int, ...]], ...] = ()

    @classmethod
    def from_observed(
        cls,
        network: Network,
        times: Array,
        observed: Array,
        names: Sequence[str],
        density: float,
    ) -> Course:
        """Pick a course out of the kernel's observables.

        Parameters
        ----------
        network
            Species and reactions.
        times
            Hours, shape ``(n,)``.
        observed
            Shape ``(n, n_observables)``.
        names
            Observables in the order of the columns; with ``conc.<species>``, ``rate.<reaction>``,
            ``mass`` and ``growth_rate``.
        density
            Dry mass at time zero, gDW per litre of medium.
        """
        at = {name: i for i, name in enumerate(names)}
        return cls(
            times=times,
            concentrations=observed[:, [at[f"conc.{s}"] for s in network.dynamic]],
            rates=observed[:, [at[f"rate.{r}"] for r in network.reactions]],
            mass=observed[:, at["mass"]],
            growth=observed[:, at["growth_rate"]],
            density=density,
        )


@dataclass(frozen=True, eq=False)
class Fate:
    """What became of the glutamine of a run.

    Attributes
    ----------
    elements
        ``carbon`` and ``nitrogen``.
    sinks
        Names of the sinks.
    uptake
        Atoms of glutamine that left the medium, mmol per gDW of time zero, shape ``(n_elements,)``.
    shares
        Share of them in every sink, shape ``(n_elements, n_sinks)``; every row adds up to one. NaN
        where no glutamine was taken up. Negative where a sink gave more than it got.
    """

    elements: tuple[str, ...]
    sinks: tuple[str, ...]
    uptake: Array
    shares: Array

    def merged(self, least: float = 0.01) -> Fate:
        """The same with sinks below a share of ``least`` in all elements merged into ``other``."""
        shares, sinks = merge_small(self.shares, self.sinks, least)
        return Fate(self.elements, sinks, self.uptake, shares)


def merge_small(
    shares: Array, sinks: tuple[str, ...], least: float = 0.01
) -> tuple[Array, tuple[str, ...]]:
    """Merge sinks that are small everywhere into ``other``.

    Parameters
    ----------
    shares
        Shape ``(..., n_sinks)``: of one run, or of all members and arms together.
    sinks
        Names of the last axis.
    least
        A sink whose share reaches this anywhere keeps its name.

    Returns
    -------
    shares
        Shape ``(..., n_kept + 1)``.
    sinks
        Names that are kept, then ``other``.
    """
    size = np.where(np.isfinite(shares), np.abs(shares), 0.0)
    large = size.reshape(-1, len(sinks)).max(axis=0, initial=0.0) >= least
    rest = shares[..., ~large].sum(axis=-1, keepdims=True)
    kept = tuple(name for name, keep in zip(sinks, large, strict=True) if keep)
    return np.concatenate([shares[..., large], rest], axis=-1), (*kept, OTHER)
