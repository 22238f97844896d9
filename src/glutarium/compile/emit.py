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

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.compile.graph import Op, reachable
from glutarium.compile.schedule import outputs
from glutarium.compile.straight import StraightLine
from glutarium.compile.values import Lanes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from glutarium.compile.differentiate import Differentiated
    from glutarium.compile.graph import Graph

__all__ = ["Lanes", "Source", "derived_nodes", "emit", "header"]


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
    wanted = {"rhs": lowered.rates, "jacobian": model.entries, "observe": lowered.observables}
    derived = derived_nodes(model.graph, [node for nodes in wanted.values() for node in nodes])
    position = {node: i for i, node in enumerate(derived)}
    parts = [header(lowered.analysis.spec.name, lanes)]
    prep = StraightLine("prep", model.graph, model.labels, lanes, {})
    parts.append(prep.write(["p", "d"], outputs("d", derived)))
    for name, nodes in wanted.items():
        function = StraightLine(name, model.graph, model.labels, lanes, position)
        parts.append(function.write(["t", "y", "p", "d", "out"], outputs("out", nodes)))
    if lanes.width == 1:
        parts.append(_entries(list(wanted), len(lowered.analysis.parameter_index)))
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
