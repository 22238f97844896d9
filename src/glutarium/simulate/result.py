"""The result of a study: arrays in a versioned store that opens again, as an xarray dataset if one likes."""

from __future__ import annotations

import shutil
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from glutarium.errors import OutputError
from glutarium.kernel import ResultCode
from glutarium.simulate.named import NamedArrays
from glutarium.simulate.readout import series
from glutarium.simulate.zarr_format import Foreign, read_arrays, write_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import xarray as xr

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.readout import Reading

__all__ = ["FORMAT", "FORMAT_VERSION", "Result", "frame_of", "gather", "save_dataset", "tabulate"]

FORMAT = "glutarium-result"
FORMAT_VERSION = 1
IN_MEMORY = 2**29
"""Bytes up to which an opened result is read at once."""


class Result:
    """A finished study.

    Parameters
    ----------
    data
        What it holds, as a dataset or as plain arrays.
    """

    def __init__(self, data: xr.Dataset | NamedArrays) -> None:
        self._data = data

    def __repr__(self) -> str:
        return f"Result({self._data!r})"

    @cached_property
    def dataset(self) -> xr.Dataset:
        """``value`` (arm, member, time, observable), ``code`` and ``detail`` (arm, member).

        Also ``fate`` (arm, member, element, sink; also cell where there are several) and ``account``
        (arm, member, cell, nutrient) with ``account_course`` and ``account_place`` where there are such;
        units stand beside the observables and in ``value.attrs["units"]``. Runs that failed hold NaN from
        where they stopped.
        """
        return self._data.to_xarray() if isinstance(self._data, NamedArrays) else self._data

    @cached_property
    def arrays(self) -> NamedArrays:
        """The same as plain arrays, without the time that it takes to load xarray."""
        return self._data if isinstance(self._data, NamedArrays) else NamedArrays.of(self._data)

    def save(self, path: Path, *, overwrite: bool = False) -> Path:
        """Write the store (Zarr).

        Raises
        ------
        OutputError
            If something is there already and may not be overwritten.
        """
        if path.exists():
            if not overwrite:
                message = f"{path} exists already; choose another folder or allow overwriting"
                raise OutputError(message)
            shutil.rmtree(path)
        write_arrays(path, self.arrays)
        return path

    @classmethod
    def open(cls, path: Path) -> Result:
        """Open a store again; what is larger than half a gigabyte is read when it is used.

        Raises
        ------
        OutputError
            If there is none, or it was written in a format that this version does not know.
        """
        if not path.exists():
            message = f"There is no result at {path}"
            raise OutputError(message)
        data = _read(path)
        written = data.attrs.get("format"), data.attrs.get("format_version")
        if written[0] != FORMAT:
            message = f"{path} is no result of Glutarium: its format is {written[0]!r}"
            raise OutputError(message)
        if written[1] != FORMAT_VERSION:
            message = (
                f"{path} holds {written[0]} version {written[1]}, this version of Glutarium reads "
                f"version {FORMAT_VERSION}; run the study again or install the version that wrote it"
            )
            raise OutputError(message)
        return cls(data)

    def frame(self) -> pd.DataFrame:
        """All values as a long table: arm, member, time, observable, unit, value."""
        return self.dataset["value"].to_dataframe().reset_index()

    @property
    def failures(self) -> tuple[str, ...]:
        """One line for every run that failed, with its advice."""
        lines: list[str] = []
        code, detail = (
            self.arrays[name].transpose("arm", "member").values for name in ("code", "detail")
        )
        for a, arm in enumerate(self.arrays["arm"].values):
            for m, member in enumerate(self.arrays["member"].values):
                if code[a, m] != ResultCode.SUCCESS.name:
                    advice = ResultCode[str(code[a, m])].value
                    lines.append(f"arm {arm}, member {member}: {advice} ({detail[a, m]})")
        return tuple(lines)


def _read(path: Path) -> xr.Dataset | NamedArrays:
    """Read a store; one that is large, or that other software wrote, as a dataset."""
    try:
        arrays = read_arrays(path, IN_MEMORY)
    except Foreign:
        arrays = None
    if arrays is not None:
        return arrays
    import xarray as xr  # noqa: PLC0415 - takes a third of a second with pandas

    try:
        dataset: xr.Dataset = xr.open_zarr(path, chunks=None, consolidated=False)
        if dataset.nbytes <= IN_MEMORY:
            dataset.load()
    except OSError as error:
        message = f"{path} is no result of Glutarium: give the folder result.zarr of a run"
        raise OutputError(message) from error
    return dataset


def gather(
    model: CellModel,
    lanes: Mapping[str, Sequence[Lane]],
    readings: Mapping[str, Reading],
    times: Sequence[float],
    attributes: Mapping[str, Any],
) -> Result:
    """Put the lanes of all arms into one result.

    Parameters
    ----------
    model
        The model that ran.
    lanes
        Arm → one lane per member.
    readings
        Observable → how to read it.
    times
        Times of the run, h.
    attributes
        Metadata of the study.
    """
    dishes = {arm: {"": found} for arm, found in lanes.items()}
    values = tabulate(model, dishes, readings, len(times))
    codes = {arm: [lane.code.name for lane in found] for arm, found in lanes.items()}
    details = {arm: [lane.detail for lane in found] for arm, found in lanes.items()}
    rest = frame_of(codes, details, readings, times, attributes)
    units = {name: reading.unit for name, reading in readings.items()}
    dimensions = ("arm", "member", "time", "observable")
    return Result(rest.assign(value=(dimensions, values, {"units": units})))


def tabulate(
    model: CellModel,
    lanes: Mapping[str, Mapping[str, Sequence[Lane]]],
    readings: Mapping[str, Reading],
    times: int,
) -> Array:
    """Values of all lanes, shape ``(n_arms, n_members, times, n_readings)``; NaN where a run stopped.

    Parameters
    ----------
    model
        The model that ran.
    lanes
        Arm → cell → one lane per member. A reading of a cell that an arm does not hold is NaN there;
        one cell without a name stands for all.
    readings
        Observable → how to read it.
    times
        How many times the runs have.
    """
    members = len(next(iter(next(iter(lanes.values())).values())))
    values = np.full((len(lanes), members, times, len(readings)), np.nan)
    for a, dishes in enumerate(lanes.values()):
        for cell, columns in _columns(dishes, readings).items():
            chosen = [r for i, r in enumerate(readings.values()) if i in columns]
            for m, lane in enumerate(dishes[cell]):
                if len(lane.times):
                    place = np.ix_([a], [m], range(len(lane.times)), sorted(columns))
                    values[place] = _table(model, lane, chosen)
    return values


def _columns(
    dishes: Mapping[str, Sequence[Lane]], readings: Mapping[str, Reading]
) -> dict[str, set[int]]:
    """Cell → positions of the readings that are taken from its dish."""
    first = next(iter(dishes))
    found: dict[str, set[int]] = {}
    for i, reading in enumerate(readings.values()):
        cell = reading.cell if reading.cell and first else first
        if cell in dishes:
            found.setdefault(cell, set()).add(i)
    return found


def frame_of(
    codes: Mapping[str, Sequence[str]],
    details: Mapping[str, Sequence[str]],
    readings: Mapping[str, Reading],
    times: Sequence[float],
    attributes: Mapping[str, Any],
) -> NamedArrays:
    """Everything of a result but its values.

    Parameters
    ----------
    codes, details
        Arm → how the run ended, one word and one line per member.
    readings
        Observable → how to read it.
    times
        Times of the run, h.
    attributes
        Metadata of the study.
    """
    arms = list(codes)
    return NamedArrays(
        {
            "code": (("arm", "member"), [list(codes[arm]) for arm in arms]),
            "detail": (("arm", "member"), [list(details[arm]) for arm in arms]),
        },
        coords={
            "arm": arms,
            "member": np.arange(len(codes[arms[0]])),
            "time": ("time", list(times), {"units": "h"}),
            "observable": list(readings),
            "unit": ("observable", [r.unit for r in readings.values()]),
        },
        attrs={"format": FORMAT, "format_version": FORMAT_VERSION, **attributes},
    )


def save_dataset(dataset: xr.Dataset, path: Path, *, mode: Literal["w", "a"]) -> None:
    """Write a dataset as a store (``w``), or add it to one (``a``)."""
    if mode == "w" and path.exists():
        shutil.rmtree(path)
    write_arrays(path, NamedArrays.of(dataset))


def _table(model: CellModel, lane: Lane, readings: Sequence[Reading]) -> Array:
    """Values of some readings of a lane, shape ``(n_times, n_readings)``."""
    return np.stack([series(r, lane, model) for r in readings], axis=1)
