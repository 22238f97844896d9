"""The result of a study: an xarray dataset in a versioned store that opens again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from glutarium.errors import OutputError
from glutarium.kernel import ResultCode
from glutarium.simulate.readout import series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.readout import Reading

__all__ = ["FORMAT", "FORMAT_VERSION", "Result", "gather"]

FORMAT = "glutarium-result"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Result:
    """A finished study.

    Attributes
    ----------
    dataset
        ``value`` (arm, member, time, observable), ``code`` and ``detail`` (arm, member), ``fate``
        (arm, member, element, sink) where there is one; units stand beside the observables and in
        ``value.attrs["units"]``. Runs that failed hold NaN from where they stopped.
    """

    dataset: xr.Dataset

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
        # Version 2 of Zarr: the text types of version 3 are not settled yet.
        self.dataset.to_zarr(path, mode="w", consolidated=False, zarr_format=2)
        return path

    @classmethod
    def open(cls, path: Path) -> Result:
        """Open a store again.

        Raises
        ------
        OutputError
            If there is none, or it was written in a format that this version does not know.
        """
        if not path.exists():
            message = f"There is no result at {path}"
            raise OutputError(message)
        try:
            dataset = xr.open_zarr(path, consolidated=False).load()
        except OSError as error:
            message = f"{path} is no result of Glutarium: give the folder result.zarr of a run"
            raise OutputError(message) from error
        written = dataset.attrs.get("format"), dataset.attrs.get("format_version")
        if written[0] != FORMAT:
            message = f"{path} is no result of Glutarium: its format is {written[0]!r}"
            raise OutputError(message)
        if written[1] != FORMAT_VERSION:
            message = (
                f"{path} holds {written[0]} version {written[1]}, this version of Glutarium reads "
                f"version {FORMAT_VERSION}; run the study again or install the version that wrote it"
            )
            raise OutputError(message)
        return cls(dataset)

    def frame(self) -> pd.DataFrame:
        """All values as a long table: arm, member, time, observable, unit, value."""
        return self.dataset["value"].to_dataframe().reset_index()

    @property
    def failures(self) -> tuple[str, ...]:
        """One line for every run that failed, with its advice."""
        lines: list[str] = []
        for arm in self.dataset["arm"].values:
            for member in self.dataset["member"].values:
                at = {"arm": arm, "member": member}
                code = str(self.dataset["code"].sel(at).item())
                if code != ResultCode.SUCCESS.name:
                    detail = str(self.dataset["detail"].sel(at).item())
                    advice = ResultCode[code].value
                    lines.append(f"arm {arm}, member {member}: {advice} ({detail})")
        return tuple(lines)


def gather(
    model: CellModel,
    lanes: Mapping[str, Sequence[Lane]],
    readings: Mapping[str, Reading],
    times: Sequence[float],
    attributes: Mapping[str, Any],
) -> Result:
    """Put the lanes of all arms into one dataset.

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
    arms = list(lanes)
    members = len(next(iter(lanes.values())))
    values = np.full((len(arms), members, len(times), len(readings)), np.nan)
    for a, arm in enumerate(arms):
        for m, lane in enumerate(lanes[arm]):
            values[a, m, : len(lane.times)] = _table(model, lane, readings)
    units = {name: reading.unit for name, reading in readings.items()}
    dataset = xr.Dataset(
        {
            "value": (("arm", "member", "time", "observable"), values, {"units": units}),
            "code": (("arm", "member"), [[lane.code.name for lane in lanes[a]] for a in arms]),
            "detail": (("arm", "member"), [[lane.detail for lane in lanes[a]] for a in arms]),
        },
        coords={
            "arm": arms,
            "member": np.arange(members),
            "time": ("time", list(times), {"units": "h"}),
            "observable": list(readings),
            "unit": ("observable", [r.unit for r in readings.values()]),
        },
        attrs={"format": FORMAT, "format_version": FORMAT_VERSION, **attributes},
    )
    return Result(dataset)


def _table(model: CellModel, lane: Lane, readings: Mapping[str, Reading]) -> Array:
    """Values of all readings of a lane, shape ``(n_times, n_readings)``."""
    if not len(lane.times):
        return np.empty((0, len(readings)))
    return np.stack([series(r, lane, model) for r in readings.values()], axis=1)
