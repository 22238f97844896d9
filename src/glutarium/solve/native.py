"""Numba's edge: how the driver is compiled, calls machine code by address and shares a counter.

Also arithmetic on whole rows of :data:`ABREAST` numbers: Numba's loops over so few are not made vector code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ABREAST",
    "add_product",
    "call",
    "claim",
    "copy_row",
    "entry",
    "gather",
    "helper",
    "lead",
    "multiply",
    "subtract_product",
    "summing",
]

ABREAST = 8
"""Numbers in a row of the arrays that the functions on rows work on."""

Function = TypeVar("Function", bound="Callable[..., Any]")

_cgutils: Any = cgutils  # without types
_Kind: TypeAlias = "Any"

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
"""No exceptions from arithmetic, no reference counts: nothing is allocated."""


def entry(function: Function) -> Function:
    """Compile a function that Python calls; it runs without the interpreter's lock."""
    options: Any = {"cache": True, "nogil": True, **_OPTIONS}
    compiled: Function = njit(**options)(function)
    return compiled


def helper(function: Function) -> Function:
    """Compile a function that only compiled functions call; it is written into those that it serves.

    A call would copy every field of every array that it hands on: for lanes and tasks two hundred numbers.
    """
    wrappers = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    options: Any = {"forceinline": True, **wrappers, **_OPTIONS}
    compiled: Function = njit(**options)(function)
    return compiled


def summing(function: Function) -> Function:
    """Compile a helper whose sums may be taken in parts, by vector code, always in the same ones."""
    wrappers = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    options: Any = {"forceinline": True, **wrappers, **_OPTIONS}
    options["fastmath"] = {"reassoc", "contract", "nsz"}
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


def _row(context: Any, builder: Any, kind: Any, array: Any, row: Any) -> Any:  # noqa: ANN401
    """Address of a row of a C-contiguous array, shape ``(n, ABREAST)``, as a vector."""
    data = context.make_array(kind)(context, builder, array).data
    start = builder.mul(row, ir.Constant(ir.IntType(64), ABREAST))
    vector = ir.VectorType(ir.DoubleType(), ABREAST)
    return builder.bitcast(builder.gep(data, [start]), vector.as_pointer())


def _load(builder: Any, address: Any) -> Any:  # noqa: ANN401
    return builder.load(address, align=8)


def _on_rows(arrays: int, compute: Callable[[Any, list[Any]], Any]) -> Any:  # noqa: ANN401
    """A function of arrays, each followed by a row: the first row becomes what is computed of all."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        rows = [
            _row(context, builder, signature.args[2 * i], args[2 * i], args[2 * i + 1])
            for i in range(arrays)
        ]
        found = compute(builder, [_load(builder, row) for row in rows])
        builder.store(found, rows[0], align=8)
        return context.get_dummy_value()

    def typed(*kinds: Any) -> Any:  # noqa: ANN401
        places = [k if i % 2 == 0 else types.int64 for i, k in enumerate(kinds)]
        return types.void(*places), generate

    return typed


def _fused(builder: Any, x: Any, y: Any, z: Any) -> Any:  # noqa: ANN401
    """``x y + z``."""
    vector = ir.VectorType(ir.DoubleType(), ABREAST)
    name = f"llvm.fmuladd.v{ABREAST}f64"
    kind = ir.FunctionType(vector, [vector, vector, vector])
    known = builder.module.globals.get(name)
    return builder.call(known or ir.Function(builder.module, kind, name), [x, y, z])


def _summed(builder: Any, count: Any, begin: Any, term: Callable[[Any], tuple[Any, Any]]) -> Any:  # noqa: ANN401
    """``begin`` and the products of ``count`` pairs of rows, which ``term`` finds; held in registers."""
    total = _cgutils.alloca_once_value(builder, begin)
    with _cgutils.for_range(builder, count) as loop:
        left, right = (_load(builder, row) for row in term(loop.index))
        builder.store(_fused(builder, left, right, builder.load(total)), total)
    return builder.load(total)


def _generate_gather(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
    kinds = signature.args
    right, row, factor, start, stop, place, offset = args
    target = _row(context, builder, kinds[0], right, row)
    places = context.make_array(kinds[5])(context, builder, place).data

    def term(k: Any) -> tuple[Any, Any]:  # noqa: ANN401
        at = builder.add(start, k)
        source = builder.add(builder.load(builder.gep(places, [at])), offset)
        entry = _row(context, builder, kinds[2], factor, at)
        return entry, _row(context, builder, kinds[0], right, source)

    zero = ir.Constant(ir.VectorType(ir.DoubleType(), ABREAST), [0.0] * ABREAST)
    total = _summed(builder, builder.sub(stop, start), zero, term)
    builder.store(builder.fsub(_load(builder, target), total), target, align=8)
    return context.get_dummy_value()


def _generate_lead(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
    kinds = signature.args
    out, row, start, weights, count, terms, stride = args

    def term(k: Any) -> tuple[Any, Any]:  # noqa: ANN401
        source = builder.add(row, builder.mul(k, stride))
        weight = _row(context, builder, kinds[3], weights, k)
        return weight, _row(context, builder, kinds[5], terms, source)

    begin = _load(builder, _row(context, builder, kinds[2], start, row))
    total = _summed(builder, count, begin, term)
    builder.store(total, _row(context, builder, kinds[0], out, row), align=8)
    return context.get_dummy_value()


def _gather(  # noqa: PLR0917
    _context: _Kind,
    right: _Kind,
    row: _Kind,
    factor: _Kind,
    start: _Kind,
    stop: _Kind,
    place: _Kind,
    offset: _Kind,
) -> _Kind:
    """``right[row] -= sum of factor[k] * right[place[k] + offset]`` for ``k`` from start to stop."""
    i = types.int64
    return types.void(right, i, factor, i, i, place, i), _generate_gather


def _lead(  # noqa: PLR0917
    _context: _Kind,
    out: _Kind,
    row: _Kind,
    start: _Kind,
    weights: _Kind,
    count: _Kind,
    terms: _Kind,
    stride: _Kind,
) -> _Kind:
    """``out[row] = start[row] + sum of weights[k] * terms[row + k * stride]`` for ``k`` below count."""
    i = types.int64
    return types.void(out, i, start, weights, i, terms, i), _generate_lead


_subtracting = _on_rows(3, lambda b, v: _fused(b, b.fneg(v[1]), v[2], v[0]))
_adding = _on_rows(3, lambda b, v: _fused(b, v[1], v[2], v[0]))
_multiplying = _on_rows(2, lambda b, v: b.fmul(v[0], v[1]))
_copying = _on_rows(2, lambda _b, v: v[1])


def _subtract(_context: Any, a: Any, i: Any, b: Any, j: Any, c: Any, k: Any) -> Any:  # noqa: ANN401, PLR0917
    """``a[i] -= b[j] * c[k]``."""
    return _subtracting(a, i, b, j, c, k)


def _add(_context: Any, a: Any, i: Any, b: Any, j: Any, c: Any, k: Any) -> Any:  # noqa: ANN401, PLR0917
    """``a[i] += b[j] * c[k]``."""
    return _adding(a, i, b, j, c, k)


def _multiply(_context: Any, a: Any, i: Any, b: Any, j: Any) -> Any:  # noqa: ANN401
    """``a[i] *= b[j]``."""
    return _multiplying(a, i, b, j)


def _copy(_context: Any, a: Any, i: Any, b: Any, j: Any) -> Any:  # noqa: ANN401
    """``a[i] = b[j]``."""
    return _copying(a, i, b, j)


subtract_product: Callable[[Any, int, Any, int, Any, int], None] = _intrinsic(_subtract)
add_product: Callable[[Any, int, Any, int, Any, int], None] = _intrinsic(_add)
multiply: Callable[[Any, int, Any, int], None] = _intrinsic(_multiply)
copy_row: Callable[[Any, int, Any, int], None] = _intrinsic(_copy)
gather: Callable[[Any, int, Any, int, int, Any, int], None] = _intrinsic(_gather)
lead: Callable[[Any, int, Any, Any, int, Any, int], None] = _intrinsic(_lead)
