"""Glutarium as the benchmarks see it: the batched engine, or the reference integrator without it.

Until the batched engine is there, ensembles run one member after the other through SUNDIALS CVODE
(:mod:`glutarium.solve.integrate`); every table then says ``reference integrator``.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium.compile.pipeline import compile_spec
from glutarium.solve import Options, integrate

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["BATCHED", "Answer", "Ours"]


def _engine() -> tuple[Any, Any, Any] | None:
    """The modules of the batched engine, where they are there."""
    try:
        batch = importlib.import_module("glutarium.solve.batch")
        lanes = importlib.import_module("glutarium.solve.lanes")
        pipeline = importlib.import_module("glutarium.compile.pipeline")
    except ImportError:
        return None
    return (batch, lanes, pipeline) if hasattr(pipeline, "compile_lanes") else None


_ENGINE = _engine()
BATCHED = _ENGINE is not None
NAME = "Glutarium" if BATCHED else "Glutarium, reference integrator"


@dataclass(frozen=True)
class Answer:
    """States ``(n_systems, n_times, n_states)``, NaN where a run ended early; steps; seconds."""

    y: Array
    steps: Array
    rejected: Array
    seconds: float


class Ours:
    """One compiled model.

    Parameters
    ----------
    spec
        The model.
    cache
        Folder of compiled kernels; an empty one shows what a cold start takes.
    """

    def __init__(self, spec: ModelSpec, cache: Path | None = None) -> None:
        self._spec = spec
        start = time.perf_counter()
        if _ENGINE is None:
            self._kernel: Any = compile_spec(spec, cache=cache)
        else:
            self._kernel = _ENGINE[2].compile_lanes(spec, cache=cache)
        self.compile_seconds = time.perf_counter() - start
        self._positive = np.array([s.positive for s in spec.states])

    def run(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array, *, threads: int = 1
    ) -> Answer:
        """Solve an ensemble; ``y0`` and ``p`` hold one member per row."""
        start = time.perf_counter()
        solve = self._one_by_one if _ENGINE is None else self._batched
        y, steps, rejected = solve(y0, p, times, rtol, atol, threads)
        return Answer(y, steps, rejected, time.perf_counter() - start)

    def observe(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array, *, chunk: int = 256
    ) -> Array:
        """Observables of an ensemble, shape ``(n_systems, n_times, n_observables)``.

        Solves and reads out chunk by chunk, so that the states of one chunk only are held.
        """
        kernel = compile_spec(self._spec)
        found = np.empty((len(y0), len(times), len(kernel.observable_names)))
        for start in range(0, len(y0), chunk):
            part = slice(start, start + chunk)
            answer = self.run(y0[part], p[part], times, rtol, atol)
            for i, (states, numbers) in enumerate(zip(answer.y, p[part], strict=True), start):
                for j, t in enumerate(times):
                    kernel.observe(t, states[j], numbers, found[i, j])
        return found

    def _batched(  # noqa: PLR0917
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array, threads: int
    ) -> tuple[Array, Array, Array]:
        batch, lanes, _ = _ENGINE  # type: ignore[misc]
        systems = [batch.System(y, q) for y, q in zip(y0, p, strict=True)]
        result = lanes.run_batch(
            self._kernel,
            batch.Batch.of(systems, times),
            options=lanes.LaneOptions(rtol=rtol),
            atol=atol,
            threads=threads,
        )
        return result.y, result.steps, result.rejected

    def _one_by_one(  # noqa: PLR0917
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array, threads: int
    ) -> tuple[Array, Array, Array]:
        del threads  # the reference integrator has one
        found = np.full((len(y0), len(times), y0.shape[1]), np.nan)
        steps, rejected = np.zeros((2, len(y0)), dtype=int)
        options = Options(rtol=rtol, max_steps=200_000)
        for i, (y, q) in enumerate(zip(y0, p, strict=True)):
            run = integrate(
                self._kernel, y, q, times, options=options, atol=atol, positive=self._positive
            )
            found[i, : len(run.t)] = run.y
            steps[i], rejected[i] = run.statistics.steps, run.statistics.rejected
        return found, steps, rejected
