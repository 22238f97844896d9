"""LLVM assembly of one step of a Rosenbrock method for all lanes at once.

Every function takes the block (:mod:`glutarium.solve.blockcode`)::

    prepare(block)      derived parameters of all lanes
    attempt(block)      one step: stages, new state, error and distance to the floor of every lane
    take_over(block)    new state of the lanes where ``taken`` is positive; ``new`` then holds the old one
    interpolate(block)  state within the last step at the share ``theta`` of it, into ``stage``
    observe(block)      observables of ``stage`` at ``t_out``

All lanes run the same instructions, so a lane's result depends neither on its neighbours nor on its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.solve.blockcode import Code, call_only
from glutarium.solve.stages import Step, add_rates, argument, finish, first_side

if TYPE_CHECKING:
    from glutarium.solve.methods import Method

__all__ = ["STEP_FUNCTIONS", "step_code"]

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
        parts.append(_interpolate(method, width))
    return "\n".join(parts)


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
            add_rates(step, i, functions["add_rates"], now)
        else:
            first_side(step, slopes=slopes)
        code.call(functions["solve"], m, step.k[i])
    finish(step)
    return code.text("attempt")


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


def _interpolate(method: Method, width: int) -> str:
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
