"""The value type of generated code: how many numbers one instruction takes."""

from __future__ import annotations

import struct
from dataclasses import dataclass

__all__ = ["Lanes"]


@dataclass(frozen=True, slots=True)
class Lanes:
    """The value type of the generated code.

    Attributes
    ----------
    width
        Number of models that one call advances side by side.
    own_math
        Whether exponentials, logarithms and powers are those of
        :mod:`glutarium.compile.vector_math` instead of the C library's.
    """

    width: int = 1
    own_math: bool = False

    @property
    def type(self) -> str:
        """LLVM type of one value."""
        return "double" if self.width == 1 else f"<{self.width} x double>"

    @property
    def flag(self) -> str:
        """LLVM type of one truth value."""
        return "i1" if self.width == 1 else f"<{self.width} x i1>"

    @property
    def suffix(self) -> str:
        """Suffix of overloaded intrinsics."""
        return "f64" if self.width == 1 else f"v{self.width}f64"

    def function(self, name: str) -> str:
        """Name of ``exp``, ``log`` or ``pow``."""
        return f"@lanes_{name}" if self.own_math else f"@llvm.{name}.{self.suffix}"

    def constant(self, value: float) -> str:
        """Return a literal in all lanes, written bit by bit."""
        bits = f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"
        return bits if self.width == 1 else f"splat (double {bits})"
