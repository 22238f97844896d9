"""The kernel that comes out of compilation."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.compile.load import FUNCTIONS, Workspace
from glutarium.kernel import Sparsity
from glutarium.machine import Library

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from glutarium.compile.cache import Artifact
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["BuildRecord", "CompiledKernel"]


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """How a kernel came about.

    Attributes
    ----------
    key
        Content hash of the kernel.
    file
        Its file in the cache; None when it could not be stored.
    cached
        Whether it was found there.
    seconds
        Stage → time it took, s.
    """

    key: str
    file: Path | None
    cached: bool
    seconds: Mapping[str, float]


class CompiledKernel:
    """Machine code of one model; implements :class:`glutarium.kernel.Kernel`.

    Parameters are passed with every call and may be changed in place between calls: the code compares
    them with those of the call before and renews what it derived from them when they differ. Every
    thread works in arrays of its own. Pickling keeps the specification and the cache folder; the
    receiving process loads the code from the cache or compiles it.

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
    state_names, parameter_names, observable_names
        Ids in array order.
    sparsity
        Pattern of the Jacobian; the diagonal is always part of it.
    """

    def __init__(self, spec: ModelSpec, artifact: Artifact, record: BuildRecord) -> None:
        self.spec = spec
        self.record = record
        self.state_names = spec.state_ids
        self.parameter_names = spec.parameter_ids
        self.observable_names = tuple(o.id for o in spec.observables)
        self.sparsity = Sparsity(artifact.arrays["indptr"], artifact.arrays["indices"])
        self._library = Library(artifact.code, FUNCTIONS)
        n_states, n_parameters = len(self.state_names), len(self.parameter_names)
        outputs = (n_states, len(self.sparsity.indices), len(self.observable_names))
        self._sizes = (n_states, n_parameters, artifact.numbers["n_derived"], *outputs)
        self._local = threading.local()

    def _workspace(self) -> Workspace:
        try:
            return self._local.space  # type: ignore[no-any-return]
        except AttributeError:
            self._local.space = Workspace(self._library, self._sizes)
            return self._local.space  # type: ignore[no-any-return]

    def rhs(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write ``f(t, y, p)``, shape ``(n_states,)``, to ``out``."""
        space = self._workspace()
        space.y[:] = y
        space.p[:] = p
        space.call_rhs(t)
        out[:] = space.rates

    def jacobian(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the non-zeros of ``df/dy``, shape ``(nnz,)``, to ``out``."""
        space = self._workspace()
        space.y[:] = y
        space.p[:] = p
        space.call_jacobian(t)
        out[:] = space.jacobian

    def observe(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the observables, shape ``(n_observables,)``, to ``out``."""
        space = self._workspace()
        space.y[:] = y
        space.p[:] = p
        space.call_observe(t)
        out[:] = space.observables

    def address(self, name: str) -> int:
        """Address of ``prep``, ``rhs``, ``jacobian`` or ``observe`` for callers in machine code.

        See :mod:`glutarium.compile.emit` for the arguments.
        """
        return self._library.address(name)
