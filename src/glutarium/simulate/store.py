"""The store of a result while it grows: values go in by blocks of members, the rest comes last.

What :func:`finish` leaves is what :meth:`glutarium.simulate.result.Result.save` writes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.simulate.zarr_format import begin_array, read_block, write_arrays, write_block

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.simulate.named import NamedArrays

__all__ = ["ValueStore"]

DIMENSIONS = ("arm", "member", "time", "observable")
NAME = "value"


@dataclass(frozen=True)
class ValueStore:
    """The array ``value`` of a store that is being written.

    Attributes
    ----------
    path
        Folder of the store.
    shape
        Arms, members, times, observables.
    block
        Members of a block on disk.
    """

    path: Path
    shape: tuple[int, ...]
    block: int

    @classmethod
    def create(
        cls, path: Path, shape: tuple[int, int, int, int], block: int, units: Mapping[str, str]
    ) -> ValueStore:
        """Make an empty store.

        Parameters
        ----------
        path
            Its folder; what is there is replaced.
        shape
            Arms, members, times, observables.
        block
            Members per block on disk.
        units
            Observable → unit.
        """
        if path.exists():
            shutil.rmtree(path)
        arms, _, times, observables = shape
        about = DIMENSIONS, shape, np.dtype(np.float64)
        begin_array(path, NAME, about, {"units": dict(units)}, (arms, block, times, observables))
        return cls(path, shape, block)

    @classmethod
    def open(cls, path: Path) -> ValueStore:
        """Open a store that is there.

        Raises
        ------
        OSError, KeyError, ValueError
            If there is none or it cannot be read.
        """
        about = json.loads((path / NAME / ".zarray").read_text(encoding="utf-8"))
        shape, chunks = tuple(about["shape"]), tuple(about["chunks"])
        if len(chunks) != len(DIMENSIONS):
            message = f"{path} holds no values of this shape"
            raise ValueError(message)
        return cls(path, shape, chunks[1])

    def write(self, members: range, values: Array) -> None:
        """Write the values of a block, shape ``(n_arms, len(members), n_times, n_observables)``."""
        write_block(self.path, NAME, self._place(members), values)

    def read(self, members: range) -> Array:
        """Read them again."""
        found = read_block(self.path, NAME, self._place(members))[:, : len(members)]
        return np.asarray(found, dtype=np.float64)

    def _place(self, members: range) -> tuple[int, ...]:
        return (0, members.start // self.block, 0, 0)

    def finish(self, rest: NamedArrays) -> None:
        """Put coordinates, codes and attributes beside the values."""
        write_arrays(self.path, rest)
