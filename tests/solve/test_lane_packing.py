"""A system's result is the same to the last bit, whoever runs beside it and however it is run."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.compile import compile_lanes
from glutarium.model.expr import Symbol
from glutarium.solve import Batch, Change, Edit, LaneOptions, System, Watch, lanes, run_batch
from glutarium.solve.arrays import step_library
from glutarium.solve.leftover import few_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from glutarium.compile import CompiledLanes
    from glutarium.model.spec import ModelSpec
    from glutarium.solve import BatchResult

TIMES = np.linspace(0.0, 20.0, 9)
WATCHES = (
    Watch(0, 1.1, edit=Edit({1: (1.0, 0.2)})),
    Watch(0, 0.9, direction=-1, observable=True),
    Watch(1, 6.0, direction=1, stops=True),
)


@pytest.fixture(scope="module")
def brusselator(rates_model: Callable[..., ModelSpec]) -> ModelSpec:
    """An oscillator, stiff for some parameters, with powers and a factor of time."""
    x, z, a, b = (Symbol(s) for s in "xzab")
    made = x * x * z
    slow = 1 + 0.1 * Symbol("time") / (1 + Symbol("time"))
    rates = {"x": slow * a - (b + 1) * x + made, "z": b * x - made - 0.01 * z**1.3}
    return rates_model(rates, ["a", "b"], {"ratio": x / (0.1 + z)})


@pytest.fixture(scope="module")
def kernels(brusselator: ModelSpec) -> Mapping[int, CompiledLanes]:
    return {width: compile_lanes(brusselator, width=width) for width in (1, 4, 8)}


def many(n: int, seed: int) -> list[System]:
    """Systems that differ in all; some have doses, some fail."""
    random, made = np.random.default_rng(seed), []
    for i in range(n):
        p = random.lognormal(0.0, 0.8, 2)
        y = random.lognormal(0.0, 0.5, 2)
        if i % 17 == 3:
            p[0] = np.nan
        if i % 19 == 5:
            y[1] = -1.0
        times = np.sort(random.uniform(0.0, 20.0, int(random.integers(0, 4))))
        changes = [Change(t, p * 1.3, Edit({0: (1.0, 0.4)})) for t in times]
        made.append(System(y, p, changes))
    return made


def run(
    kernel: CompiledLanes, systems: Sequence[System], watches: Sequence[Watch] = (), **how: object
) -> BatchResult:
    batch = Batch.of(systems, TIMES, watches)
    return run_batch(kernel, batch, options=LaneOptions(max_steps=3000), **how)  # type: ignore[arg-type]


def same(a: BatchResult, b: BatchResult, rows: Sequence[int] | None = None) -> bool:
    """Whether some rows of the first are all of the second."""
    rows = range(len(a.codes)) if rows is None else rows
    index = np.array(rows)
    for item in fields(a):
        if item.name in {"times", "crossings"}:
            continue
        one, other = getattr(a, item.name), getattr(b, item.name)
        if isinstance(one, tuple):
            equal = tuple(one[i] for i in rows) == other
        else:
            equal = one[index].tobytes() == other.tobytes()
        if not equal:
            return False
    crossings = [[(c.watch, c.time) for c in r.crossings if c.system == i] for r, ids in
                 ((a, rows), (b, range(len(b.codes)))) for i in ids]  # fmt: skip
    return crossings[: len(crossings) // 2] == crossings[len(crossings) // 2 :]


@pytest.mark.parametrize("watches", [(), WATCHES])
def test_threads_change_nothing(
    kernels: Mapping[int, CompiledLanes], watches: Sequence[Watch]
) -> None:
    systems = many(150, seed=1)
    first = run(kernels[8], systems, watches, threads=1)
    assert len(set(first.codes)) > 2  # some fail, and that must not matter
    for threads in (2, 4):
        assert same(first, run(kernels[8], systems, watches, threads=threads))


@pytest.mark.parametrize("watches", [(), WATCHES])
@pytest.mark.parametrize("width", [1, 4, 8])
def test_neighbours_change_nothing(
    kernels: Mapping[int, CompiledLanes], width: int, watches: Sequence[Watch]
) -> None:
    systems, kernel = many(1000, seed=2), kernels[width]
    crowd = run(kernel, systems, watches)
    for i in (0, 3, 5, 500, 777, 999):
        assert same(crowd, run(kernel, [systems[i]], watches), [i]), i
    order = np.random.default_rng(3).permutation(1000)
    assert same(crowd, run(kernel, [systems[i] for i in order], watches), list(order))


@given(picked=st.lists(st.integers(0, 39), min_size=1, max_size=40), threads=st.integers(1, 4))
@settings(max_examples=20)
def test_repeats_and_any_order_change_nothing(
    kernels: Mapping[int, CompiledLanes], picked: list[int], threads: int
) -> None:
    systems = many(40, seed=4)
    everyone = run(kernels[8], systems, WATCHES)
    some = run(kernels[8], [systems[i] for i in picked], WATCHES, threads=threads)
    assert same(everyone, some, picked)


@pytest.mark.parametrize("watches", [(), WATCHES])
def test_the_width_of_the_lanes_changes_nothing(
    kernels: Mapping[int, CompiledLanes], watches: Sequence[Watch]
) -> None:
    systems = many(60, seed=5)
    results = [run(kernels[width], systems, watches) for width in (1, 4, 8)]
    assert same(results[0], results[1])
    assert same(results[0], results[2])


@pytest.mark.parametrize("watches", [(), WATCHES])
@pytest.mark.parametrize("count", [1, 3, 12, 150])
def test_the_last_systems_may_go_on_in_a_lane_of_their_own(
    kernels: Mapping[int, CompiledLanes], count: int, watches: Sequence[Watch]
) -> None:
    systems, asked = many(count, seed=7), []

    def alone() -> CompiledLanes:
        asked.append(count)
        return kernels[1]

    together = run(kernels[8], systems, watches, threads=1)
    for threads in (1, 2, 4):
        asked.clear()
        assert same(together, run(kernels[8], systems, watches, threads=threads, alone=alone))
        assert 0 < len(asked) <= threads * few_of(8)


def test_one_that_lasts_is_taken_out_of_wide_lanes(kernels: Mapping[int, CompiledLanes]) -> None:
    others = [System(np.ones(2), np.array([1.0, 0.1]))] * 20
    swings = System(np.array([1.0, 3.0]), np.array([1.0, 3.0]))
    wide, taken = run(kernels[8], [*others, swings]), []
    assert wide.steps[-1] > 2 * wide.steps[:-1].max()

    def alone() -> CompiledLanes:
        taken.append(1)
        return kernels[1]

    assert same(wide, run(kernels[8], [*others, swings], alone=alone, threads=1))
    assert taken == [1]


def test_lanes_hold_the_code_that_advances_them(
    kernels: Mapping[int, CompiledLanes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads that come first at once each make a library, and but one of these is kept for others."""
    systems = many(40, seed=8)
    together = run(kernels[8], systems, threads=1)
    monkeypatch.setattr(lanes, "step_library", step_library.__wrapped__)
    assert same(together, run(kernels[8], systems, threads=2, alone=lambda: kernels[1]))


def test_a_quarter_of_wide_lanes_is_few() -> None:
    assert [few_of(width) for width in (1, 2, 4, 8)] == [0, 0, 1, 2]


@pytest.mark.parametrize("method", ["rodas5p", "rodas3"])
def test_observables_are_those_of_the_states(
    kernels: Mapping[int, CompiledLanes], method: str
) -> None:
    batch = Batch.of(many(30, seed=6), TIMES)
    options = LaneOptions(method=method, rtol=1e-4, max_steps=3000)
    states, seen = (
        run_batch(kernels[8], batch, options=options, observables=o) for o in (False, True)
    )
    ratio = states.y[:, :, 0] / (0.1 + states.y[:, :, 1])
    np.testing.assert_allclose(seen.y[:, :, 0], ratio, rtol=1e-14)
