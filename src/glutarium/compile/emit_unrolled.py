"""LLVM assembly of factorisation and solution of a small system, entry by entry.

Loops over tables spend more time on short rows than on arithmetic, since the processor cannot foresee where
each ends. Without loops the code grows with the entries: it is quicker as long as it stays in the caches, and
it takes longer to assemble. Sums are taken in the same order as by the loops, so that results are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.sizes import CHAINS, HELD, LONGEST, NEIGHBOURS
from glutarium.compile.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from glutarium.compile.storage import Storage
    from glutarium.compile.values import Lanes

__all__ = ["cleared", "eliminate", "follow", "substitute"]


def substitute(
    w: Writer, storage: Storage, rows: Sequence[int], entries: Sequence[range], *, scaled: bool
) -> None:
    """Subtract from the unknown of every row what its entries owe; over the pivot on the way back.

    What was found last stays in registers: rows near the end need it at once, and reading it again would
    wait for its way through memory and take half of all loads.
    """
    p = storage.pattern
    held: dict[int, str] = {}
    for i, row in zip(rows, entries, strict=True):
        terms = [(storage.places[q], p.columns[q]) for q in row]
        value = _owed(w, w.load("x", p.order[i]), terms, held)
        if scaled:
            value = w.times(value, w.load("m", storage.places[p.diagonal[i]]))
        w.store(value, "x", p.order[i])
        held[p.order[i]] = value
        if len(held) > HELD:
            del held[next(iter(held))]


def _owed(w: Writer, value: str, terms: Sequence[tuple[int, int]], held: Mapping[int, str]) -> str:
    """A value minus products, in two sums that do not wait for one another, and what is odd at the end."""
    sums = [value, w.lanes.constant(0.0)]
    paired = len(terms) // CHAINS * CHAINS
    for n, term in enumerate(terms[:paired]):
        sums[n % CHAINS] = _without(w, sums[n % CHAINS], *term, held)
    if paired:
        value = w.value(f"fadd {w.lanes.type} {sums[0]}, {sums[1]}")
    for term in terms[paired:]:
        value = _without(w, value, *term, held)
    return value


def _without(w: Writer, value: str, place: int, unknown: int, held: Mapping[int, str]) -> str:
    minus = w.minus(w.load("m", place))
    found = held[unknown] if unknown in held else w.load("x", unknown)
    return w.subtract_product(value, minus, found)


def follow(w: Writer, storage: Storage) -> None:
    """Unknowns that follow from those that were found."""
    for bound, weights in storage.bound.items():
        value = w.lanes.constant(0.0)
        for unknown, weight in weights.items():
            value = w.subtract_product(value, w.lanes.constant(-weight), w.load("x", unknown))
        w.store(value, "x", bound)


def cleared(storage: Storage) -> tuple[int, int]:
    """First place that must be zero before entries are set, and how many: all, or those of the full block.

    Without loops what elimination adds need not be zero at the start; the spare entry stands for zero.
    """
    end = storage.n_entries + 1
    first = storage.n_entries - storage.pattern.full**2 if storage.small else 0
    return first, end - first


def eliminate(
    storage: Storage, lanes: Lanes, n_states: int, given: Container[tuple[int, int]] | None
) -> list[str]:
    """Functions of ``m`` and ``shift`` that eliminate all unknowns before the full block one by one.

    They go row after row; diagonals end up inverted.

    Parameters
    ----------
    given
        (Row, column) of the entries that are there at the start; others are zero. All by default.
    """
    rows = _Rows(storage, lanes, n_states, given)
    for i in range(len(storage.pattern.order)):
        rows.eliminate(i)
    return rows.functions()


class _Rows:
    """Writes row after row, in functions that are not too long.

    Parameters
    ----------
    storage, lanes, n_states, given
        As of :func:`eliminate`.
    """

    def __init__(
        self,
        storage: Storage,
        lanes: Lanes,
        n_states: int,
        given: Container[tuple[int, int]] | None,
    ) -> None:
        self._storage, self._lanes, self._given = storage, lanes, given
        self._n_states = n_states
        self._place = {unknown: i for i, unknown in enumerate(storage.pattern.order)}
        self._writers = [Writer(lanes)]

    @property
    def _w(self) -> Writer:
        return self._writers[-1]

    def functions(self) -> list[str]:
        """All that was written."""
        names = (f"factorise_{i}" for i in range(len(self._writers)))
        return [
            w.function(name, ["m", "shift"]) for w, name in zip(self._writers, names, strict=True)
        ]

    def eliminate(self, i: int) -> None:
        """Write one row; a few neighbours at a time, so that they stay in registers."""
        p, storage = self._storage.pattern, self._storage
        pivots = [p.columns[q] for q in storage.left(i)]
        upper = {
            k: {p.columns[q]: storage.places[q] for q in storage.right(self._place[k])}
            for k in pivots
        }
        columns = {p.order[i], *pivots, *(j for row in upper.values() for j in row)}
        columns |= {
            j for j in (p.columns[q] for q in storage.right(i)) if self._bound_by(p.order[i], j)
        }
        ordered = sorted(columns, key=self._place.__getitem__)
        for first in range(0, len(ordered), NEIGHBOURS):
            self._neighbours(p.order[i], ordered[first : first + NEIGHBOURS], upper)

    def _neighbours(
        self, unknown: int, columns: Sequence[int], upper: Mapping[int, Mapping[int, int]]
    ) -> None:
        if len(self._w.lines) > LONGEST:
            self._writers.append(Writer(self._lanes))
        w, slots = self._w, self._storage.slots
        row = {j: self._start(unknown, j) for j in columns}
        self._take_pivots(unknown, row, upper)
        if unknown in row and self._place[unknown] < self._storage.pattern.before:
            row[unknown] = w.inverse(row[unknown])
        for j, value in row.items():
            w.store(value, "m", slots[unknown, j])

    def _bound_by(self, unknown: int, column: int) -> list[int]:
        """Bound unknowns of whose entry in a row another column gets its share."""
        storage = self._storage
        return [
            b for b, w in storage.bound.items() if column in w and (unknown, b) in storage.beside
        ]

    def _start(self, unknown: int, column: int) -> str:
        """Value of an entry before elimination."""
        w, place = self._w, (unknown, column)
        there = self._given is None or place in self._given
        value = w.load("m", self._storage.slots[place]) if there else w.lanes.constant(0.0)
        for bound in self._bound_by(unknown, column):
            weight = w.lanes.constant(-self._storage.bound[bound][column])
            beside = w.load("m", self._storage.beside[unknown, bound])
            value = w.subtract_product(value, weight, beside)
        if column != unknown:
            return value
        shift = w.load("shift", 0) if unknown < self._n_states else w.lanes.constant(1.0)
        return w.value(f"fadd {w.lanes.type} {value}, {shift}")

    def _take_pivots(
        self, unknown: int, row: dict[int, str], upper: Mapping[int, Mapping[int, int]]
    ) -> None:
        """Take all pivots out of some entries; multipliers of earlier ones stand in memory."""
        w, slots = self._w, self._storage.slots
        for k, places in upper.items():
            if k in row:
                row[k] = w.times(row[k], w.load("m", slots[k, k]))
            shared = [j for j in row if j in places]
            if shared:
                minus = w.minus(row[k] if k in row else w.load("m", slots[unknown, k]))
            for j in shared:
                row[j] = w.subtract_product(row[j], minus, w.load("m", places[j]))
