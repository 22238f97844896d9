"""What an elementary metabolite unit is, and what makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Emu", "Inflow"]


class Emu(NamedTuple):
    """Some atoms of one pool, in rising order."""

    pool: str
    atoms: tuple[int, ...]


Inflow: TypeAlias = "Mapping[tuple[int, tuple[Emu, ...]], float]"
"""What makes an EMU: flux and sources → molecules made per turnover."""
