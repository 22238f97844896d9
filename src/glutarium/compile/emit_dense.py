"""LLVM assembly that factorises the full block at the end of the elimination order.

Right-looking, four pivots at once: the four pivot rows are finished together, and every later pair of rows
then takes all four in one sweep, so that a value is loaded once for four multiply-subtracts. A row of the
block is the tail of a row of the factors; its start is looked up in a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.factor import BLOCK
from glutarium.compile.writer import Writer

if TYPE_CHECKING:
    from glutarium.compile.values import Lanes
    from glutarium.compile.factor import Factors

__all__ = ["emit_block"]

_PAIR = 2


def emit_block(pattern: Factors, lanes: Lanes) -> str:
    """Write ``factorise_block(m)``; nothing where there is no full block."""
    if not pattern.full:
        return ""
    return _table(pattern) + _factorise(pattern, lanes)


def _row_starts(pattern: Factors) -> list[int]:
    """Entry where each row of the block begins: the block's columns end the row."""
    n = len(pattern.order)
    return [pattern.starts[i + 1] - pattern.full for i in range(n - pattern.full, n)]


def _table(pattern: Factors) -> str:
    starts = _row_starts(pattern)
    values = ", ".join(f"i64 {v}" for v in starts)
    return f"@block_rows = private unnamed_addr constant [{len(starts)} x i64] [{values}]\n"


def _factorise(pattern: Factors, lanes: Lanes) -> str:
    w = Writer(lanes)
    starts = _row_starts(pattern)
    w.lines.append("  br label %pivots0\n")
    for first in range(0, pattern.full, BLOCK):
        w.lines.append(f"pivots{first}:")
        _pivots(w, starts, first)
        after = first + BLOCK
        if after < pattern.full:
            _finish_pivot_rows(w, starts, first, pattern.full)
            _update_later_rows(w, starts, first, pattern.full)
    return w.function("factorise_block", ["m"])


def _pivots(w: Writer, starts: list[int], first: int) -> None:
    """Factorise the square of the pivots in registers."""
    kind, span = w.lanes.type, range(BLOCK)
    a = [[w.load("m", starts[first + r] + first + c) for c in span] for r in span]
    for k in span:
        a[k][k] = w.value(f"fdiv {kind} {w.lanes.constant(1.0)}, {a[k][k]}")
        for r in range(k + 1, BLOCK):
            a[r][k] = w.value(f"fmul {kind} {a[r][k]}, {a[k][k]}")
            minus = w.value(f"fneg {kind} {a[r][k]}")
            for c in range(k + 1, BLOCK):
                a[r][c] = w.subtract_product(a[r][c], minus, a[k][c])
    for r in span:
        for c in span:
            w.store(a[r][c], "m", starts[first + r] + first + c)


def _finish_pivot_rows(w: Writer, starts: list[int], first: int, full: int) -> None:
    """Bring the pivot rows right of their square to their final form, column by column."""
    kind, name = w.lanes.type, f"finish{first}"
    lower = {
        (r, c): w.value(f"fneg {kind} {w.load('m', starts[first + r] + first + c)}")
        for r in range(BLOCK)
        for c in range(r)
    }
    w.lines += [f"  br label %{name}", f"{name}:"]
    w.lines.append(
        f"  %j.{name} = phi i64 [{first + BLOCK}, %pivots{first}], [%next.{name}, %{name}]"
    )
    column: list[str] = []
    for r in range(BLOCK):
        index = w.value(f"add i64 %j.{name}, {starts[first + r]}")
        value = w.load("m", index)
        for c in range(r):
            value = w.subtract_product(value, lower[r, c], column[c])
        column.append(value)
        if r:
            w.store(value, "m", index)
    _close_loop(w, name, "j", 1, full)


def _update_later_rows(w: Writer, starts: list[int], first: int, full: int) -> None:
    """Take the four pivots out of all later rows, two rows at a time."""
    kind, rows, columns = w.lanes.type, f"rows{first}", f"columns{first}"
    inverse = [w.load("m", starts[first + k] + first + k) for k in range(BLOCK)]
    square = {
        (k, c): w.load("m", starts[first + k] + first + c)
        for k in range(BLOCK)
        for c in range(k + 1, BLOCK)
    }
    w.lines += [f"  br label %{rows}", f"{rows}:"]
    entry = f"end.finish{first}"
    w.lines.append(
        f"  %i.{rows} = phi i64 [{first + BLOCK}, %{entry}], [%next.{rows}, %end.{columns}]"
    )
    bases, minus = [], []
    for r in range(_PAIR):
        index = w.value(f"add i64 %i.{rows}, {r}")
        place = w.value(f"getelementptr i64, ptr @block_rows, i64 {index}")
        base = w.value(f"load i64, ptr {place}")
        left = [w.load("m", w.value(f"add i64 {base}, {first + k}")) for k in range(BLOCK)]
        negative = []
        for k in range(BLOCK):
            left[k] = w.value(f"fmul {kind} {left[k]}, {inverse[k]}")
            negative.append(w.value(f"fneg {kind} {left[k]}"))
            for c in range(k + 1, BLOCK):
                left[c] = w.subtract_product(left[c], negative[k], square[k, c])
            w.store(left[k], "m", w.value(f"add i64 {base}, {first + k}"))
        bases.append(base)
        minus.append(negative)
    w.lines += [f"  br label %{columns}", f"{columns}:"]
    w.lines.append(
        f"  %j.{columns} = phi i64 [{first + BLOCK}, %{rows}], [%next.{columns}, %{columns}]"
    )
    upper = [
        w.load("m", w.value(f"add i64 %j.{columns}, {starts[first + k]}")) for k in range(BLOCK)
    ]
    for base, factors in zip(bases, minus, strict=True):
        index = w.value(f"add i64 %j.{columns}, {base}")
        value = w.load("m", index)
        for k in range(BLOCK):
            value = w.subtract_product(value, factors[k], upper[k])
        w.store(value, "m", index)
    _close_loop(w, columns, "j", 1, full)
    w.lines += [
        f"  %next.{rows} = add i64 %i.{rows}, {_PAIR}",
        f"  %more.{rows} = icmp ult i64 %next.{rows}, {full}",
        f"  br i1 %more.{rows}, label %{rows}, label %pivots{first + BLOCK}",
    ]


def _close_loop(w: Writer, name: str, index: str, step: int, end: int) -> None:
    """Go back to the label while the index is below the end; the code goes on at ``end.<name>``."""
    w.lines += [
        f"  %next.{name} = add i64 %{index}.{name}, {step}",
        f"  %more.{name} = icmp ult i64 %next.{name}, {end}",
        f"  br i1 %more.{name}, label %{name}, label %end.{name}",
        f"end.{name}:",
    ]
