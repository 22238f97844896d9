"""Exponential, logarithm and power for several lanes at once, as LLVM assembly.

LLVM would call the scalar library once per lane. These follow the textbook recipe: split off a power of
two exactly, and sum a series on what is left. Every lane goes through the same instructions, so a lane's
result does not depend on its neighbours. Errors stay below a few units in the last place; ``pow`` adds
the rounding of ``exponent * log2(base)``. NaN stays NaN; what is too large becomes infinite.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glutarium.compile.values import Lanes

__all__ = ["vector_math"]

# ln 2 in two parts: the first has enough trailing zeros that whole multiples of it are exact.
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
# Adding this to a small whole number puts it into the lowest bits of the significand.
_SHIFT = 2.0**52 + 2.0**51
_BIAS = 1023
_EXP_TERMS = 14  # |r| <= ln(2)/2: the first term left out is below 1e-17
_LOG_TERMS = 10  # after the first one; |s| <= 0.172: likewise
_PAIR = 2
_WHOLE = 0x4330000000000000  # 2**52: its significand takes a whole number as it is
_ROOT_HALF = 0x3FE6A09E667F3BCD  # sqrt(1/2)
_LARGEST, _SMALLEST = 709.782712893384, -745.2  # where exp overflows, and where it is zero


def vector_math(lanes: Lanes) -> str:
    """Return the definitions of ``@lanes_exp``, ``@lanes_log``, ``@lanes_pow`` and ``@lanes_powers``."""
    integer = "i64" if lanes.width == 1 else f"<{lanes.width} x i64>"
    end = f"ret {lanes.type} %done"
    parts = [
        _intrinsics(lanes),
        _define(lanes, "exp", ["x"], [*_exp(lanes, integer), end]),
        _define(lanes, "log", ["x"], [*_log(lanes, integer), end]),
        _pow(lanes, integer),
        _powers(lanes, integer),
    ]
    return "\n".join(parts)


def _intrinsics(lanes: Lanes) -> str:
    kind, suffix = lanes.type, lanes.suffix
    return (
        f"declare {kind} @llvm.fma.{suffix}({kind}, {kind}, {kind})\n"
        f"declare {kind} @llvm.rint.{suffix}({kind})\n"
    )


def _whole(lanes: Lanes, value: int) -> str:
    """Literal integer in all lanes."""
    return str(value) if lanes.width == 1 else f"splat (i64 {value})"


def _series(lanes: Lanes, name: str, x: str, coefficients: list[float]) -> list[str]:
    """Lines that leave ``sum(coefficients[k] * x**k)`` in ``%name``.

    Neighbours are joined pairwise (Estrin's scheme), so that few operations wait for one another.
    """
    kind, lines, level = lanes.type, [], 0
    values = [lanes.constant(c) for c in coefficients]
    while len(values) > 1:
        joined = []
        for k in range(0, len(values) - 1, 2):
            register = f"%{name}" if len(values) == _PAIR else f"%{name}.{level}.{k}"
            lines.append(
                f"{register} = call {kind} @llvm.fma.{lanes.suffix}({kind} {values[k + 1]}, "
                f"{kind} {x}, {kind} {values[k]})"
            )
            joined.append(register)
        values = joined + values[len(values) & ~1 :]
        level += 1
        if len(values) > 1:
            lines.append(f"%{name}.x{level} = fmul {kind} {x}, {x}")
            x = f"%{name}.x{level}"
    return lines


def _define(lanes: Lanes, name: str, arguments: list[str], lines: list[str]) -> str:
    listed = ", ".join(f"{lanes.type} %{a}" for a in arguments)
    body = "\n".join(f"  {line}" for line in lines)
    return f"define internal {lanes.type} @lanes_{name}({listed}) nounwind {{\n{body}\n}}\n"


def _exp(lanes: Lanes, integer: str) -> list[str]:
    """``2**n * exp(r)`` with ``n = rint(x / ln 2)``; the power is applied in two halves."""
    kind, suffix, c = lanes.type, lanes.suffix, lanes.constant
    fma = f"call {kind} @llvm.fma.{suffix}"
    half = f"%half.{suffix}"
    return [
        f"%over = fcmp ogt {kind} %x, {c(_LARGEST)}",
        f"%under = fcmp olt {kind} %x, {c(_SMALLEST)}",
        f"%wide = fmul {kind} %x, {c(1.0 / math.log(2.0))}",
        f"%n = call {kind} @llvm.rint.{suffix}({kind} %wide)",
        f"%minus = fneg {kind} %n",
        f"%r1 = {fma}({kind} %minus, {kind} {c(_LN2_HIGH)}, {kind} %x)",
        f"%r = {fma}({kind} %minus, {kind} {c(_LN2_LOW)}, {kind} %r1)",
        *_series(lanes, "series", "%r", [1.0 / math.factorial(k) for k in range(_EXP_TERMS)]),
        f"%halved = fmul {kind} %n, {c(0.5)}",
        f"{half} = call {kind} @llvm.rint.{suffix}({kind} %halved)",
        f"%rest = fsub {kind} %n, {half}",
        *_power_of_two(lanes, integer, "first", half),
        *_power_of_two(lanes, integer, "second", "%rest"),
        f"%once = fmul {kind} %series, %first",
        f"%twice = fmul {kind} %once, %second",
        f"%low = select {lanes.flag} %under, {kind} {c(0.0)}, {kind} %twice",
        f"%done = select {lanes.flag} %over, {kind} {c(math.inf)}, {kind} %low",
    ]


def _power_of_two(lanes: Lanes, integer: str, name: str, n: str) -> list[str]:
    """Lines that leave ``2**n`` in ``%name`` for a whole ``n``."""
    kind = lanes.type
    return [
        f"%{name}.s = fadd {kind} {n}, {lanes.constant(_SHIFT + _BIAS)}",
        f"%{name}.b = bitcast {kind} %{name}.s to {integer}",
        f"%{name}.e = shl {integer} %{name}.b, {_whole(lanes, 52)}",
        f"%{name} = bitcast {integer} %{name}.e to {kind}",
    ]


def _log(lanes: Lanes, integer: str) -> list[str]:
    """``e ln 2 + log(m)`` with ``m`` between ``sqrt(1/2)`` and ``sqrt(2)``; for ``x > 0``."""
    kind, suffix, c = lanes.type, lanes.suffix, lanes.constant
    fma = f"call {kind} @llvm.fma.{suffix}"
    return [
        f"%bits = bitcast {kind} %x to {integer}",
        f"%raised = lshr {integer} %bits, {_whole(lanes, 52)}",
        f"%placed = or {integer} %raised, {_whole(lanes, _WHOLE)}",
        f"%float = bitcast {integer} %placed to {kind}",
        f"%e0 = fsub {kind} %float, {c(2.0**52 + _BIAS)}",
        f"%cut = and {integer} %bits, {_whole(lanes, (1 << 52) - 1)}",
        f"%one = or {integer} %cut, {_whole(lanes, _BIAS << 52)}",
        f"%m0 = bitcast {integer} %one to {kind}",
        f"%large = fcmp ogt {kind} %m0, {c(math.sqrt(2.0))}",
        f"%m1 = fmul {kind} %m0, {c(0.5)}",
        f"%e1 = fadd {kind} %e0, {c(1.0)}",
        f"%m = select {lanes.flag} %large, {kind} %m1, {kind} %m0",
        f"%e = select {lanes.flag} %large, {kind} %e1, {kind} %e0",
        f"%above = fsub {kind} %m, {c(1.0)}",
        f"%below = fadd {kind} %m, {c(1.0)}",
        f"%s = fdiv {kind} %above, %below",
        f"%z = fmul {kind} %s, %s",
        *_series(lanes, "series", "%z", [2.0 / (2 * k + 3) for k in range(_LOG_TERMS)]),
        f"%tail = fmul {kind} %e, {c(_LN2_LOW)}",
        f"%cube = fmul {kind} %s, %z",
        f"%later = {fma}({kind} %cube, {kind} %series, {kind} %tail)",
        f"%small = {fma}({kind} %s, {kind} {c(2.0)}, {kind} %later)",  # the first term comes last
        f"%sum = {fma}({kind} %e, {kind} {c(_LN2_HIGH)}, {kind} %small)",
        f"%nan = fcmp uno {kind} %x, %x",
        f"%done = select {lanes.flag} %nan, {kind} %x, {kind} %sum",
    ]


def _pow(lanes: Lanes, integer: str) -> str:
    lines = [*_power_lines(lanes, integer), f"ret {lanes.type} %done"]
    return _define(lanes, "pow", ["x", "y"], lines)


def _power_lines(lanes: Lanes, integer: str) -> list[str]:
    """Lines that leave ``2**(y log2(x))`` in ``%done``, for ``x > 0``; below normal numbers it is zero.

    ``x = 2**e m`` with ``m`` between ``sqrt(1/2)`` and ``sqrt(2)``, and ``log2(m)`` is ``(m-1)/(m+1)`` times
    a series in its square. What is no number stays none in ``%e``.
    """
    kind, suffix, c = lanes.type, lanes.suffix, lanes.constant
    fma = f"call {kind} @llvm.fma.{suffix}"
    logs = [2.0 / math.log(2.0) / (2 * k + 1) for k in range(_LOG_TERMS + 1)]
    powers = [math.log(2.0) ** k / math.factorial(k) for k in range(_EXP_TERMS)]
    return [
        f"%bits = bitcast {kind} %x to {integer}",
        f"%moved = add {integer} %bits, {_whole(lanes, (_BIAS << 52) - _ROOT_HALF)}",
        f"%raised = lshr {integer} %moved, {_whole(lanes, 52)}",
        f"%placed = or {integer} %raised, {_whole(lanes, _WHOLE)}",
        f"%float = bitcast {integer} %placed to {kind}",
        f"%e0 = fsub {kind} %float, {c(2.0**52 + _BIAS)}",
        f"%none = fsub {kind} %x, %x",
        f"%e = fadd {kind} %e0, %none",
        f"%cut = and {integer} %moved, {_whole(lanes, (1 << 52) - 1)}",
        f"%one = add {integer} %cut, {_whole(lanes, _ROOT_HALF)}",
        f"%m = bitcast {integer} %one to {kind}",
        f"%above = fsub {kind} %m, {c(1.0)}",
        f"%below = fadd {kind} %m, {c(1.0)}",
        f"%s = fdiv {kind} %above, %below",
        f"%z = fmul {kind} %s, %s",
        *_series(lanes, "log", "%z", logs),
        f"%log2 = {fma}({kind} %s, {kind} %log, {kind} %e)",
        f"%product = fmul {kind} %y, %log2",
        f"%over = fcmp ogt {kind} %product, {c(_BIAS + 1.0)}",
        f"%most = select {lanes.flag} %over, {kind} {c(_BIAS + 1.0)}, {kind} %product",
        f"%under = fcmp olt {kind} %most, {c(-_BIAS)}",
        f"%t = select {lanes.flag} %under, {kind} {c(-_BIAS)}, {kind} %most",
        f"%n = call {kind} @llvm.rint.{suffix}({kind} %t)",
        f"%r = fsub {kind} %t, %n",
        *_series(lanes, "power", "%r", powers),
        *_power_of_two(lanes, integer, "scale", "%n"),
        f"%done = fmul {kind} %power, %scale",
    ]


def _powers(lanes: Lanes, integer: str) -> str:
    """Powers of many bases, one after the other in a loop, so that some are computed at the same time."""
    kind = lanes.type
    arrays = ("base", "exponent", "out")
    lines = [
        "br label %loop",
        "loop:",
        "%i = phi i64 [0, %entry], [%next, %loop]",
        *(f"%{a}.p = getelementptr {kind}, ptr %{a}, i64 %i" for a in arrays),
        f"%x = load {kind}, ptr %base.p, align 8",
        f"%y = load {kind}, ptr %exponent.p, align 8",
        *_power_lines(lanes, integer),
        f"store {kind} %done, ptr %out.p, align 8",
        "%next = add i64 %i, 1",
        "%more = icmp ult i64 %next, %count",
        "br i1 %more, label %loop, label %end",
        "end:",
        "ret void",
    ]
    arguments = ", ".join([*(f"ptr noalias %{a}" for a in arrays), "i64 %count"])
    body = "\n".join(f"  {line}" for line in lines)
    return f"define internal void @lanes_powers({arguments}) nounwind {{\nentry:\n{body}\n}}\n"
