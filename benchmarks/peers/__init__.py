"""Other simulators behind one small interface: :class:`Peer`; one module each."""

from __future__ import annotations

import importlib
import importlib.metadata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["NAMES", "Info", "Peer", "PeerError", "find", "version"]

NAMES = {
    "roadrunner": "libRoadRunner",
    "amici": "AMICI",
    "copasi": "COPASI (basico)",
    "sundae": "scikit-sundae",
    "diffrax": "diffrax",
}
_MODULES = {
    "roadrunner": "roadrunner",
    "amici": "amici",
    "copasi": "basico",
    "sundae": "sksundae",
    "diffrax": "diffrax",
}
_PACKAGES = {
    "roadrunner": "libroadrunner",
    "amici": "amici",
    "copasi": "copasi-basico",
    "sundae": "scikit-sundae",
    "diffrax": "diffrax",
}


class PeerError(Exception):
    """A peer could not do what was asked."""


@dataclass
class Info:
    """What a peer tells about a run: its steps, and its own clock where it has one, s."""

    steps: int | None = None
    solver_seconds: float | None = None


class Peer:
    """A simulator that holds one compiled model.

    Attributes
    ----------
    note
        What it does otherwise than asked.
    compiled
        How long compiling took, s, if that was another time; None to measure it.
    check
        Relative tolerance at which it shows first that it solves the same model.
    """

    note: str = ""
    check: float = 1e-7
    compiled: float | None = None

    def prepare(self, y0: Array, p: Array, times: Array, rtol: float, atol: Array) -> None:
        """Whatever comes before the first run at a tolerance; a run by default, to warm up."""
        self.run(y0, p, times, rtol, atol)

    def run(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array
    ) -> tuple[Array, Info]:
        """States at the times, shape ``(n_times, n_states)``; times start at zero, h."""
        raise NotImplementedError


def find(name: str) -> Callable[[ModelSpec, str], Peer]:
    """What compiles a specification with its SBML in a peer; its packages are imported here.

    Raises
    ------
    PeerError
        It is not installed.
    """
    try:
        importlib.import_module(_MODULES[name])
    except ImportError as reason:
        message = "not installed"
        raise PeerError(message) from reason
    return importlib.import_module(f"benchmarks.peers.{name}").build  # type: ignore[no-any-return]


def version(name: str) -> str:
    """Name and version of a peer's package."""
    try:
        return f"{NAMES[name]} {importlib.metadata.version(_PACKAGES[name])}"
    except importlib.metadata.PackageNotFoundError:
        return f"{NAMES[name]} not installed"
