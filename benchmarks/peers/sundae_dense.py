"""scikit-sundae as in :mod:`benchmarks.peers.sundae`, with the dense linear solver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.sundae import _Sundae

if TYPE_CHECKING:
    from glutarium.model.spec import ModelSpec

__all__ = ["build"]


def build(spec: ModelSpec, sbml: str) -> _Sundae:
    return _Sundae(spec, dense=True)
