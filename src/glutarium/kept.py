"""What takes long to make and can be made again, kept on disk: the one home of every cache.

A thing is found by a name and the hash of all that it is made from, so what has changed is never found.
It is written beside its place and moved there, so several processes may share a folder; it is kept with
a hash of itself, and what is damaged counts as absent. Nothing is lost with the folder but time.

The folder is ``$GLUTARIUM_CACHE``, or the user's cache folder of the platform. Set ``GLUTARIUM_CACHE=off``
to keep nothing. It holds machine code and objects that are run when they are read: keep it where only
its owner can write.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
import tempfile
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from glutarium._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["cache_folder", "kept", "program", "write_whole"]

T = TypeVar("T")

PACKAGE = Path(__file__).parent
SOURCES = {".py", ".tsv", ".npz"}

_SUM = hashlib.sha256().digest_size
_NEWEST = 8  # things of one name that stay; every change of the program makes another one


def cache_folder(chosen: Path | None = None) -> Path | None:
    """Folder to use: the chosen one, ``$GLUTARIUM_CACHE`` or the platform's; None for no cache."""
    if chosen is not None:
        return chosen
    named = os.environ.get("GLUTARIUM_CACHE", "")
    if named.lower() == "off":
        return None
    return Path(named).expanduser() if named else _platform_folder() / "glutarium" / "kernels"


def _platform_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


@cache
def program() -> str:
    """Version and hash of code, tables and ensemble, so that a changed program is another one."""
    digest = hashlib.sha256()
    for path in sorted(p for p in PACKAGE.rglob("*") if p.suffix in SOURCES):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return f"{__version__} ({digest.hexdigest()[:12]})"


def kept(name: str, key: str, make: Callable[[], T]) -> T:
    """Return what was kept under a name and key; make and keep it where there is none.

    Parameters
    ----------
    name
        What it is, a word; the newest few of a name stay on disk.
    key
        Everything that it depends on, as text: a value, or a hash of what is large.
    make
        Makes it. What it returns must be equal each time for one key, and can be pickled.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    what = f"{name}\n{key}\n{sys.version}\n{__version__}"
    path = folder / f"{hashlib.sha256(what.encode()).hexdigest()[:40]}.{name}"
    found = _read(path)
    if found is not None:
        return found[0]  # type: ignore[no-any-return]
    made = make()
    _keep(path, made)
    return made


def _read(path: Path) -> tuple[Any] | None:
    try:
        data = path.read_bytes()
        if hashlib.sha256(data[_SUM:]).digest() != data[:_SUM]:
            return None
        return (pickle.loads(data[_SUM:]),)
    except (OSError, pickle.UnpicklingError, AttributeError, ImportError, TypeError, ValueError):
        return None  # absent, unreadable, or of classes that are no more


def _keep(path: Path, made: object) -> None:
    """Write a thing and forget the oldest of its kind; a cache that cannot be written is no cache."""
    stream = io.BytesIO()
    _Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(made)
    data = stream.getvalue()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, hashlib.sha256(data).digest() + data)
        alike = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda p: -p.stat().st_mtime)
        for old in alike[_NEWEST:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return path


class _Pickler(pickle.Pickler):
    """Knows read-only views of mappings, which Python does not pickle, and is quick with small values."""

    def reducer_override(self, thing: object) -> Any:  # noqa: ANN401
        """How to make a thing again."""
        if type(thing) is MappingProxyType:
            return _view, (dict(thing),)
        names = _places(cast("Hashable", type(thing)))
        if names is None:
            return NotImplemented
        return type(thing), tuple(getattr(thing, name) for name in names)


@cache
def _places(kind: type[Any]) -> tuple[str, ...] | None:
    """Arguments of a data class with slots, which Python would read field by field; None for others."""
    if not is_dataclass(kind) or "__slots__" not in vars(kind):
        return None
    parts = fields(kind)
    return tuple(f.name for f in parts) if all(f.init and not f.kw_only for f in parts) else None


def _view(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)
