"""A compiled network: exact balances, and agreement with another integrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from glutarium.compile import CompiledKernel, CompiledLanes, compile_lanes, compile_spec, moieties
from glutarium.kernel import ResultCode
from glutarium.model.expr import Symbol, product
from glutarium.model.spec import Flux, ModelSpec, Parameter, State
from glutarium.solve import (
    Batch,
    Options,
    System,
    eigenvalues,
    find_rest,
    integrate,
    run_batch,
    run_reference,
)

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.kernel import Array

RING = 8
TIMES = np.linspace(0.0, 72.0, 25)


def reaction(name: str, left: tuple[str, ...], right: tuple[str, ...]) -> Flux:
    """Reversible mass action with a Hill-type brake by the first substrate."""
    forward = product(Symbol(s) for s in left)
    backward = product(Symbol(s) for s in right) / Symbol("keq")
    rate = (
        Symbol(f"k.{name}")
        * (forward - backward)
        / (1 + (Symbol(left[0]) / Symbol("ki")) ** Symbol("hill"))
    )
    return Flux(name, rate, rate, dict.fromkeys(left, -1.0) | dict.fromkeys(right, 1.0))


def ring() -> ModelSpec:
    """Metabolites that turn into one another; every second step costs ATP, one reaction renews it."""
    pools = [f"m{i}" for i in range(RING)]
    fluxes = []
    for i, (a, b) in enumerate(zip(pools, pools[1:] + pools[:1], strict=True)):
        cost = (("atp",), ("adp",)) if i % 2 else ((), ())
        fluxes.append(reaction(f"R{i}", (a, *cost[0]), (b, *cost[1])))
    fluxes.append(reaction("RENEW", ("adp", "m0"), ("atp", "m3")))
    ids = [*pools, "atp", "adp"]
    speeds = {f.id: 10.0 ** (i % 6 - 1) for i, f in enumerate(fluxes)}
    return ModelSpec(
        "ring",
        tuple(
            State(s, s, "mM", 0.2 + 0.3 * i, 1e-9, scale=1 / Symbol("volume"))
            for i, s in enumerate(ids)
        ),
        (
            *(Parameter(f"k.{name}", v, "1") for name, v in speeds.items()),
            Parameter("keq", 3.0, "1"),
            Parameter("ki", 2.0, "mM"),
            Parameter("hill", 1.7, "1"),
            Parameter("volume", 2.5, "L"),
        ),
        tuple((s, Symbol(f"state:{s}")) for s in ids),
        tuple(fluxes),
        (),
    )


@pytest.fixture(scope="module")
def spec() -> ModelSpec:
    return ring()


@pytest.fixture(scope="module")
def kernel(spec: ModelSpec, tmp_path_factory: pytest.TempPathFactory) -> CompiledKernel:
    folder: Path = tmp_path_factory.mktemp("kernels")
    return compile_spec(spec, cache=folder)


@pytest.fixture
def start(spec: ModelSpec) -> Array:
    return np.array([s.initial for s in spec.states])


@pytest.fixture
def nominal(spec: ModelSpec) -> Array:
    return np.array([p.value for p in spec.parameters])


@pytest.mark.parametrize("rtol", [1e-5, 1e-8])
def test_radau_finds_the_same(
    kernel: CompiledKernel, start: Array, nominal: Array, rtol: float
) -> None:
    def rates(t: float, y: Array) -> Array:
        out = np.empty_like(y)
        kernel.rhs(t, y, nominal, out)
        return out

    span = (TIMES[0], TIMES[-1])
    other = solve_ivp(rates, span, start, "Radau", TIMES, rtol=1e-10, atol=1e-13).y.T
    run = integrate(kernel, start, nominal, TIMES, options=Options(rtol=rtol), atol=rtol / 1e3)
    assert run.code is ResultCode.SUCCESS
    np.testing.assert_allclose(run.y, other, rtol=300 * rtol)


def test_conserved_totals_are_kept(
    spec: ModelSpec, kernel: CompiledKernel, start: Array, nominal: Array
) -> None:
    found = moieties(spec)
    assert len(found) == 2
    run = integrate(kernel, start, nominal, TIMES)
    totals = run.y @ found.T
    np.testing.assert_allclose(totals, np.broadcast_to(totals[0], totals.shape), rtol=1e-10)


@pytest.fixture(scope="module")
def lanes(spec: ModelSpec) -> CompiledLanes:
    return compile_lanes(spec)


def test_both_solvers_agree(
    kernel: CompiledKernel, lanes: CompiledLanes, start: Array, nominal: Array
) -> None:
    random = np.random.default_rng(2)
    systems = [
        System(
            start * random.lognormal(0, 0.5, len(start)),
            nominal * random.lognormal(0, 0.3, len(nominal)),
        )
        for _ in range(5)
    ]
    batch = Batch.of(systems, TIMES)
    ours = run_batch(lanes, batch)
    other = run_reference(kernel, batch, options=Options(rtol=1e-9), atol=1e-13)
    assert set(ours.codes) == set(other.codes) == {ResultCode.SUCCESS}
    np.testing.assert_allclose(ours.y, other.y, rtol=1e-4)


def test_the_closed_network_comes_to_rest(
    spec: ModelSpec, kernel: CompiledKernel, lanes: CompiledLanes, start: Array, nominal: Array
) -> None:
    n, found = len(start), moieties(spec)
    system = System(start, nominal)
    (resting,) = find_rest(lanes, [system], lambda batch: run_batch(lanes, batch), kept=found)
    assert resting.code is ResultCode.SUCCESS
    np.testing.assert_allclose(found @ resting.y, found @ start, rtol=1e-12)
    long = integrate(kernel, start, nominal, np.array([0.0, 1e4]))
    np.testing.assert_allclose(resting.y, long.y[-1], rtol=1e-5)
    values = eigenvalues(lanes, resting.y, nominal, kept=found)
    assert len(values) == n - 2
    assert (values.real < -1e-3).all()
