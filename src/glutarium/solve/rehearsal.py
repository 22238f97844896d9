"""Compile the lanes' loop ahead of its first run, in a process of its own if there is time to gain.

Numba keeps the compiled loop on disk, once per installation. Compiling it takes longer than compiling a
model, and both at once take two cores no longer than the slower one alone. Threads would not do: Numba and
the assembler share one lock.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.batch import Batch, System
from glutarium.solve.lanes import LaneOptions, Run, default_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["rehearse", "rehearsing"]

_PROGRAM = f"import sys; from {__name__} import rehearse; rehearse(int(sys.argv[1]))"


@dataclass(slots=True)
class _Nobody:
    """A kernel of one state that is never called."""

    width: int
    state_names: tuple[str, ...] = ("x",)
    parameter_names: tuple[str, ...] = ("p",)
    observable_names: tuple[str, ...] = ()
    n_unknowns: int = 1
    n_derived: int = 0
    n_entries: int = 0
    time_dependent: bool = False

    def address(self, name: str) -> int:
        return 0


def rehearse(width: int) -> None:
    """Compile the loop for kernels of a width, or load it, without advancing anything.

    Parameters
    ----------
    width
        Lanes of the kernel to come.
    """
    batch = Batch.of([System(np.zeros(1), np.zeros(1))], np.zeros(1))
    run = Run(_Nobody(width), batch, LaneOptions())
    run.require(None)
    run.ask(None, observables=False, first_steps=None)
    run.halt[0] = 1  # the loop ends before it begins
    run.advance(1, None)


@contextmanager
def rehearsing(width: int) -> Iterator[None]:
    """Rehearse in another process while the body runs; wait for it at the end.

    Where there is one core, or no process can be started, nothing happens: the first run compiles.

    Parameters
    ----------
    width
        Lanes of the kernel to come.
    """
    child = _start(width) if default_threads() > 1 else None
    try:
        yield
        if child is not None:
            child.wait()
    finally:
        if child is not None and child.poll() is None:  # the body failed: nobody waits for the loop
            child.kill()
            child.wait()


def _start(width: int) -> subprocess.Popen[bytes] | None:
    silent = subprocess.DEVNULL
    words = [sys.executable, "-c", _PROGRAM, str(width)]
    try:
        return subprocess.Popen(words, stdin=silent, stdout=silent, stderr=silent)
    except OSError:
        return None
