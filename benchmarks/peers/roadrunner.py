"""libRoadRunner: CVODE with a dense Jacobian by differences, on code from LLVM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import roadrunner

from benchmarks.peers import Info, Peer
from glutarium.model.sbml_parts import Ids

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["build"]


class _RoadRunner(Peer):
    def __init__(self, spec: ModelSpec, sbml: str) -> None:
        ids = Ids(spec)
        config = roadrunner.Config  # optimising a large model takes longer than many runs of it
        config.setValue(config.LLVM_BACKEND, config.LLJIT)
        config.setValue(config.LLJIT_OPTIMIZATION_LEVEL, config.NONE)
        self._runner = roadrunner.RoadRunner(sbml)
        model = self._runner.model
        species = {s: i for i, s in enumerate(model.getFloatingSpeciesIds())}
        values = {s: i for i, s in enumerate(model.getGlobalParameterIds())}
        states = [ids.states[s] for s in spec.state_ids]
        self._names = states
        self._tolerant: tuple[float, ...] = ()
        self._matter = [i for i, s in enumerate(states) if s in species]
        self._other = [i for i, s in enumerate(states) if s not in species]
        self._species = [species[states[i]] for i in self._matter]
        self._quantities = [values[states[i]] for i in self._other]
        self._parameters = [values[ids.symbols[q]] for q in spec.parameter_ids]
        self._runner.integrator.maximum_num_steps = 200_000
        self._runner.timeCourseSelections = states

    def run(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array
    ) -> tuple[Array, Info]:
        self.set(y0, p, rtol, atol)
        return self.go(times), Info()

    def set(self, y0: Array, p: Array, rtol: float, atol: Array) -> None:
        """Go back to time zero with the numbers of a member."""
        runner = self._runner
        runner.reset()
        runner.model.setGlobalParameterValues(self._parameters, p)
        runner.model.setFloatingSpeciesAmounts(self._species, y0[self._matter])
        if self._other:
            runner.model.setGlobalParameterValues(self._quantities, y0[self._other])
        if not self._tolerant or self._tolerant != (rtol, *atol):
            self._tolerant = (rtol, *atol)
            runner.integrator.relative_tolerance = rtol
            for name, value in zip(self._names, atol.tolist(), strict=True):
                runner.integrator.setIndividualTolerance(name, value)

    def go(self, times: Array) -> Array:
        return np.array(self._runner.simulate(times=times.tolist()))


def build(spec: ModelSpec, sbml: str) -> _RoadRunner:
    return _RoadRunner(spec, sbml)
