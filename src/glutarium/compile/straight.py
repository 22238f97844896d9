"""Stage 4b: write scheduled values as straight-line LLVM assembly with biological names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from glutarium.compile.graph import TINY, Op, reachable
from glutarium.compile.schedule import ARRAYS, is_stored, outputs, schedule
from glutarium.compile.sizes import MANY_POWERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.compile.graph import Graph
    from glutarium.compile.schedule import Output, Step
    from glutarium.compile.values import Lanes

__all__ = ["StraightLine"]

_BINARY = {Op.ADD: "fadd", Op.SUBTRACT: "fsub", Op.MULTIPLY: "fmul"}
_CALLS = {Op.EXP: "exp", Op.LOG: "log", Op.POWER: "pow"}
_PLAIN = re.compile(r"[A-Za-z0-9_.\-+*/()\[\]{}: ]*")


def _quoted(name: str) -> str:
    """Escape a label so that it can name a register; readable names stay readable."""
    if _PLAIN.fullmatch(name):
        return f'%"{name}"'
    safe = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\' else _escaped(c) for c in name
    )
    return f'%"{safe}"'


def _escaped(character: str) -> str:
    return "".join(f"\\{byte:02X}" for byte in character.encode())


class StraightLine:
    """Writes one function; values are computed where the first output needs them.

    Parameters
    ----------
    name
        Name of the function.
    graph, labels
        Values and their readable names.
    lanes
        Value type.
    derived
        Node → position in ``d``; these are loaded instead of computed.
    """

    def __init__(
        self,
        name: str,
        graph: Graph,
        labels: Mapping[int, str],
        lanes: Lanes,
        derived: Mapping[int, int],
    ) -> None:
        self._name = name
        self._nodes = graph.nodes
        self._labels = labels
        self._lanes = lanes
        self._known = {node: ("d", place) for node, place in derived.items()}
        self._registers: dict[int, str] = {}
        self._lines: list[str] = []
        self._added = ""

    def write(
        self,
        arguments: Sequence[str],
        wanted: Iterable[Output],
        first: Sequence[str] = (),
        *,
        added: str = "",
    ) -> str:
        """Return the text of the function; a long one is several that are called one by one.

        Parameters
        ----------
        arguments
            Names of its array arguments.
        wanted
            What it stores, in the order in which it is computed.
        first
            Lines that come before everything else.
        added
            Array to whose values outputs are added; they replace those of all others.
        """
        wanted, self._added = list(wanted), added
        powers = self._powers(wanted)
        known = self._known
        self._known = known | {node: ("w", 2 * len(powers) + i) for i, node in enumerate(powers)}
        operands = [self._nodes[node].args[side] for side in (0, 1) for node in powers]
        pieces, handed, early = schedule(self._nodes, self._known, wanted, outputs("w", operands))
        if len(pieces) == 1:
            return self._function(self._name, arguments, pieces[0], {}, first)
        names = [f"{self._name}_{i}" for i in range(len(pieces))]
        given = [*arguments, "s", "w"]
        parts = [
            self._function(name, given, piece, handed)
            for name, piece in zip(names, pieces, strict=True)
        ]
        calls = [f"  call void @{name}({_pointers(given)})" for name in names]
        calls.insert(early, self._all_powers(len(powers)))
        memory = {"s": len(handed), "w": 3 * len(powers)}
        return "\n".join([*parts, self._caller(arguments, calls, memory, first)])

    def _powers(self, wanted: Iterable[Output]) -> list[int]:
        """Powers that need no other one: bases and exponents are gathered and all are computed in a loop.

        Calls between other values would put those into memory, and one power would wait for the other.
        """
        if not self._lanes.own_math:
            return []
        nodes = self._nodes
        needed = reachable(nodes, [output.node for output in wanted], self._known)
        found, later = [], set[int]()
        for node in sorted(needed):
            if later & set(nodes[node].args):
                later.add(node)
            elif nodes[node].op is Op.POWER:
                found.append(node)
                later.add(node)
        return found if len(found) >= MANY_POWERS else []

    def _all_powers(self, count: int) -> str:
        """The call that computes them; nothing where there are none."""
        if not count:
            return ""
        kind = self._lanes.type
        places = "\n".join(
            f"  %.w{n} = getelementptr {kind}, ptr %.w, i64 {n * count}" for n in (1, 2)
        )
        return f"{places}\n  call void @lanes_powers(ptr %.w, ptr %.w1, ptr %.w2, i64 {count})"

    def _function(
        self,
        name: str,
        arguments: Sequence[str],
        piece: Sequence[Step],
        handed: Mapping[int, int],
        first: Sequence[str] = (),
    ) -> str:
        self._registers, self._lines = {}, list(first)
        nodes, known = self._nodes, self._known
        for node, array, place in piece:
            if array:
                self._store(self._read(node, handed), array, place)
                continue
            if node not in known:
                for operand in nodes[node].args:
                    self._read(operand, handed)
            self._registers[node] = self._value(node)
            if node in handed:
                self._store(self._registers[node], "s", handed[node])
        return "\n".join([_head(name, arguments), *self._lines, "  ret void", "}", ""])

    def _caller(
        self,
        arguments: Sequence[str],
        calls: Sequence[str],
        memory: Mapping[str, int],
        first: Sequence[str],
    ) -> str:
        """The function itself, which calls its pieces."""
        kind = self._lanes.type
        return "\n".join(
            [
                _head(self._name, arguments),
                *first,
                *(f"  %.{a} = alloca [{max(n, 1)} x {kind}], align 64" for a, n in memory.items()),
                *calls,
                "  ret void",
                "}",
                "",
            ]
        )

    def _read(self, node: int, handed: Mapping[int, int]) -> str:
        """Register of a value, read from where an earlier piece or an argument holds it if need be."""
        if node not in self._registers:
            self._registers[node] = (
                self._value(node)
                if is_stored(self._nodes[node], self._known, node)
                else self._load(self._register(node), "s", handed[node])
            )
        return self._registers[node]

    def _value(self, node: int) -> str:
        """Write the instruction of one node and return its register or literal."""
        kind = self._lanes.type
        op, args, number, slot = self._nodes[node]
        if op is Op.CONSTANT:
            return self._lanes.constant(number)
        register = self._register(node)
        if node in self._known:
            return self._load(register, *self._known[node])
        if op in ARRAYS:
            return self._load(register, ARRAYS[op], slot)
        if op is Op.TIME:
            return self._load(register, "t", 0)
        values = [self._registers[a] for a in args]
        if op in _BINARY:
            self._lines.append(f"  {register} = {_BINARY[op]} {kind} {values[0]}, {values[1]}")
        elif op in _CALLS:
            listed = ", ".join(f"{kind} {a}" for a in values)
            function = self._lanes.function(_CALLS[op])
            self._lines.append(f"  {register} = call {kind} {function}({listed})")
        else:
            self._other(node, register, values[0])
        return register

    def _other(self, node: int, register: str, a: str) -> None:
        kind, constant = self._lanes.type, self._lanes.constant
        match self._nodes[node].op:
            case Op.NEGATE:
                self._lines.append(f"  {register} = fneg {kind} {a}")
            case Op.RECIPROCAL:
                self._lines.append(f"  {register} = fdiv {kind} {constant(1.0)}, {a}")
            case Op.GUARD:  # an ordered comparison: NaN is not below and stays NaN
                self._lines.append(f"  %.below{node} = fcmp olt {kind} {a}, {constant(TINY)}")
                self._select(register, f"%.below{node}", constant(TINY), a)
            case Op.STEP:
                self._lines.append(f"  %.above{node} = fcmp ogt {kind} {a}, {constant(TINY)}")
                self._select(register, f"%.above{node}", constant(1.0), constant(0.0))

    def _select(self, register: str, flag: str, a: str, b: str) -> None:
        kind = self._lanes.type
        chosen = f"select {self._lanes.flag} {flag}, {kind} {a}, {kind} {b}"
        self._lines.append(f"  {register} = {chosen}")

    def _register(self, node: int) -> str:
        """Name of a node; unlabelled ones start with a dot, as no label of a model may clash."""
        label = self._labels.get(node)
        return f"%.{node}" if label is None else _quoted(label)

    def _load(self, register: str, array: str, index: int) -> str:
        pointer = self._pointer(array, index, f"%.{array}{index}")
        self._lines.append(f"  {register} = load {self._lanes.type}, ptr {pointer}, align 8")
        return register

    def _store(self, register: str, array: str, index: int) -> None:
        kind, pointer = self._lanes.type, self._pointer(array, index, f"%.{array}_{index}")
        if array == self._added:
            self._lines.append(f"  {pointer}.old = load {kind}, ptr {pointer}, align 8")
            self._lines.append(f"  {pointer}.new = fadd {kind} {pointer}.old, {register}")
            register = f"{pointer}.new"
        self._lines.append(f"  store {kind} {register}, ptr {pointer}, align 8")

    def _pointer(self, array: str, index: int, name: str) -> str:
        address = f"getelementptr {self._lanes.type}, ptr %.{array}, i64 {index}"
        self._lines.append(f"  {name} = {address}")
        return name


def _head(name: str, arguments: Sequence[str]) -> str:
    return f"define void @{name}({_pointers(arguments, 'noalias ')}) nounwind {{"


def _pointers(arguments: Sequence[str], kind: str = "") -> str:
    return ", ".join(f"ptr {kind}%.{a}" for a in arguments)
