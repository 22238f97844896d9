"""What ``compile`` promises and ``solve`` relies on: protocols, array types and result codes; no logic.

A kernel evaluates the right-hand side ``dy/dt = f(t, y, p)`` of one model, its sparse Jacobian and its
observables on plain arrays. States, parameters and observables are identified by position; their names
are kept beside them for messages and read-outs only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

__all__ = [
    "Array",
    "Coupling",
    "IntArray",
    "Kernel",
    "LaneKernel",
    "ResultCode",
    "Sparsity",
    "Statistics",
    "SteppingKernel",
    "Trajectory",
]

Array: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Sparsity:
    """Compressed sparse column pattern of the Jacobian.

    Attributes
    ----------
    indptr
        Column starts, shape ``(n_states + 1,)``.
    indices
        Row indices, sorted within a column, shape ``(nnz,)``.
    """

    indptr: IntArray
    indices: IntArray


@runtime_checkable
class Kernel(Protocol):
    """Compiled right-hand side, Jacobian and observables of one model.

    All arrays are C-contiguous ``float64``; ``out`` arrays are overwritten. Time is in hours.
    """

    state_names: tuple[str, ...]
    parameter_names: tuple[str, ...]
    observable_names: tuple[str, ...]
    sparsity: Sparsity

    def rhs(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write ``f(t, y, p)``, shape ``(n_states,)``, to ``out``."""

    def jacobian(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the non-zeros of ``df/dy``, shape ``(nnz,)`` in the order of ``sparsity``, to ``out``."""

    def observe(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the observables, shape ``(n_observables,)``, to ``out``."""


@runtime_checkable
class SteppingKernel(Kernel, Protocol):
    """A kernel that solves its own sparse linear system."""

    def implicit_step(self, t: float, y: Array, p: Array, hours: float, out: Array) -> bool:
        """Write an implicit Euler step, ``(I / hours - J) dy = f``, to ``out``; whether it is sound."""


@runtime_checkable
class LaneKernel(Protocol):
    """Machine code of one model for several lanes side by side.

    Arrays of the functions hold ``width`` neighbouring copies of each entry. Addresses instead of calls,
    because the driver runs without the interpreter.

    Attributes
    ----------
    state_names, parameter_names, observable_names
        Ids in array order.
    width
        Lanes of the code.
    n_unknowns
        States and the shared quantities that the linear system keeps as unknowns.
    n_derived
        Derived parameters.
    n_entries
        Entries of the factors; their array needs one more.
    time_dependent
        Whether rates depend on time, and there is a function ``slope``.
    """

    state_names: tuple[str, ...]
    parameter_names: tuple[str, ...]
    observable_names: tuple[str, ...]
    width: int
    n_unknowns: int
    n_derived: int
    n_entries: int
    time_dependent: bool

    def address(self, name: str) -> int:
        """Address of a function.

        They are ``prep``, ``rhs``, ``add_rates``, ``matrix``, ``slope``, ``observe``, ``factorise`` and
        ``solve``.
        """


@runtime_checkable
class Coupling(Protocol):
    """Machine code that eliminates all that systems of one lane kernel do not share.

    Attributes
    ----------
    width
        Lanes of the code.
    n_entries
        Entries of the factors; their array needs one more.
    positions
        Positions of the shared states, shape ``(n_shared,)``.
    block
        Entries of the factors that hold what is left for them, shape ``(n_shared, n_shared)``.
    """

    width: int
    n_entries: int
    positions: IntArray
    block: IntArray

    def address(self, name: str) -> int:
        """Address of ``spread``, ``factorise``, ``forward`` or ``backward``."""


class ResultCode(Enum):
    """How a run ended. The value is advice to the user."""

    SUCCESS = "finished"
    STOPPED = "ended where a watched quantity crossed its level, as asked"
    MAX_STEPS = (
        "the step budget was used up: the model oscillates or switches fast here; "
        "raise max_steps or loosen rtol"
    )
    STEP_TOO_SMALL = (
        "the step size fell below the floor: a pool is close to a singularity; "
        "look at the named species and at the arm's conditions"
    )
    NEGATIVE_POOL = (
        "a pool fell below zero by more than the tolerance allows: a reaction consumes it without "
        "depending on it, or rtol is too loose"
    )
    NOT_FINITE = "a rate became infinite or NaN: check the parameters that this arm changes"
    INCONSISTENT_START = (
        "a sum that the model conserves starts at zero, so nothing could ever make what it is made of: "
        "check the arm's changes of pools at the start"
    )
    NO_STEADY_STATE = (
        "no state of rest was reached: the cell cannot live in this medium, or it keeps growing or "
        "shrinking; choose a richer medium or a longer relaxation"
    )
    SOLVER_ERROR = "the integrator stopped for a reason of its own; see the detail"


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a run cost."""

    steps: int = 0
    rejected: int = 0
    rhs_calls: int = 0
    jacobian_calls: int = 0
    factorisations: int = 0


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One solved run.

    Attributes
    ----------
    t
        Times that were reached, h, shape ``(n,)``.
    y
        States at these times, shape ``(n, n_states)``.
    code
        How the run ended.
    detail
        Empty, or what exactly went wrong: species, amount, time.
    statistics
        Counts of steps and calls.
    """

    t: Array
    y: Array
    code: ResultCode
    detail: str = ""
    statistics: Statistics = field(default_factory=Statistics)
