"""A folder that one process has to itself."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from glutarium.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["held"]


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Keep other processes out of a folder while the block runs; a process that dies lets go.

    Parameters
    ----------
    folder
        The folder; made if it is not there.
    name
        File in it that is locked.

    Raises
    ------
    OutputError
        If another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        if not _lock(file):
            message = f"{folder} is being written by another process; wait for it or stop it"
            raise OutputError(message)
        yield


def _lock(file: TextIO) -> bool:
    """Whether this process has the file to itself; always where the system has no such locks."""
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ModuleNotFoundError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
