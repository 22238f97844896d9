"""AMICI: generated C++, CVODES with sparse analytic Jacobian and KLU. Needs a compiler, SWIG and BLAS.

Compiling takes minutes; what was compiled is kept beside the kernels, with the time that it took.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import amici
import numpy as np
from amici.importers.sbml import SbmlImporter
from amici.sim.sundials import run_simulation

from benchmarks.peers import Info, Peer, PeerError
from glutarium.kept import cache_folder
from glutarium.model.sbml_parts import Ids

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["build"]


def _compile(sbml: str, name: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.redirect_stdout(io.StringIO()):
        SbmlImporter(sbml, from_file=False).sbml2amici(
            name,
            folder,
            verbose=logging.ERROR,
            compute_conservation_laws=False,
            generate_sensitivity_code=False,
            simplify=None,
        )


class _Amici(Peer):
    note = "one absolute tolerance for all states: the least of ours"

    def __init__(self, spec: ModelSpec, sbml: str) -> None:
        ids = Ids(spec)
        key = f"{amici.__version__} {spec.structure_hash()}"  # numbers are given to every run
        name = "benchmark_" + hashlib.sha256(key.encode()).hexdigest()[:16]
        self._temporary = tempfile.TemporaryDirectory()
        folder = (cache_folder() or Path(self._temporary.name)) / "amici" / name
        seconds = folder.with_suffix(".seconds")  # written last: without it the folder is not whole
        if not seconds.exists():
            start = time.perf_counter()
            _compile(sbml, name, folder)
            seconds.write_text(f"{time.perf_counter() - start:.1f}", encoding="utf-8")
        self.compiled = float(seconds.read_text(encoding="utf-8"))
        module = amici.import_model_module(name, folder)
        self._model = module.get_model()
        self._solver = self._model.create_solver()
        self._solver.set_max_steps(200_000)
        states = {s: i for i, s in enumerate(self._model.get_state_ids())}
        wanted = {ids.symbols[q]: i for i, q in enumerate(spec.parameter_ids)}
        self._parameters = [wanted[q] for q in self._model.get_free_parameter_ids()]
        self._order = np.array([states[ids.states[s]] for s in spec.state_ids])

    def run(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array
    ) -> tuple[Array, Info]:
        initial = np.empty_like(y0)
        initial[self._order] = y0
        self._model.set_free_parameters(p[self._parameters].tolist())
        self._model.set_initial_state(initial.tolist())
        self._model.set_timepoints(times.tolist())
        self._solver.set_relative_tolerance(rtol)
        self._solver.set_absolute_tolerance(float(atol.min()))
        found = run_simulation(self._model, self._solver)
        if found.status < 0:
            message = f"AMICI stopped with status {found.status}"
            raise PeerError(message)
        # the counts are cumulative
        steps = int(np.max(found.numsteps)) if found.numsteps is not None else None
        return np.asarray(found.x)[:, self._order], Info(steps, found.cpu_time / 1e3)


def build(spec: ModelSpec, sbml: str) -> _Amici:
    return _Amici(spec, sbml)
