"""scikit-sundae: SUNDIALS CVODE with our compiled rates and our analytic sparse Jacobian.

Its sparse solver is SuperLU_MT, which suffers badly when other work competes for the cores, even with
one thread. So the dense solver with the same Jacobian is tried as well, and the faster one is taken.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_matrix
from sksundae.cvode import CVODE

from benchmarks.peers import Info, Peer, PeerError
from glutarium.compile.pipeline import compile_spec

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["build"]


class _Sundae(Peer):
    def __init__(self, spec: ModelSpec) -> None:
        self._dense = False
        with tempfile.TemporaryDirectory() as folder:
            self._kernel = compile_spec(spec, cache=Path(folder))
        pattern = self._kernel.sparsity
        entries = np.ones(len(pattern.indices))
        self._pattern = csc_matrix((entries, pattern.indices, pattern.indptr))

    def prepare(self, y0: Array, p: Array, times: Array, rtol: float, atol: Array) -> None:
        seconds = {}
        for dense in (False, True):
            self._dense = dense
            start = time.perf_counter()
            self.run(y0, p, times, rtol, atol)
            seconds[dense] = time.perf_counter() - start
        self._dense = seconds[True] < seconds[False]
        kind, times_faster = "dense" if self._dense else "sparse", max(seconds.values())
        times_faster /= min(seconds.values())
        self.note = f"{kind} linear solver, {times_faster:.1f} times faster than the other"

    def run(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array
    ) -> tuple[Array, Info]:
        kernel = self._kernel

        def rhs(t: float, y: Array, out: Array) -> None:
            kernel.rhs(t, y, p, out)

        def jacobian(t: float, y: Array, _: Array, out: Array) -> None:
            kernel.jacobian(t, y, p, out)

        def full(t: float, y: Array, _: Array, out: Array) -> None:
            kernel.jacobian(t, y, p, entries)
            out[self._pattern.indices, columns] = entries

        entries = np.empty(self._pattern.nnz)
        columns = np.repeat(np.arange(len(y0)), np.diff(self._pattern.indptr))
        choice = {"linsolver": "sparse", "sparsity": self._pattern, "nthreads": 1}
        choice = {"linsolver": "dense"} if self._dense else choice
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            solver = CVODE(
                rhs,
                jacfn=full if self._dense else jacobian,
                **choice,
                rtol=rtol,
                atol=atol,
                max_num_steps=200_000,
            )
            found = solver.solve(times, y0)
        if not found.success:
            raise PeerError(str(found.message))
        return np.asarray(found.y), Info()


def build(spec: ModelSpec, sbml: str) -> _Sundae:
    return _Sundae(spec)
