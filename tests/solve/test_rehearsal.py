"""The loop that is compiled ahead is the one that runs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.solve.batch import Batch, System
from glutarium.solve.driver.loop import advance
from glutarium.solve.lanes import run_batch
from glutarium.solve.rehearsal import rehearse, rehearsing

if TYPE_CHECKING:
    from glutarium.compile.lanes import CompiledLanes


def test_a_rehearsed_loop_needs_no_compilation_when_it_runs(decay_lanes: CompiledLanes) -> None:
    rehearse(decay_lanes.width)
    before = _compiled()
    batch = Batch.of([System(np.ones(1), np.ones(1))], np.linspace(0.0, 1.0, 3))
    run_batch(decay_lanes, batch, threads=1)
    assert _compiled() == before


def _compiled() -> int:
    """How many forms of the loop this process holds."""
    return len(vars(advance)["overloads"])


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Processes that are started instead of a rehearsal; each ends by itself after a while."""
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*_given: object, **_named: object) -> subprocess.Popen[bytes]:
        started.append(real([sys.executable, "-c", "import time; time.sleep(0.5)"]))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr("glutarium.solve.rehearsal.default_threads", lambda: 2)
    return started


def test_the_other_process_is_waited_for(children: list[subprocess.Popen[bytes]]) -> None:
    with rehearsing(4):
        assert children[0].poll() is None
    assert children[0].returncode == 0


def test_a_failure_of_the_body_ends_the_other_process(
    children: list[subprocess.Popen[bytes]],
) -> None:
    message = "the model"
    with pytest.raises(ValueError, match=message), rehearsing(4):
        raise ValueError(message)
    assert children[0].returncode not in (None, 0)


@pytest.mark.parametrize("reason", ["one core", "no process"])
def test_without_a_second_process_nothing_happens(
    reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise OSError(reason)

    monkeypatch.setattr(subprocess, "Popen", refuse)
    cores = 1 if reason == "one core" else 2
    monkeypatch.setattr("glutarium.solve.rehearsal.default_threads", lambda: cores)
    with rehearsing(4):
        pass
