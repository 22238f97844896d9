"""Keep what SUNDIALS prints out of the output of the program.

The binding prints the solver's complaints to standard output. They belong to the run that failed, not
on the screen, where a progress bar of another thread may be at work: so only what the calling thread
writes is caught.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["caught_output"]

_lock = threading.Lock()
_caught: dict[int, list[str]] = {}


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
        """Keep or pass on."""
        kept = _caught.get(threading.get_ident())
        if kept is None:
            return self.inner.write(text)
        kept.append(text)
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


@contextmanager
def caught_output() -> Iterator[list[str]]:
    """Collect what this thread writes to standard output inside the block."""
    me = threading.get_ident()
    with _lock:
        texts = _caught.setdefault(me, [])
        if not isinstance(sys.stdout, _Filter):
            sys.stdout = cast("TextIO", _Filter(sys.stdout))
    try:
        yield texts
    finally:
        with _lock:
            del _caught[me]
            if not _caught and isinstance(sys.stdout, _Filter):
                sys.stdout = sys.stdout.inner
