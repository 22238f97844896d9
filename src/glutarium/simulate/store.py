"""The store of a result while it grows: values go in by blocks of members, the rest comes last.

What :func:`finish` leaves is what :meth:`glutarium.simulate.result.Result.save` writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr

from glutarium.simulate.result import Result, save_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import xarray as xr

    from glutarium.kernel import Array

__all__ = ["ValueStore"]

DIMENSIONS = ("arm", "member", "time", "observable")


@dataclass(frozen=True)
class ValueStore:
    """The array ``value`` of a store that is being written.

    Attributes
    ----------
    path
        Folder of the store.
    array
        Shape ``(n_arms, n_members, n_times, n_observables)``; a chunk on disk is a block of members.
    """

    path: Path
    array: zarr.Array[Any]

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
            Members per chunk on disk.
        units
            Observable → unit.
        """
        arms, _, times, observables = shape
        array = zarr.open_group(path, mode="w", zarr_format=2).create_array(
            "value",
            shape=shape,
            chunks=(arms, block, times, observables),
            dtype="float64",
            fill_value=np.nan,
            attributes={"_ARRAY_DIMENSIONS": list(DIMENSIONS), "units": dict(units)},
        )
        return cls(path, array)

    @classmethod
    def open(cls, path: Path) -> ValueStore:
        """Open a store that is there.

        Raises
        ------
        OSError, KeyError, ValueError
            If there is none or it cannot be read.
        """
        array = zarr.open_group(path, mode="r+", zarr_format=2)["value"]
        if not isinstance(array, zarr.Array):
            message = f"{path} holds no array of values"
            raise KeyError(message)
        return cls(path, array)

    def write(self, members: range, values: Array) -> None:
        """Write the values of some members, shape ``(n_arms, len(members), n_times, n_observables)``."""
        self.array[:, members.start : members.stop] = values

    def read(self, members: range) -> Array:
        """Read them again."""
        return np.asarray(self.array[:, members.start : members.stop], dtype=np.float64)

    def finish(self, rest: xr.Dataset) -> None:
        """Put coordinates, codes and attributes beside the values."""
        save_dataset(rest, self.path, mode="a")

    def result(self) -> Result:
        """The finished result, read from disk when it is used."""
        return Result.open(self.path)
