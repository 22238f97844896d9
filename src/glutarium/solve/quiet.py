"""Keep what SUNDIALS prints out of the output of the program.

The binding prints the solver's complaints to standard output. They belong to the run that failed, not
on the screen, where a progress bar of another thread may be at work: so only what the calling thread
writes is dropped.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["muted_output"]

_lock = threading.Lock()
_muted: set[int] = set()


class _Filter:
    """Standard output that withholds what the listed threads write.

    Parameters
    ----------
    inner
        Where everything else goes.
    """

    def __init__(self, inner: TextIO) -> None:
        self.inner = inner

    def write(self, text: str) -> int:
        """Drop or pass on."""
        return len(text) if threading.get_ident() in _muted else self.inner.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


@contextmanager
def muted_output() -> Iterator[None]:
    """Drop what this thread writes to standard output inside the block."""
    me = threading.get_ident()
    with _lock:
        _muted.add(me)
        if not isinstance(sys.stdout, _Filter):
            sys.stdout = cast("TextIO", _Filter(sys.stdout))
    try:
        yield
    finally:
        with _lock:
            _muted.discard(me)
            if not _muted and isinstance(sys.stdout, _Filter):
                sys.stdout = sys.stdout.inner
