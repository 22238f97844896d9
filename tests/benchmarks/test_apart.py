"""A peer in a process of its own can neither hold up a benchmark nor end it."""

from __future__ import annotations

import os
import time

import pytest
from benchmarks.apart import LostError, apart


def test_what_was_found_comes_back() -> None:
    assert apart(divmod, 7, 2, limit=60.0) == (3, 1)


def test_what_takes_too_long_is_ended() -> None:
    start = time.monotonic()
    with pytest.raises(LostError, match="no run within 2 s"):
        apart(time.sleep, 60.0, limit=2.0)
    assert time.monotonic() - start < 30.0


def test_an_error_is_told() -> None:
    with pytest.raises(LostError, match=r"failed: .*zero"):
        apart(divmod, 7, 0, limit=60.0)


def test_a_process_that_dies_is_told() -> None:
    with pytest.raises(LostError, match="its process ended with 3"):
        apart(os._exit, 3, limit=60.0)
