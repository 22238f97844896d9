"""Compiled kernels on disk, found by the hash of everything that shapes them.

One file holds one kernel: the object code and the pattern of its arrays, in a zip container. Where the
folder is and how files are written says :mod:`glutarium.kept`.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glutarium.kept import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import IntArray

__all__ = ["Artifact", "file_of", "find", "keep_source", "key_of", "store"]

_ARRAY = "array-"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled model without its names: what the cache stores.

    Attributes
    ----------
    code
        Relocatable object code.
    arrays
        Name → table of indices, such as the pattern of the Jacobian.
    numbers
        Name → size of an array.
    """

    code: bytes
    arrays: Mapping[str, IntArray]
    numbers: Mapping[str, int]


def key_of(structure: str, target: str) -> str:
    """Hash of a model structure, a target machine and the code that translates between them."""
    parts = (structure, target, _generator())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


@functools.cache
def _generator() -> str:
    """Hash of this room's own source, so that a changed generator finds no stale kernels."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def file_of(folder: Path | None, key: str) -> Path | None:
    """Where a kernel is stored."""
    return None if folder is None else folder / f"{key}.kernel"


def find(folder: Path | None, key: str) -> Artifact | None:
    """Return the stored kernel, or None when there is none that can be read."""
    path = file_of(folder, key)
    if path is None:
        return None
    try:
        with zipfile.ZipFile(path) as file:
            names = [name for name in file.namelist() if name.startswith(_ARRAY)]
            arrays = {
                name.removeprefix(_ARRAY): np.frombuffer(file.read(name), dtype=np.int32)
                for name in names
            }
            return Artifact(file.read("code"), arrays, json.loads(file.read("numbers")))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def store(folder: Path | None, key: str, artifact: Artifact) -> Path | None:
    """Store a kernel; return its file, or None when the folder cannot be written."""
    path = file_of(folder, key)
    if path is None:
        return None
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("code", artifact.code)
        file.writestr("numbers", json.dumps(dict(artifact.numbers)))
        for name, values in artifact.arrays.items():
            file.writestr(f"{_ARRAY}{name}", np.asarray(values, dtype=np.int32).tobytes())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_whole(path, buffer.getvalue())
    except OSError:  # a read-only home must not stop a run; the next one compiles again
        return None


def keep_source(folder: Path | None, key: str, text: str) -> Path:
    """Keep generated code that could not be compiled, for a bug report; return its file."""
    target = folder or Path(tempfile.gettempdir()) / "glutarium"
    target.mkdir(parents=True, exist_ok=True)
    return write_whole(target / f"failed-{key}.ll", text.encode())
