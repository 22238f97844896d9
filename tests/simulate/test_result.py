"""The store of a study's results: saved, opened, refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from glutarium.errors import OutputError
from glutarium.kernel import ResultCode
from glutarium.simulate.cell import RestCache, run_lane
from glutarium.simulate.readout import Reading, series
from glutarium.simulate.result import FORMAT_VERSION, Result, gather

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

READINGS = {
    "tumour.pool.glutamine_cytosol": Reading({"conc.gln_c": 1.0}, "mM"),
    "tumour.growth_rate": Reading({"growth_rate": 1.0}, "1/h", averaged=True),
}
TIMES = (0.0, 3.0, 6.0)


@pytest.fixture(scope="module")
def lane(model: CellModel, dish: Callable[..., ArmPlan]) -> Lane:
    return run_lane(model, dish(), 0, RestCache())


def stopped(lane: Lane, after: int) -> Lane:
    """The same run, had it stopped early."""
    return replace(
        lane,
        times=lane.times[:after],
        observed=lane.observed[:after],
        code=ResultCode.MAX_STEPS,
        detail="20 steps reached 3 h",
    )


@pytest.fixture
def result(model: CellModel, lane: Lane) -> Result:
    """Two arms of two members; one run stopped half-way, one never started."""
    lanes = {"vehicle": [lane, stopped(lane, 2)], "drüg 1 µM": [lane, stopped(lane, 0)]}
    about = {"study": "trial", "study_yaml": "study: trial\n", "members": 2, "duration_h": 6.0}
    return gather(model, lanes, READINGS, TIMES, about)


def test_values_codes_units_and_times_have_their_place(
    model: CellModel, result: Result, lane: Lane
) -> None:
    data = result.dataset
    assert data["value"].dims == ("arm", "member", "time", "observable")
    name = "tumour.pool.glutamine_cytosol"
    found = data["value"].sel(arm="vehicle", member=0, observable=name)
    assert found.values.tolist() == series(READINGS[name], lane, model).tolist()
    assert data["unit"].sel(observable=name) == "mM"
    assert data["value"].attrs["units"] == {n: r.unit for n, r in READINGS.items()}
    assert data["time"].attrs["units"] == "h"
    assert data["code"].sel(arm="vehicle", member=0) == lane.code.name
    assert data.attrs["study"] == "trial"


def test_what_was_not_reached_is_not_a_number(result: Result) -> None:
    known = result.dataset["value"].notnull().all("observable")
    assert known.sel(arm="vehicle", member=0).all()
    assert known.sel(arm="vehicle", member=1).values.tolist() == [True, True, False]
    assert not known.sel(arm="drüg 1 µM", member=1).any()


def test_failures_are_listed_with_advice(result: Result) -> None:
    first, second = result.failures
    assert first.startswith("arm vehicle, member 1: ")
    assert second.startswith("arm drüg 1 µM, member 1: ")
    assert ResultCode.MAX_STEPS.value in first
    assert "20 steps reached 3 h" in first


def test_the_frame_is_long_and_keeps_units(result: Result) -> None:
    frame = result.frame()
    assert {"arm", "member", "time", "observable", "unit", "value"} <= set(frame.columns)
    assert len(frame) == 2 * 2 * 3 * 2
    growth = frame[frame["observable"] == "tumour.growth_rate"]
    assert set(growth["unit"]) == {"1/h"}


def test_what_is_saved_opens_as_it_was(result: Result, tmp_path: Path) -> None:
    path = result.save(tmp_path / "result.zarr")
    again = Result.open(path)
    xr.testing.assert_identical(again.dataset, result.dataset)
    assert again.failures == result.failures
    # The dataset is in memory: the store can be moved away.
    path.rename(tmp_path / "elsewhere.zarr")
    assert np.isfinite(again.dataset["value"].sel(arm="vehicle", member=0).values).all()


def test_nothing_is_overwritten_unless_it_is_allowed(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "result.zarr"
    result.save(path)
    (path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(OutputError, match="exists already"):
        result.save(path)
    assert (path / "mine.txt").exists()
    result.save(path, overwrite=True)
    assert not (path / "mine.txt").exists()
    assert Result.open(path).failures == result.failures


def test_another_version_is_refused_by_name(result: Result, tmp_path: Path) -> None:
    newer = result.dataset.assign_attrs(format_version=FORMAT_VERSION + 1)
    path = Result(newer).save(tmp_path / "newer.zarr")
    with pytest.raises(
        OutputError, match=rf"version {FORMAT_VERSION + 1}.*version {FORMAT_VERSION}"
    ):
        Result.open(path)


@pytest.mark.parametrize("what", ["nothing", "an empty folder", "a file", "another store"])
def test_what_is_no_result_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "place"
    if what == "an empty folder":
        path.mkdir()
    elif what == "a file":
        path.write_text("study: x\n", encoding="utf-8")
    elif what == "another store":
        xr.Dataset({"x": ("n", [1.0])}).to_zarr(path, consolidated=False, zarr_format=2)
    with pytest.raises(OutputError, match="place"):
        Result.open(path)
