"""LLVM assembly of one step of a Rosenbrock method for all lanes at once.

Every function takes one pointer: to the *block*, an array of addresses and sizes in the order of
:data:`SLOTS`. So the driver can call them without knowing their arguments, and nothing is allocated::

    prepare(block)      derived parameters of all lanes
    attempt(block)      one step: stages, new state, error and distance to the floor of every lane
    take_over(block)    new state of the lanes where ``taken`` is positive; ``new`` then holds the old one
    interpolate(block)  state within the last step at the share ``theta`` of it, into ``stage``
    observe(block)      observables of ``stage`` at ``t_out``

All lanes run the same instructions, so a lane's result depends neither on its neighbours nor on its place.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from glutarium.solve.methods import Method, Row

__all__ = [
    "SLOTS",
    "STEP_FUNCTIONS",
    "Code",
    "Step",
    "argument",
    "call_only",
    "finish",
    "first_side",
    "interpolate",
    "step_code",
]

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

STEP_FUNCTIONS = frozenset(("prepare", "attempt", "take_over", "interpolate", "observe"))
"""What step code offers; ``interpolate`` only with dense output."""


def step_code(method: Method, width: int, *, slopes: bool) -> str:
    """Write the step functions of a method.

    Parameters
    ----------
    method
        The method.
    width
        Lanes.
    slopes
        Whether the rates depend on time.
    """
    code = Code(width)
    parts = [code.declarations(), call_only(width, "prepare", "prep", ("p", "d"))]
    observed = ("t_out", "stage", "p", "d", "observed")
    parts.append(call_only(width, "observe", "observe", observed))
    parts += [_attempt(method, width, slopes=slopes), _take_over(method, width)]
    if method.dense:
        parts.append(interpolate(method, width))
    return "\n".join(parts)


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


class Step:
    """Pointers and values that one step uses.

    Parameters
    ----------
    code
        Where it is written.
    method
        The method.
    """

    def __init__(self, code: Code, method: Method) -> None:
        self.code, self.method = code, method
        self.n = code.slot("n_states", "i64")
        self.unknowns = code.slot("n_unknowns", "i64")
        names = ("y", "p", "d", "m", "stage", "new", "slopes")
        self.array = {name: code.slot(name) for name in names}
        k = code.slot("k")
        self.k = [
            code.at(k, code.value(f"mul i64 {self.unknowns}, {i}")) for i in range(method.stages)
        ]
        self.t, self.h = code.load(code.slot("t")), code.load(code.slot("h"))

    def stage_values(self, weights: Sequence[float], row: str) -> dict[int, str]:
        """Values of the stages that have a weight."""
        return {j: self.code.load(self.k[j], row) for j, w in enumerate(weights) if w != 0.0}


def _attempt(method: Method, width: int, *, slopes: bool) -> str:
    code = Code(width)
    step = Step(code, method)
    now = code.value(f"alloca {code.type}, align 64")
    shift = code.value(f"alloca {code.type}, align 64")
    functions = {f: code.slot(f) for f in ("add_rates", "matrix", "factorise", "solve", "slope")}
    point = [step.array[a] for a in ("p", "d")]
    inverse = code.binary("fdiv", code.constant(1.0), step.h)
    code.store(code.binary("fmul", code.constant(1.0 / method.gamma), inverse), shift)
    code.store(step.t, now)
    y, m = step.array["y"], step.array["m"]
    code.call(functions["matrix"], now, y, *point, step.k[0], m)
    code.call(functions["factorise"], m, shift)
    if slopes:
        code.call(functions["slope"], now, y, *point, step.array["slopes"])
    for i in range(method.stages):
        if i:
            argument(step, i, inverse, slopes=slopes)
            code.store(code.function("fma", code.constant(method.times[i]), step.h, step.t), now)
            code.call(functions["add_rates"], now, step.array["stage"], *point, step.k[i])
        else:
            first_side(step, slopes=slopes)
        code.call(functions["solve"], m, step.k[i])
    finish(step)
    return code.text("attempt")


def argument(step: Step, i: int, inverse: str, *, slopes: bool) -> None:
    """State at which stage ``i`` evaluates the rates; one that extends the one before only adds to it.

    The same sweep leaves in the stage what earlier ones and time contribute to its right-hand side, so
    that they are read once; the rates there are added to it.
    """
    code, a, c = step.code, step.method.a, step.method.c
    extends = i > 1 and a[i][: i - 1] == a[i - 1]
    weights = (*[0.0] * (i - 1), a[i][i - 1]) if extends else a[i]

    def body(row: str) -> list[str]:
        values = step.stage_values([wa or wc for wa, wc in zip(weights, c[i], strict=True)], row)
        start = code.load(step.array["stage" if extends else "y"], row)
        code.store(code.weighted(_paired(weights, values), start), step.array["stage"], row)
        side = code.weighted(_paired(c[i], values))
        if any(c[i]):
            side = code.binary("fmul", side, inverse)
        code.store(_along_time(step, i, side, row, slopes=slopes), step.k[i], row)
        return []

    code.loop(0, step.n, body)
    _clear_cuts(step, i)


def first_side(step: Step, *, slopes: bool) -> None:
    """Right-hand side of the first stage, in which the rates stand."""
    code = step.code

    def body(row: str) -> list[str]:
        side = _along_time(step, 0, code.load(step.k[0], row), row, slopes=slopes)
        code.store(side, step.k[0], row)
        return []

    if slopes:
        code.loop(0, step.n, body)
    _clear_cuts(step, 0)


def _paired(weights: Row, values: Mapping[int, str]) -> list[tuple[float, str]]:
    return [(w, values[j]) for j, w in enumerate(weights) if w != 0.0]


def _along_time(step: Step, i: int, side: str, row: str, *, slopes: bool) -> str:
    """A right-hand side with what the time derivative of the rates adds."""
    code = step.code
    if not slopes or step.method.slopes[i] == 0.0:
        return side
    weight = code.binary("fmul", code.constant(step.method.slopes[i]), step.h)
    return code.function("fma", weight, code.load(step.array["slopes"], row), side)


def _clear_cuts(step: Step, i: int) -> None:
    """Cuts have nothing on their right-hand side."""
    code = step.code

    def clear(row: str) -> list[str]:
        code.store(code.constant(0.0), step.k[i], row)
        return []

    # one row more than there are cuts: the loop is never empty, the arrays are that long
    code.loop(step.n, code.value(f"add i64 {step.unknowns}, 1"), clear)


def finish(step: Step) -> None:
    """New state, error norm and the least distance of a pool to its floor.

    One that starts below its floor, by round-off, has its start as floor: it may only rise.
    """
    code = step.code
    rtol, atol, floor = (code.slot(s) for s in ("rtol", "atol", "floor"))
    relative = code.splat(rtol, 0)

    def body(row: str, squares: str, room: str) -> list[str]:
        change = code.load(step.k[-1], row)
        new = code.binary("fadd", code.load(step.array["stage"], row), change)
        code.store(new, step.array["new"], row)
        old = code.load(step.array["y"], row)
        size = code.function("maxnum", code.function("fabs", old), code.function("fabs", new))
        scale = code.function("fma", relative, size, code.splat(atol, row))
        share = code.binary("fdiv", change, scale)
        least = code.function("minnum", code.splat(floor, row), old)
        low = code.binary("fsub", new, least)
        return [code.function("fma", share, share, squares), code.function("minnum", room, low)]

    start = [code.constant(0.0), code.constant(float("inf"))]
    squares, room = code.loop(0, step.n, body, start)
    count = code.value(f"uitofp i64 {step.n} to double")
    place = code.value("alloca double")
    code.do(f"store double {count}, ptr {place}")
    mean = code.binary("fdiv", squares, code.splat(place, 0))
    code.store(code.function("sqrt", mean), code.slot("error"))
    code.store(room, code.slot("room"))


def _take_over(method: Method, width: int) -> str:
    code = Code(width)
    step = Step(code, method)
    taken = code.load(code.slot("taken"))
    kind = "i1" if width == 1 else f"<{width} x i1>"
    flag = code.value(f"fcmp ogt {code.type} {taken}, {code.constant(0.0)}")

    def body(row: str) -> list[str]:
        old, new = (code.load(step.array[a], row) for a in ("y", "new"))
        for array, one, other in (("y", new, old), ("new", old, new)):
            chosen = f"select {kind} {flag}, {code.type} {one}, {code.type} {other}"
            code.store(code.value(chosen), step.array[array], row)
        return []

    code.loop(0, step.n, body)
    return code.text("take_over")


def interpolate(method: Method, width: int) -> str:
    """``(1-s) y + s (new + (1-s) (d1 + s (d2 + s d3)))`` with ``s = theta``."""
    code = Code(width)
    step = Step(code, method)
    s = code.load(code.slot("theta"))
    rest = code.binary("fsub", code.constant(1.0), s)

    def body(row: str) -> list[str]:
        values = [code.load(k, row) for k in step.k]
        inner: str | None = None
        for weights in reversed(method.dense):
            total = code.weighted(list(zip(weights, values, strict=True)))
            inner = total if inner is None else code.function("fma", s, inner, total)
        assert inner is not None  # there is dense output
        outer = code.function("fma", rest, inner, code.load(step.array["new"], row))
        first = code.binary("fmul", rest, code.load(step.array["y"], row))
        code.store(code.function("fma", s, outer, first), step.array["stage"], row)
        return []

    code.loop(0, step.n, body)
    return code.text("interpolate")
