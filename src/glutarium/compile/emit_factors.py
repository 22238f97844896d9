"""LLVM assembly of the factorisation and the solution of the bordered system.

Before the full block, elimination is right-looking and driven by tables: for every pivot a list of entries
to scale and a list of (target, left, upper) updates. All targets of a pivot differ, so a few updates are
done at a time; the lists are padded with updates of a spare entry that stays zero. Straight-line code
would be little faster, outgrow the instruction cache and take long to compile. The solution is
straight-line code. The diagonal is stored inverted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.emit_dense import emit_block
from glutarium.compile.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from glutarium.compile.values import Lanes
    from glutarium.compile.factor import Factors

__all__ = ["emit_factorise", "emit_solve"]

_TOGETHER = 4
"""Updates that are done at a time."""

_PER_FUNCTION = 350
"""Entries of the factors that one function of the solution takes."""

_TRIPLE, _BYTES = 3, 8
"""Indices of an update; bytes of a number."""


def emit_solve(pattern: Factors, lanes: Lanes) -> str:
    """Write ``solve(m, x)``: forward and backward substitution, straight-line.

    Rows go by groups into functions of their own, because the time to assemble a function grows faster
    than its length.
    """
    n = len(pattern.order)
    left = [range(pattern.starts[i], pattern.diagonal[i]) for i in range(n)]
    right = [range(pattern.diagonal[i] + 1, pattern.starts[i + 1]) for i in range(n)]
    groups = [(rows, left) for rows in _grouped(range(n), left)]
    groups += [(rows, right) for rows in _grouped(reversed(range(n)), right)]
    names = [f"solve_{i}" for i in range(len(groups))]
    parts = [
        _substitute(name, rows, entries, pattern, lanes)
        if entries is left
        else _substitute_back(name, rows, entries, pattern, lanes)
        for name, (rows, entries) in zip(names, groups, strict=True)
    ]
    whole = Writer(lanes)
    whole.lines += [f"  call void @{name}(ptr %m, ptr %x)" for name in names]
    return "\n".join([*parts, whole.function("solve", ["m", "x"])])


def _grouped(rows: Iterable[int], entries: Sequence[range]) -> list[list[int]]:
    """Rows in their order, cut where their entries become many."""
    groups: list[list[int]] = [[]]
    count = 0
    for row in rows:
        if count >= _PER_FUNCTION:
            groups.append([])
            count = 0
        groups[-1].append(row)
        count += len(entries[row]) + 1
    return groups


def _substitute(
    name: str, rows: Sequence[int], left: Sequence[range], pattern: Factors, lanes: Lanes
) -> str:
    """Forward: what a row owes to the rows before it."""
    w = Writer(lanes)
    x = _Unknowns(w)
    for i in rows:
        if left[i]:
            x.set(pattern.order[i], _reduced(w, x, i, left[i], pattern))
    return w.function(name, ["m", "x"])


def _substitute_back(
    name: str, rows: Sequence[int], right: Sequence[range], pattern: Factors, lanes: Lanes
) -> str:
    """Backward: what a row owes to the rows after it, over its pivot."""
    w = Writer(lanes)
    x = _Unknowns(w)
    for i in rows:
        # What was found last comes last, so nothing waits for it.
        value = _reduced(w, x, i, reversed(right[i]), pattern)
        inverse = w.load("m", pattern.diagonal[i])
        x.set(pattern.order[i], w.value(f"fmul {lanes.type} {value}, {inverse}"))
    return w.function(name, ["m", "x"])


def _reduced(w: Writer, x: _Unknowns, row: int, entries: Iterable[int], pattern: Factors) -> str:
    value = x.get(pattern.order[row])
    for q in entries:
        minus = w.value(f"fneg {w.lanes.type} {w.load('m', q)}")
        value = w.subtract_product(value, minus, x.get(pattern.columns[q]))
    return value


class _Unknowns:
    """Values of ``x`` that a function has read or found; all that it finds is stored.

    Parameters
    ----------
    writer
        Of the function.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._registers: dict[int, str] = {}

    def get(self, unknown: int) -> str:
        """Register of an unknown, loaded at its first use."""
        if unknown not in self._registers:
            self._registers[unknown] = self._writer.load("x", unknown)
        return self._registers[unknown]

    def set(self, unknown: int, register: str) -> None:
        """Keep and store a new value."""
        self._registers[unknown] = register
        self._writer.store(register, "x", unknown)


def emit_factorise(pattern: Factors, n_states: int, lanes: Lanes) -> str:
    """Write ``factorise(m, shift)``; entry ``n_entries`` of ``m`` must be there and zero."""
    return (
        emit_block(pattern, lanes) + _tables(pattern, n_states, lanes) + _factorise(pattern, lanes)
    )


def _tables(pattern: Factors, n_states: int, lanes: Lanes) -> str:
    """Index tables: where each pivot's lists begin, and the lists; updates hold offsets in bytes."""
    width = _BYTES * lanes.width
    slots = pattern.slots()
    before = len(pattern.order) - pattern.full
    scale: list[int] = []
    updates: list[tuple[int, int, int]] = []
    scale_starts, update_starts = [0], [0]
    for k, below in enumerate(_below(pattern)[:before]):
        pivot = pattern.order[k]
        right = pattern.columns[pattern.diagonal[k] + 1 : pattern.starts[k + 1]]
        scale += [slots[i, pivot] for i in below]
        updates += [(slots[i, j], slots[i, pivot], slots[pivot, j]) for i in below for j in right]
        updates += [(pattern.n_entries,) * 3] * (-len(updates) % _TOGETHER)
        scale_starts.append(len(scale))
        update_starts.append(_TRIPLE * len(updates))
    states = [q for q, u in zip(pattern.diagonal, pattern.order, strict=True) if u < n_states]
    cuts = [q for q, u in zip(pattern.diagonal, pattern.order, strict=True) if u >= n_states]
    tables = {
        "state_diagonals": states,
        "cut_diagonals": cuts,
        "pivots": pattern.diagonal,
        "scale_starts": scale_starts,
        "update_starts": update_starts,
        "scaled": scale,
        "updates": [width * index for update in updates for index in update],
    }
    return "\n".join(_table(name, values) for name, values in tables.items()) + (
        f"\n@counts = private unnamed_addr constant [3 x i32] "
        f"[i32 {len(states)}, i32 {len(cuts)}, i32 {before}]\n"
    )


def _below(pattern: Factors) -> list[list[int]]:
    """Unknowns whose rows have an entry below each pivot, in order of elimination."""
    place = {unknown: i for i, unknown in enumerate(pattern.order)}
    below: list[list[int]] = [[] for _ in pattern.order]
    for i, unknown in enumerate(pattern.order):
        for q in range(pattern.starts[i], pattern.diagonal[i]):
            below[place[pattern.columns[q]]].append(unknown)
    return below


def _table(name: str, values: Sequence[int]) -> str:
    listed = ", ".join(f"i32 {v}" for v in values) or "i32 0"
    return f"@{name} = private unnamed_addr constant [{max(len(values), 1)} x i32] [{listed}]"


def _factorise(pattern: Factors, lanes: Lanes) -> str:
    w = Writer(lanes)
    kind, one = lanes.type, lanes.constant(1.0)
    before = len(pattern.order) - pattern.full
    shift = w.load("shift", 0)
    _shift_diagonals(w, "state", "entry", shift)
    _shift_diagonals(w, "cut", "end.state", one)
    if before:
        w.lines += ["  br label %pivot", "pivot:"]
        w.lines.append("  %k = phi i64 [0, %end.cut], [%k.next, %end.update]")
        w.lines.append("  %k.next = add i64 %k, 1")
        place = w.index("pivots", "%k")
        inverse = w.value(f"fdiv {kind} {one}, {w.load('m', place)}")
        w.store(inverse, "m", place)
        ends = [w.index(t, k) for t in ("scale_starts", "update_starts") for k in ("%k", "%k.next")]
        _loop(w, "scale", "pivot", ends[0], ends[1])
        entry = w.index("scaled", "%q.scale")
        w.store(w.value(f"fmul {kind} {w.load('m', entry)}, {inverse}"), "m", entry)
        _again(w, "scale", ends[1], 1)
        _loop(w, "update", "end.scale", ends[2], ends[3])
        w.lines.append("  %list.update = getelementptr i32, ptr @updates, i64 %q.update")
        _updates(w)
        _again(w, "update", ends[3], _TRIPLE * _TOGETHER)
        w.lines.append(f"  %k.more = icmp ult i64 %k.next, {before}")
        w.lines.append("  br i1 %k.more, label %pivot, label %block")
        w.lines.append("block:")
    if pattern.full:
        w.lines.append("  call void @factorise_block(ptr %m)")
    text = w.function("factorise", ["m", "shift"])
    return text.replace("nounwind {\n", "nounwind {\nentry:\n", 1)


def _shift_diagonals(w: Writer, which: str, entry: str, value: str) -> None:
    count = w.index("counts", 0 if which == "state" else 1)
    _loop(w, which, entry, "0", count)
    place = w.index(f"{which}_diagonals", f"%q.{which}")
    shifted = w.value(f"fadd {w.lanes.type} {w.load('m', place)}, {value}")
    w.store(shifted, "m", place)
    _again(w, which, count, 1)


def _updates(w: Writer) -> None:
    """A few updates at a time: all loads come before the first store."""
    kind, done = w.lanes.type, []
    for n in range(_TOGETHER):
        first = w.value(f"getelementptr [{_TRIPLE} x i32], ptr %list.update, i64 {n}")
        places = []
        for i in range(_TRIPLE):
            entry = w.value(f"getelementptr i32, ptr {first}, i64 {i}")
            offset = w.value(f"zext i32 {w.value(f'load i32, ptr {entry}')} to i64")
            places.append(w.value(f"getelementptr i8, ptr %m, i64 {offset}"))
        target, left, upper = (w.value(f"load {kind}, ptr {p}, align 8") for p in places)
        minus = w.value(f"fneg {kind} {left}")
        done.append((places[0], w.subtract_product(target, minus, upper)))
    for place, value in done:
        w.lines.append(f"  store {kind} {value}, ptr {place}, align 8")


def _loop(w: Writer, name: str, entry: str, first: str, last: str) -> None:
    """Open a loop over ``%q.<name>``; nothing is done where the range is empty."""
    any_ = w.value(f"icmp ult i64 {first}, {last}")
    w.lines += [
        f"  br i1 {any_}, label %{name}, label %end.{name}",
        f"{name}:",
        f"  %q.{name} = phi i64 [{first}, %{entry}], [%next.{name}, %{name}]",
    ]


def _again(w: Writer, name: str, last: str, step: int) -> None:
    """Close the loop; the code goes on at ``end.<name>``."""
    w.lines += [
        f"  %next.{name} = add i64 %q.{name}, {step}",
        f"  %more.{name} = icmp ult i64 %next.{name}, {last}",
        f"  br i1 %more.{name}, label %{name}, label %end.{name}",
        f"end.{name}:",
    ]
