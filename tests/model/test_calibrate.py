"""From ranges to a balanced reference state, and draws that depend on nothing but their purpose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from glutarium.model.calibrate.concentrations import reference_concentrations
from glutarium.model.calibrate.draw import Draw
from glutarium.model.calibrate.fluxes import moiety_contents, reference_fluxes
from glutarium.model.calibrate.quadratic import closest_point
from glutarium.model.member import Member, calibrate, nominal_values, with_member
from glutarium.model.ranges import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.model.conftest import Kit

    from glutarium.model.member import Calibration
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec

    Slopes = Callable[[ModelSpec, Mapping[str, float]], dict[str, float]]

SEEDS = (1, 2, 3, 4)
CELL = ("c", "m", "b")

# ------------------------------------------------------------------------------------------- draws


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    low = draw(st.floats(1e-6, 1e3))
    high = low * draw(st.floats(1.0 + 1e-9, 1e4))
    return Range(low * (high / low) ** draw(st.floats(0.0, 1.0)), low, high)


@given(seed=st.integers(0, 2**31), purpose=st.text(max_size=20), recorded=ranges())
def test_a_draw_stays_in_its_range_and_can_be_repeated(
    seed: int, purpose: str, recorded: Range
) -> None:
    drawn = Draw(seed).number(purpose, recorded)
    assert recorded.low * (1 - 1e-9) <= drawn <= recorded.high * (1 + 1e-9)
    assert Draw(seed).number(purpose, recorded) == drawn


@given(seed=st.integers(0, 2**31), others=st.lists(st.text(max_size=8), max_size=5))
def test_a_draw_does_not_depend_on_the_draws_before_it(seed: int, others: list[str]) -> None:
    recorded, draw = Range(1.0, 0.1, 10.0), Draw(seed)
    for other in others:
        draw.number(other, recorded)
    assert draw.number("this one", recorded) == Draw(seed).number("this one", recorded)


def test_purposes_and_seeds_have_streams_of_their_own() -> None:
    recorded = Range(1.0, 0.1, 10.0)
    by_purpose = {Draw(1).number(f"p{i}", recorded) for i in range(50)}
    by_seed = {Draw(i).number("p", recorded) for i in range(50)}
    assert len(by_purpose) == len(by_seed) == 50


def test_draws_spread_around_the_recorded_value() -> None:
    recorded = Range(2.0, 0.2, 20.0)
    logs = np.log([Draw(i).number("p", recorded) / 2.0 for i in range(400)])
    quarter = np.log(100.0) / 4.0
    assert abs(np.median(logs)) < 0.2 * quarter
    assert 0.75 * quarter < logs.std() < 1.05 * quarter  # the bounds cut the tails off


@pytest.mark.parametrize(
    "recorded", [Range(2.0, 2.0, 2.0), Range(0.0, 0.0, 5.0), Range(-1.0, -3.0, 2.0)]
)
def test_a_number_without_a_positive_range_is_taken_as_it_is(recorded: Range) -> None:
    assert Draw(5).number("p", recorded) == recorded.value


@given(recorded=ranges())
def test_no_seed_gives_the_recorded_value(recorded: Range) -> None:
    assert Draw(None).number("p", recorded) == recorded.value


# ------------------------------------------------------------------------------------ closest point


@given(
    wish=st.lists(st.floats(-5, 5), min_size=3, max_size=3),
    sigma=st.lists(st.floats(0.1, 5), min_size=3, max_size=3),
    whole=st.floats(-3, 3),
)
def test_the_closest_point_on_a_plane(wish: list[float], sigma: list[float], whole: float) -> None:
    """Against the closed form: the miss is shared in proportion to the variances."""
    target, spread = np.array(wish), np.array(sigma)
    free = (sparse.csc_array(np.vstack([np.eye(3), -np.eye(3)])), np.full(6, 40.0))
    found = closest_point(
        target, spread, (sparse.csc_array(np.ones((1, 3))), np.array([whole])), free
    )
    expected = target + spread**2 * (whole - target.sum()) / (spread**2).sum()
    assert found.feasible
    np.testing.assert_allclose(found.x, expected, atol=1e-5)


@given(wish=st.floats(-5, 5), top=st.floats(-2, 2))
def test_a_bound_holds(wish: float, top: float) -> None:
    found = closest_point(
        np.array([wish]), np.array([0.7]), None, (sparse.csc_array(np.eye(1)), np.array([top]))
    )
    assert found.feasible
    assert found.x[0] == pytest.approx(min(wish, top), abs=1e-3)


def test_what_cannot_be_met_is_said() -> None:
    both = sparse.csc_array(np.array([[1.0], [-1.0]]))
    found = closest_point(np.zeros(1), np.ones(1), None, (both, np.array([-1.0, -1.0])))
    assert not found.feasible
    assert found.status


# --------------------------------------------------------------------------- concentrations, small


def chain(kit: Kit, band: Range) -> Network:
    """``a_e <-> a_c <-> b_c`` with pools that want to stand far from the bands."""
    up = kit.reaction("a_e <-> a_c", {"km:a_e": 1.0, "km:a_c": 1.0, "keq": 2.0}, name="UP")
    turn = kit.reaction("a_c <-> b_c", {"km:a_c": 1.0, "km:b_c": 1.0, "keq": 0.5}, name="TURN")
    for reaction in (up, turn):
        reaction.constants["rho"] = band  # type: ignore[index]
    wide = Range(1.0, 1e-9, 1e9)
    return kit.network(up, turn, pools={"a_c": wide, "b_c": wide})


@given(
    low=st.floats(0.01, 0.4),
    width=st.floats(1.01, 2.0),
    supply=st.floats(0.1, 10.0),
    seed=st.one_of(st.none(), st.integers(0, 99)),
)
def test_concentrations_meet_their_bands(
    kit: Kit, low: float, width: float, supply: float, seed: int | None
) -> None:
    network = chain(kit, Range(low * width**0.5, low, low * width))
    keq = {"UP": 2.0, "TURN": 0.5}
    found = reference_concentrations(network, {"a_e": supply}, keq, Draw(seed))
    assert found.feasible
    assert found.values["a_e"] == supply
    for left, right, k in (("a_e", "a_c", 2.0), ("a_c", "b_c", 0.5)):
        rho = found.values[right] / found.values[left] / k
        assert low * (1 - 1e-5) <= rho <= low * width * (1 + 1e-5)


def test_a_medium_without_the_substrate_makes_the_bands_impossible(kit: Kit) -> None:
    network = chain(kit, Range(0.3, 0.2, 0.5))
    found = reference_concentrations(network, {"a_e": 1e-11}, {"UP": 2.0, "TURN": 0.5}, Draw(None))
    assert not found.feasible


def test_concentrations_without_conflict_stay_at_their_priors(kit: Kit) -> None:
    network = chain(kit, Range(0.5, 0.1, 0.9))
    prior = {"a_c": Range(1.0, 0.1, 10.0), "b_c": Range(0.25, 0.1, 10.0)}
    network = kit.network(*network.reactions.values(), pools=prior)
    found = reference_concentrations(network, {"a_e": 1.0}, {"UP": 2.0, "TURN": 0.5}, Draw(None))
    assert found.values["a_c"] == pytest.approx(1.0, rel=1e-5)
    assert found.values["b_c"] == pytest.approx(0.25, rel=1e-5)
    assert max(map(abs, found.shifts.values())) < 1e-4


# ----------------------------------------------------------------------------------- fluxes, small


@given(
    growth=st.floats(0.0, 0.1),
    priors=st.tuples(*[st.floats(0.5, 2.0)] * 3),
    seed=st.one_of(st.none(), st.integers(0, 99)),
)
def test_fluxes_balance_every_pool_with_dilution(
    kit: Kit, growth: float, priors: tuple[float, float, float], seed: int | None
) -> None:
    steps = ("a_e -> a_c", "a_c -> b_c", "b_c -> b_e")
    reactions = [kit.reaction(e, name=f"R{i}") for i, e in enumerate(steps)]
    network = kit.network(
        *reactions,
        fluxes={f"R{i}": Range(v, v / 4, v * 4) for i, v in enumerate(priors)},
        constants={"volume.c": 4.0},
    )
    pools = {"a_c": 2.0, "b_c": 5.0}
    found = reference_fluxes(network, pools, growth, Draw(seed))
    litres = 4.0e-3
    assert found.feasible
    into, turn, out = (found.values[f"R{i}"] for i in range(3))
    assert into - turn == pytest.approx(growth * 2.0 * litres, abs=1e-9)
    assert turn - out == pytest.approx(growth * 5.0 * litres, abs=1e-9)


def test_charge_that_growth_carries_in_is_carried_out_again(kit: Kit) -> None:
    charged = replace(kit, charges={"a": -1.0, "h": 1.0})
    make = charged.reaction("x_g -> a_m", {"moiety:a_m": 1.0}, law="accretion", name="MAKE")
    leak = charged.reaction("h_c -> h_m", name="LEAK")
    growth, content = 0.05, 2.0 * 0.4e-3
    expected = growth * content
    network = charged.network(
        make,
        leak,
        fluxes={"LEAK": Range(2 * expected, expected / 4, 8 * expected)},
        constants={"volume.m": 0.4},
    )
    found = reference_fluxes(network, {"a_m": 2.0}, growth, Draw(None))
    assert found.feasible
    assert found.values == {"MAKE": pytest.approx(expected), "LEAK": pytest.approx(expected)}


def test_a_dead_end_has_no_balanced_fluxes(kit: Kit) -> None:
    network = kit.network(
        kit.reaction("a_e -> a_c", name="IN"),
        fluxes={"IN": Range(1.0, 0.5, 2.0)},
        constants={"volume.c": 4.0},
    )
    assert not reference_fluxes(network, {"a_c": 1.0}, 0.01, Draw(None)).feasible


def test_the_content_of_a_moiety_is_all_its_members(kit: Kit) -> None:
    make = kit.reaction("x_g -> a_c", {"moiety:a_c": 1.0, "moiety:b_c": 1.0}, law="accretion")
    turn = kit.reaction("a_c -> b_c", name="TURN")
    network = kit.network(make, turn, constants={"volume.c": 4.0})
    assert moiety_contents(network, {"a_c": 2.0, "b_c": 3.0}) == {"R": pytest.approx(5.0 * 4.0e-3)}


# ------------------------------------------------------------------------------- the packaged model


def imbalance(spec: ModelSpec, slopes: Slopes) -> dict[str, float]:
    """Relative rate of every pool of the cell beside growth, 1/h."""
    values = nominal_values(spec, {}, {})
    changes = slopes(spec, values)
    growth = values["growth_rate"]
    return {
        s.id: abs(changes[s.id] / s.initial - growth) for s in spec.states if s.compartment in CELL
    }


def check_member(
    spec: ModelSpec, network: Network, calibration: Calibration, slopes: Slopes
) -> None:
    """Everything that a kept member promises."""
    assert calibration.member is not None
    assert calibration.fluxes is not None
    member = with_member(spec, calibration.member)
    values = nominal_values(member, {}, {})
    rates = imbalance(member, slopes)
    worst = max(rates, key=lambda s: rates[s])
    assert rates[worst] < 1e-6, f"{worst} changes by {rates[worst]:.3g} of itself per hour"
    assert abs(slopes(member, values)["psi_x"]) < 1e-6
    assert values["mass"] == pytest.approx(1.0)
    for reaction, flux in calibration.fluxes.values.items():
        assert flux > 0.0, reaction
        assert values[f"rate.{reaction}"] == pytest.approx(flux, rel=1e-6), reaction
    assert all(v > 0.0 for k, v in calibration.member.parameters.items() if k.startswith("vmax."))
    check_bands(network, values)


def check_bands(network: Network, values: Mapping[str, float]) -> None:
    for r in network.reactions.values():
        if "rho" in r.constants:
            band = r.constants["rho"]
            log_q = sum(
                n * np.log(values[s])
                for s, n in r.stoichiometry.items()
                if not network.substances[s].buffered or r.km(s) is not None
            )
            rho = float(np.exp(log_q)) / values[f"keq.{r.id}"]
            assert band.low * (1 - 1e-4) <= rho <= band.high * (1 + 1e-4), r.id


def test_the_nominal_member_is_balanced_and_within_its_bands(
    spec: ModelSpec, network: Network, calibration: Calibration, slopes: Slopes
) -> None:
    assert calibration.member is not None, calibration.reason
    check_member(spec, network, calibration, slopes)


def test_the_nominal_member_grows_at_the_recorded_rate(cell: ModelSpec, network: Network) -> None:
    growth = nominal_values(cell, {}, {})["growth_rate"]
    assert growth == pytest.approx(network.constants["growth.reference"].value, rel=1e-6)


def test_reference_pools_lie_in_their_ranges(network: Network, calibration: Calibration) -> None:
    for s in network.in_compartment("c", "m"):
        found, recorded = calibration.concentrations.values[s], network.pools[s]
        assert recorded.low * (1 - 1e-5) <= found <= recorded.high * (1 + 1e-5), s


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawn_member_is_balanced_or_says_why_there_is_none(
    spec: ModelSpec,
    network: Network,
    medium: dict[str, float],
    slopes: Slopes,
    seed: int,
) -> None:
    drawn = calibrate(spec, network, medium, Draw(seed))
    if drawn.member is None:
        assert drawn.reason
    else:
        check_member(spec, network, drawn, slopes)


def test_constants_of_a_member_come_from_their_ranges(
    spec: ModelSpec, network: Network, medium: dict[str, float]
) -> None:
    drawn = (calibrate(spec, network, medium, Draw(seed)).member for seed in range(20))
    member = next((m for m in drawn if m is not None), None)
    assert member is not None, "twenty draws without a member"
    for r in network.reactions.values():
        for name, recorded in r.constants.items():
            kind, _, species = name.partition(":")
            if kind in {"km", "keq"}:
                value = member.parameters[f"{kind}.{r.id}" + (f".{species}" if species else "")]
                assert recorded.low * (1 - 1e-9) <= value <= recorded.high * (1 + 1e-9), name


def test_a_seed_gives_one_member_and_another_seed_another(
    spec: ModelSpec, network: Network, medium: dict[str, float]
) -> None:
    first, again, other = (calibrate(spec, network, medium, Draw(s)) for s in (1, 1, 2))
    assert first.concentrations.values == again.concentrations.values
    assert first.member == again.member
    assert first.concentrations.values != other.concentrations.values


def test_an_impossible_medium_is_a_reason_and_no_exception(
    spec: ModelSpec, network: Network, medium: dict[str, float]
) -> None:
    found = calibrate(spec, network, dict.fromkeys(medium, 1e-12), Draw(None))
    assert found.member is None
    assert "no concentrations meet all bands" in found.reason


def test_a_member_changes_numbers_and_no_structure(spec: ModelSpec, cell: ModelSpec) -> None:
    assert cell.structure_hash() == spec.structure_hash()
    assert cell.parameter_ids == spec.parameter_ids
    assert [p.value for p in cell.parameters] != [p.value for p in spec.parameters]
    assert [s.initial for s in cell.states] != [s.initial for s in spec.states]


@settings(max_examples=10)
@given(factor=st.floats(0.1, 10.0))
def test_what_a_member_does_not_set_stays(spec: ModelSpec, factor: float) -> None:
    parameter, state = spec.parameters[0], spec.states[-1]
    member = Member({parameter.id: factor}, {state.id: factor})
    changed = with_member(spec, member)
    assert changed.parameters[0].value == factor
    assert changed.states[-1].initial == factor
    assert changed.parameters[1:] == spec.parameters[1:]
    assert changed.states[:-1] == spec.states[:-1]
