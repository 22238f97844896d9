"""From a specification to a kernel, in five stages.

=====  =============  ==================  ==================  =========================================
stage  module         takes               gives               does
=====  =============  ==================  ==================  =========================================
1      analyse        ``ModelSpec``       ``Analysis``        checks names, numbers them
2      lower          ``Analysis``        ``Lowered``         writes all expressions into one graph
3      differentiate  ``Lowered``         ``Differentiated``  adds the sparse Jacobian to the graph
4      emit           ``Differentiated``  ``Source``          writes LLVM assembly
5      load           ``Source``          ``CompiledKernel``  assembles it and makes it callable
=====  =============  ==================  ==================  =========================================

That is the scalar kernel, the reference. The kernel for lanes takes another way from stage 3 on: the
Jacobian keeps shared quantities as unknowns (bordered), its factors get a fixed pattern (factor), reciprocals
of the rates share divisions (shared_division), and vector code is written for all of it (emit_lanes).

:mod:`glutarium.compile.dump` shows what each stage made. When the cache holds the kernel, only the
loading is left to do.
"""

from __future__ import annotations

import copyreg
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from glutarium.compile.analyse import analyse
from glutarium.compile.bordered import border
from glutarium.compile.cache import (
    Artifact,
    file_of,
    find,
    keep_source,
    key_of,
    store,
)
from glutarium.compile.compiled import BuildRecord, CompiledKernel
from glutarium.compile.conserved import lane_storage
from glutarium.compile.coupled import CompiledCoupling
from glutarium.compile.differentiate import differentiate
from glutarium.compile.emit import Lanes, emit
from glutarium.compile.emit_coupled import emit_coupled
from glutarium.compile.emit_lanes import emit_lanes
from glutarium.compile.factor import factors
from glutarium.compile.lanes import CompiledLanes
from glutarium.compile.lower import lower
from glutarium.compile.storage import Storage
from glutarium.errors import CompileError
from glutarium.kept import cache_folder
from glutarium.machine import object_code, target_name, vector_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from glutarium.compile.emit import Source
    from glutarium.model.spec import ModelSpec

    _Builder = Callable[[ModelSpec, Path | None, str, "_Watch"], Artifact]

__all__ = ["compile_coupling", "compile_lanes", "compile_spec", "is_cached"]


def compile_spec(spec: ModelSpec, *, cache: Path | None = None) -> CompiledKernel:
    """Compile a specification, or load its kernel from the cache.

    Parameters
    ----------
    spec
        The specification. Values of parameters and initial states do not count for the cache.
    cache
        Folder of compiled kernels; see :mod:`glutarium.kept` for the default.

    Returns
    -------
    CompiledKernel
        The kernel; its ``record`` tells the time of each stage.

    Raises
    ------
    CompileError
        The specification is inconsistent, or LLVM refused the generated code; the message then
        names the file that keeps it.
    """
    artifact, record, watch = _found_or_built(spec, cache, "scalar", _build)
    with watch("load"):
        return CompiledKernel(spec, artifact, record)


def compile_lanes(
    spec: ModelSpec, *, cache: Path | None = None, width: int | None = None
) -> CompiledLanes:
    """Compile a specification for many lanes, or load its kernel from the cache.

    Parameters
    ----------
    spec, cache
        As of :func:`compile_spec`.
    width
        Lanes; what fills this processor's registers by default. For a few systems at a time a narrower
        kernel is faster, see :func:`~glutarium.machine.fitting_width`.

    Returns
    -------
    CompiledLanes
        The kernel; its ``record`` tells the time of each stage.

    Raises
    ------
    CompileError
        As of :func:`compile_spec`.
    """
    lanes = Lanes(width or vector_width(), own_math=True)
    build = partial(_build_lanes, lanes)
    artifact, record, watch = _found_or_built(spec, cache, _lanes(lanes.width), build)
    with watch("load"):
        return CompiledLanes(spec, artifact, record)


def compile_coupling(
    spec: ModelSpec, shared: tuple[str, ...], *, cache: Path | None = None, width: int | None = None
) -> CompiledCoupling:
    """Compile the elimination of all that systems of one model do not share, or load it.

    It works on the matrix of the lane kernel of the same specification and width.

    Parameters
    ----------
    spec, cache, width
        As of :func:`compile_lanes`.
    shared
        States that systems have in common, such as the species of their medium.

    Raises
    ------
    CompileError
        As of :func:`compile_lanes`, or the model has no such state.
    """
    lanes = Lanes(width or vector_width(), own_math=True)
    build = partial(_build_coupling, lanes, shared)
    kind = f"coupled {lanes.width} {' '.join(shared)}"
    artifact, record, watch = _found_or_built(spec, cache, kind, build)
    with watch("load"):
        return CompiledCoupling(shared, artifact, record)


def is_cached(spec: ModelSpec, *, cache: Path | None = None, width: int | None = None) -> bool:
    """Tell whether :func:`compile_lanes` would find the kernel instead of compiling it."""
    file = file_of(cache_folder(cache), _key(spec, _lanes(width or vector_width())))
    return file is not None and file.exists()


def _lanes(width: int) -> str:
    return f"lanes {width}"


def _key(spec: ModelSpec, kind: str) -> str:
    return key_of(spec.structure_hash(), f"{target_name()} {kind}")


def _found_or_built(
    spec: ModelSpec, cache: Path | None, kind: str, build: _Builder
) -> tuple[Artifact, BuildRecord, _Watch]:
    folder = cache_folder(cache)
    watch = _Watch()
    with watch("key"):
        key = _key(spec, kind)
    with watch("find"):
        artifact = find(folder, key)
    cached = artifact is not None
    if artifact is None:
        artifact = build(spec, folder, key, watch)
        file = store(folder, key, artifact)
    else:
        file = file_of(folder, key)
    return artifact, BuildRecord(key, file, cached, watch.seconds), watch


def _build_lanes(
    lanes: Lanes, spec: ModelSpec, folder: Path | None, key: str, watch: _Watch
) -> Artifact:
    with watch("analyse"):
        analysis = analyse(spec)
    with watch("lower"):
        lowered = lower(analysis)
    with watch("border"):
        model = border(lowered)
    with watch("factor"):
        storage = lane_storage(model)
    with watch("emit"):
        source = emit_lanes(model, storage, lanes)
    with watch("assemble"):
        code = _assemble(source, spec.name, folder, key)
    numbers = {
        "width": lanes.width,
        "n_unknowns": model.n_unknowns,
        "n_derived": source.n_derived,
        "n_entries": storage.n_entries,
        "time_dependent": int(bool(model.slopes)),
    }
    places = [(i, j, storage.slots[i, j]) for i, j in model.entries]
    columns = np.array(places, dtype=np.int32).reshape(-1, 3).T  # a constant rate has no entry
    arrays = dict(zip(("rows", "columns", "slots"), columns, strict=True))
    return Artifact(code, arrays, numbers)


def _build_coupling(  # noqa: PLR0917 - the first two are bound, the others are those of every builder
    lanes: Lanes,
    shared: tuple[str, ...],
    spec: ModelSpec,
    folder: Path | None,
    key: str,
    watch: _Watch,
) -> Artifact:
    with watch("analyse"):
        analysis = analyse(spec)
    missing = [name for name in shared if name not in analysis.state_index]
    if missing:
        message = f"Model {spec.name!r} has no state {missing[0]!r} that systems could share."
        raise CompileError(message)
    positions = [analysis.state_index[name] for name in shared]
    with watch("border"):
        model = border(lower(analysis))
    with watch("factor"):
        whole = lane_storage(model)
        apart = Storage(factors(model.entries, model.n_unknowns, positions))
    with watch("emit"):
        source = emit_coupled(model, whole, apart, lanes)
    with watch("assemble"):
        code = _assemble(source, spec.name, folder, key)
    slots = apart.slots
    block = np.array([[slots[i, j] for j in positions] for i in positions], dtype=np.int32)
    arrays = {"positions": np.array(positions, dtype=np.int32), "block": block.ravel()}
    return Artifact(code, arrays, {"width": lanes.width, "n_entries": apart.pattern.n_entries})


def _build(spec: ModelSpec, folder: Path | None, key: str, watch: _Watch) -> Artifact:
    with watch("analyse"):
        analysis = analyse(spec)
    with watch("lower"):
        lowered = lower(analysis)
    with watch("differentiate"):
        model = differentiate(lowered)
    with watch("emit"):
        source = emit(model)
    with watch("assemble"):
        code = _assemble(source, spec.name, folder, key)
    arrays = {"indptr": model.sparsity.indptr, "indices": model.sparsity.indices}
    return Artifact(code, arrays, {"n_derived": source.n_derived})


def _assemble(source: Source, name: str, folder: Path | None, key: str) -> bytes:
    """Assemble; keep the text for a report when that fails."""
    try:
        return object_code(source.text)
    except CompileError as error:
        file = keep_source(folder, key, source.text)
        message = (
            f"Model {name!r} could not be compiled. {error.message} The code is kept in {file}; "
            "please report it together with the model."
        )
        raise CompileError(message) from error


class _Watch:
    """Collects the time of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time what happens inside the block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = time.perf_counter() - start


def _reduce(kernel: CompiledKernel) -> tuple[Callable[..., CompiledKernel], tuple[object, ...]]:
    file = kernel.record.file
    return _rebuild, (kernel.spec, file.parent if file else None)


def _rebuild(spec: ModelSpec, folder: Path | None) -> CompiledKernel:
    return compile_spec(spec, cache=folder)


def _reduce_lanes(kernel: CompiledLanes) -> tuple[Callable[..., CompiledLanes], tuple[object, ...]]:
    file = kernel.record.file
    return _rebuild_lanes, (kernel.spec, file.parent if file else None, kernel.width)


def _rebuild_lanes(spec: ModelSpec, folder: Path | None, width: int) -> CompiledLanes:
    return compile_lanes(spec, cache=folder, width=width)


copyreg.pickle(CompiledKernel, _reduce)  # machine code does not travel: it is rebuilt on arrival
copyreg.pickle(CompiledLanes, _reduce_lanes)
