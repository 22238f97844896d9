"""Other simulators behind one small interface: :class:`Peer`; one module each."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["NAMES", "Info", "Peer", "PeerError", "build"]

NAMES = {
    "roadrunner": "libRoadRunner",
    "amici": "AMICI",
    "copasi": "COPASI (basico)",
    "sundae": "scikit-sundae, sparse J",
    "sundae_dense": "scikit-sundae, dense J",
    "diffrax": "diffrax Kvaerno5",
}
_MODULES = {
    "roadrunner": "roadrunner",
    "amici": "amici",
    "copasi": "basico",
    "sundae": "sksundae",
    "sundae_dense": "sksundae",
    "diffrax": "diffrax",
}


class PeerError(Exception):
    """A peer could not do what was asked."""


@dataclass
class Info:
    """What a peer tells about a run: its steps, and its own clock where it has one, s."""

    steps: int | None = None
    solver_seconds: float | None = None


class Peer(Protocol):
    """A simulator that holds one compiled model."""

    def run(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array
    ) -> tuple[Array, Info]:
        """States at the times, shape ``(n_times, n_states)``; times start at zero, h."""


def build(name: str, spec: ModelSpec, sbml: str) -> Peer:
    """Compile a model in a peer.

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
    return importlib.import_module(f"benchmarks.peers.{name}").build(spec, sbml)  # type: ignore[no-any-return]
