"""Systems that need most steps go first, and that changes nothing but the time it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.compile import compile_lanes
from glutarium.model.expr import Symbol
from glutarium.solve import Batch, Change, Edit, LaneOptions, System, Watch, run_batch
from glutarium.solve import queue as queue_module
from glutarium.solve.driver.layout import ATTEMPTS
from glutarium.solve.methods import RODAS3, RODAS5P
from glutarium.solve.queue import begin_all, go_on, is_worth_scouting

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.compile import CompiledLanes
    from glutarium.model.spec import ModelSpec
    from glutarium.solve import BatchResult

TIMES = np.linspace(0.0, 20.0, 9)
SWINGS = (np.array([1.0, 3.0]), np.array([1.0, 3.0]))
RESTS = (np.ones(2), np.array([1.0, 0.1]))


@pytest.fixture(scope="module")
def kernel(rates_model: Callable[..., ModelSpec]) -> CompiledLanes:
    """An oscillator, which rests for some parameters."""
    x, z, a, b = (Symbol(s) for s in "xzab")
    rates = {"x": a - (b + 1) * x + x * x * z, "z": b * x - x * x * z}
    return compile_lanes(rates_model(rates, ["a", "b"]), width=4)


def crowd(n: int) -> list[System]:
    """Every seventh swings; some have a dose before they would be put aside, some after that."""
    doses = {3: [Change(0.01, edit=Edit({0: (1.0, 0.4)}))], 5: [Change(9.0, np.array([1.0, 2.5]))]}
    kinds = [SWINGS if i % 7 == 6 else RESTS for i in range(n)]
    return [System(y, p, doses.get(i % 11, [])) for i, (y, p) in enumerate(kinds)]


def same(a: BatchResult, b: BatchResult) -> bool:
    kept = ("y", "steps", "rejected", "end_time", "end", "reached")
    return a.codes == b.codes and all(
        getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in kept
    )


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_putting_systems_aside_changes_no_bit(
    kernel: CompiledLanes, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Batch.of(crowd(200), TIMES)
    assert is_worth_scouting(batch, RODAS5P, 4 * threads)
    aside = run_batch(kernel, batch, threads=threads)
    monkeypatch.setattr(queue_module, "ROUNDS", 1000)
    assert not is_worth_scouting(batch, RODAS5P, 4 * threads)
    assert same(aside, run_batch(kernel, batch, threads=threads))


def test_small_batches_short_spans_and_conditions_go_straight_through() -> None:
    many, few = Batch.of(crowd(64), TIMES), Batch.of(crowd(63), TIMES)
    watched = Batch.of(crowd(64), TIMES, [Watch(0, 1.0)])
    assert is_worth_scouting(many, RODAS5P, 16)
    assert not is_worth_scouting(few, RODAS5P, 16)
    assert not is_worth_scouting(many, RODAS3, 16)
    assert not is_worth_scouting(watched, RODAS5P, 16)


def test_those_with_most_steps_so_far_come_first() -> None:
    queue = begin_all(Batch.of(crowd(5), TIMES), scouts=True)
    queue.ints[:, ATTEMPTS] = [3, 0, 9, 3, 4]  # the second was not put aside
    assert go_on(queue).order.tolist() == [2, 4, 0, 3]
    assert go_on(queue).pause == np.inf


def test_progress_rises_to_the_number_of_systems(kernel: CompiledLanes) -> None:
    seen: list[int] = []
    batch = Batch.of(crowd(400), TIMES)
    run_batch(kernel, batch, threads=2, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == len(batch)


def test_the_budget_of_steps_counts_both_parts(kernel: CompiledLanes) -> None:
    batch = Batch.of(crowd(200), TIMES)
    free = run_batch(kernel, batch)
    most = int((free.steps + free.rejected).max())
    assert run_batch(kernel, batch, options=LaneOptions(max_steps=most)).codes == free.codes
    cut = run_batch(kernel, batch, options=LaneOptions(max_steps=most - 1))
    assert cut.codes != free.codes
