"""The kernel for many lanes that comes out of compilation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.emit_lanes import LANE_FUNCTIONS
from glutarium.machine import Library

if TYPE_CHECKING:
    from glutarium.compile.cache import Artifact
    from glutarium.compile.compiled import BuildRecord
    from glutarium.model.spec import ModelSpec

__all__ = ["CompiledLanes"]


class CompiledLanes:
    """Machine code of one model for lanes; implements :class:`glutarium.kernel.LaneKernel`.

    Pickling keeps the specification and the cache folder, as for
    :class:`~glutarium.compile.compiled.CompiledKernel`.

    Parameters
    ----------
    spec
        The specification.
    artifact
        Its object code.
    record
        How it was built.

    Attributes
    ----------
    spec, record
        As given.
    """

    def __init__(self, spec: ModelSpec, artifact: Artifact, record: BuildRecord) -> None:
        self.spec = spec
        self.record = record
        self.state_names = spec.state_ids
        self.parameter_names = spec.parameter_ids
        self.observable_names = tuple(o.id for o in spec.observables)
        self.width = artifact.numbers["width"]
        self.n_unknowns = artifact.numbers["n_unknowns"]
        self.n_derived = artifact.numbers["n_derived"]
        self.n_entries = artifact.numbers["n_entries"]
        self.time_dependent = bool(artifact.numbers["time_dependent"])
        functions = {*LANE_FUNCTIONS, *(["slope"] if self.time_dependent else [])}
        self._library = Library(artifact.code, frozenset(functions))

    def address(self, name: str) -> int:
        """Address of a function; see :mod:`glutarium.compile.emit_lanes` for the arguments."""
        return self._library.address(name)
