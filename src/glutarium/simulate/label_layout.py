"""The EMUs of a request as a cascade: their order, and the pattern of the factors of its levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from glutarium.solve.cascade_layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.emu import Emu, Indices, Level

__all__ = ["eliminated", "lay_out"]


def lay_out(levels: Sequence[Level], at: Mapping[Emu, int], pool: Indices) -> Layout:
    """Lay out a cascade.

    Parameters
    ----------
    levels
        EMUs by size.
    at
        Position of every EMU.
    pool
        Pool of every EMU, shape ``(n_emus,)``.
    """
    n = len(pool)
    counts = [len(level.emus) for level in levels]
    same = _links(levels, at, lambda level: level.row)
    columns = _links(levels, at, lambda level: level.column)
    row, column, diagonal = _filled(n, same, columns)
    place = {(i, int(column[k])): k for i in range(n) for k in range(row[i], row[i + 1])}
    pairs = zip(same.tolist(), columns.tolist(), strict=True)
    mixtures = [m for level in levels for m in level.mixtures]
    offsets = _bounds([len(level.mixtures) for level in levels])
    starts = zip(levels, offsets[:-1], strict=True)
    sizes = [len(level.emus[0].atoms) for level in levels]
    first = _bounds(np.repeat(sizes, counts).tolist())
    return Layout(
        pool=pool,
        node=_bounds(counts),
        size=np.array(sizes, dtype=np.int64),
        first=first,
        same_row=same,
        same_entry=np.array([place[pair] for pair in pairs], dtype=np.int64),
        same_flux=_joined([level.flux for level in levels]),
        same_weight=_weights([level.weight for level in levels]),
        mixed=_bounds([len(level.mixed_row) for level in levels]),
        mixed_row=_links(levels, at, lambda level: level.mixed_row),
        mixed_mixture=_joined([level.mixed_column + offset for level, offset in starts]),
        mixed_flux=_joined([level.mixed_flux for level in levels]),
        mixed_weight=_weights([level.mixed_weight for level in levels]),
        mixture=offsets,
        part=_bounds([len(m) for m in mixtures]),
        part_node=np.array([at[e] for m in mixtures for e in m], dtype=np.int64),
        row=row,
        column=column,
        diagonal=diagonal,
        source=first[column],
    )


def _links(
    levels: Sequence[Level], at: Mapping[Emu, int], choose: Callable[[Level], Indices]
) -> Indices:
    """Positions that a level counts among its EMUs, counted among all."""
    return _joined(
        [np.array([at[level.emus[i]] for i in choose(level)], dtype=np.int64) for level in levels]
    )


def _joined(parts: list[Indices]) -> Indices:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int64)


def _weights(parts: list[Array]) -> Array:
    return np.concatenate([np.zeros(0), *parts])


def _bounds(counts: list[int]) -> Indices:
    return np.concatenate([np.zeros(1), np.cumsum(counts)]).astype(np.int64)


def eliminated(level: Level) -> list[Emu]:
    """EMUs of a level in an order that fills its factors little."""
    n = len(level.emus)
    pattern = sparse.csc_matrix(
        (np.full(len(level.row), -1.0), (level.row, level.column)), shape=(n, n)
    )
    strong = pattern + sparse.diags(np.full(n, 1.0 + len(level.row)), format="csc")
    options = {"SymmetricMode": True}
    order = splu(sparse.csc_matrix(strong), "MMD_AT_PLUS_A", 0.0, options=options).perm_c
    return [level.emus[i] for i in np.argsort(order)]


def _filled(n: int, rows: Indices, columns: Indices) -> tuple[Indices, Indices, Indices]:
    """Pattern of the factors of a matrix: first entries, columns and diagonals of its rows."""
    held: list[set[int]] = [{i} for i in range(n)]
    for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
        held[i].add(j)
    sorted_rows: list[list[int]] = []
    for i in range(n):
        waiting = sorted(j for j in held[i] if j < i)
        while waiting:
            j = waiting.pop(0)
            more = {k for k in sorted_rows[j] if k > j} - held[i]
            held[i] |= more
            waiting = sorted({*waiting, *(k for k in more if k < i)})
        sorted_rows.append(sorted(held[i]))
    column = np.array([j for own in sorted_rows for j in own], dtype=np.int64)
    row = _bounds([len(own) for own in sorted_rows])
    diagonal = np.array([row[i] + own.index(i) for i, own in enumerate(sorted_rows)], np.int64)
    return row, column, diagonal
