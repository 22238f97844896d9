"""COPASI through basico: LSODA, driven by COPASI's own objects, which is faster than data frames."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import basico
import COPASI
import numpy as np

from benchmarks.peers import Info, Peer, PeerError
from glutarium.model.sbml_parts import Ids

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["build"]


class _Copasi(Peer):
    note = "absolute tolerances in proportion to the pools; the proportion is the median of ours"

    def __init__(self, spec: ModelSpec, sbml: str) -> None:
        ids = Ids(spec)
        self._data = basico.load_model_from_string(sbml)
        if self._data is None:
            message = "COPASI cannot read the model"
            raise PeerError(message)
        model = self._data.getModel()
        species = (model.getMetabolite(i) for i in range(model.getNumMetabs()))
        objects = {s.getSBMLId(): s for s in species}
        values = (model.getModelValue(i) for i in range(model.getNumModelValues()))
        objects |= {v.getSBMLId(): v for v in values}
        self._states = [objects[ids.states[s]] for s in spec.state_ids]
        self._parameters = [objects[ids.symbols[q]] for q in spec.parameter_ids]
        self._initial = np.array([s.initial for s in spec.states])
        self._columns: list[int] = []

    def _set(self, y0: Array, p: Array) -> None:
        model = self._data.getModel()
        for element, value in zip(self._parameters, p.tolist(), strict=True):
            element.setInitialValue(value)
        for element, value in zip(self._states, y0.tolist(), strict=True):
            if isinstance(element, COPASI.CMetab):
                element.setInitialConcentration(value)
            else:
                element.setInitialValue(value)
        model.updateInitialValues(COPASI.CCore.Framework_Concentration)

    def run(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array
    ) -> tuple[Array, Info]:
        self._set(y0, p)
        task = self._data.getTask("Time-Course")
        task.setMethodType(COPASI.CTaskEnum.Method_deterministic)
        problem = task.getProblem()
        problem.setOutputStartTime(0.0)
        problem.setDuration(float(times[-1]))
        problem.setStepNumber(len(times) - 1)
        problem.setTimeSeriesRequested(True)
        method = task.getMethod()
        method.getParameter("Relative Tolerance").setDblValue(rtol)
        relative = float(np.median(atol / np.maximum(self._initial, 1e-6)))  # it scales by the pool
        method.getParameter("Absolute Tolerance").setDblValue(relative)
        method.getParameter("Max Internal Steps").setIntValue(200_000)
        task.initializeRaw(COPASI.CCopasiTask.OUTPUT_UI)
        start = time.perf_counter()
        if not task.processRaw(True):  # noqa: FBT003 - COPASI's interface
            raise PeerError(task.getProcessError() or "the time course failed")
        seconds = time.perf_counter() - start
        return self._read(task.getTimeSeries(), len(times)), Info(solver_seconds=seconds)

    def _read(self, series: object, rows: int) -> Array:
        columns = self._columns or self._find(series)
        read = series.getConcentrationData  # type: ignore[attr-defined]
        found = [[read(i, j) for j in columns] for i in range(rows)]
        return np.array(found)

    def _find(self, series: object) -> list[int]:
        count = series.getNumVariables()  # type: ignore[attr-defined]
        keys = {series.getKey(j): j for j in range(count)}  # type: ignore[attr-defined]
        self._columns = [keys[e.getKey()] for e in self._states]
        return self._columns


def build(spec: ModelSpec, sbml: str) -> _Copasi:
    return _Copasi(spec, sbml)
