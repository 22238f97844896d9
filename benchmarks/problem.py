"""What is simulated: a model, an ensemble of its members, and how far a result is from the truth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.generated import generated_spec, members
from benchmarks.ours import Ours
from glutarium.compile.pipeline import compile_spec
from glutarium.model.sbml import to_sbml
from glutarium.simulate.model import load_model
from glutarium.solve import Options, integrate

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["Problem", "cell_problem", "error", "generated_problem"]

BASE_RTOL = 1e-6
"""The absolute tolerances of a specification belong to this relative one."""
TIGHT = 1e-11
"""Of the reference solution."""


@dataclass
class Problem:
    """A model with an ensemble, and reference solutions of its first members.

    Attributes
    ----------
    y0, p
        Shapes ``(n_members, n_states)`` and ``(n_members, n_parameters)``.
    times
        Times to report, h.
    truth
        Reference solutions of the first members; see :meth:`solve`.
    """

    name: str
    spec: ModelSpec
    y0: Array
    p: Array
    times: Array
    truth: dict[int, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let the SBML file carry the numbers of the first member."""
        self.spec = self.spec.with_numbers(self.y0[0].tolist(), self.p[0].tolist())

    @cached_property
    def sbml(self) -> str:
        return to_sbml(self.spec)

    def head(self, count: int) -> Problem:
        """The first members alone."""
        return replace(self, y0=self.y0[:count], p=self.p[:count])

    def atol(self, rtol: float) -> Array:
        """Absolute tolerance per state, in proportion to the relative one."""
        return np.array([s.atol for s in self.spec.states]) * (rtol / BASE_RTOL)

    def solve(self, count: int) -> float:
        """Solve the first members tightly; how far CVODE at 1e-10 is from that on the first two.

        Members that fail have no reference.
        """
        numbers = self.y0[:count], self.p[:count]
        found = Ours(self.spec).run(*numbers, self.times, TIGHT, self.atol(TIGHT), threads=2)
        self.truth = {i: y for i, y in enumerate(found.y) if np.isfinite(y).all()}
        return max(error(self._cvode(i), y) for i, y in self.truth.items() if i < 2)

    def _cvode(self, member: int, rtol: float = 1e-10) -> Array:
        run = integrate(
            compile_spec(self.spec),
            self.y0[member],
            self.p[member],
            self.times,
            options=Options(rtol=rtol, max_steps=1_000_000),
            atol=self.atol(rtol),
            positive=np.array([s.positive for s in self.spec.states]),
        )
        found = np.full((len(self.times), len(self.spec.states)), np.nan)
        found[: len(run.t)] = run.y
        return found


def error(y: Array, truth: Array) -> float:
    """Largest ``|y - truth| / (|truth| + 1e-3 max_t |truth|)`` over states and times."""
    size = np.abs(truth) + 1e-3 * np.abs(truth).max(axis=0)
    found = np.abs(y - truth) / np.maximum(size, 1e-12)
    return float(np.nan_to_num(found, nan=np.inf).max())


def cell_problem(count: int, times: Array) -> Problem:
    """The cell model: the shipped members, then these with other levels of enzymes and media.

    Members beyond the shipped ones have log-normal factors of sigma 0.3 on every enzyme level and on
    every concentration of the medium.
    """
    model = load_model()
    source = np.arange(count) % len(model.ensemble)
    y0, p = model.ensemble.initial[source], model.ensemble.parameters[source]
    rng = np.random.default_rng(3)
    level = [q.startswith("level.") for q in model.spec.parameter_ids]
    medium = [s.compartment == "e" for s in model.spec.states]
    more = (np.arange(count) >= len(model.ensemble))[:, None]
    p = np.where(more & level, p * rng.lognormal(0.0, 0.3, p.shape), p)
    y0 = np.where(more & medium, y0 * rng.lognormal(0.0, 0.3, y0.shape), y0)
    return Problem("cell", model.spec, y0, p, times)


def generated_problem(count: int, times: Array, size: int = 150) -> Problem:
    """A generated network."""
    spec = generated_spec(size)
    return Problem(f"generated {size}", spec, *members(spec, count), times)
