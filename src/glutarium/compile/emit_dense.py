"""LLVM assembly for the full block at the end of the elimination order.

Factorisation is right-looking, eight pivots at once: their rows are finished together, and every
later pair of rows then takes all of them in one sweep, so that a value is loaded once for eight
multiply-subtracts. Substitution takes eight rows at once, whose sums do not wait for one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.factor import BLOCK
from glutarium.compile.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.compile.storage import Storage
    from glutarium.compile.values import Lanes

__all__ = ["emit_block", "follow_block", "owe_block", "solve_block"]

_SPAN = range(BLOCK)


def emit_block(storage: Storage, lanes: Lanes) -> str:
    """Write ``factorise_block(m)``; nothing where there is no full block."""
    if not storage.pattern.full:
        return ""
    block = _Block(Writer(lanes), storage)
    if block.others:
        block.w.loop("pivots", 0, block.others, block.pivots, step=BLOCK)
    return block.w.function("factorise_block", ["m"])


def solve_block(w: Writer, storage: Storage) -> None:
    """Add lines that gather the unknowns of the block from ``x``, solve for them and put them back."""
    block = _Block(w, storage)
    block.gather()
    w.loop("down", 0, block.full, block.down, step=BLOCK)
    w.loop("up", 0, block.full, block.up, step=BLOCK)
    block.scatter()


def owe_block(w: Writer, storage: Storage) -> None:
    """Add the way down of the block, which leaves what the kept unknowns owe to the others."""
    block = _Block(w, storage)
    block.gather()
    if block.others:
        w.loop("down", 0, block.others, block.down, step=BLOCK)
        w.loop("owed", block.others, block.full, block.owed)
    block.scatter()


def follow_block(w: Writer, storage: Storage) -> None:
    """Add the way up of the block from its kept unknowns, which are known by then."""
    block = _Block(w, storage)
    if block.others:
        block.gather()
        w.loop("up", block.full - block.others, block.full, block.up, step=BLOCK)
        block.scatter()


class _Block:
    """Lines that deal with eight rows of the block.

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
        self.others = self.full - storage.pattern.kept
        self._together = 1 if self.full % 2 else 2
        self._start = storage.block_start

    def gather(self) -> None:
        """Copy the unknowns of the block from ``x`` to ``s``, side by side."""
        w = self.w
        w.lines.append(f"  %s = alloca [{self.full} x {w.lanes.type}], align 64")

        def body(i: str) -> list[str]:
            w.store(w.at(w.offset("x", "block_unknowns", i)), "s", i)
            return []

        w.loop("gather", 0, self.full, body)

    def scatter(self) -> None:
        """Put them back."""
        w = self.w

        def body(i: str) -> list[str]:
            w.put(w.load("s", i), w.offset("x", "block_unknowns", i))
            return []

        w.loop("scatter", 0, self.full, body)

    def row(self, i: str) -> str:
        """Place where a row begins."""
        return self.w.add(self.w.value(f"mul i64 {i}, {self.full}"), self._start)

    def rows(self, first: str) -> list[str]:
        """Places where eight rows begin."""
        start = self.row(first)
        return [start, *(self.w.add(start, r * self.full) for r in range(1, BLOCK))]

    def _square(self, starts: list[str], first: str) -> list[list[str]]:
        """Values of the square of eight rows and their own columns."""
        w = self.w
        return [[w.load("m", w.add(w.add(s, first), c)) for c in _SPAN] for s in starts]

    def pivots(self, first: str) -> list[str]:
        """Eliminate eight unknowns."""
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
        w.loop(
            "rows",
            after,
            self.full,
            lambda i: self._later(i, first, starts, a),
            step=self._together,
        )
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
        """Take the eight pivots out of two later rows, or of one where their number is odd."""
        w = self.w
        one = self.row(i)
        bases = [one, w.add(one, self.full)][: self._together]
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
        """Final entries of a row below the eight pivots, stored, and returned negated."""
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
        """Forward substitution of eight rows."""
        w, starts = self.w, self.rows(first)
        a = self._square(starts, first)
        sums = [w.load("s", w.add(first, r)) for r in _SPAN]
        sums = w.loop("down_row", 0, first, self._products(starts), *sums)
        for r in _SPAN:
            for c in range(r):
                sums[r] = w.subtract_product(sums[r], w.minus(a[r][c]), sums[c])
            w.store(sums[r], "s", w.add(first, r))
        return []

    def owed(self, i: str) -> list[str]:
        """What a kept row owes to the unknowns that are eliminated."""
        w, start = self.w, self.row(i)
        body = self._products([start])
        value = w.loop("owed_row", 0, self.others, body, w.load("s", i))[0]
        w.store(value, "s", i)
        return []

    def up(self, done: str) -> list[str]:
        """Backward substitution of eight rows; ``done`` rows below them are done."""
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
        """Body of a loop over columns that takes known unknowns out of eight sums."""
        w = self.w

        def body(j: str, *sums: str) -> list[str]:
            minus = w.minus(w.load("s", j))
            return [
                w.subtract_product(value, minus, w.load("m", w.add(start, j)))
                for start, value in zip(starts, sums, strict=True)
            ]

        return body
