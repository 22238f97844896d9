"""Linear algebra on one thread while there is a process per core.

The matrices of one cell are small. Threads that share their factorisation mostly wait for each other, and
where every process brings its own they wait for the scheduler: measured up to forty times as long. With
one thread the sums are also always taken in the same order.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["one_thread", "use_one_thread"]

# The extension that carries numpy's factorisations; its library is found through it.
EXTENSION = "numpy.linalg._umath_linalg"
# How OpenBLAS names its switches, in the wheels of numpy and elsewhere. Another library is left as it is.
SPELLINGS = ("scipy_openblas_{}64_", "scipy_openblas_{}", "openblas_{}64_", "openblas_{}")


@contextmanager
def one_thread() -> Iterator[None]:
    """Let numpy's linear algebra use one thread in this process while the block runs."""
    before = use_one_thread()
    try:
        yield
    finally:
        if before:
            _switches()[1](before)


def use_one_thread() -> int:
    """Let it use one thread from now on; return how many there were, 0 if that is not known."""
    if not _switches():
        return 0
    read, write = _switches()
    before = read()
    write(1)
    return before


@cache
def _switches() -> tuple[Callable[..., int], ...]:
    """How to read and to write the number of threads; nothing for a library that is not known."""
    path = import_module(EXTENSION).__file__
    library = ctypes.CDLL(path) if path else None
    for spelling in SPELLINGS:
        names = [spelling.format(f"{verb}_num_threads") for verb in ("get", "set")]
        if all(hasattr(library, name) for name in names):
            return tuple(getattr(library, name) for name in names)
    return ()
