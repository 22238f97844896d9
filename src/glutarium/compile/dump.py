"""Readable text of what each stage of compilation made."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from glutarium.compile.analyse import Analysis, analyse
from glutarium.compile.bordered import border
from glutarium.compile.conserved import lane_storage
from glutarium.compile.differentiate import Differentiated, differentiate
from glutarium.compile.emit import emit
from glutarium.compile.graph import Op, reachable
from glutarium.compile.lower import lower
from glutarium.errors import CompileError
from glutarium.model.expr import Number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from glutarium.compile.graph import Graph
    from glutarium.model.spec import ModelSpec

__all__ = ["STAGES", "dump"]

_SIGNS = {Op.ADD: "+", Op.SUBTRACT: "-", Op.MULTIPLY: "*"}


def dump(spec: ModelSpec, stage: str) -> str:
    """Show what a stage made of a specification.

    Parameters
    ----------
    spec
        The specification.
    stage
        ``spec`` (equations), ``ir`` (the shared graph, one value a line), ``code`` (LLVM assembly),
        ``jacobian`` (one non-zero a line, then the shared values that they use) or ``lu`` (the unknowns
        of the lane kernel in order of elimination, and what each costs).

    Raises
    ------
    CompileError
        The stage is unknown, or the specification is inconsistent.
    """
    writer = STAGES.get(stage)
    if writer is None:
        message = f"Unknown stage {stage!r}; choose one of {', '.join(STAGES)}."
        raise CompileError(message)
    return writer(analyse(spec))


def _dump_spec(analysis: Analysis) -> str:
    spec = analysis.spec
    lines = [f"model {spec.name}"]
    lines += [f"parameter {p.id} = {p.value:g} {p.unit}" for p in spec.parameters]
    lines += [f"{name} = {expr}" for name, expr in spec.assignments]
    lines += [f"extent:{f.id} = {f.extent}" for f in spec.fluxes]
    for state, row in zip(spec.states, analysis.rows, strict=True):
        terms = " ".join(f"{c:+g} extent:{spec.fluxes[j].id}" for j, c in row) or "0"
        line = f"d state:{state.id}/dt = {state.scale} * ({terms}) + {state.direct}"
        diluted = state.dilution != Number(0.0)
        lines.append(f"{line} - {state.dilution} * state:{state.id}" if diluted else line)
    lines += [f"observable {o.id} = {o.expr} [{o.unit}]" for o in spec.observables]
    return "\n".join(lines) + "\n"


def _dump_ir(analysis: Analysis) -> str:
    lowered = lower(analysis)
    text = _Text(lowered.graph, lowered.labels, inline=False)
    spec = analysis.spec
    outputs = [
        *((f"d state:{s}/dt", n) for s, n in zip(spec.state_ids, lowered.rates, strict=True)),
        *((o.id, n) for o, n in zip(spec.observables, lowered.observables, strict=True)),
    ]
    roots = [node for _, node in outputs]
    lines = text.definitions(reachable(lowered.graph.nodes, roots))
    return "\n".join([*lines, *(f"{name} := {text.name(n)}" for name, n in outputs)]) + "\n"


def _dump_code(analysis: Analysis) -> str:
    return emit(differentiate(lower(analysis))).text


def _dump_jacobian(analysis: Analysis) -> str:
    model = differentiate(lower(analysis))
    text = _Text(model.graph, model.labels, inline=True, roots=model.entries)
    states = analysis.spec.state_ids
    lines = [
        f"d(d {states[row]}/dt)/d {states[column]} = {text.name(node)}"
        for row, column, node in _entries(model)
    ]
    needed = reachable(model.graph.nodes, model.entries)
    return "\n".join([*lines, "where", *text.definitions(needed)]) + "\n"


def _entries(model: Differentiated) -> Iterable[tuple[int, int, int]]:
    """Row, column and node of every non-zero, row by row."""
    pattern = model.sparsity
    columns = np.repeat(np.arange(len(pattern.indptr) - 1), np.diff(pattern.indptr))
    return sorted(zip(pattern.indices.tolist(), columns.tolist(), model.entries, strict=True))


def _dump_lu(analysis: Analysis) -> str:
    """Write one unknown a line: entries of its row, those that elimination added, operations, name.

    First come those that follow from others by a conserved sum and need none.
    """
    model = border(lower(analysis))
    n, names = model.n_unknowns, model.unknowns
    storage = lane_storage(model)
    pattern, bound = storage.pattern, storage.bound
    given = {(i, k) for i, j in model.entries if i not in bound for k in bound.get(j, (j,))}
    given |= {(i, i) for i in pattern.order}
    lines = [
        f"unknowns {n}: states {n - len(model.cuts)}, shared quantities {len(model.cuts)}",
        f"entries {pattern.n_entries}: given {len(given)}, fill {pattern.n_entries - len(given)}",
        f"operations before the full block {pattern.operations}",
        f"full block {pattern.full}",
        "  row  entries  fill  operations  unknown",
        *(f"  sum        0     0           0  {names[unknown]}" for unknown in bound),
    ]
    left = Counter(
        pattern.columns[q] for i in range(len(pattern.order)) for q in range(*pattern.lower(i))
    )
    for i, unknown in enumerate(pattern.order):
        row = pattern.columns[pattern.starts[i] : pattern.starts[i + 1]]
        fill = sum((unknown, column) not in given for column in row)
        right = pattern.starts[i + 1] - pattern.diagonal[i] - 1
        operations = f"{left[unknown] * right:10d}" if i < pattern.before else "      full"
        lines.append(f"{i:5d}  {len(row):7d}  {fill:4d}  {operations}  {names[unknown]}")
    return "\n".join(lines) + "\n"


class _Text:
    """Writes nodes as formulas; named or shared ones are referred to by name.

    Parameters
    ----------
    graph
        The values.
    labels
        Node → readable name.
    inline
        Whether unnamed values that are used once are written where they are used.
    roots
        Values whose uses count besides those inside the graph.
    """

    def __init__(
        self,
        graph: Graph,
        labels: Mapping[int, str],
        *,
        inline: bool,
        roots: Iterable[int] = (),
    ) -> None:
        self._nodes = graph.nodes
        self._labels = labels
        roots = list(roots)
        uses = Counter(a for n in reachable(graph.nodes, roots) for a in graph.nodes[n].args)
        uses.update(roots)
        self._inline = {n for n, count in uses.items() if count == 1} if inline else set()

    def name(self, node: int) -> str:
        """A node where it is used."""
        item = self._nodes[node]
        if item.op is Op.CONSTANT:
            return f"{item.value:g}"
        if node in self._labels:
            return self._labels[node]
        return self._formula(node) if node in self._inline else f".{node}"

    def definitions(self, nodes: Iterable[int]) -> list[str]:
        """One line for every node that is referred to by name."""
        shown = [n for n in sorted(nodes) if self._nodes[n].args and self.name(n)[0] != "("]
        return [f"{self.name(n)} = {self._formula(n)}" for n in shown]

    def _formula(self, node: int) -> str:
        op = self._nodes[node].op
        args = [self.name(a) for a in self._nodes[node].args]
        if op in _SIGNS:
            return f"({args[0]} {_SIGNS[op]} {args[1]})"
        if op is Op.NEGATE:
            return f"(-{args[0]})"
        if op is Op.RECIPROCAL:
            return f"(1/{args[0]})"
        return f"({op.value} {' '.join(args)})"


STAGES: Mapping[str, Callable[[Analysis], str]] = {
    "spec": _dump_spec,
    "ir": _dump_ir,
    "code": _dump_code,
    "jacobian": _dump_jacobian,
    "lu": _dump_lu,
}
"""What :func:`dump` can show."""
