"""What the stages of a Rosenbrock method read and leave, as LLVM assembly.

A system alone takes all stages in one function (:mod:`glutarium.solve.stepcode`), systems with shared states
stop after each (:mod:`glutarium.solve.coupledcode`); what a stage does is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.solve.blockcode import Code
    from glutarium.solve.methods import Method, Row

__all__ = ["Step", "add_rates", "argument", "finish", "first_side"]


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


def argument(step: Step, i: int, inverse: str, *, slopes: bool) -> None:
    """State at which stage ``i`` evaluates the rates; one that extends the one before only adds to it.

    The same sweep leaves in the stage what earlier ones and time contribute to its right-hand side, so
    that they are read once; the rates there are added to it.
    """
    code, a, c = step.code, step.method.a, step.method.c
    repeats = step.method.repeats(i)
    extends = i > 1 and a[i][: i - 1] == a[i - 1]
    weights = (*[0.0] * (i - 1), a[i][i - 1]) if extends else a[i]

    def body(row: str) -> list[str]:
        values = step.stage_values([wa or wc for wa, wc in zip(weights, c[i], strict=True)], row)
        side = code.weighted(_paired(c[i], values))
        if any(c[i]):
            side = code.binary("fmul", side, inverse)
        if repeats:
            side = code.binary("fadd", side, code.load(step.k[i], row))
        else:
            start = code.load(step.array["stage" if extends else "y"], row)
            code.store(code.weighted(_paired(weights, values), start), step.array["stage"], row)
        code.store(_along_time(step, i, side, row, slopes=slopes), step.k[i], row)
        return []

    code.loop(0, step.n, body)
    _clear_cuts(step, i)


def add_rates(step: Step, i: int, function: str, now: str) -> None:
    """Add the rates at the argument of a stage to its right-hand side, unless they stand there already."""
    if not step.method.repeats(i):
        point = [step.array[a] for a in ("stage", "p", "d")]
        step.code.call(function, now, *point, step.k[i])


def first_side(step: Step, *, slopes: bool) -> None:
    """Right-hand side of the first stage, in which the rates stand; one that repeats them gets a copy."""
    code, repeated = step.code, step.method.repeats(1)

    def body(row: str) -> list[str]:
        rates = code.load(step.k[0], row)
        if repeated:
            code.store(rates, step.k[1], row)
        if slopes:
            code.store(_along_time(step, 0, rates, row, slopes=slopes), step.k[0], row)
        return []

    _clear_cuts(step, 0)  # first: it ends in the next stage's place
    if slopes or repeated:
        code.loop(0, step.n, body)


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
