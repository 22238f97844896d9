"""LLVM assembly of the solution of the factorised bordered system.

Forward and backward substitution by loops over tables: rows of one level do not wait for one another, and
neighbouring rows have equally many entries, so that the processor foresees where their loops end. The
unknowns of the full block are gathered, solved four at a time, and put back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.emit_dense import follow_block, owe_block, solve_block
from glutarium.compile.emit_unrolled import follow, substitute
from glutarium.compile.sizes import CHAINS
from glutarium.compile.storage import runs
from glutarium.compile.writer import BYTES, Writer, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.compile.storage import Storage
    from glutarium.compile.values import Lanes

__all__ = ["emit_halves", "emit_solve"]


def emit_solve(storage: Storage, lanes: Lanes) -> str:
    """Write ``solve(m, x)``."""
    p, width = storage.pattern, BYTES * lanes.width
    w = Writer(lanes)
    forward = [storage.left(i) for i in storage.forward]
    backward = [storage.right(i) for i in storage.backward]
    block = table("block_unknowns", [width * u for u in p.order[p.before :]])
    if storage.small:
        substitute(w, storage, storage.forward, forward, scaled=False)
        if p.full:
            solve_block(w, storage)
        substitute(w, storage, storage.backward, backward, scaled=True)
        follow(w, storage)
        return block + w.function("solve", ["m", "x"])
    tables = [
        *_tables("forward", storage, storage.forward, forward, width),
        *_tables("backward", storage, storage.backward, backward, width),
        block,
    ]
    _substitute(w, "forward", forward, storage.lower_start, None)
    if p.full:
        solve_block(w, storage)
    _substitute(w, "backward", backward, 0, storage.diagonals_start)
    return "".join(tables) + w.function("solve", ["m", "x"])


def emit_halves(storage: Storage, lanes: Lanes) -> str:
    """Write ``forward(m, x)`` and ``backward(m, x)`` around the unknowns that are kept.

    The first leaves what the kept unknowns owe to the others; the second finds the others once the kept
    ones are known.
    """
    p, width = storage.pattern, BYTES * lanes.width
    forward = [storage.left(i) for i in storage.forward]
    backward = [storage.right(i) for i in storage.backward]
    tables = [
        *_tables("forward", storage, storage.forward, forward, width),
        *_tables("backward", storage, storage.backward, backward, width),
        table("block_unknowns", [width * u for u in p.order[p.before :]]),
    ]
    down, up = Writer(lanes), Writer(lanes)
    _substitute(down, "forward", forward, storage.lower_start, None)
    owe_block(down, storage)
    follow_block(up, storage)
    _substitute(up, "backward", backward, 0, storage.diagonals_start)
    halves = down.function("forward", ["m", "x"]), up.function("backward", ["m", "x"])
    return "".join([*tables, *halves])


def _tables(
    name: str, storage: Storage, rows: Sequence[int], entries: Sequence[range], width: int
) -> list[str]:
    """Runs of rows with equally many entries; offsets of the unknowns of rows and entries."""
    p = storage.pattern
    counts = [n for run in runs(len(e) for e in entries) for n in run]
    return [
        table(f"{name}_runs", counts),
        table(f"{name}_rows", [width * p.order[i] for i in rows]),
        table(f"{name}_columns", [width * p.columns[q] for e in entries for q in e]),
    ]


def _substitute(
    w: Writer, name: str, entries: Sequence[range], start: int, diagonals: int | None
) -> None:
    """What rows owe to the unknowns of their entries; over the pivot on the way back."""

    def run(i: str, row: str, entry: str) -> list[str]:
        place = w.value(f"mul i64 {i}, 2")
        count = w.index(f"{name}_runs", w.add(place, 1))
        end = w.add(row, w.index(f"{name}_runs", place))
        after = w.loop(f"{name}_row", row, end, lambda r, e: one(r, e, count), entry, kind="i64")
        return [end, *after]

    def one(row: str, entry: str, count: str) -> list[str]:
        place = w.offset("x", f"{name}_rows", row)
        end = w.add(entry, count)
        paired = w.add(entry, w.value(f"and i64 {count}, -{CHAINS}"))
        start = [w.at(place), w.lanes.constant(0.0)]
        sums = w.loop(f"{name}_pair", entry, paired, products, *start, step=CHAINS)
        value = w.value(f"fadd {w.lanes.type} {sums[0]}, {sums[1]}")
        value = w.loop(f"{name}_entry", paired, end, products, value)[0]
        if diagonals is not None:
            value = w.times(value, w.load("m", w.add(row, diagonals)))
        w.put(value, place)
        return [end]

    def products(entry: str, *sums: str) -> list[str]:
        return [product(w.add(entry, n), value) for n, value in enumerate(sums)]

    def product(entry: str, value: str) -> str:
        found = w.at(w.offset("x", f"{name}_columns", entry))
        return w.subtract_product(value, w.minus(w.load("m", w.add(entry, start))), found)

    n_runs = len(runs(len(e) for e in entries))
    w.loop(f"{name}_run", 0, n_runs, run, "0", "0", kind="i64")
