"""Where glutamine ends in the packaged network: closure of any state, and what biology asks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space
from tests.simulate.small_networks import closes, share

from glutarium.knowledge.base import load
from glutarium.model.assemble import assemble
from glutarium.model.atoms import ELEMENTS
from glutarium.model.calibrate.draw import Draw
from glutarium.model.member import calibrate
from glutarium.model.network import load_network
from glutarium.model.transfers import load_transfers
from glutarium.simulate.fate import Course
from glutarium.simulate.model import medium_of
from glutarium.simulate.provenance import CHANGE, Balance, Tracing

if TYPE_CHECKING:
    from glutarium.kernel import Array


class Reference:
    """The packaged network with its reference state and the directions that keep it in balance."""

    def __init__(self) -> None:
        base = load()
        self.network = load_network(base)
        self.transfers = load_transfers(base, self.network)
        self.tracing = Tracing(self.network, self.transfers)
        medium = medium_of(base, self.network, "reference")
        found = calibrate(assemble(base, self.network), self.network, medium, Draw(None))
        assert found.fluxes is not None, found.reason
        self.growth = self.network.constants["growth.reference"].value
        self.names = list(self.network.reactions)
        self.fluxes = np.array([found.fluxes.values.get(r, 0.0) for r in self.names])
        self.pools = found.concentrations.values
        volume = {c: self.network.constants[f"volume.{c}"].value / 1000 for c in "cm"}
        inside = self.network.in_compartment("c", "m")
        self.contents = {s: self.pools[s] * volume[s[-1]] for s in inside}
        matrix = np.array(
            [[q.stoichiometry.get(s, 0.0) for q in self.network.reactions.values()] for s in inside]
        )
        matrix[:, self.fluxes == 0.0] = 0.0
        still = np.eye(len(self.names))[self.fluxes == 0.0]
        self.free = null_space(np.vstack([matrix, still]))

    def balanced(self, seed: int) -> Array:
        """Random fluxes with the signs of the reference, all pools in balanced growth."""
        rng = np.random.default_rng(seed)
        step = self.free @ (self.free.T @ (self.fluxes * rng.normal(size=len(self.fluxes))))
        shrinks = step * np.sign(self.fluxes) < 0
        limit = np.min(np.abs(self.fluxes[shrinks] / step[shrinks]), initial=1.0)
        return np.asarray(self.fluxes + rng.uniform(0.1, 0.95) * limit * step)

    def balance(self, fluxes: Array) -> Balance:
        rates = dict(zip(self.names, fluxes.tolist(), strict=True))
        return self.tracing.balance(rates, self.contents, growth=self.growth)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference()


def test_the_reference_state_closes_without_a_change_of_pools(reference: Reference) -> None:
    found = reference.balance(reference.fluxes)
    for element in ELEMENTS.values():
        assert closes(found, element)
        assert abs(found.sinks[element][CHANGE]) < 1e-9 * found.uptake[element]


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_any_balanced_state_closes_without_a_change_of_pools(
    reference: Reference, seed: int
) -> None:
    fluxes = reference.balanced(seed)
    assert np.all(fluxes * np.sign(reference.fluxes) >= 0)
    found = reference.balance(fluxes)
    for element in ELEMENTS.values():
        assert closes(found, element)
        assert abs(found.sinks[element][CHANGE]) < 1e-9 * found.uptake[element]
        assert all(-1e-9 <= x <= 1 + 1e-9 for x in found.shares[element].values())


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_any_state_at_all_closes_with_the_change_of_pools(reference: Reference, seed: int) -> None:
    rng = np.random.default_rng(seed)
    fluxes = reference.fluxes * rng.lognormal(0.0, 1.0, len(reference.fluxes))
    turned = rng.random(len(fluxes)) < 0.1
    reversible = np.array([r.reversible for r in reference.network.reactions.values()])
    found = reference.balance(np.where(turned & reversible, -fluxes, fluxes))
    for element in ELEMENTS.values():
        assert closes(found, element)
        assert all(-1e-9 <= x <= 1 + 1e-9 for x in found.shares[element].values())


def test_every_share_is_the_mean_of_its_inflows(reference: Reference) -> None:
    """The same equations, written down anew from the passages."""
    rates = dict(zip(reference.names, reference.fluxes.tolist(), strict=True))
    for symbol, name in ELEMENTS.items():
        shares = reference.balance(reference.fluxes).shares[name]
        undivided = {
            v.species
            for v in reference.transfers.atoms[symbol]
            if v.part == "" and v.species[-1] in "cm"
        }
        inflow: defaultdict[str, float] = defaultdict(float)
        marked: defaultdict[str, float] = defaultdict(float)
        mixed: set[str] = set()
        whole = {v.species for v in reference.transfers.atoms[symbol] if v.part == ""}
        for p in reference.transfers.passages[symbol]:
            forward = rates[p.reaction] > 0
            giver, taker = (p.donor, p.acceptor) if forward else (p.acceptor, p.donor)
            amount = abs(rates[p.reaction]) * p.atoms
            inflow[taker.species] += amount
            marked[taker.species] += amount * shares[giver.species]
            if giver.species not in whole:
                mixed.add(taker.species)
        checked = [s for s in undivided - mixed if inflow[s] > 0]
        assert len(checked) > 15
        for species in checked:
            assert shares[species] == pytest.approx(marked[species] / inflow[species], abs=1e-9)


def test_glutamine_feeds_the_cycle_and_not_glycolysis(reference: Reference) -> None:
    found = reference.balance(reference.fluxes)
    carbon, nitrogen = found.shares["carbon"], found.shares["nitrogen"]
    assert carbon["akg_m"] > carbon["cit_m"] > carbon["pyr_c"]
    assert carbon["pyr_c"] > carbon["pep_c"] > 0.0  # PEPCK of the matrix
    assert carbon["fbp_c"] < 1e-3
    assert nitrogen["leu_c"] == 0.0
    assert nitrogen["nh4_m"] > 0.5
    assert found.sinks["nitrogen"]["ammonia"] > 0.0
    assert found.sinks["carbon"]["ammonia"] == 0.0
    assert found.sinks["nitrogen"]["CO2"] == 0.0


def test_blocked_glutaminase_leaves_the_cycle_without_glutamine(reference: Reference) -> None:
    """Only reactions are changed here; what they carry follows from the equations."""
    fluxes = reference.fluxes.copy()
    makers = ("GLS", "GLSO", "GLS2", "PPAT", "PFAS", "CAD", "GMPS", "CTPS", "ASNS", "GFPT1")
    fluxes[[reference.names.index(r) for r in makers]] = 0.0
    found = reference.balance(fluxes)
    assert found.shares["carbon"]["akg_m"] == pytest.approx(0.0, abs=1e-12)
    assert found.shares["carbon"]["gln_m"] > 0.5
    assert closes(found, "carbon")


def test_a_run_of_balanced_growth_has_the_fate_of_its_state(reference: Reference) -> None:
    times = np.linspace(0.0, 24.0, 5)
    n = len(times)
    pools = np.array([reference.pools.get(s, 0.0) for s in reference.network.dynamic])
    run = Course(
        times=times,
        concentrations=np.tile(pools, (n, 1)),
        rates=np.tile(reference.fluxes, (n, 1)),
        mass=np.exp(reference.growth * times),
        growth=np.full(n, reference.growth),
        density=1e-9,  # a medium so large that it does not change
    )
    found = reference.tracing.fate(run)
    assert found.shares.sum(axis=1) == pytest.approx(1.0, rel=1e-9)
    now = reference.balance(reference.fluxes)
    for sink in found.sinks:
        expected = now.sinks["carbon"][sink] / now.uptake["carbon"]
        assert share(found, sink) == pytest.approx(expected, abs=1e-6), sink
