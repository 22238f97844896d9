"""Stage 4b: the code of a model for many lanes side by side.

Every value is a vector with one entry per lane; arrays hold ``width`` neighbouring copies of each entry::

    prep(p, d)                  derived parameters
    rhs(t, y, p, d, f)          rates of change
    add_rates(t, y, p, d, f)    adds the rates of change to what stands in f
    matrix(t, y, p, d, f, m)    rates, and the negated bordered Jacobian in the places of the factors
    slope(t, y, p, d, f)        partial derivative of the rates with respect to time (if there is any)
    observe(t, y, p, d, out)    observables
    factorise(m, shift)         m := factors of [[shift I - A, -G], [-W, I - V]]
    solve(m, x)                 x := solution of the factorised system for the right-hand side x

Entry ``n_entries`` of ``m`` is spare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.emit import Source, derived_nodes, header
from glutarium.compile.emit_factors import emit_factorise
from glutarium.compile.emit_solve import emit_solve
from glutarium.compile.emit_unrolled import cleared
from glutarium.compile.schedule import Output, outputs
from glutarium.compile.shared_division import share_divisions
from glutarium.compile.straight import StraightLine
from glutarium.compile.vector_math import vector_math
from glutarium.compile.writer import BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.compile.bordered import Bordered
    from glutarium.compile.storage import Storage
    from glutarium.compile.values import Lanes

__all__ = ["LANE_FUNCTIONS", "emit_lanes"]

LANE_FUNCTIONS = ("prep", "rhs", "add_rates", "matrix", "observe", "factorise", "solve")
"""What a lane kernel always offers; one whose rates depend on time also offers ``slope``."""

_POINT = ["t", "y", "p", "d"]


def emit_lanes(model: Bordered, storage: Storage, lanes: Lanes) -> Source:
    """Write the code of a model.

    Parameters
    ----------
    model
        The bordered model.
    storage
        Places of the factors.
    lanes
        Value type.
    """
    lowered = model.lowered
    observables = outputs("out", lowered.observables)
    roots = [*lowered.rates, *model.entries.values(), *lowered.observables, *model.slopes]
    derived = derived_nodes(model.graph, roots)
    place = {node: i for i, node in enumerate(derived)}

    def function(name: str) -> StraightLine:
        known = {} if name == "prep" else place
        return StraightLine(name, model.graph, model.labels, lanes, known)

    parts = [
        header(lowered.analysis.spec.name, lanes),
        vector_math(lanes),
        function("prep").write(["p", "d"], outputs("d", derived)),
        _added_rates(model, lanes, place),
        _rates(len(lowered.rates), lanes),
        function("matrix").write([*_POINT, "f", "m"], *_matrix(model, storage, lanes)),
        function("observe").write([*_POINT, "out"], observables),
        emit_factorise(storage, len(lowered.rates), lanes, model.entries),
        emit_solve(storage, lanes),
    ]
    if model.slopes:
        parts.append(function("slope").write([*_POINT, "f"], outputs("f", model.slopes)))
    return Source("\n".join(parts), len(derived), lanes.width)


def _added_rates(model: Bordered, lanes: Lanes, place: Mapping[int, int]) -> str:
    """``add_rates``, the function that runs most often; it computes values of its own, as cheap as can be."""
    lowered = model.lowered
    graph, numbers = share_divisions(model.graph, lowered.rates, model.turns)
    labels = {numbers[node]: name for node, name in model.labels.items() if node in numbers}
    derived = {numbers[node]: i for node, i in place.items() if node in numbers}
    wanted = [
        output._replace(node=numbers[output.node])
        for output in _in_turn(model, outputs("f", lowered.rates))
    ]
    line = StraightLine("add_rates", graph, labels, lanes, derived)
    return line.write([*_POINT, "f"], wanted, added="f")


def _rates(n_states: int, lanes: Lanes) -> str:
    """``rhs``: rates that are added to nothing."""
    arguments = [*_POINT, "f"]
    size = BYTES * lanes.width * n_states
    return "\n".join(
        [
            f"define void @rhs({', '.join(f'ptr noalias %.{a}' for a in arguments)}) nounwind {{",
            f"  call void @llvm.memset.p0.i64(ptr %.f, i8 0, i64 {size}, i1 false)",
            f"  call void @add_rates({', '.join(f'ptr %.{a}' for a in arguments)})",
            "  ret void",
            "}",
            "",
        ]
    )


def _matrix(
    model: Bordered, storage: Storage, lanes: Lanes
) -> tuple[list[Output], tuple[str, ...]]:
    """Rates and entries in turn, and the lines that clear all places first."""
    wanted = outputs("f", model.lowered.rates)
    row = {output: output.place for output in wanted}
    for place, node in model.entries.items():
        row[Output(node, "m", storage.slots[place])] = place[0]
    first, count = cleared(storage)
    start = f"  %.fill = getelementptr {lanes.type}, ptr %.m, i64 {first}"
    size = BYTES * lanes.width * count
    clear = f"  call void @llvm.memset.p0.i64(ptr %.fill, i8 0, i64 {size}, i1 false)"
    return sorted(row, key=lambda o: (model.turns[o.node], row[o])), (start, clear)


def _in_turn(model: Bordered, wanted: list[Output]) -> list[Output]:
    """Outputs in the order of the fluxes that they need, so that those which share values meet."""
    return sorted(wanted, key=lambda output: model.turns[output.node])
