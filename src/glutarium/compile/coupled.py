"""The elimination code for systems that share some of their states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.emit_coupled import COUPLED_FUNCTIONS
from glutarium.machine import Library

if TYPE_CHECKING:
    from glutarium.compile.cache import Artifact
    from glutarium.compile.compiled import BuildRecord
    from glutarium.kernel import IntArray

__all__ = ["CompiledCoupling"]


class CompiledCoupling:
    """Machine code that goes with a lane kernel; see :mod:`glutarium.compile.emit_coupled`.

    Implements :class:`glutarium.kernel.Coupling`.

    Parameters
    ----------
    shared
        States that systems have in common.
    artifact
        Object code with its tables.
    record
        How it was built.

    Attributes
    ----------
    shared, record
        As given.
    width, n_entries, positions, block
        As of the protocol.
    """

    def __init__(self, shared: tuple[str, ...], artifact: Artifact, record: BuildRecord) -> None:
        self.shared, self.record = shared, record
        self.width = artifact.numbers["width"]
        self.n_entries = artifact.numbers["n_entries"]
        self.positions: IntArray = artifact.arrays["positions"]
        self.block: IntArray = artifact.arrays["block"].reshape(len(shared), len(shared))
        self._library = Library(artifact.code, frozenset(COUPLED_FUNCTIONS))

    def address(self, name: str) -> int:
        """Address of a function."""
        return self._library.address(name)
