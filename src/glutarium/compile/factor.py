"""Stage 3c: the pattern of the factors of the bordered matrix, fixed once for a model.

Rows and columns are eliminated together, without pivoting for size: the diagonal of a Rosenbrock matrix
carries the inverse step, and a step that divides badly is rejected and tried again with a smaller one.
The order is Markowitz's: next comes the unknown whose elimination touches fewest entries. What is left
at the end (in a cell: the cofactors that everything needs) is nearly full; from the point where that pays
it is stored in full, and :mod:`glutarium.compile.emit_dense` factorises it in blocks.

Before the full block, unknowns are grouped in *levels*: those of one level touch no common entry as
pivots or right-hand sides, so they can be eliminated at once, and their order does not matter.
:mod:`glutarium.compile.storage` gives every entry its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.compile.sizes import FULL_COST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["BLOCK", "Factors", "factors"]

BLOCK = 8
"""Pivots that the full block eliminates at once; their number is a multiple of it."""


@dataclass(frozen=True, slots=True)
class Factors:
    """Both factors, row after row in order of elimination.

    A row holds its entries left of the diagonal in order of elimination, the diagonal, and the entries
    right of it.

    Attributes
    ----------
    order
        Unknowns in order of elimination, level after level, and then those of the full block.
    starts
        First entry of every row, and the end; length ``n + 1``.
    diagonal
        Entry of every row's diagonal.
    columns
        Unknown of every entry.
    operations
        Multiply-subtract operations of one factorisation before the full block.
    full
        Size of the full block: so many unknowns at the end of the order.
    levels
        Position in the order where each level begins, and where the last one ends.
    kept
        Unknowns at the very end that are not eliminated: systems that share them add up what is left.
    """

    order: tuple[int, ...]
    starts: tuple[int, ...]
    diagonal: tuple[int, ...]
    columns: tuple[int, ...]
    operations: int
    full: int
    levels: tuple[int, ...]
    kept: int = 0

    @property
    def n_entries(self) -> int:
        """Entries of both factors together."""
        return len(self.columns)

    @property
    def before(self) -> int:
        """Unknowns before the full block."""
        return len(self.order) - self.full

    def lower(self, i: int) -> tuple[int, int]:
        """First entry of a row, and the first one that is not left of the diagonal."""
        return self.starts[i], self.diagonal[i]


def factors(
    entries: Iterable[tuple[int, int]], n: int, kept: Sequence[int] = (), *, full_end: bool = True
) -> Factors:
    """Find the order of elimination and the fill of a matrix.

    Parameters
    ----------
    entries
        (Row, column) of its non-zeros; the diagonal always counts as one.
    n
        Number of unknowns.
    kept
        Unknowns that are not eliminated; they come last, in this order.
    full_end
        Whether the end is stored in full where that pays.
    """
    entries = list(entries)
    order, costs = _markowitz(entries, n, kept)
    full = _full_block(costs, len(kept)) if full_end else len(kept)
    block = order[n - full :]
    inside = [(i, j) for i in block for j in block]
    above = _eliminated([*entries, *inside], order)
    order, levels = _by_level(order, above, n - full)
    starts, diagonal, columns = _stored(above, order)
    operations = sum(costs[: n - full])
    return Factors(tuple(order), starts, diagonal, columns, operations, full, levels, len(kept))


def _full_block(costs: Sequence[int], kept: int) -> int:
    """Size of the full block for which a factorisation takes least time."""
    sizes = range(kept, len(costs) + 1, BLOCK)
    return min(sizes, key=lambda d: sum(costs[: len(costs) - d]) + FULL_COST * d**3 / 3)


def _markowitz(
    entries: Sequence[tuple[int, int]], n: int, kept: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Order of elimination, and the operations that each one costs; kept unknowns cost none."""
    rows, columns = _pattern(entries, n)
    order: list[int] = []
    costs: list[int] = []
    left = set(range(n)) - set(kept)
    while left:
        pivot = min(left, key=lambda i: ((len(rows[i]) - 1) * (len(columns[i]) - 1), i))
        left.discard(pivot)
        order.append(pivot)
        below, right = columns[pivot] - {pivot}, rows[pivot] - {pivot}
        costs.append(len(below) * len(right))
        for i in below:
            rows[i] |= right
            rows[i].discard(pivot)
        for j in right:
            columns[j] |= below
            columns[j].discard(pivot)
    return [*order, *kept], [*costs, *[0] * len(kept)]


def _pattern(entries: Iterable[tuple[int, int]], n: int) -> tuple[list[set[int]], list[set[int]]]:
    rows, columns = [{i} for i in range(n)], [{i} for i in range(n)]
    for i, j in entries:
        rows[i].add(j)
        columns[j].add(i)
    return rows, columns


def _eliminated(entries: Iterable[tuple[int, int]], order: Sequence[int]) -> list[set[int]]:
    """Columns of every row with all fill."""
    rows, columns = _pattern(entries, len(order))
    left = set(order)
    for pivot in order:
        left.discard(pivot)
        right = rows[pivot] & left
        below = columns[pivot] & left
        for i in below:
            rows[i] |= right
        for j in right:
            columns[j] |= below
    return rows


def _by_level(
    order: Sequence[int], rows: Sequence[set[int]], before: int
) -> tuple[list[int], tuple[int, ...]]:
    """The same order, level after level, which has the same fill; and where levels begin."""
    level = dict.fromkeys(order, 0)
    columns: dict[int, list[int]] = {i: [] for i in order}
    for i in order:
        for j in rows[i]:
            columns[j].append(i)
    done: set[int] = set()
    for pivot in order[:before]:
        done.add(pivot)
        for other in (*rows[pivot], *columns[pivot]):
            if other not in done:
                level[other] = max(level[other], level[pivot] + 1)
    sparse = sorted(order[:before], key=lambda i: level[i])
    starts = [k for k, i in enumerate(sparse) if not k or level[i] > level[sparse[k - 1]]]
    return [*sparse, *order[before:]], (*starts, before)


def _stored(
    rows: Sequence[set[int]], order: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Starts, diagonal and columns of the rows in the given order."""
    place = {unknown: i for i, unknown in enumerate(order)}
    starts: list[int] = [0]
    diagonal: list[int] = []
    columns: list[int] = []
    for i, unknown in enumerate(order):
        row = sorted(place[j] for j in rows[unknown])
        diagonal.append(len(columns) + row.index(i))
        columns += [order[k] for k in row]
        starts.append(len(columns))
    return tuple(starts), tuple(diagonal), tuple(columns)
