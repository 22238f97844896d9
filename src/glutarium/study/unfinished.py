"""A run that is under way: a folder beside its target, which it becomes when everything is there.

::

    results/my-study.unfinished/
      run.json            what is run, so that nothing else is continued by mistake
      result.zarr/        values, a block of members at a time
      chunks/00000.npz    written after the values of a block: the block is finished
      lock                held by the process that works here
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import OutputError
from glutarium.simulate.store import ValueStore
from glutarium.study.chunk_file import Kept, digest_of, read_chunk, write_chunk
from glutarium.study.fingerprint import LABELS
from glutarium.study.lock import held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from glutarium.simulate.readout import Reading
    from glutarium.study.chunk import Chunk

__all__ = ["SUFFIX", "Unfinished", "alone", "differences", "discard", "folder_of", "refuse_another"]

SUFFIX = ".unfinished"
ABOUT, STORE, CHUNKS, LOCK = "run.json", "result.zarr", "chunks", "lock"


def folder_of(target: Path) -> Path:
    """Where a run is kept until it is finished."""
    return target.with_name(target.name + SUFFIX)


def discard(target: Path) -> None:
    """Throw away what was left unfinished for a target.

    Raises
    ------
    OutputError
        If it is not left at all: another process works on it.
    """
    if folder_of(target).is_dir():
        with alone(target):
            pass
        shutil.rmtree(folder_of(target))


def alone(target: Path) -> AbstractContextManager[None]:
    """Keep other processes from the run of a target while a block runs; see :func:`held`."""
    return held(folder_of(target), LOCK)


def differences(found: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """What two runs differ in, in words; empty if one continues the other."""
    return [LABELS[part] for part, value in wanted.items() if found.get(part) != value]


def refuse_another(target: Path, wanted: Mapping[str, str]) -> None:
    """Refuse to go on where another run was left.

    Raises
    ------
    OutputError
        If there is an unfinished run for a target that does not have the wanted fingerprint.
    """
    folder = folder_of(target)
    if not folder.exists() or _is_empty(folder):
        return
    about = _about(folder)
    if about is None:
        message = (
            f"{folder} holds no run that can be continued; start anew with --force, or remove it"
        )
        raise OutputError(message)
    differ = differences(about, wanted)
    if differ:
        message = (
            f"{folder} holds an unfinished run that differs in {', '.join(differ)}. Run what it was "
            "begun with, start anew with --force, or choose another folder with -o"
        )
        raise OutputError(message)


def _is_empty(folder: Path) -> bool:
    """Whether nothing but what comes before a run is there."""
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= {LOCK, f"{ABOUT}.part"}


def _about(folder: Path) -> dict[str, str] | None:
    try:
        found = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class Unfinished:
    """The folder of a run that is under way.

    Attributes
    ----------
    folder
        Where it is.
    blocks
        Members of each chunk.
    store
        Where values go.
    """

    folder: Path
    blocks: Sequence[range]
    store: ValueStore

    @classmethod
    def begin(
        cls,
        target: Path,
        about: Mapping[str, str],
        blocks: Sequence[range],
        shape: tuple[int, int, int, int],
        readings: Mapping[str, Reading],
    ) -> Unfinished:
        """Go on with the run that was left for a target, or make a new one.

        Parameters
        ----------
        target
            Folder of the finished run.
        about
            Fingerprint of the run; :func:`refuse_another` comes first.
        blocks
            Members of each chunk.
        shape
            Arms, members, times and observables.
        readings
            What is read.
        """
        folder = folder_of(target)
        folder.mkdir(parents=True, exist_ok=True)
        scratch = folder / f"{ABOUT}.part"
        scratch.write_text(json.dumps(dict(about), indent=1) + "\n", encoding="utf-8")
        scratch.replace(folder / ABOUT)
        (folder / CHUNKS).mkdir(exist_ok=True)
        store = _store(folder / STORE, shape, len(blocks[0]), readings)
        return cls(folder, blocks, store)

    def missing(self) -> list[int]:
        """Chunks that are not finished; the values of the others are compared with their digest."""
        return [i for i in range(len(self.blocks)) if not self._sound(i)]

    def keep(self, i: int, chunk: Chunk) -> None:
        """Write a chunk: first its values, then the file that says that it is finished."""
        self.store.write(self.blocks[i], chunk.values)
        write_chunk(self._file(i), chunk)

    def kept(self) -> list[Kept]:
        """All chunks without their values, in order.

        Raises
        ------
        OutputError
            If one was lost after it was written.
        """
        found = []
        for i in range(len(self.blocks)):
            chunk = read_chunk(self._file(i))
            if chunk is None:
                message = (
                    f"{self._file(i)} was lost while the run went on; run it again to mend that"
                )
                raise OutputError(message)
            found.append(chunk)
        return found

    def become(self, target: Path) -> None:
        """Take the place of the target; what only an unfinished run needs is taken away then."""
        if target.exists():
            shutil.rmtree(target)
        self.folder.rename(target)
        shutil.rmtree(target / CHUNKS)
        for name in (ABOUT, LOCK):
            (target / name).unlink(missing_ok=True)

    def _file(self, i: int) -> Path:
        return self.folder / CHUNKS / f"{i:05d}.npz"

    def _sound(self, i: int) -> bool:
        kept = read_chunk(self._file(i))
        if kept is None:
            return False
        try:
            return digest_of(self.store.read(self.blocks[i])) == kept.digest
        except (OSError, ValueError, RuntimeError):  # what a codec says to a broken file
            return False


def _store(
    path: Path, shape: tuple[int, int, int, int], block: int, readings: Mapping[str, Reading]
) -> ValueStore:
    """The store that is there, or a new one where it is of no use."""
    try:
        store = ValueStore.open(path)
    except (OSError, KeyError, ValueError):
        store = None
    block = max(1, block)
    if store is not None and store.shape == shape and store.block == block:
        return store
    units = {name: reading.unit for name, reading in readings.items()}
    return ValueStore.create(path, shape, block, units)
