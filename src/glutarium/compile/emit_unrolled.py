"""LLVM assembly of factorisation and solution of a small system, entry by entry.

Loops over tables spend more time on short rows than on arithmetic, since the processor cannot foresee where
each ends. Without loops the code grows with the entries: it is quicker as long as it stays in the caches, and
it takes longer to assemble. Sums are taken in the same order as by the loops, so that results are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from glutarium.compile.storage import Storage
    from glutarium.compile.writer import Writer

__all__ = ["cleared", "eliminate", "substitute"]

_PAIR = 2


def substitute(
    w: Writer, storage: Storage, rows: Sequence[int], entries: Sequence[range], *, scaled: bool
) -> None:
    """Subtract from the unknown of every row what its entries owe; over the pivot on the way back."""
    p = storage.pattern
    for i, row in zip(rows, entries, strict=True):
        terms = [(storage.places[q], p.columns[q]) for q in row]
        value = _owed(w, w.load("x", p.order[i]), terms)
        if scaled:
            value = w.times(value, w.load("m", storage.places[p.diagonal[i]]))
        w.store(value, "x", p.order[i])
        w.part()


def _owed(w: Writer, value: str, terms: Sequence[tuple[int, int]]) -> str:
    """A value minus products, in two sums that do not wait for one another, and what is odd at the end."""
    sums = [value, w.lanes.constant(0.0)]
    paired = len(terms) // _PAIR * _PAIR
    for n, term in enumerate(terms[:paired]):
        sums[n % _PAIR] = _without(w, sums[n % _PAIR], *term)
    if paired:
        value = w.value(f"fadd {w.lanes.type} {sums[0]}, {sums[1]}")
    for term in terms[paired:]:
        value = _without(w, value, *term)
    return value


def _without(w: Writer, value: str, place: int, unknown: int) -> str:
    return w.subtract_product(value, w.minus(w.load("m", place)), w.load("x", unknown))


def cleared(storage: Storage) -> tuple[int, int]:
    """First place that must be zero before entries are set, and how many: all, or those of the full block.

    Without loops what elimination adds need not be zero at the start; the spare entry stands for zero.
    """
    end = storage.pattern.n_entries + 1
    first = storage.block_start if storage.small else 0
    return first, end - first


def eliminate(
    w: Writer, storage: Storage, shifts: Sequence[str], given: Container[tuple[int, int]] | None
) -> None:
    """Eliminate all unknowns before the full block, row after row; diagonals end up inverted.

    Parameters
    ----------
    shifts
        Register of what is added to the diagonal of each unknown.
    given
        (Row, column) of the entries that are there at the start; others are zero. All by default.
    """
    p, slots = storage.pattern, storage.slots
    position = {unknown: i for i, unknown in enumerate(p.order)}
    for i, unknown in enumerate(p.order):
        row = {
            j: w.load("m", slots[unknown, j])
            if given is None or (unknown, j) in given
            else w.lanes.constant(0.0)
            for j in _touched(storage, i, position)
        }
        row[unknown] = w.value(f"fadd {w.lanes.type} {row[unknown]}, {shifts[unknown]}")
        for q in storage.left(i):
            pivot = p.columns[q]
            k = position[pivot]
            row[pivot] = w.times(row[pivot], w.load("m", slots[pivot, pivot]))
            minus = w.minus(row[pivot])
            for r in storage.right(k):
                j = p.columns[r]
                row[j] = w.subtract_product(row[j], minus, w.load("m", storage.places[r]))
        if i < p.before:
            row[unknown] = w.inverse(row[unknown])
        for j, value in row.items():
            w.store(value, "m", slots[unknown, j])
        w.part()


def _touched(storage: Storage, i: int, position: dict[int, int]) -> Iterator[int]:
    """Columns of a row whose entries change, once each."""
    p = storage.pattern
    found: dict[int, None] = {}
    for q in storage.left(i):
        found[p.columns[q]] = None
        for r in storage.right(position[p.columns[q]]):
            found[p.columns[r]] = None
    found[p.order[i]] = None
    yield from found
