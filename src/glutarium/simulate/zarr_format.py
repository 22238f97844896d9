"""Zarr, version 2, as far as results need it: folders of JSON and raw blocks, written and read here.

What is written opens with every library for Zarr; loading one takes a third of a second, which a small run
does not have. What others have written, with their codecs and types, is read by xarray instead.
"""

from __future__ import annotations

import itertools
import json
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium.simulate.named import NamedArrays

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from glutarium.simulate.named import Plain

__all__ = ["Foreign", "begin_array", "read_arrays", "read_block", "write_arrays", "write_block"]

_ARRAY, _ATTRIBUTES, _GROUP = ".zarray", ".zattrs", ".zgroup"
_DIMENSIONS, _COORDINATES = "_ARRAY_DIMENSIONS", "coordinates"
"""Where xarray looks for names of dimensions and for what stands along them."""
_KINDS = "biufU"
_PACKED = "U"
"""Texts are packed: padded to the longest, they are mostly zeros. Numbers do not get smaller for the time."""
_LEVEL = 1
_CODEC = {"id": "zlib", "level": _LEVEL}


class Foreign(ValueError):
    """A store that other software wrote, or that is broken."""


def begin_array(
    folder: Path,
    name: str,
    values: tuple[tuple[str, ...], tuple[int, ...], np.dtype[Any]],
    attributes: Mapping[str, Any],
    block: Sequence[int] | None = None,
) -> None:
    """Say what an array of a store is like; its blocks follow.

    Parameters
    ----------
    folder
        The store.
    name
        Name of the array.
    values
        Dimensions, shape and type.
    attributes
        Metadata.
    block
        Shape of a block; the whole array by default.
    """
    dims, shape, kind = values
    if kind.kind not in _KINDS:
        message = f"{name} holds {kind}, which a result cannot keep"
        raise TypeError(message)
    about = {
        "shape": list(shape),
        "chunks": [max(1, n) for n in block or shape],
        "dtype": kind.str,
        "fill_value": "NaN" if kind.kind == "f" else None,
        "order": "C",
        "filters": None,
        "dimension_separator": ".",
        "compressor": _CODEC if kind.kind in _PACKED else None,
        "zarr_format": 2,
    }
    (folder / name).mkdir(parents=True, exist_ok=True)
    _write_json(folder / _GROUP, {"zarr_format": 2})
    _write_json(folder / name / _ARRAY, about)
    _write_json(folder / name / _ATTRIBUTES, {**attributes, _DIMENSIONS: list(dims)})


def write_block(folder: Path, name: str, place: Sequence[int], values: Plain) -> None:
    """Write a block; one that is cut off by the end of the array is filled up."""
    about = _read_json(folder / name / _ARRAY)
    missing = [(0, n - size) for n, size in zip(about["chunks"], values.shape, strict=True)]
    if any(after for _, after in missing):
        values = np.pad(values, missing, constant_values=np.nan if values.dtype.kind == "f" else 0)
    raw = np.ascontiguousarray(values, dtype=about["dtype"]).tobytes()
    path = folder / name / (".".join(str(i) for i in place) or "0")
    scratch = path.with_name(f"{path.name}.part")
    scratch.write_bytes(zlib.compress(raw, _LEVEL) if about["compressor"] else raw)
    scratch.replace(path)


def read_block(folder: Path, name: str, place: Sequence[int]) -> Plain:
    """Read a block with what fills it up; of one that is not there, all is filled up.

    Raises
    ------
    Foreign
        If the array is written in another way, or the block is broken.
    """
    about = _known(folder, name)
    kind, shape = np.dtype(about["dtype"]), tuple(about["chunks"])
    try:
        raw = (folder / name / (".".join(str(i) for i in place) or "0")).read_bytes()
        raw = zlib.decompress(raw) if about["compressor"] else raw
        return np.frombuffer(raw, dtype=kind).reshape(shape)
    except FileNotFoundError:
        return np.full(shape, np.nan if kind.kind == "f" else np.zeros((), kind), dtype=kind)
    except (ValueError, zlib.error) as error:
        message = f"block {place} of {name} in {folder} is broken"
        raise Foreign(message) from error


def write_arrays(folder: Path, arrays: NamedArrays) -> None:
    """Write arrays as a store, or add them to one."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / _GROUP, {"zarr_format": 2})
    beside = [name for name, (dims, *_) in arrays.coords.items() if dims != (name,)]
    listed = {_COORDINATES: " ".join(beside)} if beside else {}
    _write_json(folder / _ATTRIBUTES, {**arrays.attrs, **listed})
    for name in (*arrays.coords, *arrays):
        held = arrays[name]
        values = held.values.astype(str) if held.values.dtype.kind == "O" else held.values
        begin_array(folder, name, (held.dims, values.shape, values.dtype), held.attrs)
        if values.size:
            write_block(folder, name, [0] * values.ndim, values)


def read_arrays(folder: Path, limit: int) -> NamedArrays | None:
    """Read all arrays of a store; None if they are larger than ``limit`` bytes.

    Raises
    ------
    Foreign
        If there is no store, or one that was written in another way.
    """
    if not (folder / _GROUP).is_file():
        message = f"{folder} is no store"
        raise Foreign(message)
    attributes = _attributes(folder)
    names = sorted(path.parent.name for path in folder.glob(f"*/{_ARRAY}"))
    about = {name: _known(folder, name) for name in names}
    if sum(_bytes(a) for a in about.values()) > limit:
        return None
    variables: dict[str, Any] = {}
    coords: dict[str, Any] = {}
    beside = str(attributes.pop(_COORDINATES, "")).split()
    for name in names:
        own = _attributes(folder / name)
        dims = tuple(own.pop(_DIMENSIONS, ()))
        place = coords if dims == (name,) or name in beside else variables
        place[name] = dims, _whole(folder, name, about[name]), own
    return NamedArrays(variables, coords, attributes)


def _bytes(about: Mapping[str, Any]) -> int:
    return int(math.prod(about["shape"])) * int(np.dtype(about["dtype"]).itemsize)


def _whole(folder: Path, name: str, about: Mapping[str, Any]) -> Plain:
    shape, block = about["shape"], about["chunks"]
    counts = [range(-(-n // b)) for n, b in zip(shape, block, strict=True)]
    values = np.empty(shape, dtype=np.dtype(about["dtype"]))
    for place in itertools.product(*counts):
        inside = tuple(slice(i * b, (i + 1) * b) for i, b in zip(place, block, strict=True))
        part = values[inside]
        part[...] = read_block(folder, name, place)[tuple(slice(n) for n in part.shape)]
    return values


def _known(folder: Path, name: str) -> dict[str, Any]:
    """What an array is like, if it is one that is written here."""
    about = _read_json(folder / name / _ARRAY)
    kind = np.dtype(about.get("dtype", "O"))
    packed = about.get("compressor") in (None, _CODEC)
    plain = about.get("order") == "C" and not about.get("filters")
    separated = about.get("dimension_separator", ".") == "."
    if kind.kind not in _KINDS or not (packed and plain and separated):
        message = f"{name} in {folder} is written in another way"
        raise Foreign(message)
    return about


def _attributes(folder: Path) -> dict[str, Any]:
    path = folder / _ATTRIBUTES
    return _read_json(path) if path.exists() else {}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read"
        raise Foreign(message) from error
    if not isinstance(found, dict):
        message = f"{path} holds no table"
        raise Foreign(message)
    return found


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=1, default=_plain), encoding="utf-8")


def _plain(value: object) -> object:
    """A number or array of NumPy as JSON knows it."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    message = f"{value!r} cannot be kept beside a result"
    raise TypeError(message)
