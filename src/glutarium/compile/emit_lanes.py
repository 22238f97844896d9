"""Stage 4b: the code of a model for many lanes side by side.

Every value is a vector with one entry per lane; arrays hold ``width`` neighbouring copies of each entry::

    prep(p, d)                  derived parameters
    rhs(t, y, p, d, f)          rates of change
    matrix(t, y, p, d, f, m)    rates, and the negated bordered Jacobian in the places of the factors
    slope(t, y, p, d, f)        partial derivative of the rates with respect to time (if there is any)
    observe(t, y, p, d, out)    observables
    factorise(m, shift)         m := factors of [[shift I - A, -G], [-W, I - V]]
    solve(m, x)                 x := solution of the factorised system for the right-hand side x

Entry ``n_entries`` of ``m`` is spare and must be zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.emit import Source, StraightLine, derived_nodes, header
from glutarium.compile.emit_factors import emit_factorise, emit_solve
from glutarium.compile.vector_math import vector_math

if TYPE_CHECKING:
    from glutarium.compile.bordered import Bordered
    from glutarium.compile.emit import Lanes
    from glutarium.compile.factor import Factors

__all__ = ["LANE_FUNCTIONS", "emit_lanes"]

LANE_FUNCTIONS = ("prep", "rhs", "matrix", "observe", "factorise", "solve")
"""What a lane kernel always offers; one whose rates depend on time also offers ``slope``."""

_POINT = ["t", "y", "p", "d"]


def emit_lanes(model: Bordered, pattern: Factors, lanes: Lanes) -> Source:
    """Write the code of a model.

    Parameters
    ----------
    model
        The bordered model.
    pattern
        Places of the factors.
    lanes
        Value type.
    """
    lowered = model.lowered
    slots = pattern.slots()
    filled: dict[int, int] = dict.fromkeys(range(pattern.n_entries), _zero(model))
    filled |= {slots[place]: node for place, node in model.entries.items()}
    rates = dict(enumerate(lowered.rates))
    observables = dict(enumerate(lowered.observables))
    slopes = dict(enumerate(model.slopes))
    roots = [*lowered.rates, *filled.values(), *lowered.observables, *model.slopes]
    derived = derived_nodes(model.graph, roots)
    place = {node: i for i, node in enumerate(derived)}

    def function(name: str) -> StraightLine:
        known = {} if name == "prep" else place
        return StraightLine(name, model.graph, model.labels, lanes, known)

    parts = [
        header(lowered.analysis.spec.name, lanes),
        vector_math(lanes),
        function("prep").write(["p", "d"], d=dict(enumerate(derived))),
        function("rhs").write([*_POINT, "f"], f=rates),
        function("matrix").write([*_POINT, "f", "m"], f=rates, m=filled),
        function("observe").write([*_POINT, "out"], out=observables),
        emit_factorise(pattern, len(lowered.rates), lanes),
        emit_solve(pattern, lanes),
    ]
    if slopes:
        parts.append(function("slope").write([*_POINT, "f"], f=slopes))
    return Source("\n".join(parts), len(derived), lanes.width)


def _zero(model: Bordered) -> int:
    """The node of the number zero; every graph starts with it."""
    return next(i for i, n in enumerate(model.graph.nodes) if not n.args and n.value == 0.0)
