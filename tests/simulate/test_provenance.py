"""Where glutamine ends: networks with an answer on paper, closure, and the packaged network."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space

from glutarium.knowledge.base import KnowledgeBase, load
from glutarium.model.assemble import assemble
from glutarium.model.atoms import ELEMENTS, Node
from glutarium.model.calibrate.draw import Draw
from glutarium.model.ledger import Passage
from glutarium.model.member import calibrate
from glutarium.model.network import Network, Range, Reaction, Substance, load_network
from glutarium.model.transfers import Transfers, load_transfers
from glutarium.simulate.fate import Course, Fate, merge_small
from glutarium.simulate.model import medium_of
from glutarium.simulate.provenance import CHANGE, DILUTION, Balance, Tracing

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.kernel import Array

FORMULAS = {
    "gln": {"C": 5.0, "N": 2.0},
    "glu": {"C": 5.0, "N": 1.0},
    "akg": {"C": 5.0},
    "nh4": {"N": 1.0},
    "nad": {"C": 5.0},
    "nadh": {"C": 5.0},
    "prot": {"C": 5.0, "N": 1.0},
    "co2": {"C": 1.0},
}
VOLUME = 4.0  # mL/gDW


def network_of(equations: dict[str, dict[str, float]], **laws: str) -> Network:
    """A network without records: reaction → stoichiometry."""
    species = dict.fromkeys(s for terms in equations.values() for s in terms)
    substances = {
        s: Substance(s, s[:-2], s[-1], FORMULAS[s[:-2]], 0.0, buffered=False) for s in species
    }
    reactions = {i: _reaction(i, laws.get(i, "modular"), terms) for i, terms in equations.items()}
    volumes = {f"volume.{c}": Range(VOLUME, VOLUME, VOLUME) for c in "cm"}
    return Network(substances, reactions, {}, {}, volumes)


def _reaction(name: str, law: str, terms: dict[str, float]) -> Reaction:
    return Reaction(
        id=name,
        name=name,
        law=law,
        reversible=True,
        stoichiometry=terms,
        genes="",
        subsystem="test",
        constants={},
        effects=(),
        charge_into_matrix=0.0,
    )


@pytest.fixture
def tables(tmp_path: Path) -> KnowledgeBase:
    """Tables that hold no rows but one: what GLS does with the two nitrogens of glutamine."""
    texts = {
        "transfers": "reaction\telement\tdonor\tacceptor\tatoms\tsource\tnote\n"
        "GLS\tN\tgln_c[amide]\tnh4_c\t1\tX\t\nGLS\tN\tgln_c[amino]\tglu_c\t1\tX\t\n",
        "parts": "metabolite\telement\tparts\tskeleton\tsource\tnote\ngln\tN\tamino;amide\t\tX\t\n",
        "reactions": "id\tname\tequation\tgenes\tec\tlaw\tsubsystem\tsource\tclaims\tnote\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.tsv").write_text(text, encoding="utf-8")
    return KnowledgeBase(tmp_path)


IMPORT = {"gln_e": -1.0, "gln_c": 1.0}
GLS = {"gln_c": -1.0, "glu_c": 1.0, "nh4_c": 1.0}
AMMONIA = {"nh4_c": -1.0, "nh4_e": 1.0}
EXPORT = {"glu_c": -1.0, "glu_e": 1.0}
UPTAKE = {"glu_e": -1.0, "glu_c": 1.0}
GROWTH = {"glu_c": -1.0, "prot_b": 1.0}


def tracing(tables: KnowledgeBase, **equations: dict[str, float]) -> Tracing:
    if "GLS" not in equations:
        tables.path("transfers").write_text(
            "reaction\telement\tdonor\tacceptor\tatoms\tsource\tnote\n", encoding="utf-8"
        )
    network = network_of(equations)
    return Tracing(network, load_transfers(tables, network))


def closes(balance: Balance, element: str, tolerance: float = 1e-9) -> bool:
    total = sum(balance.sinks[element].values())
    return abs(total - balance.uptake[element]) <= tolerance * abs(balance.uptake[element])


# ---------------------------------------------------------------------- answers on paper, one time


def test_a_line_carries_glutamine_to_its_ends(tables: KnowledgeBase) -> None:
    line = tracing(tables, IN=IMPORT, GLS=GLS, NH4=AMMONIA, GLU=EXPORT, GROW=GROWTH)
    found = line.balance({"IN": 3.0, "GLS": 3.0, "NH4": 3.0, "GLU": 2.0, "GROW": 1.0})
    assert found.uptake == {"carbon": 15.0, "nitrogen": 6.0}
    assert found.sinks["carbon"]["secreted glu"] == pytest.approx(10.0)
    assert found.sinks["carbon"]["prot"] == pytest.approx(5.0)
    assert found.sinks["nitrogen"]["ammonia"] == pytest.approx(3.0)
    assert found.sinks["nitrogen"][CHANGE] == pytest.approx(0.0, abs=1e-12)
    assert found.shares["nitrogen"]["glu_c"] == pytest.approx(1.0)
    assert closes(found, "carbon")
    assert closes(found, "nitrogen")


@given(own=st.floats(0.01, 100.0), other=st.floats(0.0, 100.0))
def test_the_share_of_a_mixture_is_the_mean_of_its_inflows(own: float, other: float) -> None:
    network = network_of({"A": {"gln_e": -1, "glu_c": 1}, "B": UPTAKE, "OUT": GROWTH})
    plain = Tracing(network, _undivided(network))
    found = plain.balance({"A": own, "B": other, "OUT": own + other})
    share = own / (own + other)
    assert found.shares["carbon"]["glu_c"] == pytest.approx(share)
    assert found.sinks["carbon"]["prot"] == pytest.approx(5 * own)
    assert found.sinks["carbon"]["secreted glu"] == 0.0
    assert closes(found, "carbon")


def _undivided(network: Network) -> Transfers:
    """Carbon of reactions with one substrate and one product."""
    passages = []
    for reaction in network.reactions.values():
        (donor,), (acceptor,) = reaction.substrates, reaction.products
        atoms = network.substances[donor].formula["C"] * -reaction.stoichiometry[donor]
        passages.append(Passage(reaction.id, Node(donor, ""), Node(acceptor, ""), atoms))
    carbon = {Node(s, ""): q.formula["C"] for s, q in network.substances.items()}
    return Transfers({"C": tuple(passages), "N": ()}, {"C": carbon, "N": {}})


def test_a_negative_flux_carries_atoms_backwards(tables: KnowledgeBase) -> None:
    backwards = {"gln_c": -1.0, "gln_e": 1.0}
    turned = tracing(tables, OUT=backwards, END={"gln_c": -1.0, "gln_m": 1.0})
    found = turned.balance({"OUT": -2.0, "END": 2.0})
    assert found.uptake["carbon"] == 10.0
    assert found.shares["carbon"]["gln_m"] == 1.0
    assert found.sinks["carbon"][CHANGE] == pytest.approx(10.0)


def test_glutamine_that_goes_back_is_a_sink_with_its_own_share(tables: KnowledgeBase) -> None:
    back = tracing(
        tables,
        IN=IMPORT,
        OUT={"gln_c": -1.0, "gln_e": 1.0},
        MORE={"gln_m": -1.0, "gln_c": 1.0},
    )
    found = back.balance({"IN": 3.0, "MORE": 1.0, "OUT": 4.0})
    assert found.uptake["carbon"] == 15.0
    assert found.sinks["carbon"]["secreted gln"] == pytest.approx(15.0)
    assert found.shares["carbon"]["gln_c"] == pytest.approx(0.75)


def test_old_biomass_gives_nothing(tables: KnowledgeBase) -> None:
    turnover = tracing(
        tables, IN={"gln_e": -1.0, "gln_c": 1.0}, GLS=GLS, NH4=AMMONIA, SYN=GROWTH,
        DEG={"prot_b": -1.0, "glu_c": 1.0},
    )  # fmt: skip
    found = turnover.balance({"IN": 1.0, "GLS": 1.0, "NH4": 1.0, "SYN": 4.0, "DEG": 3.0})
    assert found.shares["carbon"]["glu_c"] == pytest.approx(0.25)
    assert found.shares["carbon"]["prot_b"] == 0.0
    assert found.sinks["carbon"]["prot"] == pytest.approx(5.0)
    assert closes(found, "nitrogen")


def test_growing_pools_take_what_growth_dilutes(tables: KnowledgeBase) -> None:
    growing = tracing(tables, IN=IMPORT)
    found = growing.balance({"IN": 0.02}, {"gln_c": 0.5}, growth=0.04)
    assert found.sinks["carbon"][DILUTION] == pytest.approx(0.1)
    assert found.sinks["carbon"][CHANGE] == pytest.approx(0.0, abs=1e-15)


def test_a_pool_that_shrinks_is_a_negative_sink(tables: KnowledgeBase) -> None:
    shrinking = tracing(tables, IN=IMPORT, OUT={"gln_c": -1.0, "gln_e": 1.0})
    found = shrinking.balance({"IN": 1.0, "OUT": 3.0})
    assert found.sinks["carbon"][CHANGE] == pytest.approx(-10.0)
    assert closes(found, "carbon")


def test_what_has_no_inflow_keeps_its_share(tables: KnowledgeBase) -> None:
    emptied = tracing(tables, IN=IMPORT, OUT=EXPORT)
    found = emptied.balance({"IN": 1.0, "OUT": 1.0}, before={"glu_c": 0.3})
    assert found.shares["carbon"]["glu_c"] == pytest.approx(0.3)
    assert found.sinks["carbon"]["secreted glu"] == pytest.approx(1.5)


def test_a_closed_cycle_mixes_what_it_held(tables: KnowledgeBase) -> None:
    cycle = tracing(
        tables, IN=IMPORT, A={"nad_c": -1.0, "nadh_c": 1.0}, B={"nadh_c": -1.0, "nad_c": 1.0}
    )
    rates = {"IN": 1.0, "A": 2.0, "B": 2.0}
    found = cycle.balance(rates, {"nad_c": 3.0, "nadh_c": 1.0}, before={"nad_c": 0.4})
    assert found.shares["carbon"]["nad_c"] == pytest.approx(0.3)
    assert found.shares["carbon"]["nadh_c"] == pytest.approx(0.3)
    assert closes(found, "carbon")
    assert cycle.balance(rates).shares["carbon"]["nad_c"] == 0.0
    alone = cycle.balance(rates, before={"nad_c": 0.4})  # no contents to weigh by
    assert alone.shares["carbon"]["nadh_c"] == pytest.approx(0.2)


def test_a_cycle_with_a_slow_inflow_takes_the_share_of_the_inflow() -> None:
    there, back = {"nad_c": -1.0, "nadh_c": 1.0}, {"nadh_c": -1.0, "nad_c": 1.0}
    network = network_of({"IN": {"gln_e": -1.0, "nad_c": 1.0}, "A": there, "B": back})
    found = Tracing(network, _undivided(network)).balance({"IN": 1e-6, "A": 1.0, "B": 1.0 - 1e-6})
    assert found.shares["carbon"]["nadh_c"] == pytest.approx(1.0, abs=1e-6)
    assert closes(found, "carbon")


def test_two_nitrogens_of_glutamine_are_told_apart(tables: KnowledgeBase) -> None:
    made = {"nh4_c": -1.0, "glu_c": -1.0, "gln_c": 1.0}
    tables.path("transfers").write_text(
        tables.path("transfers").read_text(encoding="utf-8")
        + "MAKE\tN\tnh4_c\tgln_c[amide]\t1\tX\t\nMAKE\tN\tglu_c\tgln_c[amino]\t1\tX\t\n",
        encoding="utf-8",
    )
    loop = tracing(
        tables, IN=IMPORT, GLS=GLS, MAKE=made, ELSE=UPTAKE, NH4=AMMONIA,
        GROW=GROWTH,
    )  # fmt: skip
    rates = {"IN": 1.0, "GLS": 2.0, "MAKE": 1.0, "ELSE": 1.0, "NH4": 1.0, "GROW": 2.0}
    found = loop.balance(rates)
    # Ammonia stems from amide only, amide from ammonia: unlabelled glutamate cannot dilute it.
    assert found.shares["nitrogen"]["nh4_c"] == pytest.approx(1.0)
    assert found.shares["nitrogen"]["glu_c"] == pytest.approx(0.5)
    assert found.sinks["nitrogen"]["ammonia"] == pytest.approx(1.0)


def test_nothing_moves_in_a_dish_at_rest(tables: KnowledgeBase) -> None:
    found = tracing(tables, IN=IMPORT).balance({})
    assert found.uptake == {"carbon": 0.0, "nitrogen": 0.0}
    assert set(found.sinks["carbon"].values()) == {0.0}


# ------------------------------------------------------------------------------------ over a run


def course(
    network: Network, times: Array, rates: dict[str, Array], pools: dict[str, Array], **more: object
) -> Course:
    n = len(times)
    zero = np.zeros(n)
    settings_: dict[str, object] = {"mass": np.ones(n), "growth": zero, "density": 0.5, "fresh": ()}
    return Course(
        times=times,
        concentrations=np.array([pools.get(s, zero) for s in network.dynamic]).T,
        rates=np.array([rates.get(r, zero) for r in network.reactions]).T,
        **(settings_ | more),  # type: ignore[arg-type]
    )


def share(fate: Fate, sink: str, element: str = "carbon") -> float:
    return float(fate.shares[fate.elements.index(element), fate.sinks.index(sink)])


def test_uptake_is_integrated_by_the_trapezoid_rule(tables: KnowledgeBase) -> None:
    line = tracing(tables, IN=IMPORT)
    times = np.array([0.0, 1.0, 3.0])
    found = line.fate(course(line.network, times, {"IN": 2.0 * times}, {}))
    assert found.uptake.tolist() == [5 * 9.0, 2 * 9.0]
    assert share(found, CHANGE) == pytest.approx(1.0)


def test_rates_of_cells_count_by_dry_mass_and_those_of_the_dish_do_not() -> None:
    network = network_of(
        {"IN": {"gln_e": -1, "glu_c": 1}, "DISH": {"gln_e": -1, "glu_e": 1}}, DISH="medium_enzyme"
    )
    times, one = np.array([0.0, 1.0]), np.ones(2)
    run = course(network, times, {"IN": one, "DISH": one}, {}, mass=np.array([3.0, 3.0]))
    found = Tracing(network, _undivided(network)).fate(run)
    assert found.uptake[0] == pytest.approx(5 * 3.0 + 5 * 1.0)
    assert share(found, "secreted glu") == pytest.approx(0.25)


def test_dilution_counts_the_pools_of_all_cells(tables: KnowledgeBase) -> None:
    line = tracing(tables, IN=IMPORT)
    times, one = np.array([0.0, 1.0]), np.ones(2)
    run = course(
        line.network, times, {"IN": one}, {"gln_c": 10.0 * one}, mass=2 * one, growth=0.1 * one
    )
    found = line.fate(run)
    # 10 mM in 4 mL/gDW are 0.04 mmol/gDW; a tenth of it per hour of an uptake of one.
    assert share(found, DILUTION) == pytest.approx(0.1 * 0.04)


def test_what_is_taken_up_again_is_first_what_was_let_out() -> None:
    equations = {
        "IN": {"gln_e": -1.0, "glu_c": 1.0},
        "OUT": EXPORT,
        "BACK": UPTAKE,
        "GROW": GROWTH,
    }
    network = network_of(equations)
    plain = Tracing(network, _undivided(network))
    times, one = np.array([0.0, 1.0, 2.0]), np.ones(3)
    rates = {"IN": one, "OUT": 9.0 * one, "BACK": 9.0 * one, "GROW": one}
    empty = plain.fate(course(network, times, rates, {}))
    assert share(empty, "prot") == pytest.approx(1.0)
    assert share(empty, "secreted glu") == pytest.approx(0.0, abs=1e-12)
    lake = plain.fate(course(network, times, rates, {"glu_e": 1e12 * one}))
    assert share(lake, "prot") == pytest.approx(0.1)
    assert share(lake, "secreted glu") == pytest.approx(0.9)


def test_the_medium_remembers_what_was_let_out() -> None:
    network = network_of({"IN": {"gln_e": -1.0, "glu_c": 1.0}, "OUT": EXPORT})
    plain = Tracing(network, _undivided(network))
    times = np.array([0.0, 1.0, 2.0, 3.0])
    out = np.array([1.0, 1.0, -1.0, -1.0])  # from the third time on, cells take it up again
    pool = np.array([1.0, 1.5, 1.0, 0.5])  # mM at 0.5 gDW/L: twice as many mmol/gDW
    rates = {"IN": np.array([1.0, 1.0, 0.0, 0.0]), "OUT": out}
    found = plain.fate(course(network, times, rates, {"glu_e": pool}))
    # 2 mmol/gDW were there and 1 came: a third of the medium, and of what is taken up then.
    gained = np.trapezoid([1.0, 1.0, -1 / 3, -1 / 3], times)
    assert share(found, "secreted glu") == pytest.approx(gained / 1.5)
    renewed = plain.fate(course(network, times, rates, {"glu_e": pool}, fresh=(1.0,)))
    assert share(renewed, "secreted glu") == pytest.approx(1.0)


def test_what_is_added_to_the_medium_dilutes_what_was_let_out() -> None:
    network = network_of({"IN": {"gln_e": -1.0, "glu_c": 1.0}, "OUT": EXPORT})
    plain = Tracing(network, _undivided(network))
    times = np.array([0.0, 1.0, 2.0, 3.0])
    rates = {"IN": np.array([1.0, 1.0, 0.0, 0.0]), "OUT": np.array([1.0, 1.0, -1.0, -1.0])}
    pool = np.array([1.0, 1.5, 11.0, 10.5])
    place = list(network.dynamic).index("glu_e")
    for added, left in ((((1.0, (place,)),), 1.5 / 11.0), (((0.0, ()), (1.0, ())), 1.0)):
        found = plain.fate(course(network, times, rates, {"glu_e": pool}, added=added))
        taken = left / 3.0  # a third of the medium was from the cells before
        gained = np.trapezoid([1.0, 1.0, -taken, -taken], times)
        assert share(found, "secreted glu") == pytest.approx(gained / 1.5)


def test_no_uptake_has_no_shares(tables: KnowledgeBase) -> None:
    line = tracing(tables, IN=IMPORT)
    found = line.fate(course(line.network, np.array([0.0, 1.0]), {}, {}))
    assert found.uptake.tolist() == [0.0, 0.0]
    assert np.isnan(found.shares).all()
    short = line.fate(course(line.network, np.array([0.0]), {"IN": np.ones(1)}, {}))
    assert np.isnan(short.shares).all()


def test_a_course_is_picked_from_observables(tables: KnowledgeBase) -> None:
    network = tracing(tables, IN=IMPORT).network
    names = ("growth_rate", "rate.IN", "conc.gln_c", "mass", "conc.gln_e", "psi_x")
    found = Course.from_observed(
        network, np.array([0.0]), np.array([[0.1, 2.0, 3.0, 1.5, 4.0, 9.0]]), names, 0.02
    )
    assert found.concentrations.tolist() == [[4.0, 3.0]]
    assert found.rates.tolist() == [[2.0]]
    assert (found.mass[0], found.growth[0], found.density) == (1.5, 0.1, 0.02)


def test_small_sinks_become_other() -> None:
    shares = np.array([[0.5, 0.492, 0.008, 0.0], [0.98, 0.0, 0.009, 0.011]])
    merged, sinks = merge_small(shares, ("a", "b", "c", "d"))
    assert sinks == ("a", "b", "d", "other")
    assert merged[:, -1].tolist() == [0.008, 0.009]
    assert merged.sum(axis=1) == pytest.approx(1.0)
    fate = Fate(("carbon", "nitrogen"), ("a", "b", "c", "d"), np.ones(2), shares)
    assert fate.merged(0.6).sinks == ("a", "other")


def test_a_failed_run_does_not_hide_the_sinks_of_the_others() -> None:
    shares = np.array([[[np.nan, np.nan]], [[0.999, 0.001]]])
    merged, sinks = merge_small(shares, ("a", "b"))
    assert sinks == ("a", "other")
    assert np.isnan(merged[0]).all()


# ------------------------------------------------------------------------ the packaged network


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
    makers = ("GLS", "GLSK", "GLS2", "PPAT", "PFAS", "CAD", "GMPS", "CTPS", "ASNS", "GFPT1")
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
