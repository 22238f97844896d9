"""LLVM assembly of a Rosenbrock step that is cut where systems with shared states must agree.

As in :mod:`glutarium.solve.stepcode` every function takes the block. Between them, the driver adds up what
all systems of a site leave for their shared states, and solves for those::

    prepare(block)      derived parameters of all lanes
    begin(block)        matrix, its elimination, and the first right-hand side without what is not shared
    stage_<i>(block)    the same for a later stage: its argument, rates, right-hand side
    back_<i>(block)     the stage's other unknowns, once the shared ones stand in it
    finish(block)       new state, error and distance to the floor of every lane
    observe(block)      observables of ``stage``
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.solve.blockcode import SLOTS, Code, call_only
from glutarium.solve.stages import Step, add_rates, argument, finish, first_side

if TYPE_CHECKING:
    from glutarium.solve.methods import Method

__all__ = ["COUPLED_SLOTS", "coupled_functions", "coupled_step_code"]

COUPLED_SLOTS = (*SLOTS, "s", "spread", "eliminate", "forward", "backward")
"""What stands in the block: as for systems alone, then the factors and the code of the coupling."""


def coupled_functions(method: Method) -> frozenset[str]:
    """Names of the functions for a method."""
    stages = range(method.stages)
    names = ("prepare", "observe", "begin", "finish")
    return frozenset((*names, *(f"stage_{i}" for i in stages if i), *(f"back_{i}" for i in stages)))


def coupled_step_code(method: Method, width: int) -> str:
    """Write the functions of a method, for rates that do not depend on time.

    Parameters
    ----------
    method
        The method.
    width
        Lanes.
    """
    observed = ("t_out", "stage", "p", "d", "observed")
    parts = [
        Code(width).declarations(),
        call_only(width, "prepare", "prep", ("p", "d")),
        call_only(width, "observe", "observe", observed),
        _begin(method, width),
        *(_stage(method, width, i) for i in range(1, method.stages)),
        *(_back(method, width, i) for i in range(method.stages)),
        _end(method, width),
    ]
    return "\n".join(parts)


def _opened(method: Method, width: int) -> tuple[Code, Step, str]:
    """A function with its step and the inverse of its length."""
    code = Code(width, COUPLED_SLOTS)
    step = Step(code, method)
    return code, step, code.binary("fdiv", code.constant(1.0), step.h)


def _begin(method: Method, width: int) -> str:
    code, step, inverse = _opened(method, width)
    shift = code.value(f"alloca {code.type}, align 64")
    code.store(code.binary("fmul", code.constant(1.0 / method.gamma), inverse), shift)
    y, m, factors = step.array["y"], step.array["m"], code.slot("s")
    point = [step.array[a] for a in ("p", "d")]
    code.call(code.slot("matrix"), code.slot("t"), y, *point, step.k[0], m)
    code.call(code.slot("spread"), m, factors)
    code.call(code.slot("eliminate"), factors, shift)
    first_side(step, slopes=False)
    code.call(code.slot("forward"), factors, step.k[0])
    return code.text("begin")


def _stage(method: Method, width: int, i: int) -> str:
    code, step, inverse = _opened(method, width)
    functions = {name: code.slot(name) for name in ("add_rates", "forward", "s", "t")}
    argument(step, i, inverse, slopes=False)
    add_rates(step, i, functions["add_rates"], functions["t"])
    code.call(functions["forward"], functions["s"], step.k[i])
    return code.text(f"stage_{i}")


def _back(method: Method, width: int, i: int) -> str:
    code, step, _ = _opened(method, width)
    code.call(code.slot("backward"), code.slot("s"), step.k[i])
    return code.text(f"back_{i}")


def _end(method: Method, width: int) -> str:
    code, step, _ = _opened(method, width)
    finish(step)
    return code.text("finish")
