"""What a run costs, in counts that no machine and no load changes: a rise is a regression."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.ours import Ours
from benchmarks.problem import generated_problem

from glutarium.compile.analyse import analyse
from glutarium.compile.bordered import border
from glutarium.compile.conserved import lane_storage
from glutarium.compile.lower import lower

SLACK = 1.05
"""Steps depend a little on the processor's rounding."""

FACTORS = {60: (415, 840, 0, 24), 150: (1168, 2684, 0, 43)}
"""Species → entries of the factors, operations before the full block, its size, levels."""

STEPS = {
    ("rodas5p", 1e-6, 60): (3340, 141),
    ("rodas5p", 1e-4, 60): (1233, 207),
    ("rodas3", 1e-3, 60): (1453, 139),
    ("rodas5p", 1e-6, 150): (2675, 146),
    ("rodas5p", 1e-4, 150): (1085, 213),
    ("rodas3", 1e-3, 150): (1208, 80),
}
"""Method, tolerance, species → steps and rejected ones of eight members in 72 h.

A step tried is one Jacobian, one factorisation and, with Rodas5P, eight solutions.
"""


@pytest.mark.parametrize("size", FACTORS)
def test_factors_do_not_fill_up(size: int) -> None:
    problem = generated_problem(1, np.linspace(0.0, 72.0, 2), size=size)
    model = border(lower(analyse(problem.spec)))
    found = lane_storage(model).pattern
    assert (found.n_entries, found.operations, found.full, len(found.levels)) == FACTORS[size]


@pytest.mark.parametrize(("method", "rtol", "size"), STEPS)
def test_runs_do_not_take_more_steps(method: str, rtol: float, size: int) -> None:
    problem = generated_problem(8, np.linspace(0.0, 72.0, 100), size=size)
    engine = Ours(problem.spec, method=method)
    run = engine.run(problem.y0, problem.p, problem.times, rtol, problem.atol(rtol))
    assert run.lost == 0
    steps, rejected = STEPS[method, rtol, size]
    assert run.result.steps.sum() <= SLACK * steps
    assert run.result.rejected.sum() <= SLACK * rejected + 8
