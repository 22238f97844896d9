"""Specifications of several sizes to compile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.model.expr import Exp, Expr, Log, Symbol, evaluate, product, total
from glutarium.model.spec import Flux, ModelSpec, Observable, Parameter, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from glutarium.kernel import Array, Kernel

MASS = Symbol("mass")


class Network:
    """Collects the pieces of a growing-cell-like specification."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.states: list[State] = []
        self.parameters: list[Parameter] = []
        self.assignments: list[tuple[str, Expr]] = []
        self.fluxes: list[Flux] = []

    def parameter(self, name: str, value: float) -> Symbol:
        """Add a parameter."""
        self.parameters.append(Parameter(name, value, "1"))
        return Symbol(name)

    def pool(self, name: str, initial: float, scale: Expr) -> None:
        """Add a pool; its concentration follows once the mass is known."""
        self.states.append(State(name, name, "mM", initial, 1e-9, scale=scale))

    def reaction(self, name: str, left: list[str], right: list[str], speed: float) -> None:
        """Add a reversible reaction by the common modular rate law."""
        vmax = self.parameter(f"vmax.{name}", speed)
        level = self.parameter(f"level.{name}", 1.0)
        keq = self.parameter(f"keq.{name}", float(self.random.uniform(0.5, 20.0)))
        terms = {
            s: Symbol(s) / self.parameter(f"km.{name}.{s}", float(self.random.uniform(0.2, 2.0)))
            for s in [*left, *right]
        }
        forward = product(terms[s] for s in left)
        backward = product(terms[s] for s in right) / keq
        below = product(1 + terms[s] for s in left) + product(1 + terms[s] for s in right) - 1
        effector = Symbol(left[0]) / self.parameter(f"ki.{name}", 5.0)
        hill = self.parameter(f"hill.{name}", float(self.random.choice([1.0, 1.7, 2.3])))
        rate = level * vmax * (forward - backward) / below / (1 + effector**hill)
        sides = dict.fromkeys(left, -1.0) | dict.fromkeys(right, 1.0)
        self.fluxes.append(Flux(name, rate, rate * MASS, sides))

    def spec(self, name: str) -> ModelSpec:
        """Put the specification together."""
        rates = {f.id: f.rate for f in self.fluxes}
        observables = [Observable(f"rate.{k}", v, "1") for k, v in list(rates.items())[:20]]
        observables.append(Observable("mass", MASS, "1"))
        return ModelSpec(
            name,
            tuple(self.states),
            tuple(self.parameters),
            tuple(self.assignments),
            tuple(self.fluxes),
            tuple(observables),
        )


def build_network(n_pools: int, n_reactions: int, n_macromolecules: int, seed: int) -> ModelSpec:
    """Build a network of pools, regulators and macromolecules that add up to the mass."""
    net = Network(seed)
    volume = {c: 1000 / net.parameter(f"volume.{c}", v) for c, v in (("c", 4e3), ("m", 400.0))}
    mass = [f"macro{i}" for i in range(n_macromolecules)]
    for m in mass:
        net.pool(m, 1.0 / n_macromolecules, net.parameter(f"weight.{m}", 0.1))
    net.assignments.append(("mass", total(Symbol(f"state:{m}") for m in mass)))
    pools = [f"s{i}_{'c' if i % 3 else 'm'}" for i in range(n_pools)]
    for s in pools:
        net.pool(s, float(net.random.lognormal(0.0, 0.7)), volume[s[-1]])
    for s in [*mass, *pools]:
        net.assignments.append((s, Symbol(f"state:{s}") / MASS))
    net.states.append(_regulator(net, pools[0]))
    net.assignments.append(("signal", Symbol("state:signal")))
    for i in range(n_reactions):
        chosen = [str(s) for s in net.random.choice(pools, size=4, replace=False)]
        split = int(net.random.integers(1, 3))
        net.reaction(f"R{i}", chosen[:split], chosen[split : split + 2], 10 ** (i % 4 - 1.0))
    for i, m in enumerate(mass):
        net.reaction(f"GROW{i}", [pools[i % n_pools], pools[(i + 1) % n_pools]], [m], 0.05)
    return net.spec(f"network{n_pools}")


def _regulator(net: Network, pool: str) -> State:
    turnover = net.parameter("turnover.signal", 0.3)
    target = Exp(-1.0 * Symbol(pool)) + Log(1 + Symbol(pool)) * 0.1
    direct = turnover * (target - Symbol("state:signal"))
    return State("signal", "a signal", "1", 0.5, 1e-9, direct=direct)


def by_walking(spec: ModelSpec, t: float, y: Array, p: Array) -> tuple[Array, Array]:
    """Rates and observables by walking the expressions, straight from the definition."""
    values = {"time": t, **dict(zip(spec.parameter_ids, p.tolist(), strict=True))}
    values |= {f"state:{s}": float(v) for s, v in zip(spec.state_ids, y, strict=True)}
    for name, expr in spec.assignments:
        values[name] = evaluate(expr, values)
    extents = [evaluate(f.extent, values) for f in spec.fluxes]
    rates = []
    for state in spec.states:
        produced = sum(
            f.stoichiometry.get(state.id, 0.0) * v
            for f, v in zip(spec.fluxes, extents, strict=True)
        )
        lost = evaluate(state.dilution, values) * values[f"state:{state.id}"]
        rates.append(
            evaluate(state.scale, values) * produced + evaluate(state.direct, values) - lost
        )
    return np.array(rates), np.array([evaluate(o.expr, values) for o in spec.observables])


def dense_jacobian(kernel: Kernel, t: float, y: Array, p: Array) -> Array:
    """Jacobian as a full matrix."""
    n, pattern = len(kernel.state_names), kernel.sparsity
    values = np.empty(len(pattern.indices))
    kernel.jacobian(t, y, p, values)
    matrix = np.zeros((n, n))
    matrix[pattern.indices, np.repeat(np.arange(n), np.diff(pattern.indptr))] = values
    return matrix


def difference_jacobian(kernel: Kernel, t: float, y: Array, p: Array) -> Array:
    """Jacobian by central differences."""
    n = len(y)
    matrix = np.zeros((n, n))
    up, down = np.empty(n), np.empty(n)
    for j in range(n):
        step = 1e-6 * max(abs(y[j]), 1e-3)
        shifted = y.copy()
        shifted[j] = y[j] + step
        kernel.rhs(t, shifted, p, up)
        shifted[j] = y[j] - step
        kernel.rhs(t, shifted, p, down)
        matrix[:, j] = (up - down) / (2 * step)
    return matrix


def single_pool(rate: Expr, parameters: Mapping[str, float] | None = None) -> ModelSpec:
    """Build a model whose only state changes at the given rate."""
    return ModelSpec(
        "one pool",
        (State("x", "x", "mM", 1.0, 1e-9, direct=rate),),
        tuple(Parameter(k, v, "1") for k, v in (parameters or {}).items()),
        (("x", Symbol("state:x")),),
        (),
        (Observable("twice", 2 * Symbol("x"), "mM"),),
    )


@pytest.fixture(scope="session")
def network() -> ModelSpec:
    """A network of 30 states with moieties, a regulator and a mass."""
    return build_network(24, 30, 5, seed=4)


@pytest.fixture(scope="session")
def reference() -> Callable[..., tuple[Array, Array]]:
    """Rates and observables by walking the expressions."""
    return by_walking


@pytest.fixture(scope="session")
def one_pool() -> Callable[..., ModelSpec]:
    """Maker of models with a single state."""
    return single_pool


@pytest.fixture(scope="session")
def jacobians() -> Callable[..., tuple[Array, Array]]:
    """Analytic and finite-difference Jacobian of a kernel at a point."""

    def both(kernel: Kernel, t: float, y: Array, p: Array) -> tuple[Array, Array]:
        return dense_jacobian(kernel, t, y, p), difference_jacobian(kernel, t, y, p)

    return both


@pytest.fixture(autouse=True, scope="session")
def kernel_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the kernels of the tests away from the user's."""
    folder = tmp_path_factory.mktemp("kernels")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLUTARIUM_CACHE", str(folder))
        yield folder
