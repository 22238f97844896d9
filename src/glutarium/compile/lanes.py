"""The kernel for many lanes that comes out of compilation."""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING

import numpy as np

from glutarium.compile.emit_lanes import LANE_FUNCTIONS
from glutarium.kernel import Sparsity
from glutarium.machine import Library

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.compile.cache import Artifact
    from glutarium.compile.compiled import BuildRecord
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["CompiledLanes"]

_SOLUTIONS = 4
"""How often a linear system is solved at most: for what is asked, then for what is left of it."""
_EXACT, _SOUND = 1e-14, 1e-9
"""What is left of a row, over the sum of its parts, that ends the refinement; that is allowed then."""


class CompiledLanes:
    """Machine code of one model for lanes.

    Implements :class:`glutarium.kernel.LaneKernel` for the batched solver and, one system at a time in
    the first lane, :class:`glutarium.kernel.SteppingKernel`, with a full Jacobian, so that looking at a
    state or taking a Newton step needs no second compilation. Pickling keeps the specification and the cache
    folder, as for :class:`~glutarium.compile.compiled.CompiledKernel`.

    Parameters
    ----------
    spec
        The specification.
    artifact
        Its object code.
    record
        How it was built.

    Attributes
    ----------
    spec, record
        As given.
    """

    def __init__(self, spec: ModelSpec, artifact: Artifact, record: BuildRecord) -> None:
        self.spec = spec
        self.record = record
        self.state_names = spec.state_ids
        self.parameter_names = spec.parameter_ids
        self.observable_names = tuple(o.id for o in spec.observables)
        self.width = artifact.numbers["width"]
        self.n_unknowns = artifact.numbers["n_unknowns"]
        self.n_derived = artifact.numbers["n_derived"]
        self.n_entries = artifact.numbers["n_entries"]
        self.time_dependent = bool(artifact.numbers["time_dependent"])
        n = len(self.state_names)
        rows = np.tile(np.arange(n, dtype=np.int32), n)
        self.sparsity = Sparsity(np.arange(0, n * n + 1, n, dtype=np.int32), rows)
        functions = {*LANE_FUNCTIONS, *(["slope"] if self.time_dependent else [])}
        self._library = Library(artifact.code, frozenset(functions))
        self._places = tuple(artifact.arrays[a] for a in ("rows", "columns", "slots"))
        self._local = threading.local()

    def address(self, name: str) -> int:
        """Address of a function; see :mod:`glutarium.compile.emit_lanes` for the arguments."""
        return self._library.address(name)

    def rhs(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write ``f(t, y, p)``, shape ``(n_states,)``, to ``out``."""
        space = self._at(t, y, p)
        space.rhs()
        out[:] = space.f[:, 0]

    def observe(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the observables, shape ``(n_observables,)``, to ``out``."""
        space = self._at(t, y, p)
        space.observe()
        out[:] = space.observed[: len(out), 0]

    def jacobian(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the full Jacobian, column after column, shape ``(n_states**2,)``, to ``out``."""
        space = self._at(t, y, p)
        space.matrix()
        n, unknowns = len(self.state_names), self.n_unknowns
        rows, columns, slots = self._places
        bordered = np.zeros((unknowns, unknowns))
        bordered[rows, columns] = -space.m[slots, 0]
        cuts = np.eye(unknowns - n) - bordered[n:, n:]
        full = bordered[:n, :n]
        users = np.flatnonzero(bordered[:n, n:].any(axis=1))  # a few of many states
        makers = np.flatnonzero(bordered[n:, :n].any(axis=0))
        made = np.linalg.solve(cuts, bordered[n:, makers])
        full[np.ix_(users, makers)] += bordered[users, n:] @ made
        out.reshape(n, n)[:] = full.T

    def implicit_step(self, t: float, y: Array, p: Array, hours: float, out: Array) -> bool:
        """Write an implicit Euler step, ``(I / hours - J) dy = f``, to ``out``; whether it is sound.

        The factors are found without pivoting, so what they leave of the right-hand side is solved for again.
        """
        space = self._at(t, y, p)
        space.matrix()
        rows, columns, slots = self._places
        n, unknowns, entries = len(y), self.n_unknowns, space.m[slots, 0]
        right, shift = np.zeros(unknowns), np.ones(unknowns)
        right[:n], shift[:n] = space.f[:, 0], 1.0 / hours
        space.shift[:] = 1.0 / hours
        space.factorise()
        found, left, error = np.zeros(unknowns), right, np.inf
        for _ in range(_SOLUTIONS):
            space.x[:] = left[:, None]
            space.solve()
            found += space.x[:, 0]
            parts = entries * found[columns]
            left = right - shift * found - np.bincount(rows, parts, unknowns)
            whole = np.abs(right) + shift * np.abs(found)
            whole += np.bincount(rows, np.abs(parts), unknowns)
            error = float(np.max(np.abs(left) / np.where(whole > 0.0, whole, 1.0)))
            if not error > _EXACT:  # NaN ends it too
                break
        out[:] = found[:n]
        return error < _SOUND

    def _at(self, t: float, y: Array, p: Array) -> _Space:
        try:
            space: _Space = self._local.space
        except AttributeError:
            space = self._local.space = _Space(self)
        space.t[:] = t
        space.y[:] = y[:, None]
        if not np.array_equal(space.p[:, 0], p, equal_nan=True):
            space.p[:] = p[:, None]
            space.prep()
        return space


class _Space:
    """Arrays of one thread with calls bound to them; all lanes hold the same system.

    Parameters
    ----------
    kernel
        The code.
    """

    def __init__(self, kernel: CompiledLanes) -> None:
        n, width = len(kernel.state_names), kernel.width

        def vectors(rows: int) -> Array:
            return np.zeros((max(rows, 1), width))

        self.t, self.y, self.f = vectors(1), vectors(n)[:n], vectors(n)[:n]
        self.p = np.full((len(kernel.parameter_names), width), np.nan)
        self.d, self.m = vectors(kernel.n_derived), vectors(kernel.n_entries + 1)
        self.observed = vectors(len(kernel.observable_names))
        self.x, self.shift = vectors(kernel.n_unknowns), vectors(1)
        point = (self.t, self.y, self.p, self.d)
        self.prep = _bound(kernel.address("prep"), self.p, self.d)
        self.rhs = _bound(kernel.address("rhs"), *point, self.f)
        self.matrix = _bound(kernel.address("matrix"), *point, self.f, self.m)
        self.observe = _bound(kernel.address("observe"), *point, self.observed)
        self.factorise = _bound(kernel.address("factorise"), self.m, self.shift)
        self.solve = _bound(kernel.address("solve"), self.m, self.x)


def _bound(address: int, *arrays: Array) -> Callable[[], None]:
    function = ctypes.PYFUNCTYPE(None, *[ctypes.c_void_p] * len(arrays))(address)
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in arrays]

    def call() -> None:
        function(*pointers)

    return call
