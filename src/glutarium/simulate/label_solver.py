"""Labels as numbers: the EMUs of a request as a cascade, with the pools and fluxes of a time as its rates.

Of an EMU ``E`` of a pool with amount ``A`` and inflows ``v`` from sources ``S``::

    A dE/dt = sum_j v_j (S_j - E)

Growth, dilution and changing pools need no term of their own: what flows in is all that changes a
distribution. Fluxes and pools are constant within a piece of time. Several runs are advanced side by side;
what becomes of one does not depend on the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import ModelError
from glutarium.simulate.label_layout import eliminated, lay_out
from glutarium.solve.cascade import STOPPED, advance, pace, settle
from glutarium.solve.cascade_layout import Rates, Space, Time
from glutarium.solve.native import ABREAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array
    from glutarium.model.emu import Emu, EmuSystem

__all__ = ["LabelSolver", "Piece", "Pieces"]

# Pools below this, mmol/gDW, are renewed at once.
SMALLEST = 1e-12
# A piece of time is cut into at most this many steps.
MOST_STEPS = 100_000


@dataclass(frozen=True, eq=False)
class Piece:
    """Time with constant pools and fluxes.

    Attributes
    ----------
    hours
        Length, h.
    amounts
        Of the pool of every EMU, mmol per gDW of time zero, shape ``(n_emus,)``.
    flux
        Gross fluxes, mmol/h per gDW of time zero, in the order of ``flux_index``.
    """

    hours: float
    amounts: Array
    flux: Array


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of time of runs side by side.

    Attributes
    ----------
    hours
        Lengths, h, shape ``(ABREAST,)``; zero for a run that stands still.
    amounts, flux
        Of the solver's pools and of the gross fluxes, shapes ``(n_pools, ABREAST)`` and
        ``(n_fluxes, ABREAST)``.
    """

    hours: Array
    amounts: Array
    flux: Array

    @classmethod
    def alone(cls, piece: Piece, amounts: Array) -> Pieces:
        """One run with these amounts of pools, and nothing beside it."""
        hours, flux = np.zeros(ABREAST), np.zeros((len(piece.flux), ABREAST))
        beside = np.ones((len(amounts), ABREAST))
        hours[0], beside[:, 0], flux[:, 0] = piece.hours, amounts, piece.flux
        return cls(hours, beside, flux)


class LabelSolver:
    """Solves for the distributions of all EMUs of a system.

    Parameters
    ----------
    system
        The EMUs.

    Attributes
    ----------
    emus
        In the order of all arrays.
    at
        EMU → position of what is followed of it.
    pools, pool
        Pools that have EMUs, and which of them every EMU belongs to, shape ``(n_emus,)``.
    row_emu
        EMU of every row that holds an entry of a distribution, shape ``(n_rows,)``.
    steps
        Steps that were tried so far, of :data:`ABREAST` runs at once.
    """

    def __init__(self, system: EmuSystem) -> None:
        ordered = [eliminated(level) for level in system.levels.values()]
        self.emus: tuple[Emu, ...] = tuple(e for emus in ordered for e in emus)
        self.at = {emu: i for i, emu in enumerate(self.emus)}
        self.at |= {emu: self.at[kept] for emu, kept in system.stands.items()}
        pool: dict[str, int] = {}
        self.pool = np.array(
            [pool.setdefault(e.pool, len(pool)) for e in self.emus], dtype=np.int64
        )
        self.pools = tuple(pool)
        self.steps = 0
        self._width = max((len(e.atoms) for e in self.emus), default=0) + 1
        sizes = [len(emu.atoms) for emu in self.emus]
        self.row_emu = np.repeat(np.arange(len(sizes)), sizes)
        self._row_count = np.array(
            [n for size in sizes for n in range(1, size + 1)], dtype=np.int64
        )
        self._layout = lay_out(tuple(system.levels.values()), self.at, self.pool)
        self._space = Space.of(self._layout, self._width)
        self._rates = Rates.of(self._layout)

    def start(self, distribution: Callable[[Emu], Array]) -> Array:
        """Distributions of all EMUs, shape ``(n_emus, width)``."""
        state = np.zeros((len(self.emus), self._width))
        for i, emu in enumerate(self.emus):
            own = distribution(emu)
            state[i, : len(own)] = own
        return state

    def read(self, state: Array, emu: Emu) -> Array:
        """Distribution of one EMU."""
        return state[self.at[emu], : len(emu.atoms) + 1]

    def advance(self, state: Array, piece: Piece, *, tolerance: float = 1e-4) -> Array:
        """Distributions at the end of a piece of time.

        Parameters
        ----------
        state
            Distributions at its start.
        piece
            Pools and fluxes.
        tolerance
            Error of a step.

        Raises
        ------
        ModelError
            It takes too many steps.
        """
        several = _abreast(self.packed(state))
        self.advance_several(several, self._alone(piece), tolerance=tolerance)
        return self._unpacked(several[:, 0])

    def advance_several(self, states: Array, pieces: Pieces, *, tolerance: float = 1e-4) -> None:
        """Advance runs side by side, in place.

        Parameters
        ----------
        states
            Distributions without their first entries, shape ``(n_rows, ABREAST)``; see :meth:`packed`.
        pieces
            Pools and fluxes.
        tolerance
            Error of a step.

        Raises
        ------
        ModelError
            It takes too many steps.
        """
        if not self.emus or not (pieces.hours > 0.0).any():
            return
        self._pace(pieces)
        limits = tolerance, MOST_STEPS
        course = states, Time.of(pieces.hours)
        steps = advance(self._layout, self._rates, course, limits, self._space)
        if steps == STOPPED:
            message = f"Labels of {len(self.emus)} EMUs need more than {MOST_STEPS} steps at once"
            raise ModelError(message)
        self.steps += steps

    def stationary(self, state: Array, piece: Piece) -> Array:
        """Distributions that do not change any more under constant fluxes.

        Parameters
        ----------
        state
            Distributions of what nothing flows into (the medium); of others they do not matter.
        piece
            Pools and fluxes; amounts do not matter.
        """
        several = _abreast(self.packed(state))
        if self.emus:
            self._pace(self._alone(piece))
            settle(self._layout, self._rates, several, self._space)
        return self._unpacked(several[:, 0])

    def packed(self, state: Array) -> Array:
        """Distributions without their first entries and without room, shape ``(n_rows,)``."""
        return np.ascontiguousarray(state[self.row_emu, self._row_count])

    def rows(self, emu: Emu) -> slice:
        """Where the distribution of an EMU stands among the rows, without its first entry."""
        i = self.at[emu]
        return slice(int(self._layout.first[i]), int(self._layout.first[i + 1]))

    def _alone(self, piece: Piece) -> Pieces:
        amounts = np.ones(len(self.pools))
        amounts[self.pool] = piece.amounts
        return Pieces.alone(piece, amounts)

    def _unpacked(self, rows: Array) -> Array:
        """Whole distributions, shape ``(n_emus, width)``."""
        state = np.zeros((len(self.emus), self._width))
        state[self.row_emu, self._row_count] = rows
        state[:, 0] = 1.0 - state.sum(axis=1)
        return state

    def _pace(self, pieces: Pieces) -> None:
        """Specific rates of all inflows."""
        pace(self._layout, np.maximum(pieces.amounts, SMALLEST), pieces.flux, self._rates)


def _abreast(state: Array) -> Array:
    """One run in the first place, still ones beside it."""
    several = np.zeros((len(state), ABREAST))
    several[:, 0] = state
    return several
