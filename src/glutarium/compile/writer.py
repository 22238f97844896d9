"""Writes LLVM assembly of vector code line by line, with numbered registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.compile.values import Lanes

__all__ = ["Writer"]


class Writer:
    """Collects the lines of one function with numbered registers.

    Parameters
    ----------
    lanes
        Value type.
    """

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.lines: list[str] = []
        self._count = 0

    def value(self, code: str) -> str:
        """Add an instruction and return the register of its result."""
        self._count += 1
        register = f"%v{self._count}"
        self.lines.append(f"  {register} = {code}")
        return register

    def pointer(self, array: str, index: int | str) -> str:
        """Address of an entry."""
        return self.value(f"getelementptr {self.lanes.type}, ptr %{array}, i64 {index}")

    def load(self, array: str, index: int | str) -> str:
        """Value of an entry."""
        return self.value(f"load {self.lanes.type}, ptr {self.pointer(array, index)}, align 8")

    def store(self, value: str, array: str, index: int | str) -> None:
        """Set an entry."""
        pointer = self.pointer(array, index)
        self.lines.append(f"  store {self.lanes.type} {value}, ptr {pointer}, align 8")

    def index(self, table: str, place: int | str) -> str:
        """Entry of a constant table of 32-bit indices."""
        pointer = self.value(f"getelementptr i32, ptr @{table}, i64 {place}")
        return self.value(f"zext i32 {self.value(f'load i32, ptr {pointer}')} to i64")

    def subtract_product(self, a: str, b: str, c: str) -> str:
        """``a - b * c`` with one rounding; ``b`` comes negated."""
        kind = self.lanes.type
        name = f"@llvm.fma.{self.lanes.suffix}"
        return self.value(f"call {kind} {name}({kind} {b}, {kind} {c}, {kind} {a})")

    def function(self, name: str, arguments: Sequence[str], returns: str = "  ret void") -> str:
        """Text of the function."""
        listed = ", ".join(f"ptr noalias %{a}" for a in arguments)
        head = f"define void @{name}({listed}) nounwind {{"
        return "\n".join([head, *self.lines, returns, "}", ""])
