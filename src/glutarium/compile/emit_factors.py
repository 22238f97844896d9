"""LLVM assembly of the factorisation of the bordered system, driven by tables.

Before the full block, elimination is right-looking and goes level by level: invert the pivots, divide the
columns below them, and subtract products from what remains. One update takes an entry of a column and
four neighbouring entries of the pivot's row; the last ones of a row are padded and their products go to
a spare entry. Straight-line code would outgrow the instruction cache and take long to compile. The
diagonal is stored inverted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.emit_dense import emit_block
from glutarium.compile.emit_unrolled import eliminate
from glutarium.compile.sizes import UPDATES
from glutarium.compile.writer import BYTES, Writer, table

if TYPE_CHECKING:
    from collections.abc import Container

    from glutarium.compile.storage import Storage
    from glutarium.compile.values import Lanes

__all__ = ["emit_factorise"]

_UPDATE = 2 + UPDATES
"""Indices of one update: left entry, first upper entry, targets."""
_RANGES = ("diagonal", "scale", "update")


def emit_factorise(
    storage: Storage,
    n_states: int,
    lanes: Lanes,
    given: Container[tuple[int, int]] | None = None,
) -> str:
    """Write ``factorise(m, shift)``; entry ``n_entries`` of ``m`` is spare.

    Parameters
    ----------
    storage
        Places of the factors.
    n_states
        How many of the unknowns are states.
    lanes
        Value type.
    given
        (Row, column) of the entries that ``m`` holds at the start; others are zero, or not set where
        :func:`~glutarium.compile.emit_unrolled.cleared` leaves them out. All are set by default.
    """
    w, block = Writer(lanes), emit_block(storage, lanes)
    if storage.small:
        parts = eliminate(storage, lanes, n_states, given)
        w.lines += [f"  call void @factorise_{i}(ptr %m, ptr %shift)" for i in range(len(parts))]
    else:
        parts = _tables(storage, n_states, BYTES * lanes.width)
        _by_tables(w, storage, n_states)
    if storage.pattern.full:
        w.lines.append("  call void @factorise_block(ptr %m)")
    return "".join([block, *parts, w.function("factorise", ["m", "shift"])])


def _tables(storage: Storage, n_states: int, width: int) -> list[str]:
    """Offsets in bytes: diagonals to shift, and per level what is inverted, divided and updated."""
    p, slots = storage.pattern, storage.slots
    divided: list[int] = []
    updates: list[int] = []
    ranges: list[int] = []
    last = storage.lower_start  # levels of the diagonals stand in descending order
    for first, end in zip(p.levels, p.levels[1:], strict=False):
        begins = (last - (end - first), len(divided), len(updates))
        pairs = [(i, k) for k in range(first, end) for i in storage.below[k]]
        for i, k in sorted(
            pairs
        ):  # row by row: what one pivot leaves in the cache, the next one needs
            _add_pair(storage, i, k, divided, updates)
        ranges += [
            x for pair in zip(begins, (last, len(divided), len(updates)), strict=True) for x in pair
        ]
        last = begins[0]
    diagonals = [(u >= n_states, slots[u, u]) for u in p.order]
    shifted = [place for _, place in sorted(diagonals)]
    return [
        table("shifted", [width * i for i in shifted]),
        table("level_ranges", ranges),
        table("divided", [width * i for i in divided]),
        table("updates", [width * i for i in updates]),
    ]


def _add_pair(storage: Storage, i: int, k: int, divided: list[int], updates: list[int]) -> None:
    """What becomes of row ``i`` when pivot ``k`` is eliminated."""
    p, slots = storage.pattern, storage.slots
    row, pivot, right = p.order[i], p.order[k], storage.right(k)
    left, columns = slots[row, pivot], [p.columns[q] for q in right]
    divided += [left, slots[pivot, pivot]]
    for n in range(0, len(columns), UPDATES):
        targets = [slots[row, j] for j in columns[n : n + UPDATES]]
        spare = [p.n_entries] * (UPDATES - len(targets))
        updates += [left, storage.places[right[n]], *targets, *spare]


def _by_tables(w: Writer, storage: Storage, n_states: int) -> None:
    p, shift, one = storage.pattern, w.load("shift", 0), w.lanes.constant(1.0)
    n = len(p.order)
    states = min(n_states, n)
    for name, first, last, value in (("state", 0, states, shift), ("cut", states, n, one)):
        w.loop(name, first, last, lambda i, value=value: _shift(w, i, value))
    w.loop("level", 0, len(p.levels) - 1, lambda i: _level(w, i))


def _shift(w: Writer, i: str, value: str) -> list[str]:
    place = w.offset("m", "shifted", i)
    w.put(w.value(f"fadd {w.lanes.type} {w.at(place)}, {value}"), place)
    return []


def _level(w: Writer, level: str) -> list[str]:
    row = w.value(f"mul i64 {level}, {2 * len(_RANGES)}")
    ends = [w.index("level_ranges", w.add(row, n)) for n in range(2 * len(_RANGES))]
    w.loop("invert", ends[0], ends[1], lambda i: _invert(w, i))
    w.loop("divide", ends[2], ends[3], lambda i: _divide(w, i), step=2)
    w.loop("update", ends[4], ends[5], lambda i: _update(w, i), step=_UPDATE)
    return []


def _invert(w: Writer, i: str) -> list[str]:
    w.store(w.inverse(w.load("m", i)), "m", i)
    return []


def _divide(w: Writer, i: str) -> list[str]:
    entry, inverse = w.offset("m", "divided", i), w.offset("m", "divided", w.add(i, 1))
    w.put(w.times(w.at(entry), w.at(inverse)), entry)
    return []


def _update(w: Writer, i: str) -> list[str]:
    """All loads come before the first store."""
    left, upper, *targets = (w.offset("m", "updates", w.add(i, n)) for n in range(_UPDATE))
    minus = w.minus(w.at(left))
    values = []
    for n, target in enumerate(targets):
        factor = w.at(w.value(f"getelementptr {w.lanes.type}, ptr {upper}, i64 {n}"))
        values.append(w.subtract_product(w.at(target), minus, factor))
    for value, target in zip(values, targets, strict=True):
        w.put(value, target)
    return []
