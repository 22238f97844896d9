"""Stage 4: write the graph as LLVM assembly with biological names.

Four functions come out, each one straight line of code on arrays::

    prep(p, d)                  derived parameters: whatever depends on parameters alone
    rhs(t, y, p, d, out)        rates of change
    jacobian(t, y, p, d, out)   non-zeros of the Jacobian
    observe(t, y, p, d, out)    observables

The value type is a parameter (:class:`Lanes`): one lane is a plain ``double``; with eight lanes every
value is a ``<8 x double>``, arrays hold eight neighbouring copies of each entry, and the same code
serves eight cells at once. For a single lane three entry points are added (``call_rhs`` and so on)
that compare the parameters with those of the previous call and run ``prep`` only when they differ.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.compile.graph import TINY, Op, reachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.compile.differentiate import Differentiated
    from glutarium.compile.graph import Graph

__all__ = ["Lanes", "Source", "StraightLine", "derived_nodes", "emit", "header"]

_BINARY = {Op.ADD: "fadd", Op.SUBTRACT: "fsub", Op.MULTIPLY: "fmul"}
_CALLS = {Op.EXP: "exp", Op.LOG: "log", Op.POWER: "pow"}
_ARRAYS = {Op.STATE: "y", Op.PARAMETER: "p"}
_LONGEST = 700  # values per function; the time to assemble one grows faster than its length


@dataclass(frozen=True, slots=True)
class Lanes:
    """The value type of the generated code.

    Attributes
    ----------
    width
        Number of models that one call advances side by side.
    own_math
        Whether exponentials, logarithms and powers are those of
        :mod:`glutarium.compile.vector_math` instead of the C library's.
    """

    width: int = 1
    own_math: bool = False

    @property
    def type(self) -> str:
        """LLVM type of one value."""
        return "double" if self.width == 1 else f"<{self.width} x double>"

    @property
    def flag(self) -> str:
        """LLVM type of one truth value."""
        return "i1" if self.width == 1 else f"<{self.width} x i1>"

    @property
    def suffix(self) -> str:
        """Suffix of overloaded intrinsics."""
        return "f64" if self.width == 1 else f"v{self.width}f64"

    def function(self, name: str) -> str:
        """Name of ``exp``, ``log`` or ``pow``."""
        return f"@lanes_{name}" if self.own_math else f"@llvm.{name}.{self.suffix}"

    def constant(self, value: float) -> str:
        """Return a literal in all lanes, written bit by bit."""
        bits = f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"
        return bits if self.width == 1 else f"splat (double {bits})"


@dataclass(frozen=True, slots=True)
class Source:
    """Generated code and the sizes of its arrays.

    Attributes
    ----------
    text
        LLVM assembly.
    n_derived
        Number of derived parameters, the length of ``d``.
    width
        Lanes of the code.
    """

    text: str
    n_derived: int
    width: int


def emit(model: Differentiated, lanes: Lanes | None = None) -> Source:
    """Write the code of a model.

    Parameters
    ----------
    model
        The differentiated model.
    lanes
        Value type; one lane by default.
    """
    lanes = lanes or Lanes()
    lowered = model.lowered
    outputs = {"rhs": lowered.rates, "jacobian": model.entries, "observe": lowered.observables}
    derived = derived_nodes(model.graph, [node for nodes in outputs.values() for node in nodes])
    position = {node: i for i, node in enumerate(derived)}
    parts = [header(lowered.analysis.spec.name, lanes)]
    prep = StraightLine("prep", model.graph, model.labels, lanes, {})
    parts.append(prep.write(["p", "d"], d=dict(enumerate(derived))))
    for name, nodes in outputs.items():
        function = StraightLine(name, model.graph, model.labels, lanes, position)
        parts.append(function.write(["t", "y", "p", "d", "out"], out=dict(enumerate(nodes))))
    if lanes.width == 1:
        parts.append(_entries(list(outputs), len(lowered.analysis.parameter_index)))
    return Source("\n".join(parts), len(derived), lanes.width)


def derived_nodes(graph: Graph, roots: Iterable[int]) -> tuple[int, ...]:
    """Parameter-only values that varying values or outputs use directly."""
    stored = (Op.CONSTANT, Op.PARAMETER)
    wanted = set(roots)
    for node in reachable(graph.nodes, wanted):
        if graph.varies[node]:
            wanted.update(graph.nodes[node].args)
    return tuple(
        sorted(n for n in wanted if not graph.varies[n] and graph.nodes[n].op not in stored)
    )


def header(name: str, lanes: Lanes) -> str:
    """Return the first lines of the code: what it is, and the functions of the C library."""
    kind, suffix = lanes.type, lanes.suffix
    lines = [f"; Kernel of the model {name!r}, {lanes.width} lane(s)".replace("\n", " ")]
    lines += [f"declare {kind} @llvm.{f}.{suffix}({kind})" for f in ("exp", "log")]
    lines += [f"declare {kind} @llvm.pow.{suffix}({kind}, {kind})"]
    return "\n".join(lines) + "\n"


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


@dataclass(frozen=True, slots=True)
class _Step:
    """A value that is computed or, with a target, stored at a position of an array."""

    node: int
    target: str = ""
    position: int = 0


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
        self._derived = derived
        self._registers: dict[int, str] = {}
        self._lines: list[str] = []

    def write(self, arguments: Sequence[str], **outputs: Mapping[int, int]) -> str:
        """Return the text of the function.

        A long function is written as several that are called one after the other and hand values on in
        memory: the time to assemble a function grows faster than its length.

        Parameters
        ----------
        arguments
            Names of its array arguments.
        outputs
            Array argument → position in it → node stored there.
        """
        pieces = self._pieces(outputs)
        if len(pieces) == 1:
            return self._function(self._name, arguments, pieces[0], {})
        slots = self._handed_on(pieces)
        names = [f"{self._name}_{i}" for i in range(len(pieces))]
        given = [*arguments, "s"]
        parts = [
            self._function(name, given, piece, slots)
            for name, piece in zip(names, pieces, strict=True)
        ]
        return "\n".join([*parts, self._caller(arguments, names, len(slots))])

    def _pieces(self, outputs: Mapping[str, Mapping[int, int]]) -> list[list[_Step]]:
        """Steps of the function in their order, cut where they become many."""
        pieces: list[list[_Step]] = [[]]
        seen: set[int] = set()
        for target, nodes in outputs.items():
            for position, root in nodes.items():
                if len(pieces[-1]) >= _LONGEST:
                    pieces.append([])
                pieces[-1] += [_Step(node) for node in self._order(root, seen)]
                pieces[-1].append(_Step(root, target, position))
        return pieces

    def _order(self, root: int, seen: set[int]) -> list[int]:
        """Values that a value needs and that were not seen yet, operands first."""
        order: list[int] = []
        stack = [root]
        while stack:
            node = stack[-1]
            waiting = [] if node in seen else [a for a in self._operands(node) if a not in seen]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            stack.pop()
            if node not in seen:
                seen.add(node)
                order.append(node)
        return order

    def _handed_on(self, pieces: Sequence[Sequence[_Step]]) -> dict[int, int]:
        """Values that a later piece needs → place in the memory between them."""
        home = {step.node: i for i, piece in enumerate(pieces) for step in piece if not step.target}
        slots: dict[int, int] = {}
        for i, piece in enumerate(pieces):
            for step in piece:
                needed = (step.node,) if step.target else self._operands(step.node)
                for node in needed:
                    if home[node] < i and not self._is_stored(node):
                        slots.setdefault(node, len(slots))
        return slots

    def _is_stored(self, node: int) -> bool:
        """Whether a value is a literal or stands in an argument, and is simply read again."""
        op = self._nodes[node].op
        return node in self._derived or op in _ARRAYS or op in (Op.CONSTANT, Op.TIME)

    def _function(
        self, name: str, arguments: Sequence[str], piece: Sequence[_Step], slots: Mapping[int, int]
    ) -> str:
        self._registers, self._lines = {}, []
        for step in piece:
            if step.target:
                self._store(self._read(step.node, slots), step.target, step.position)
                continue
            for node in self._operands(step.node):
                self._read(node, slots)
            self._registers[step.node] = self._value(step.node)
            if step.node in slots:
                self._store(self._registers[step.node], "s", slots[step.node])
        signature = ", ".join(f"ptr noalias %.{a}" for a in arguments)
        head = f"define void @{name}({signature}) nounwind {{"
        return "\n".join([head, *self._lines, "  ret void", "}", ""])

    def _read(self, node: int, slots: Mapping[int, int]) -> str:
        """Register of a value, read from where an earlier piece or an argument holds it if need be."""
        if node not in self._registers:
            stored = self._is_stored(node)
            self._registers[node] = (
                self._value(node) if stored else self._load(self._register(node), "s", slots[node])
            )
        return self._registers[node]

    def _store(self, register: str, array: str, position: int) -> None:
        pointer = self._pointer(array, position, f".{array}_{position}")
        self._line(f"store {self._lanes.type} {register}, ptr {pointer}, align 8")

    def _caller(self, arguments: Sequence[str], names: Sequence[str], count: int) -> str:
        """The function itself, which calls its pieces."""
        signature = ", ".join(f"ptr noalias %.{a}" for a in arguments)
        given = ", ".join(f"ptr %.{a}" for a in [*arguments, "s"])
        return "\n".join(
            [
                f"define void @{self._name}({signature}) nounwind {{",
                f"  %.s = alloca [{max(count, 1)} x {self._lanes.type}], align 64",
                *(f"  call void @{name}({given})" for name in names),
                "  ret void",
                "}",
                "",
            ]
        )

    def _line(self, text: str) -> None:
        self._lines.append("  " + text)

    def _operands(self, node: int) -> tuple[int, ...]:
        return () if node in self._derived else self._nodes[node].args

    def _value(self, node: int) -> str:
        """Write the instruction of one node and return its register or literal."""
        kind = self._lanes.type
        op = self._nodes[node].op
        if op is Op.CONSTANT:
            return self._lanes.constant(self._nodes[node].value)
        register = self._register(node)
        if node in self._derived:
            return self._load(register, "d", self._derived[node])
        if op in _ARRAYS:
            return self._load(register, _ARRAYS[op], self._nodes[node].slot)
        if op is Op.TIME:
            return self._load(register, "t", 0)
        args = [self._registers[a] for a in self._nodes[node].args]
        if op in _BINARY:
            self._line(f"{register} = {_BINARY[op]} {kind} {args[0]}, {args[1]}")
        elif op in _CALLS:
            listed = ", ".join(f"{kind} {a}" for a in args)
            function = self._lanes.function(_CALLS[op])
            self._line(f"{register} = call {kind} {function}({listed})")
        else:
            self._other(node, register, args[0])
        return register

    def _other(self, node: int, register: str, a: str) -> None:
        kind, constant = self._lanes.type, self._lanes.constant
        match self._nodes[node].op:
            case Op.NEGATE:
                self._line(f"{register} = fneg {kind} {a}")
            case Op.RECIPROCAL:
                self._line(f"{register} = fdiv {kind} {constant(1.0)}, {a}")
            case Op.GUARD:  # an ordered comparison: NaN is not below and stays NaN
                self._line(f"%.below{node} = fcmp olt {kind} {a}, {constant(TINY)}")
                self._select(register, f"%.below{node}", constant(TINY), a)
            case Op.STEP:
                self._line(f"%.above{node} = fcmp ogt {kind} {a}, {constant(TINY)}")
                self._select(register, f"%.above{node}", constant(1.0), constant(0.0))

    def _select(self, register: str, flag: str, a: str, b: str) -> None:
        kind = self._lanes.type
        self._line(f"{register} = select {self._lanes.flag} {flag}, {kind} {a}, {kind} {b}")

    def _register(self, node: int) -> str:
        """Name of a node; unlabelled ones start with a dot, as no label of a model may clash."""
        return _quoted(self._labels.get(node, f".{node}"))

    def _load(self, register: str, array: str, index: int) -> str:
        pointer = self._pointer(array, index, f".{array}{index}")
        self._line(f"{register} = load {self._lanes.type}, ptr {pointer}, align 8")
        return register

    def _pointer(self, array: str, index: int, name: str) -> str:
        self._line(f"%{name} = getelementptr {self._lanes.type}, ptr %.{array}, i64 {index}")
        return f"%{name}"


_ENTRY = """
define void @call_{name}(double %t, ptr %y, ptr %p, ptr %memo, ptr %d, ptr %out) nounwind {{
  %time = alloca double
  store double %t, ptr %time
  call void @refresh(ptr %p, ptr %memo, ptr %d)
  call void @{name}(ptr %time, ptr %y, ptr %p, ptr %d, ptr %out)
  ret void
}}
"""

_REFRESH = """
; Runs prep when the parameters differ from those of the last call, bit by bit.
declare i32 @memcmp(ptr, ptr, i64)
declare ptr @memcpy(ptr, ptr, i64)
define void @refresh(ptr %p, ptr %memo, ptr %d) nounwind {{
  %order = call i32 @memcmp(ptr %p, ptr %memo, i64 {size})
  %same = icmp eq i32 %order, 0
  br i1 %same, label %done, label %changed
changed:
  %copy = call ptr @memcpy(ptr %memo, ptr %p, i64 {size})
  call void @prep(ptr %p, ptr %d)
  br label %done
done:
  ret void
}}
"""


def _entries(names: Sequence[str], n_parameters: int) -> str:
    entries = "".join(_ENTRY.format(name=name) for name in names)
    return _REFRESH.format(size=8 * n_parameters) + entries
