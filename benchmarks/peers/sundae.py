"""scikit-sundae: SUNDIALS CVODE with our compiled rates and our analytic sparse Jacobian."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_matrix
from sksundae.cvode import CVODE

from benchmarks.peers import Info, PeerError
from glutarium.compile.pipeline import compile_spec

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["build"]


class _Sundae:
    def __init__(self, spec: ModelSpec) -> None:
        self._kernel = compile_spec(spec)
        pattern = self._kernel.sparsity
        entries = np.ones(len(pattern.indices))
        self._pattern = csc_matrix((entries, pattern.indices, pattern.indptr))

    def run(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array
    ) -> tuple[Array, Info]:
        kernel = self._kernel

        def rhs(t: float, y: Array, out: Array) -> None:
            kernel.rhs(t, y, p, out)

        def jacobian(t: float, y: Array, _: Array, out: Array) -> None:
            kernel.jacobian(t, y, p, out)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            solver = CVODE(
                rhs,
                jacfn=jacobian,
                linsolver="sparse",
                sparsity=self._pattern,
                nthreads=1,
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
