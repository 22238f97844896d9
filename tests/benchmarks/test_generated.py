"""The generated network has what it promises, at any size."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.generated import generated_spec, members

from glutarium.compile.pipeline import compile_spec
from glutarium.kernel import ResultCode
from glutarium.solve import Options, integrate


@pytest.mark.parametrize("size", [60, 150])
def test_it_has_the_size_that_was_asked_for_and_is_sound(size: int) -> None:
    spec = generated_spec(size)
    assert len(spec.states) == size
    assert not spec.undefined()
    assert generated_spec(size).structure_hash() == spec.structure_hash()


def test_all_but_the_rhythm_and_the_depot_rest() -> None:
    spec = generated_spec(60)
    kernel = compile_spec(spec)
    y = np.array([s.initial for s in spec.states])
    rates = np.empty(len(y))
    kernel.rhs(0.0, y, np.array([p.value for p in spec.parameters]), rates)
    moving = {"rhythm_x", "rhythm_y", "depot", "central"}
    still = [i for i, s in enumerate(spec.state_ids) if s not in moving]
    assert np.abs(rates[still]).max() < 1e-6


def test_members_run_to_the_end_and_stay_bounded() -> None:
    spec = generated_spec(60)
    y0, p = members(spec, 3)
    positive = np.array([s.positive for s in spec.states])
    atol = np.array([s.atol for s in spec.states])
    options = Options(max_steps=200_000)
    for y, q in zip(y0, p, strict=True):
        run = integrate(
            compile_spec(spec),
            y,
            q,
            np.linspace(0, 72, 9),
            options=options,
            atol=atol,
            positive=positive,
        )
        assert run.code is ResultCode.SUCCESS, run.detail
        assert run.y.max() < 1e3
