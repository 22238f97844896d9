"""Linear algebra on one thread, and back."""

from __future__ import annotations

import numpy as np
import pytest

from glutarium.study import threads
from glutarium.study.threads import one_thread, use_one_thread


def count() -> int:
    """Threads that numpy's library uses; 1 where it cannot be asked."""
    switches = threads._switches()
    return switches[0]() if switches else 1


def test_a_block_runs_on_one_thread_and_leaves_things_as_they_were() -> None:
    before = count()
    with one_thread():
        assert count() == 1
        with one_thread():
            assert count() == 1
        assert count() == 1
    assert count() == before


def test_an_error_inside_leaves_things_as_they_were() -> None:
    before = count()
    with pytest.raises(ZeroDivisionError), one_thread():
        _ = 1 / 0
    assert count() == before


def test_a_library_that_is_not_known_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "SPELLINGS", ("no_such_library_{}",))
    threads._switches.cache_clear()
    try:
        assert use_one_thread() == 0
        with one_thread():
            assert np.linalg.norm(np.ones(4)) == 2.0
    finally:
        threads._switches.cache_clear()
