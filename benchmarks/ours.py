"""Glutarium's batched engine as the benchmarks see it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.compile.pipeline import compile_lanes
from glutarium.kernel import ResultCode
from glutarium.machine import fitting_width
from glutarium.solve.batch import Batch, BatchResult
from glutarium.solve.lanes import LaneOptions, run_batch

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.compile.lanes import CompiledLanes
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["NAME", "Answer", "Ours"]

NAME = "Glutarium"


@dataclass(frozen=True)
class Answer:
    """What the engine gave, and the wall and processor time from arrays to arrays, s."""

    result: BatchResult
    seconds: float
    cpu: float

    @property
    def y(self) -> Array:
        return self.result.y

    @property
    def attempts(self) -> int:
        """Accepted and rejected steps of all members."""
        return int(self.result.steps.sum() + self.result.rejected.sum())

    @property
    def lost(self) -> int:
        """Members that ended early."""
        return sum(code is not ResultCode.SUCCESS for code in self.result.codes)


class Ours:
    """One compiled model.

    Parameters
    ----------
    spec
        The model.
    cache
        Folder of compiled kernels; an empty one shows what a cold start takes.
    method
        Of :class:`~glutarium.solve.lanes.LaneOptions`.
    systems
        How many are run at a time; lanes that fill the processor's registers by default.
    alone
        Kernel of one lane for the systems that end last.
    """

    def __init__(
        self,
        spec: ModelSpec,
        cache: Path | None = None,
        *,
        method: str = "rodas5p",
        systems: int | None = None,
        alone: CompiledLanes | None = None,
    ) -> None:
        start = time.perf_counter(), time.process_time()
        width = None if systems is None else fitting_width(systems)
        self.kernel = compile_lanes(spec, cache=cache, width=width)
        self.compile_seconds = time.perf_counter() - start[0]
        self.compile_cpu = time.process_time() - start[1]
        self._method = method
        self._alone = None if alone is None else lambda: alone
        self._positive = np.array([s.positive for s in spec.states])

    def run(  # noqa: PLR0913 - one argument per thing that varies between sections
        self,
        y0: Array,
        p: Array,
        times: Array,
        rtol: float,
        atol: Array,
        *,
        threads: int = 1,
        ends_only: bool = False,
        observables: int = 0,
        first_steps: Array | None = None,
    ) -> Answer:
        """Solve an ensemble; ``y0`` and ``p`` hold one member per row.

        All states are reported, or the first ``observables``, or nothing but the last states.
        """
        clocks = time.perf_counter(), time.process_time()
        chosen = np.arange(observables) if observables else None
        result = run_batch(
            self.kernel,
            Batch.stacked(y0, p, times),
            options=LaneOptions(rtol=rtol, method=self._method),
            atol=atol,
            positive=self._positive,
            report=np.arange(0) if ends_only else chosen,
            observables=bool(observables),
            first_steps=first_steps,
            threads=threads,
            alone=self._alone,
        )
        return Answer(result, time.perf_counter() - clocks[0], time.process_time() - clocks[1])

    def warm_up(self, y0: Array, p: Array, atol: Array) -> None:
        """Load the driver, or compile it at the first run ever."""
        self.run(y0[:1], p[:1], np.array([0.0, 1e-3]), 1e-3, atol)
