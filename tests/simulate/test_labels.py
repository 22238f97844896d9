"""Labels of a run: laws that hold at any flux, and what tracers of glutamine are known to show."""

from __future__ import annotations

from dataclasses import replace
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.names import Observable
from glutarium.simulate.cell import Lane, RestCache, run_lane
from glutarium.simulate.label_course import FluxReader
from glutarium.simulate.label_isotopes import natural_abundance
from glutarium.simulate.labels import labels_of
from glutarium.simulate.readout import Missing, Reading, reading_of, series

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array
    from glutarium.names import Vocabulary
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

UNIFORM = "U-13C-glutamine"


def run(model: CellModel, dish: Callable[..., ArmPlan], tracer: str, **parameters: float) -> Lane:
    """A day with a tracer and some parameters changed from time zero."""
    plan = dish(times=tuple(np.linspace(0.0, 24.0, 25)))
    first = replace(plan.phases[0], tracer=tracer, parameters=parameters)
    return run_lane(model, replace(plan, phases=(first,)), 0, RestCache())


@pytest.fixture(scope="module")
def traced(model: CellModel, dish: Callable[..., ArmPlan]) -> Lane:
    return run(model, dish, UNIFORM)


@pytest.fixture
def read(model: CellModel, words: Vocabulary) -> Callable[[Lane, str], Array]:
    def _read(lane: Lane, name: str) -> Array:
        found = reading_of(Observable.parse(f"tumour.{name}", words), model, words)
        assert isinstance(found, Reading), found
        return series(found, lane, model)

    return _read


@pytest.mark.parametrize(("metabolite", "size"), [("glutamate", 5), ("citrate", 6), ("malate", 4)])
def test_isotopologues_add_up_to_one(
    traced: Lane, read: Callable[[Lane, str], Array], metabolite: str, size: int
) -> None:
    whole = sum(read(traced, f"label.{metabolite}_M{n}") for n in range(size + 1))
    assert whole == pytest.approx(np.ones(len(traced.times)), abs=1e-10)


@pytest.mark.parametrize(("metabolite", "size"), [("glutamate", 5), ("malate", 4)])
def test_shares_are_the_means_of_isotopologues(
    traced: Lane, read: Callable[[Lane, str], Array], metabolite: str, size: int
) -> None:
    mean = sum(n / size * read(traced, f"label.{metabolite}_M{n}") for n in range(size + 1))
    share = read(traced, f"label.{metabolite}_from_glutamine")
    assert share == pytest.approx(mean, abs=2e-3)


def test_nothing_is_labelled_at_time_zero(traced: Lane, read: Callable[[Lane, str], Array]) -> None:
    assert read(traced, "label.glutamate_M0")[0] == pytest.approx(1.0)


def test_what_no_label_reaches_stays_unlabelled(
    traced: Lane, read: Callable[[Lane, str], Array]
) -> None:
    assert read(replace(traced, memo={}), "label.leucine_M0") == pytest.approx(1.0, abs=0.0)
    assert read(replace(traced, memo={}), "label.leucine_M2") == pytest.approx(0.0, abs=0.0)


def test_isotopologues_of_both_compartments_enclose_the_whole(
    traced: Lane, read: Callable[[Lane, str], Array]
) -> None:
    parts = [read(traced, f"label.citrate_{place}_M5")[1:] for place in ("cytosol", "mito")]
    whole = read(traced, "label.citrate_M5")[1:]
    assert np.all(np.minimum(*parts) <= whole)
    assert np.all(whole <= np.maximum(*parts))


def test_a_tracer_changes_no_pool_and_no_rate(
    model: CellModel, dish: Callable[..., ArmPlan], traced: Lane
) -> None:
    assert np.array_equal(run(model, dish, "").observed, traced.observed)


def test_gross_fluxes_differ_by_the_net_rate(model: CellModel, traced: Lane) -> None:
    labels = labels_of(model)
    course = FluxReader(model, labels.maps).read([traced])[0]
    mass = traced.observed[:, model.observable_index["mass"]]
    for i, (name, reaction) in enumerate(model.network.reactions.items()):
        if not reaction.reversible or reaction.subsystem == "medium":
            continue
        forward, backward = course.flux[:, 2 * i], course.flux[:, 2 * i + 1]
        net = traced.observed[:, model.observable_index[f"rate.{name}"]] * mass
        assert forward.min() >= 0.0
        assert backward.min() >= 0.0
        assert forward - backward == pytest.approx(net, rel=1e-6, abs=1e-7), name


def test_glutamine_labels_oxidatively_and_reductively(
    traced: Lane, read: Callable[[Lane, str], Array]
) -> None:
    for name in ("glutamate_M5", "alpha-ketoglutarate_M5", "succinate_M4", "malate_M4"):
        assert read(traced, f"label.{name}")[-1] > 0.2, name
    for name in ("citrate_M4", "citrate_M5", "malate_M3", "aspartate_M3"):
        assert read(traced, f"label.{name}")[-1] > 0.01, name


def test_without_isocitrate_dehydrogenases_no_citrate_is_made_reductively(
    model: CellModel,
    dish: Callable[..., ArmPlan],
    traced: Lane,
    read: Callable[[Lane, str], Array],
) -> None:
    without = run(model, dish, UNIFORM, **{"level.IDH1": 0.0, "level.IDH2": 0.0})
    m5 = "label.citrate_M5"
    assert read(without, m5)[-1] < 0.3 * read(traced, m5)[-1]


def test_the_first_carbon_is_lost_oxidatively_and_kept_reductively(
    model: CellModel, dish: Callable[..., ArmPlan], read: Callable[[Lane, str], Array]
) -> None:
    lane = run(model, dish, "1-13C-glutamine")
    assert read(lane, "label.glutamate_M1")[-1] > 0.3
    assert read(lane, "label.succinate_M1")[-1] < 0.05
    assert read(lane, "label.citrate_M1")[-1] > 2.0 * read(lane, "label.succinate_M1")[-1]


def test_amide_nitrogen_reaches_nucleotides_asparagine_and_hexosamine(
    model: CellModel, dish: Callable[..., ArmPlan], read: Callable[[Lane, str], Array]
) -> None:
    lane = run(model, dish, "amide-15N-glutamine")
    names = ("IMP_N1", "UTP_N1", "CTP_N1", "asparagine_N1", "UDP-N-acetylglucosamine_N1")
    for name in names:
        assert read(lane, f"label.{name}")[-1] > 0.01, name


def test_carbon_of_two_nutrients_is_no_more_than_all(
    model: CellModel, dish: Callable[..., ArmPlan], read: Callable[[Lane, str], Array]
) -> None:
    both = run(model, dish, "U-13C-glutamine + U-13C-glucose")
    for product in ("citrate", "alanine", "lactate", "palmitate"):
        shares = [read(both, f"label.{product}_from_{n}") for n in ("glutamine", "glucose")]
        assert np.max(shares[0] + shares[1]) <= 1.0 + 1e-9, product
        assert min(s[-1] for s in shares) >= 0.0


def test_fresh_medium_without_tracer_washes_the_label_out(
    model: CellModel, dish: Callable[..., ArmPlan], read: Callable[[Lane, str], Array]
) -> None:
    plan = dish(times=tuple(np.linspace(0.0, 24.0, 49)))
    first = replace(plan.phases[0], tracer=UNIFORM)
    later = replace(plan.phases[0], start_h=8.0)
    lane = run_lane(model, replace(plan, phases=(first, later)), 0, RestCache())
    share = read(lane, "label.glutamate_from_glutamine")
    assert share[16] > 0.5
    assert share[-1] < 0.1


def test_a_pulse_may_fall_between_two_samples(
    model: CellModel, dish: Callable[..., ArmPlan], read: Callable[[Lane, str], Array]
) -> None:
    plan = dish(times=(0.0, 1.0, 2.0, 3.0))
    first, later = (
        replace(plan.phases[0], start_h=t, tracer=x) for t, x in ((0.0, ""), (1.5, UNIFORM))
    )
    lane = run_lane(model, replace(plan, phases=(first, later)), 0, RestCache())
    share = read(lane, "label.glutamate_from_glutamine")
    assert share[:2] == pytest.approx(0.0, abs=1e-12)
    assert 0.0 < share[2] < share[3]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("UMP_N_from_glutamine_amide", 1.0),
        ("CTP_N_from_glutamine_amide", 2.0),
        ("IMP_N_from_glutamine_amide", 2.0),
        ("IMP_N_from_aspartate", 1.0),
        ("IMP_C_from_glycine", 2.0),
        ("GTP_N_from_glutamine_amide", 3.0),
        ("asparagine_N_from_glutamine_amide", 1.0),
        ("UTP_C_from_aspartate", 3.0),
        ("glutathione_C_from_glycine", 2.0),
    ],
)
def test_atoms_are_counted_on_the_maps(
    traced: Lane, read: Callable[[Lane, str], Array], name: str, count: float
) -> None:
    assert read(traced, f"atoms.{name}") == pytest.approx(count)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("label.glutamate_M9", "M9 cannot be"),
        ("label.biomass_M2", "made of several"),
        ("label.oxygen_M1", "follows no atoms"),
    ],
)
def test_what_cannot_be_read_is_said(
    model: CellModel, words: Vocabulary, name: str, why: str
) -> None:
    found = reading_of(Observable.parse(f"tumour.{name}", words), model, words)
    assert isinstance(found, Missing)
    assert why in found.why


def _natural(n: int) -> Array:
    """Raw distribution of an unlabelled molecule with so many carbons."""
    chance = natural_abundance()["C"]
    return np.array([comb(n, k) * chance**k * (1.0 - chance) ** (n - k) for k in range(n + 1)])


@pytest.fixture(scope="module")
def raw(model: CellModel, dish: Callable[..., ArmPlan]) -> Lane:
    """The traced day, read as raw data show it."""
    plan = dish(times=tuple(np.linspace(0.0, 24.0, 25)), natural_abundance=True)
    first = replace(plan.phases[0], tracer=UNIFORM)
    return run_lane(model, replace(plan, phases=(first,)), 0, RestCache())


@pytest.mark.parametrize(("metabolite", "size"), [("glutamate", 5), ("malate", 4)])
def test_unlabelled_cells_show_natural_abundance_in_raw_data(
    raw: Lane, read: Callable[[Lane, str], Array], metabolite: str, size: int
) -> None:
    first = [read(raw, f"label.{metabolite}_M{n}")[0] for n in range(size + 1)]
    assert first == pytest.approx(_natural(size), abs=1e-12)


@pytest.mark.parametrize(("metabolite", "size"), [("glutamate", 5), ("citrate", 6), ("malate", 4)])
def test_raw_data_are_corrected_fractions_with_natural_carbon_in_light_places(
    raw: Lane, traced: Lane, read: Callable[[Lane, str], Array], metabolite: str, size: int
) -> None:
    plain = np.array([read(traced, f"label.{metabolite}_M{n}") for n in range(size + 1)])
    shown = np.array([read(raw, f"label.{metabolite}_M{n}") for n in range(size + 1)])
    added = np.zeros_like(plain)
    for heavy in range(size + 1):
        for more, share in enumerate(_natural(size - heavy)):
            added[heavy + more] += share * plain[heavy]
    assert shown == pytest.approx(added, abs=5e-4)
    assert shown.sum(axis=0) == pytest.approx(np.ones(len(raw.times)), abs=1e-10)


def test_shares_stay_shares_of_the_tracer(
    raw: Lane, traced: Lane, read: Callable[[Lane, str], Array]
) -> None:
    name = "label.citrate_from_glutamine"
    assert read(raw, name) == pytest.approx(read(traced, name), abs=1e-12)


def test_an_impure_tracer_scales_shares_and_spreads_isotopologues(
    model: CellModel, dish: Callable[..., ArmPlan], traced: Lane, read: Callable[[Lane, str], Array]
) -> None:
    plan = dish(times=tuple(np.linspace(0.0, 24.0, 25)), tracer_purity=0.9)
    first = replace(plan.phases[0], tracer=UNIFORM)
    impure = run_lane(model, replace(plan, phases=(first,)), 0, RestCache())
    share = "label.glutamate_from_glutamine"
    assert read(impure, share) == pytest.approx(read(traced, share), abs=1e-3)
    m4, m5 = (read(impure, f"label.glutamate_M{n}")[-1] for n in (4, 5))
    assert m5 < 0.7 * read(traced, "label.glutamate_M5")[-1]
    assert m4 > read(traced, "label.glutamate_M4")[-1]
