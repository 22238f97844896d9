"""LLVM assembly for the full block at the end of the elimination order.

Factorisation is right-looking, four pivots at once: the four pivot rows are finished together, and every
later pair of rows then takes all four in one sweep, so that a value is loaded once for four
multiply-subtracts. Substitution takes four rows at once, whose sums do not wait for one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.factor import BLOCK
from glutarium.compile.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.compile.storage import Storage
    from glutarium.compile.values import Lanes

__all__ = ["emit_block", "solve_block"]

_PAIR = 2
_SPAN = range(BLOCK)


def emit_block(storage: Storage, lanes: Lanes) -> str:
    """Write ``factorise_block(m)``; nothing where there is no full block."""
    if not storage.pattern.full:
        return ""
    block = _Block(Writer(lanes), storage)
    block.w.loop("pivots", 0, block.full, block.pivots, step=BLOCK)
    return block.w.function("factorise_block", ["m"])


def solve_block(w: Writer, storage: Storage) -> None:
    """Add lines that gather the unknowns of the block from ``x``, solve for them and put them back."""
    full, block = storage.pattern.full, _Block(w, storage)
    w.lines.append(f"  %s = alloca [{full} x {w.lanes.type}], align 64")

    def gather(i: str) -> list[str]:
        w.store(w.at(w.offset("x", "block_unknowns", i)), "s", i)
        return []

    def scatter(i: str) -> list[str]:
        w.put(w.load("s", i), w.offset("x", "block_unknowns", i))
        return []

    w.loop("gather", 0, full, gather)
    w.loop("down", 0, full, block.down, step=BLOCK)
    w.loop("up", 0, full, block.up, step=BLOCK)
    w.loop("scatter", 0, full, scatter)


class _Block:
    """Lines that deal with four rows of the block.

    Parameters
    ----------
    w
        Writer of the function; the factors are ``m``, right-hand sides ``s``.
    storage
        Where the block lies.
    """

    def __init__(self, w: Writer, storage: Storage) -> None:
        self.w = w
        self.full = storage.pattern.full
        self._start = storage.block_start

    def row(self, i: str) -> str:
        """Place where a row begins."""
        return self.w.add(self.w.value(f"mul i64 {i}, {self.full}"), self._start)

    def rows(self, first: str) -> list[str]:
        """Places where four rows begin."""
        start = self.row(first)
        return [start, *(self.w.add(start, r * self.full) for r in range(1, BLOCK))]

    def _square(self, starts: list[str], first: str) -> list[list[str]]:
        """Values of the square of four rows and their own columns."""
        w = self.w
        return [[w.load("m", w.add(w.add(s, first), c)) for c in _SPAN] for s in starts]

    def pivots(self, first: str) -> list[str]:
        """Eliminate four unknowns."""
        w, starts = self.w, self.rows(first)
        a = self._square(starts, first)
        minus = {}
        for k in _SPAN:
            a[k][k] = w.inverse(a[k][k])
            for r in range(k + 1, BLOCK):
                a[r][k] = w.times(a[r][k], a[k][k])
                minus[r, k] = w.minus(a[r][k])
                for c in range(k + 1, BLOCK):
                    a[r][c] = w.subtract_product(a[r][c], minus[r, k], a[k][c])
        for r in _SPAN:
            for c in _SPAN:
                w.store(a[r][c], "m", w.add(w.add(starts[r], first), c))
        after = w.add(first, BLOCK)
        w.loop("finish", after, self.full, lambda j: self._finish(j, starts, minus))
        w.loop("rows", after, self.full, lambda i: self._later(i, first, starts, a), step=_PAIR)
        return []

    def _finish(self, j: str, starts: list[str], minus: dict[tuple[int, int], str]) -> list[str]:
        """Bring a column of the pivot rows right of their square to its final form."""
        w, column = self.w, list[str]()
        for r in _SPAN:
            index = w.add(starts[r], j)
            value = w.load("m", index)
            for c in range(r):
                value = w.subtract_product(value, minus[r, c], column[c])
            column.append(value)
            if r:
                w.store(value, "m", index)
        return []

    def _later(self, i: str, first: str, starts: list[str], a: list[list[str]]) -> list[str]:
        """Take the four pivots out of two later rows."""
        w = self.w
        one = self.row(i)
        bases = [one, w.add(one, self.full)]
        minus = [self._divided(base, first, a) for base in bases]

        def column(j: str) -> list[str]:
            upper = [w.load("m", w.add(start, j)) for start in starts]
            for base, factors in zip(bases, minus, strict=True):
                index = w.add(base, j)
                value = w.load("m", index)
                for k in _SPAN:
                    value = w.subtract_product(value, factors[k], upper[k])
                w.store(value, "m", index)
            return []

        w.loop("columns", w.add(first, BLOCK), self.full, column)
        return []

    def _divided(self, base: str, first: str, a: list[list[str]]) -> list[str]:
        """Final entries of a row below the four pivots, stored, and returned negated."""
        w = self.w
        places = [w.add(w.add(base, first), k) for k in _SPAN]
        left = [w.load("m", place) for place in places]
        negative = []
        for k in _SPAN:
            left[k] = w.times(left[k], a[k][k])
            negative.append(w.minus(left[k]))
            for c in range(k + 1, BLOCK):
                left[c] = w.subtract_product(left[c], negative[k], a[k][c])
            w.store(left[k], "m", places[k])
        return negative

    def down(self, first: str) -> list[str]:
        """Forward substitution of four rows."""
        w, starts = self.w, self.rows(first)
        a = self._square(starts, first)
        sums = [w.load("s", w.add(first, r)) for r in _SPAN]
        sums = w.loop("down_row", 0, first, self._products(starts), *sums)
        for r in _SPAN:
            for c in range(r):
                sums[r] = w.subtract_product(sums[r], w.minus(a[r][c]), sums[c])
            w.store(sums[r], "s", w.add(first, r))
        return []

    def up(self, done: str) -> list[str]:
        """Backward substitution of four rows; ``done`` rows below them are done."""
        w = self.w
        first = w.value(f"sub i64 {self.full - BLOCK}, {done}")
        starts = self.rows(first)
        a = self._square(starts, first)
        sums = [w.load("s", w.add(first, r)) for r in _SPAN]
        after = w.add(first, BLOCK)
        sums = w.loop("up_row", after, self.full, self._products(starts), *sums)
        for r in reversed(_SPAN):
            for c in range(r + 1, BLOCK):
                sums[r] = w.subtract_product(sums[r], w.minus(a[r][c]), sums[c])
            sums[r] = w.times(sums[r], a[r][r])
            w.store(sums[r], "s", w.add(first, r))
        return []

    def _products(self, starts: list[str]) -> Callable[..., list[str]]:
        """Body of a loop over columns that takes known unknowns out of four sums."""
        w = self.w

        def body(j: str, *sums: str) -> list[str]:
            minus = w.minus(w.load("s", j))
            return [
                w.subtract_product(value, minus, w.load("m", w.add(start, j)))
                for start, value in zip(starts, sums, strict=True)
            ]

        return body
