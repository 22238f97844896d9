"""Who integrates: the batched solver in the processor's lanes, or SUNDIALS as the reference.

Both take the same batches and answer alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from glutarium.compile.analyse import required_moieties
from glutarium.compile.pipeline import compile_lanes, compile_spec, is_cached
from glutarium.errors import ModelError
from glutarium.machine import vector_width
from glutarium.solve.batch import Batch, System
from glutarium.solve.integrate import Options
from glutarium.solve.lanes import LaneOptions, run_batch
from glutarium.solve.queue import ROUNDS
from glutarium.solve.reference import run_reference
from glutarium.solve.rehearsal import rehearsing

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.compile.compiled import CompiledKernel
    from glutarium.compile.lanes import CompiledLanes
    from glutarium.kernel import Array, Kernel
    from glutarium.model.spec import ModelSpec
    from glutarium.solve.batch import BatchResult

__all__ = ["SOLVERS", "Engine", "LaneEngine", "ReferenceEngine", "make_engine"]


REST_STEPS = 10_000
"""Attempts that one relaxation may use; one that comes to rest needs some hundreds."""


class Engine(Protocol):
    """A compiled model with a solver.

    Attributes
    ----------
    threads
        How many threads may be used; None for one per core. They do not change the result.
    """

    threads: int | None

    @property
    def options(self) -> LaneOptions | Options:
        """How to integrate."""

    @property
    def kernel(self) -> Kernel:
        """Rates, Jacobian and observables of one system."""

    def prepare(self) -> None:
        """Compile all that a run needs; the first run would do it otherwise."""

    def run(self, batch: Batch, *, observables: bool, resting: bool = False) -> BatchResult:
        """Advance a batch and report all observables or all states.

        ``resting`` says that the systems relax to a rest: one that takes many steps swings for ever.
        """


@dataclass
class LaneEngine:
    """The batched Rosenbrock solver.

    Attributes
    ----------
    spec
        The model; compiled when it is first used.
    options
        How to integrate.
    threads
        How many; None for one per core.
    required
        As of :class:`~glutarium.simulate.model.CellModel`.
    """

    spec: ModelSpec
    options: LaneOptions = field(default_factory=LaneOptions)
    threads: int | None = None
    required: Array | None = field(default=None, repr=False)

    @cached_property
    def kernel(self) -> CompiledLanes:
        """The model in lanes; also a kernel of one system."""
        return compile_lanes(self.spec)

    @cached_property
    def _alone(self) -> CompiledLanes:
        return compile_lanes(self.spec, width=1)

    def prepare(self) -> None:
        """Compile the model, and the solver's loop where its cache is empty."""
        start = np.array([s.initial for s in self.spec.states])
        p = np.array([p.value for p in self.spec.parameters])
        if not is_cached(self.spec):
            with rehearsing(vector_width()):
                _ = self.kernel
        self.run(Batch.of([System(start, p)], np.zeros(1)), observables=False)

    @cached_property
    def _moieties(self) -> Array:
        """Conserved sums, such as the nicotinamide of all its forms, that no cell is without."""
        return required_moieties(self.spec) if self.required is None else self.required

    def run(self, batch: Batch, *, observables: bool, resting: bool = False) -> BatchResult:
        """Advance a batch and report all observables or all states."""
        options = replace(self.options, max_steps=REST_STEPS) if resting else self.options
        many = len(batch) >= ROUNDS * self.kernel.width
        return run_batch(
            self.kernel,
            batch,
            options=options,
            atol=_atol(self.spec),
            positive=_positive(self.spec),
            moieties=self._moieties,
            observables=observables,
            threads=self.threads,
            alone=(lambda: self._alone) if many else None,
        )


@dataclass
class ReferenceEngine:
    """SUNDIALS CVODE on a kernel of its own, one system after the other.

    Attributes
    ----------
    spec
        The model; compiled when it is first used.
    options
        How to integrate.
    threads
        Not used.
    """

    spec: ModelSpec
    options: Options = field(default_factory=Options)
    threads: int | None = None

    @cached_property
    def kernel(self) -> CompiledKernel:
        """The scalar kernel."""
        return compile_spec(self.spec)

    def prepare(self) -> None:
        """Compile the model."""
        _ = self.kernel

    def run(self, batch: Batch, *, observables: bool, resting: bool = False) -> BatchResult:
        """Advance a batch and report all observables or all states."""
        del resting  # the reference takes its time
        return run_reference(
            self.kernel,
            batch,
            options=self.options,
            atol=_atol(self.spec),
            positive=_positive(self.spec),
            observables=observables,
        )


SOLVERS: dict[str, type[LaneEngine] | type[ReferenceEngine]] = {
    "lanes": LaneEngine,
    "reference": ReferenceEngine,
}
"""Name of a solver → its engine."""


def make_engine(spec: ModelSpec, solver: str = "lanes", required: Array | None = None) -> Engine:
    """Return the engine of a solver.

    Parameters
    ----------
    spec
        The model.
    solver
        Name of the solver.
    required
        As of :class:`~glutarium.simulate.model.CellModel`.

    Raises
    ------
    ModelError
        There is no solver of this name.
    """
    if solver not in SOLVERS:
        message = f"Unknown solver {solver!r}; choose one of {', '.join(SOLVERS)}."
        raise ModelError(message)
    if solver == "lanes":
        return LaneEngine(spec, required=required)
    return SOLVERS[solver](spec)


def _atol(spec: ModelSpec) -> Array:
    return np.array([s.atol for s in spec.states])


def _positive(spec: ModelSpec) -> npt.NDArray[np.bool_]:
    return np.array([s.positive for s in spec.states])
