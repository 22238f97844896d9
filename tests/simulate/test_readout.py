"""Observables of studies, read from what the kernel observes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.names import Observable
from glutarium.simulate.cell import RestCache, run_lane
from glutarium.simulate.plan import Phase
from glutarium.simulate.readout import Missing, Reading, at_end, reading_of, series

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.names import Vocabulary
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

    Read = Callable[[str], float]


@pytest.fixture(scope="module")
def lane(model: CellModel, dish: Callable[..., ArmPlan]) -> Lane:
    """Half of the glutaminase and some CB-839 from time zero."""
    plan = dish()
    changed = Phase(0.0, {"level.GLS": 0.5, "drug.CB-839": 0.05}, plan.phases[0].medium)
    return run_lane(model, dish(phases=(changed,)), 0, RestCache())


@pytest.fixture
def read(model: CellModel, lane: Lane, words: Vocabulary) -> Read:
    """Last value of an observable."""

    def _read(text: str) -> float:
        found = reading_of(Observable.parse(text, words), model, words)
        assert isinstance(found, Reading), found
        return float(series(found, lane, model)[-1])

    return _read


@pytest.fixture
def kernel(model: CellModel, lane: Lane) -> Read:
    """Last value of an observable of the kernel."""
    return lambda name: float(lane.observed[-1, model.observable_index[name]])


def test_a_pool_is_the_mean_over_the_volumes_of_the_cell(
    model: CellModel, read: Read, kernel: Read
) -> None:
    c, m = (model.network.constants[f"volume.{x}"].value for x in "cm")
    whole = (c * kernel("conc.gln_c") + m * kernel("conc.gln_m")) / (c + m)
    assert read("tumour.pool.glutamine") == pytest.approx(whole)
    assert read("tumour.pool.glutamine_cytosol") == kernel("conc.gln_c")
    assert read("tumour.pool.glutamine_mito") == kernel("conc.gln_m")


def test_a_pool_of_one_place_is_spread_over_the_whole_cell(
    model: CellModel, read: Read, kernel: Read
) -> None:
    c, m = (model.network.constants[f"volume.{x}"].value for x in "cm")
    assert read("tumour.pool.ubiquinone") == pytest.approx(kernel("conc.q_m") * m / (c + m))


def test_a_group_is_the_sum_of_its_members(read: Read) -> None:
    members = [read(f"tumour.pool.{name}") for name in ("UTP", "CTP")]
    assert read("tumour.pool.pyrimidines") == pytest.approx(sum(members))


def test_uptake_and_secretion_are_one_number_with_two_signs(
    model: CellModel, read: Read, kernel: Read
) -> None:
    """MCT is not the only way out, so the sum is taken over all reactions that touch the medium."""
    taken_up = read("tumour.uptake.glutamine")
    assert taken_up > 0.0
    assert read("tumour.secretion.glutamine") == -taken_up
    crossing = [r for r in model.network.reactions.values() if "gln_e" in r.stoichiometry]
    specific = -sum(
        r.stoichiometry["gln_e"] * kernel(f"rate.{r.id}")
        for r in crossing
        if r.subsystem != "medium"
    )
    picograms = model.network.constants["cell.dry_mass"].value
    # mmol per gram is fmol per picogram, and a cell weighs so many picograms.
    assert taken_up == pytest.approx(specific * picograms)


def test_efflux_is_the_outward_leg_of_every_carrier(
    model: CellModel, read: Read, kernel: Read
) -> None:
    """Efflux less influx is secretion, and neither is negative."""
    outward = inward = 0.0
    for r in model.network.reactions.values():
        n = r.stoichiometry.get("gln_e", 0.0)
        if n == 0.0 or r.subsystem == "medium":
            continue
        back = f"backward.{r.id}"
        backward = kernel(back) if back in model.observable_index else 0.0
        legs = kernel(f"rate.{r.id}") + backward, backward
        assert min(legs) >= 0.0
        outward += abs(n) * legs[0 if n > 0.0 else 1]
        inward += abs(n) * legs[1 if n > 0.0 else 0]
    picograms = model.network.constants["cell.dry_mass"].value
    assert read("tumour.efflux.glutamine") == pytest.approx(outward * picograms)
    assert read("tumour.secretion.glutamine") == pytest.approx((outward - inward) * picograms)
    assert read("tumour.efflux.protons") > 0.0


def test_a_flux_is_a_reaction_per_cell_volume(model: CellModel, read: Read, kernel: Read) -> None:
    millilitres = sum(model.network.constants[f"volume.{x}"].value for x in "cm")
    assert not model.base.processes.where("process", "GLUD1")
    assert read("tumour.reaction.GLUD1") == kernel("rate.GLUD1")
    assert read("tumour.flux.GLUD1") == pytest.approx(1000.0 * kernel("rate.GLUD1") / millilitres)


@pytest.mark.parametrize("process", ["glycolysis", "GLS"])  # one is named as one of its reactions
def test_a_process_is_the_weighted_sum_of_its_reactions(
    model: CellModel, read: Read, kernel: Read, process: str
) -> None:
    shares = model.base.processes.where("process", process)
    expected = sum(s.weight * kernel(f"rate.{s.reaction}") for s in shares)
    assert read(f"tumour.reaction.{process}") == pytest.approx(expected)


def test_a_ratio_is_that_of_its_pools(read: Read) -> None:
    expected = read("tumour.pool.ATP") / read("tumour.pool.ADP")
    assert read("tumour.ratio.ATP_ADP") == pytest.approx(expected)


def test_inhibition_is_the_share_that_the_drug_holds(read: Read) -> None:
    assert 0.0 < read("tumour.fractional_inhibition.GLS") < 1.0
    assert read("tumour.fractional_inhibition.GLUD1") == 0.0


def test_what_is_no_species_but_a_node_is_read_relative_to_rest(
    model: CellModel, words: Vocabulary, kernel: Read
) -> None:
    found = reading_of(Observable.parse("tumour.pool.cytosolic_cytochrome_c", words), model, words)
    assert isinstance(found, Reading)
    assert found.top == {"available.cytosolic_cytochrome_c": 1.0}
    assert kernel("viability") > 0.0


def test_density_counts_all_cells_of_the_dish(model: CellModel, read: Read, kernel: Read) -> None:
    seeded = model.network.constants["dish.density"].value
    assert read("tumour.density") == pytest.approx(seeded * kernel("mass"))


def test_the_medium_is_read_as_it_is(read: Read, kernel: Read) -> None:
    assert read("medium.glutamine") == kernel("conc.gln_e")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("beta_cell.growth_rate", "beta_cell"),
        ("body.plasma.glutamine", "plasma"),
        ("tissue.ATP", "tissue"),
        ("tumour.label.oxygen_M1", "tumour.label.oxygen_M1"),
        ("tumour.expression.SLC14A1", "SLC14A1"),
        ("tumour.fractional_inhibition.ATF4", "ATF4"),
        ("tumour.flux.ATF4", "ATF4"),
        ("tumour.pool.kynurenine", "kynurenine"),
        ("medium.kynurenine", "kynurenine"),
        ("tumour.secretion.kynurenine", "kynurenine"),
    ],
)
def test_what_is_missing_is_named(
    model: CellModel, words: Vocabulary, text: str, named: str
) -> None:
    found = reading_of(Observable.parse(text, words), model, words)
    assert isinstance(found, Missing)
    assert found.name == named
    assert str(found).startswith(f"{named}: ")


def test_rates_are_means_over_the_end_and_amounts_are_not(
    model: CellModel, words: Vocabulary
) -> None:
    texts = ["growth_rate", "flux.GLS", "reaction.GLS", "uptake.glucose", "secretion.lactate"]
    for text in [*texts, "pool.glutamate", "ratio.ATP_ADP", "density"]:
        found = reading_of(Observable.parse(f"tumour.{text}", words), model, words)
        assert isinstance(found, Reading)
        assert found.averaged == (text in texts), text


@given(
    slope=st.floats(-10, 10),
    start=st.floats(-10, 10),
    inner=st.lists(st.floats(0.01, 99.99), max_size=20, unique=True),
)
def test_the_mean_over_the_end_is_that_of_the_last_tenth(
    slope: float, start: float, inner: list[float]
) -> None:
    times = np.array([0.0, *sorted(inner), 100.0])
    found = at_end(Reading({}, "1", averaged=True), times, start + slope * times)
    assert found == pytest.approx(start + slope * 95.0, abs=1e-9)


def test_a_value_is_read_at_its_time_or_at_the_end() -> None:
    times, values = np.array([0.0, 2.0, 4.0]), np.array([0.0, 4.0, 0.0])
    reading = Reading({}, "1")
    assert at_end(reading, times, values) == 0.0
    assert at_end(reading, times, values, 3.0) == 2.0
    assert at_end(Reading({}, "1", averaged=True), times, values, 2.0) == 4.0


def test_a_run_that_reached_nothing_has_no_value() -> None:
    assert np.isnan(at_end(Reading({}, "1"), np.empty(0), np.empty(0)))


def test_a_ratio_over_nothing_is_not_an_error(model: CellModel, lane: Lane) -> None:
    empty = Reading({"conc.nr_g": 0.0}, "1")
    ratio = Reading({"conc.gln_c": 1.0}, "1", bottom={"conc.gln_c": 0.0})
    assert (series(empty, lane, model) == 0.0).all()
    assert not np.isfinite(series(ratio, lane, model)).any()
