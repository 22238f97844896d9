"""Writes LLVM assembly of functions of one pointer: to the *block*, an array of addresses and sizes.

The driver can call them without knowing their arguments, and nothing is allocated.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["SLOTS", "Code", "call_only"]

SLOTS = (
    # sizes
    "n_states",
    "n_unknowns",
    # functions of the model
    "prep",
    "add_rates",
    "matrix",
    "slope",
    "observe",
    "factorise",
    "solve",
    # one value per lane
    "t",
    "h",
    "error",
    "room",
    "theta",
    "t_out",
    "taken",
    # one vector per lane
    "y",
    "p",
    "d",
    "m",
    "k",
    "stage",
    "new",
    "slopes",
    "observed",
    # one value per state, the same for all lanes
    "rtol",
    "atol",
    "floor",
)
"""What stands in the block."""


class Code:
    """Collects the lines of one function.

    Parameters
    ----------
    width
        Lanes.
    slots
        What stands in the block.
    """

    def __init__(self, width: int, slots: Sequence[str] = SLOTS) -> None:
        self._slots = slots
        self.type = "double" if width == 1 else f"<{width} x double>"
        self.suffix = "f64" if width == 1 else f"v{width}f64"
        self._width = width
        self._lines: list[str] = []
        self._count = 0
        self._label = "entry"

    def declarations(self) -> str:
        """Intrinsics that all functions use."""
        two, one = f"({self.type}, {self.type})", f"({self.type})"
        return "\n".join(
            [
                f"declare {self.type} @llvm.fma.{self.suffix}({self.type}, {self.type}, {self.type})",
                *(
                    f"declare {self.type} @llvm.{f}.{self.suffix}{two}"
                    for f in ("maxnum", "minnum")
                ),
                *(f"declare {self.type} @llvm.{f}.{self.suffix}{one}" for f in ("fabs", "sqrt")),
                "",
            ]
        )

    def constant(self, value: float) -> str:
        """Literal in all lanes."""
        bits = f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"
        return bits if self._width == 1 else f"splat (double {bits})"

    def value(self, code: str) -> str:
        """Add an instruction and return its register."""
        self._count += 1
        self._lines.append(f"  %v{self._count} = {code}")
        return f"%v{self._count}"

    def do(self, line: str) -> None:
        """Add a line."""
        self._lines.append(f"  {line}")

    def slot(self, name: str, kind: str = "ptr") -> str:
        """What stands in the block."""
        place = self.value(f"getelementptr i64, ptr %block, i64 {self._slots.index(name)}")
        return self.value(f"load {kind}, ptr {place}")

    def at(self, array: str, index: str | int) -> str:
        """Address of a vector."""
        return self.value(f"getelementptr {self.type}, ptr {array}, i64 {index}")

    def load(self, array: str, index: str | int = 0) -> str:
        """A vector."""
        return self.value(f"load {self.type}, ptr {self.at(array, index)}, align 8")

    def store(self, value: str, array: str, index: str | int = 0) -> None:
        """Set a vector."""
        self.do(f"store {self.type} {value}, ptr {self.at(array, index)}, align 8")

    def splat(self, array: str, index: str | int) -> str:
        """One number of an array in all lanes."""
        place = self.value(f"getelementptr double, ptr {array}, i64 {index}")
        value = self.value(f"load double, ptr {place}")
        if self._width == 1:
            return value
        first = self.value(f"insertelement {self.type} poison, double {value}, i64 0")
        mask = f"<{self._width} x i32> zeroinitializer"
        return self.value(f"shufflevector {self.type} {first}, {self.type} poison, {mask}")

    def binary(self, op: str, a: str, b: str) -> str:
        """``fadd``, ``fsub``, ``fmul`` or ``fdiv``."""
        return self.value(f"{op} {self.type} {a}, {b}")

    def function(self, name: str, *args: str) -> str:
        """One of the declared intrinsics."""
        listed = ", ".join(f"{self.type} {a}" for a in args)
        return self.value(f"call {self.type} @llvm.{name}.{self.suffix}({listed})")

    def weighted(self, terms: Sequence[tuple[float, str]], start: str | None = None) -> str:
        """Return ``start + sum(weight * value)``; weights of zero are left out, ones only added."""
        total = start
        for weight, value in terms:
            if weight == 0.0:
                continue
            if total is None:
                total = self.binary("fmul", self.constant(weight), value)
            elif weight == 1.0:
                total = self.binary("fadd", total, value)
            else:
                total = self.function("fma", self.constant(weight), value, total)
        return self.constant(0.0) if total is None else total

    def call(self, function: str, *arguments: str) -> None:
        """Call a function of the model."""
        self.do(f"call void {function}({', '.join(f'ptr {a}' for a in arguments)})")

    def loop(
        self,
        first: str | int,
        last: str,
        body: Callable[..., Sequence[str]],
        carried: Sequence[str] = (),
    ) -> list[str]:
        """Run ``body(index, *carried)`` for a range that is not empty; carried values go round."""
        self._count += 1
        name = f"loop{self._count}"
        before, entry = len(self._lines), self._label
        inside = [f"%{name}.c{i}" for i in range(len(carried))]
        outside = body(f"%{name}.i", *inside)
        head = [f"  br label %{name}", f"{name}:"]
        head.append(f"  %{name}.i = phi i64 [{first}, %{entry}], [%{name}.n, %{name}]")
        for register, start, after in zip(inside, carried, outside, strict=True):
            head.append(f"  {register} = phi {self.type} [{start}, %{entry}], [{after}, %{name}]")
        self._lines[before:before] = head
        self.do(f"%{name}.n = add i64 %{name}.i, 1")
        self.do(f"%{name}.m = icmp ult i64 %{name}.n, {last}")
        self.do(f"br i1 %{name}.m, label %{name}, label %{name}.end")
        self._lines.append(f"{name}.end:")
        self._label = f"{name}.end"
        return list(outside)

    def text(self, name: str) -> str:
        """The function."""
        head = f"define void @{name}(ptr %block) nounwind {{\nentry:"
        return "\n".join([head, *self._lines, "  ret void", "}", ""])


def call_only(width: int, name: str, function: str, arguments: Sequence[str]) -> str:
    """Write a function that calls one of the model with arrays of the block."""
    code = Code(width)
    code.call(code.slot(function), *(code.slot(a) for a in arguments))
    return code.text(name)
