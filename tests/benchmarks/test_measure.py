"""Who is timed: a peer that solves the same model, although a member on the edge of a switch errs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.measure import measure_peer
from benchmarks.problem import generated_problem

from benchmarks import peers

if TYPE_CHECKING:
    from benchmarks.problem import Problem

    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

TIMES = np.linspace(0.0, 1.0, 3)


@pytest.fixture(scope="module")
def problem() -> Problem:
    made = generated_problem(5, TIMES, 60)
    return replace(made, truth={i: np.ones((3, len(made.spec.states))) for i in range(5)})


def peer_wrong_on(wrong: int, problem: Problem) -> type[peers.Peer]:
    """A peer that is right but for the last members."""

    class Fake(peers.Peer):
        def __init__(self, spec: ModelSpec, sbml: str) -> None:
            del spec, sbml

        def run(
            self, y0: Array, p: Array, times: Array, rtol: float, atol: Array
        ) -> tuple[Array, peers.Info]:
            del p, rtol, atol
            (member,) = np.flatnonzero((problem.y0 == y0).all(axis=1))[:1]
            off = 9.0 if member >= 5 - wrong else 0.0
            return np.full((len(times), len(y0)), 1.0 + off), peers.Info()

    return Fake


@pytest.mark.parametrize(("wrong", "timed"), [(0, True), (1, True), (3, False)])
def test_a_peer_is_refused_only_if_most_members_disagree(
    wrong: int, *, timed: bool, problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem.y0[:, 0] = 1.0 + np.arange(5)
    monkeypatch.setattr(peers, "find", lambda _: peer_wrong_on(wrong, problem))
    (row,) = measure_peer("roadrunner", problem, [1e-6], 1.0, lambda _: None)
    assert (row.single is not None) is timed
    assert ("disagrees" in row.note) is not timed
