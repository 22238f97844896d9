"""diffrax on the CPU in float64: Kvaerno5 with our expression graph, evaluated level by level.

Writing thousands of scalar operations one by one makes XLA compile for many minutes. So all nodes of
one depth and one operation become one vector operation on gathered operands, and the derivative of the
rates is our own sparse Jacobian, given to JAX as a rule: diffrax then need not differentiate.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax import numpy as jnp

from benchmarks.peers import Info, Peer, PeerError
from glutarium.compile.analyse import analyse
from glutarium.compile.differentiate import differentiate
from glutarium.compile.graph import TINY, Op, reachable
from glutarium.compile.lower import lower

import diffrax  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.compile.graph import Graph
    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["build"]

jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]  # noqa: FBT003

OUTPUTS = 100
"""Times that every run reports: XLA compiles for one shape."""

_DO: dict[Op, Callable[..., Any]] = {
    Op.ADD: jnp.add,
    Op.SUBTRACT: jnp.subtract,
    Op.NEGATE: jnp.negative,
    Op.MULTIPLY: jnp.multiply,
    Op.RECIPROCAL: lambda x: 1.0 / x,
    Op.POWER: jnp.power,
    Op.EXP: jnp.exp,
    Op.LOG: jnp.log,
    Op.GUARD: lambda x: jnp.maximum(x, TINY),
    Op.STEP: lambda x: jnp.where(x > TINY, 1.0, 0.0),
}
_LEAVES = (Op.CONSTANT, Op.STATE, Op.PARAMETER, Op.TIME)


def _levelled(graph: Graph, roots: Sequence[int]) -> Callable[[Any, Any, Any], Any]:
    """A function of time, states and parameters that gives the values of the roots."""
    nodes = graph.nodes
    wanted = sorted(reachable(nodes, roots))
    depth: dict[int, int] = {}
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    for i in wanted:
        node = nodes[i]
        depth[i] = 0 if node.op in _LEAVES else 1 + max(depth[a] for a in node.args)
        groups[depth[i], node.op.value].append(i)
    place: dict[int, int] = {}
    plan: list[tuple[Op, list[np.ndarray]]] = []
    for _, kind in sorted(groups):
        members = groups[_, kind]
        op = nodes[members[0]].op
        place |= {i: len(place) + k for k, i in enumerate(members)}
        plan.append((op, _operands(op, [nodes[i] for i in members], place)))
    last = np.array([place[i] for i in roots])

    def evaluate(t: Any, y: Any, p: Any) -> Any:  # noqa: ANN401 - traced by JAX
        values = jnp.zeros(0)
        for op, operands in plan:
            values = jnp.concatenate([values, _level(op, operands, values, (t, y, p))])
        return values[last]

    return evaluate


def _operands(op: Op, nodes: list[Any], place: dict[int, int]) -> list[np.ndarray]:
    if op is Op.CONSTANT:
        return [np.array([n.value for n in nodes])]
    if op in _LEAVES:
        return [np.array([n.slot for n in nodes])]
    return [
        np.array([place[a] for a in side]) for side in zip(*(n.args for n in nodes), strict=True)
    ]


def _level(op: Op, operands: list[np.ndarray], values: Any, inputs: tuple[Any, Any, Any]) -> Any:  # noqa: ANN401
    t, y, p = inputs
    match op:
        case Op.CONSTANT:
            return jnp.asarray(operands[0])
        case Op.STATE:
            return y[operands[0]]
        case Op.PARAMETER:
            return p[operands[0]]
        case Op.TIME:
            return jnp.full(len(operands[0]), t, dtype=float)
        case _:
            return _DO[op](*(values[side] for side in operands))


class _Diffrax(Peer):
    note = "Kvaerno5, float64, one member at a time, our sparse Jacobian as rule"
    check = 1e-5  # tighter, one run of 150 species takes half a minute

    def __init__(self, spec: ModelSpec) -> None:
        model = differentiate(lower(analyse(spec)))
        rates = _levelled(model.graph, model.lowered.rates)
        entries = _levelled(model.graph, model.entries)
        n = len(spec.states)
        columns = np.repeat(np.arange(n), np.diff(model.sparsity.indptr))
        rows = model.sparsity.indices

        @jax.custom_jvp
        def field(t: Any, y: Any, p: Any) -> Any:  # noqa: ANN401
            return rates(t, y, p)

        @field.defjvp
        def _slope(primals: Any, tangents: Any) -> Any:  # noqa: ANN401
            full = jnp.zeros((n, n)).at[rows, columns].set(entries(*primals))
            return field(*primals), full @ tangents[1]

        shapes = [(n,), (len(spec.parameters),), (OUTPUTS,), (), (n,)]
        inputs = [jnp.zeros(shape) for shape in shapes]
        self._solve = jax.jit(self._solver(field)).lower(*inputs).compile()

    def _solver(self, field: Callable[..., Any]) -> Callable[..., Any]:
        def solve(y0: Any, p: Any, times: Any, rtol: Any, atol: Any) -> Any:  # noqa: ANN401
            found = diffrax.diffeqsolve(
                diffrax.ODETerm(field),
                diffrax.Kvaerno5(),
                t0=times[0],
                t1=times[-1],
                dt0=None,
                y0=y0,
                args=p,
                saveat=diffrax.SaveAt(ts=times),
                stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol),
                max_steps=1_000_000,
                adjoint=diffrax.ForwardMode(),
                throw=False,
            )
            return found.ys, found.stats["num_steps"], diffrax.is_successful(found.result)

        return solve

    def prepare(self, y0: Array, p: Array, times: Array, rtol: float, atol: Array) -> None:
        """Nothing: it was compiled ahead of time, and one run takes seconds."""

    def run(
        self, y0: Array, p: Array, times: Array, rtol: float, atol: Array
    ) -> tuple[Array, Info]:
        y, steps, sound = self._solve(y0, p, times, np.float64(rtol), atol)
        if not bool(sound):
            message = "diffrax gave up"
            raise PeerError(message)
        return np.asarray(y), Info(steps=int(steps))


def build(spec: ModelSpec, sbml: str) -> _Diffrax:
    return _Diffrax(spec)
