"""Plain arrays answer as datasets do, and what is written opens with the library for Zarr."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from glutarium.simulate.named import NamedArrays
from glutarium.simulate.result import FORMAT, FORMAT_VERSION, Result
from glutarium.simulate.store import ValueStore
from glutarium.simulate.zarr_format import Foreign, read_arrays, read_block, write_arrays

if TYPE_CHECKING:
    from pathlib import Path

LARGE = 2**30
MEMBERS = 5


@pytest.fixture
def arrays() -> NamedArrays:
    values = np.random.default_rng(1).normal(size=(2, MEMBERS, 3))
    values[1, 2] = np.nan
    return NamedArrays(
        {
            "value": (("arm", "member", "time"), values, {"units": {"a": "mM"}}),
            "code": (("arm", "member"), np.full((2, MEMBERS), "drüg µM")),
            "sound": (("arm",), [True, False]),
        },
        {
            "arm": ["vehicle", "drüg 1 µM"],
            "member": np.arange(MEMBERS),
            "time": ("time", [0.0, 1.0, 2.5], {"units": "h"}),
            "unit": ("time", ["h", "h", "min"]),
        },
        {"format": FORMAT, "format_version": FORMAT_VERSION, "hours": 2.5},
    )


def test_what_is_written_is_what_the_library_reads(arrays: NamedArrays, tmp_path: Path) -> None:
    write_arrays(tmp_path / "one", arrays)
    found = xr.open_zarr(tmp_path / "one", chunks=None, consolidated=False).load()
    xr.testing.assert_identical(found, arrays.to_xarray())
    again = read_arrays(tmp_path / "one", LARGE)
    assert again is not None
    xr.testing.assert_identical(again.to_xarray(), found)


def test_a_store_of_the_library_opens_too(arrays: NamedArrays, tmp_path: Path) -> None:
    dataset = arrays.to_xarray()
    dataset.to_zarr(tmp_path / "one", consolidated=False, zarr_format=2)
    with pytest.raises(Foreign, match="another way"):
        read_arrays(tmp_path / "one", LARGE)
    xr.testing.assert_identical(Result.open(tmp_path / "one").dataset, dataset)


def test_what_is_large_is_left_on_disk(arrays: NamedArrays, tmp_path: Path) -> None:
    write_arrays(tmp_path / "one", arrays)
    assert read_arrays(tmp_path / "one", arrays.nbytes - 1) is None


def test_plain_arrays_answer_as_a_dataset(arrays: NamedArrays) -> None:
    dataset = arrays.to_xarray()
    at = {"arm": "drüg 1 µM", "member": 3}
    found, wanted = arrays["value"], dataset["value"]
    np.testing.assert_array_equal(found.sel(at).values, wanted.sel(at).values)
    order = ("time", "arm", "member")
    np.testing.assert_array_equal(found.transpose(*order).values, wanted.transpose(*order).values)
    assert found["arm"].values.tolist() == wanted["arm"].values.tolist()
    assert ("unit" in arrays.coords, "value" in arrays, "none" in arrays) == (True, True, False)
    xr.testing.assert_identical(NamedArrays.of(dataset).to_xarray(), dataset)
    with pytest.raises(KeyError, match="vehicel"):
        found.sel(arm="vehicel")


def test_arrays_that_do_not_fit_are_refused(arrays: NamedArrays) -> None:
    with pytest.raises(ValueError, match=r"extra has 3 along arm, others have 2"):
        arrays.assign(extra=(("arm",), np.zeros(3)))
    with pytest.raises(ValueError, match="dimensions"):
        arrays.assign(extra=(("arm", "member"), np.zeros(2)))


def test_blocks_of_members_make_one_array(arrays: NamedArrays, tmp_path: Path) -> None:
    values = np.arange(2.0 * MEMBERS * 3 * 4).reshape(2, MEMBERS, 3, 4)
    path = tmp_path / "one"
    store = ValueStore.create(path, values.shape, 2, {"a": "mM"})
    for start in (0, 4):  # the block between them is never written
        members = range(start, min(start + 2, MEMBERS))
        store.write(members, values[:, members.start : members.stop])
        np.testing.assert_array_equal(store.read(members), values[:, start : members.stop])
    assert np.isnan(store.read(range(2, 4))).all()
    found = xr.open_zarr(path, chunks=None, consolidated=False)["value"].values
    np.testing.assert_array_equal(found[:, [0, 1, 4]], values[:, [0, 1, 4]])
    assert np.isnan(found[:, 2:4]).all()


def test_a_broken_block_is_named(arrays: NamedArrays, tmp_path: Path) -> None:
    write_arrays(tmp_path / "one", arrays)
    block = tmp_path / "one" / "value" / "0.0.0"
    block.write_bytes(block.read_bytes()[:-8])
    with pytest.raises(Foreign, match="value"):
        read_block(tmp_path / "one", "value", (0, 0, 0))
