"""Calls of the scalar kernel: fixed arrays with functions bound to them."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array
    from glutarium.machine import Library

__all__ = ["FUNCTIONS", "Workspace"]

FUNCTIONS = frozenset(
    ("prep", "rhs", "jacobian", "observe", "call_rhs", "call_jacobian", "call_observe")
)
"""What a scalar kernel offers."""


class Workspace:
    """Fixed arrays of one thread with calls bound to them.

    Copying a vector in and out is faster than asking numpy for its address, and it lets numpy check
    shapes, so that a wrong array can never make machine code write out of bounds. The interpreter
    lock is held during a call: it lasts microseconds.

    Parameters
    ----------
    library
        The code.
    sizes
        Lengths of ``y``, ``p``, ``d`` and of the outputs of ``rhs``, ``jacobian`` and ``observe``.

    Attributes
    ----------
    y, p
        Inputs of the next call.
    derived
        Derived parameters; a call renews them when ``p`` differs from that of the call before.
    rates, jacobian, observables
        Outputs of the last call of each kind.
    """

    def __init__(self, library: Library, sizes: tuple[int, int, int, int, int, int]) -> None:
        n_states, n_parameters, n_derived, *n_outputs = sizes
        self._library = library
        self.y = np.zeros(n_states)
        self.p = np.zeros(n_parameters)
        self._memo = np.full(n_parameters, np.nan)
        self.derived = np.full(n_derived, np.nan)
        self.rates, self.jacobian, self.observables = (np.zeros(n) for n in n_outputs)
        self.call_rhs = self._bind("call_rhs", self.rates)
        self.call_jacobian = self._bind("call_jacobian", self.jacobian)
        self.call_observe = self._bind("call_observe", self.observables)

    def _bind(self, name: str, out: Array) -> Callable[[float], None]:
        kind = ctypes.PYFUNCTYPE(None, ctypes.c_double, *[ctypes.c_void_p] * 5)
        arrays = (self.y, self.p, self._memo, self.derived, out)
        y, p, memo, derived, target = (ctypes.c_void_p(a.ctypes.data) for a in arrays)
        function = kind(self._library.address(name))

        def call(t: float) -> None:
            function(t, y, p, memo, derived, target)

        return call
