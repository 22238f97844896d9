"""Small kernels with known solutions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.compile import compile_lanes
from glutarium.kernel import Sparsity
from glutarium.model.expr import Symbol
from glutarium.model.spec import Flux, ModelSpec, Observable, Parameter, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from glutarium.compile import CompiledLanes
    from glutarium.kernel import Array
    from glutarium.model.expr import Expr

Function = "Callable[[float, Array, Array], Array]"


class Toy:
    """A kernel from plain functions; its Jacobian is full and found by complex steps if not given.

    Parameters
    ----------
    rates
        ``f(t, y, p)``, written so that it also takes complex numbers.
    names
        Names of the states.
    n_parameters
        Number of parameters.
    """

    def __init__(
        self,
        rates: Callable[[float, Array, Array], Array],
        names: tuple[str, ...],
        n_parameters: int = 1,
    ) -> None:
        n = len(names)
        self.rates = rates
        self.state_names = names
        self.parameter_names = tuple(f"p{i}" for i in range(n_parameters))
        self.observable_names = ("total",)
        self.sparsity = Sparsity(
            np.arange(0, n * n + 1, n, dtype=np.int32), np.tile(np.arange(n, dtype=np.int32), n)
        )

    def rhs(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the rates."""
        out[:] = self.rates(t, y, p)

    def jacobian(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the full Jacobian, column after column."""
        n = len(y)
        for j in range(n):
            shifted = y.astype(complex)
            shifted[j] += 1e-30j
            out[j * n : (j + 1) * n] = np.imag(np.asarray(self.rates(t, shifted, p))) / 1e-30

    def observe(self, t: float, y: Array, p: Array, out: Array) -> None:
        """Write the sum of all states."""
        out[0] = t * 0.0 + y.sum() + 0.0 * p.sum()


@pytest.fixture(scope="session")
def toy() -> type[Toy]:
    """The maker of toy kernels."""
    return Toy


@pytest.fixture(scope="session")
def decay() -> Toy:
    """Exponential decay with rate ``p0``."""
    return Toy(lambda _, y, p: -p[0] * y, ("x",))


def by_rates(
    rates: Mapping[str, Expr],
    parameters: Sequence[str] = (),
    observables: Mapping[str, Expr] | None = None,
) -> ModelSpec:
    """Build a model from the rate of change of every state; a state's id is its value."""
    return ModelSpec(
        "rates of " + ", ".join(rates),
        tuple(State(s, s, "mM", 1.0, 1e-9, direct=rate) for s, rate in rates.items()),
        tuple(Parameter(p, 1.0, "1") for p in parameters),
        tuple((s, Symbol(f"state:{s}")) for s in rates),
        (),
        tuple(Observable(o, expr, "1") for o, expr in (observables or {}).items()),
    )


def by_fluxes(
    states: Sequence[str],
    fluxes: Mapping[str, tuple[Expr, Mapping[str, float]]],
    parameters: Sequence[str] = (),
) -> ModelSpec:
    """Build a model from fluxes with their stoichiometry."""
    return ModelSpec(
        "fluxes " + ", ".join(fluxes),
        tuple(State(s, s, "mM", 1.0, 1e-9) for s in states),
        tuple(Parameter(p, 1.0, "1") for p in parameters),
        tuple((s, Symbol(f"state:{s}")) for s in states),
        tuple(Flux(name, rate, rate, sides) for name, (rate, sides) in fluxes.items()),
        (),
    )


@pytest.fixture(scope="session")
def rates_model() -> Callable[..., ModelSpec]:
    """The maker of models from rates."""
    return by_rates


@pytest.fixture(scope="session")
def flux_model() -> Callable[..., ModelSpec]:
    """The maker of models from fluxes."""
    return by_fluxes


@pytest.fixture(scope="session")
def in_lanes(rates_model: Callable[..., ModelSpec]) -> Callable[..., CompiledLanes]:
    """Compile what :func:`by_rates` takes, for lanes."""
    return lambda *model, width=None: compile_lanes(rates_model(*model), width=width)


@pytest.fixture(scope="session")
def decay_lanes(in_lanes: Callable[..., CompiledLanes]) -> CompiledLanes:
    """Exponential decay with the rate ``k``, and twice the pool as an observable."""
    x = Symbol("x")
    return in_lanes({"x": -1.0 * Symbol("k") * x}, ["k"], {"twice": 2 * x})


def cell_like() -> ModelSpec:
    """A cell that takes up a nutrient, converts it and builds an enzyme from it.

    Medium ``s``; amounts ``a`` (precursor) and ``e`` (enzyme), mass ``a + e``; a potential ``v`` follows
    the precursor's share. With ``per_mass`` at one the amounts are those of one unit of mass, and the
    medium stands still.
    """
    s, a, e, v, per_mass = (Symbol(n) for n in ("s", "state:a", "state:e", "v", "per_mass"))
    mass = a + e
    uptake = Symbol("k1") * e * s / (1 + s)
    growth = Symbol("k2") * e * a / mass
    rates = {
        "s": -1.0 * (1 - per_mass) * uptake,
        "a": uptake - growth,
        "e": growth,
        "v": Symbol("k3") * (a / mass - v),
    }
    spec = by_rates(rates, ["k1", "k2", "k3", "per_mass"], {"growth": uptake / mass})
    diluted = tuple(
        replace(state, dilution=per_mass * uptake / mass) if state.id in "ae" else state
        for state in spec.states
    )
    return replace(spec, states=diluted)


@pytest.fixture(scope="session")
def replicator() -> CompiledLanes:
    """The growing cell of :func:`cell_like`."""
    return compile_lanes(cell_like())


@pytest.fixture(autouse=True, scope="session")
def kernel_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the kernels of the tests away from the user's."""
    folder = tmp_path_factory.mktemp("kernels")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLUTARIUM_CACHE", str(folder))
        yield folder
