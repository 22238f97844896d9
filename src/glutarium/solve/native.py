"""Numba's edge: how the driver is compiled, calls machine code by address and shares a counter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["call", "claim", "entry", "helper"]

Function = TypeVar("Function", bound="Callable[..., Any]")

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
"""No exceptions from arithmetic, no reference counts: nothing is allocated."""


def entry(function: Function) -> Function:
    """Compile a function that Python calls; it runs without the interpreter's lock."""
    options: Any = {"cache": True, "nogil": True, **_OPTIONS}
    compiled: Function = njit(**options)(function)
    return compiled


def helper(function: Function) -> Function:
    """Compile a function that only compiled functions call; it is kept within those that it serves."""
    options: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **_OPTIONS}
    compiled: Function = njit(**options)(function)
    return compiled


def _generate_call(context: Any, builder: Any, _signature: Any, args: Any) -> Any:  # noqa: ANN401
    pointer = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [pointer])
    function = builder.inttoptr(args[0], kind.as_pointer())
    builder.call(function, [builder.inttoptr(args[1], pointer)])
    return context.get_dummy_value()


def _generate_claim(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
    array = context.make_array(signature.args[0])(context, builder, args[0])
    one = context.get_constant(types.int64, 1)
    return builder.atomic_rmw("add", array.data, one, "monotonic")


def _call(_context: Any, address: Any, block: Any) -> Any:  # noqa: ANN401
    """Call the function at an address with the address of the block as its only argument."""
    return types.void(types.int64, types.int64), _generate_call


def _claim(_context: Any, counter: Any) -> Any:  # noqa: ANN401
    """Take the next number of a counter, shape ``(1,)``, that threads share."""
    return types.int64(counter), _generate_claim


_intrinsic: Any = intrinsic  # its stubs describe the definition, not the compiled function
call: Callable[[int, int], None] = _intrinsic(_call)
claim: Callable[[Any], int] = _intrinsic(_claim)
