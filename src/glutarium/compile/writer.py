"""Writes LLVM assembly of vector code line by line, with numbered registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.compile.values import Lanes

__all__ = ["BYTES", "Writer", "table"]

BYTES = 8
"""Of a number in one lane."""


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
        self._label = "entry"

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

    def offset(self, array: str, table: str, place: int | str) -> str:
        """Address of the entry whose offset in bytes stands in a table."""
        return self.value(f"getelementptr i8, ptr %{array}, i64 {self.index(table, place)}")

    def at(self, pointer: str) -> str:
        """Value at an address."""
        return self.value(f"load {self.lanes.type}, ptr {pointer}, align 8")

    def put(self, value: str, pointer: str) -> None:
        """Set the value at an address."""
        self.lines.append(f"  store {self.lanes.type} {value}, ptr {pointer}, align 8")

    def add(self, a: int | str, b: int | str) -> str:
        """Sum of two indices."""
        return self.value(f"add i64 {a}, {b}")

    def times(self, a: str, b: str) -> str:
        """Product of two values."""
        return self.value(f"fmul {self.lanes.type} {a}, {b}")

    def inverse(self, a: str) -> str:
        """One over a value."""
        return self.value(f"fdiv {self.lanes.type} {self.lanes.constant(1.0)}, {a}")

    def minus(self, a: str) -> str:
        """A value with the other sign."""
        return self.value(f"fneg {self.lanes.type} {a}")

    def subtract_product(self, a: str, b: str, c: str) -> str:
        """``a - b * c`` with one rounding; ``b`` comes negated."""
        kind = self.lanes.type
        name = f"@llvm.fma.{self.lanes.suffix}"
        return self.value(f"call {kind} {name}({kind} {b}, {kind} {c}, {kind} {a})")

    def loop(
        self,
        name: str,
        first: int | str,
        last: int | str,
        body: Callable[..., Sequence[str]],
        *carried: str,
        step: int = 1,
        kind: str | None = None,
    ) -> list[str]:
        """Repeat while the index is below ``last``, maybe never.

        Parameters
        ----------
        name
            Of the loop, once per function.
        first, last, step
            Of the index.
        body
            Called with the registers of the index and of what is carried from round to round; returns
            the new values of the latter.
        carried
            Their starts.
        kind
            Their type; that of values by default.

        Returns
        -------
        list
            Registers of what is carried, after the loop.
        """
        kind, entry = kind or self.lanes.type, self._label
        any_ = self.value(f"icmp ult i64 {first}, {last}")
        self.lines += [f"  br i1 {any_}, label %{name}, label %{name}.end", f"{name}:"]
        at, self._label = len(self.lines), name
        inside = [f"%{name}.c{n}" for n in range(len(carried))]
        found = body(f"%{name}.i", *inside)
        back = self._label
        head = [f"  %{name}.i = phi i64 [{first}, %{entry}], [%{name}.n, %{back}]"]
        for register, start, new in zip(inside, carried, found, strict=True):
            head.append(f"  {register} = phi {kind} [{start}, %{entry}], [{new}, %{back}]")
        self.lines[at:at] = head
        self.lines += [
            f"  %{name}.n = add i64 %{name}.i, {step}",
            f"  %{name}.m = icmp ult i64 %{name}.n, {last}",
            f"  br i1 %{name}.m, label %{name}, label %{name}.end",
            f"{name}.end:",
        ]
        self._label = f"{name}.end"
        after = []
        for n, (start, new) in enumerate(zip(carried, found, strict=True)):
            after.append(f"%{name}.e{n}")
            self.lines.append(f"  {after[-1]} = phi {kind} [{start}, %{entry}], [{new}, %{back}]")
        return after

    def function(self, name: str, arguments: Sequence[str]) -> str:
        """Text of the function."""
        listed = ", ".join(f"ptr noalias %{a}" for a in arguments)
        head = f"define void @{name}({listed}) nounwind {{\nentry:"
        return "\n".join([head, *self.lines, "  ret void", "}", ""])


def table(name: str, values: Sequence[int]) -> str:
    """A constant table of 32-bit indices."""
    listed = ", ".join(f"i32 {v}" for v in values) or "i32 0"
    return f"@{name} = private unnamed_addr constant [{max(len(values), 1)} x i32] [{listed}]\n"
