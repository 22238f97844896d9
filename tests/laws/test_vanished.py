"""Pools that are used up: rates and their slopes stay numbers, however small a pool has become."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.compile import compile_spec

if TYPE_CHECKING:
    from glutarium.compile import CompiledKernel
    from glutarium.simulate.model import CellModel


@pytest.fixture(scope="module")
def kernel(model: CellModel) -> CompiledKernel:
    """One cell at a time."""
    return compile_spec(model.spec)


@pytest.mark.parametrize("left", [1e-200, 1e-302, 1e-310, 0.0, -1e-300])
def test_a_pool_that_is_used_up_leaves_rates_and_slopes_finite(
    model: CellModel, kernel: CompiledKernel, left: float
) -> None:
    p, rest = model.ensemble.parameters[0], model.ensemble.initial[0]
    rates, slopes = np.empty(len(rest)), np.empty(len(kernel.sparsity.indices))
    lost = []
    for i, state in enumerate(model.spec.states):
        if state.positive:
            y = rest.copy()
            y[i] = left
            kernel.rhs(0.0, y, p, rates)
            kernel.jacobian(0.0, y, p, slopes)
            if not (np.isfinite(rates).all() and np.isfinite(slopes).all()):
                lost.append(state.id)
    assert not lost
