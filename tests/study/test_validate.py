"""Measurements of others are read as they are, and the model is compared with them honestly."""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import KnowledgeError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study import validate
from glutarium.study.agreement import compare, compare_curve, half_maximum
from glutarium.study.execute import shared_model
from glutarium.study.measured import FILES, GOT_NULL, GROWTH, Curve, Measurement, read_measurements
from glutarium.study.measured_lines import LINES, OBSERVABLES, Panel, spearman
from glutarium.study.parse import read_studies
from glutarium.study.validate import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Callable

REAL = Path(__file__).parents[3] / "shared" / "data"
RATE = 0.04


def _rows(*lines: str) -> str:
    return "".join("\t".join(line.split()) + "\n" for line in lines)


def _growing_culture() -> str:
    """A culture that takes up 0.2 mmol/gDW/h of glutamine while it grows by 4 % an hour."""
    lines = ["metabolite timepoint replicate mmol_gDW mmol_L"]
    for hour in (0.0, 2.0, 4.0, 6.0):
        mass = 0.1 * math.exp(RATE * hour)
        left = 2.0 - 0.2 * (mass - 0.1) / RATE
        lines.append(f"Gln {hour} 1 {left / mass} {left}")
        lines += [f"Met {hour} {r} {1.0 / mass} {1.0 + s * mass}" for r, s in ((1, 1), (2, -1))]
    return _rows(*lines)


TINY: dict[str, Callable[[], str]] = {
    "02_exchange_fluxes/nci60_6lines_exchange_fluxes.tsv": lambda: (
        "Rxn ID\tmetabolite\t786-O\tUO-31\tHOP-92\tNCI-H226\tRPMI 8226\tSR\n"
        "a\tL-lactate\t1.0\t0.5\t0.9\t0.8\t0.7\t0.6\n"
        "b\tglutamine\t-0.1\t-0.3\t-0.2\t-0.2\t-0.2\t-0.2\n"
        "e\tglucose\t-0.1\t-0.3\t-0.2\t-0.2\t-0.2\t-0.2\n"
        "c\tpyruvate\t1e-7\t1e-7\t1e-7\t1e-7\t1e-7\t1e-7\n"
        "d\tbiomass\t0.02\t0.03\t0.02\t0.02\t0.02\t0.02\n"
    ),
    "02_exchange_fluxes/mcf10a_medium_timecourse_EV0.tsv": _growing_culture,
    "02_exchange_fluxes/copeland2023_lf_fluxes.tsv": lambda: _rows(
        "metabolite date oxygen flux",
        *(
            f"{m} {date} {oxygen} {flux}"
            for m in ("glutamine", "glutamate", "glucose", "lactate")
            for date, oxygen, flux in (
                ("d1", "21%", -40),
                ("d2", "21%", -20),
                ("d1", "0.5%", -10),
                ("d2", "0.5%", -10),
            )
        ),
    ),
    # A tube of 1000 cells gains 0.5 µg: 500 pg per cell.
    "02_exchange_fluxes/copeland2023_cell_mass.tsv": lambda: _rows(
        "cell_type pre post cell_number", "lf 1.0 1.0000005 1000", "pasmc 1.0 2.0 1000"
    ),
    "02_exchange_fluxes/nci60_6lines_rnaseq_tpm.tsv.gz": lambda: _rows(
        "gene SR-786 NCI-H226 UO-31 786-O RPMI|8226 HOP-92",
        "ENSG00000115419 1 2 3 4 5 6",  # GLS
        "ENSG00000105281 3 3 3 3 3 3",  # SLC1A5
        "ENSG00000000001 9 9 9 9 9 9",
    ).replace("|", " "),
    "02_exchange_fluxes/copeland2023_lf_growth_rates.tsv": lambda: _rows(
        "date oxygen mu", "d1 21% 0.02", "d1 0.5% 0.01", "d2 21% 0.02", "d2 0.5% 0.018"
    ),
    "06_etc_aspartate/H1299_rotenone_metabolite_timecourse.tsv": lambda: (
        "Treatment\tElapsed_int\tAspartate conc\n"
        + "".join(
            f"{dose} nM\t{day}\t{value}\n"
            for dose, value in ((0, 100), (15, 50), (30, 20), (60, 10))
            for day in (2, 3)
        )
    ),
    "06_etc_aspartate/H1299_rotenone_counts_proliferation.tsv": lambda: (
        "Treatment\tElapsed\tPrlfr\n"
        + "".join(
            f"{dose} nM\t{day}\t{value}\n"
            for dose, value in ((0, 1.0), (15, 0.5), (30, 0.25), (60, 0.125))
            for day in (0, 2.01, 5.0)
        )
    ),
    "06_etc_aspartate/143B_GOTDKO_asp_titration_proliferation.tsv": lambda: _rows(
        "Asp Prlfr", "20 1.0", "20 1.2", "10 0.9", "7 0.6", "5 0.2", "3 -0.4"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TINY.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        opener = gzip.open if name.endswith(".gz") else open
        with opener(path, "wt", encoding="utf-8") as file:
            file.write(text())
    return tmp_path


@pytest.fixture
def figures(folder: Path) -> dict[str, Measurement]:
    return {m.figure: m for m in read_measurements(folder)}


def test_all_files_are_made_up_here() -> None:
    assert set(TINY) == set(FILES)


def test_uptake_and_release_are_both_positive(figures: dict[str, Measurement]) -> None:
    assert figures["NCI-60 lactate release"].values == (1.0, 0.5, 0.9, 0.8, 0.7, 0.6)
    assert figures["NCI-60 glutamine uptake"].values[:2] == (0.1, 0.3)
    assert figures["NCI-60 lactate release"].sign == -1
    assert figures["NCI-60 growth"].values[:2] == (0.02, 0.03)


def test_what_is_noise_is_left_out(figures: dict[str, Measurement]) -> None:
    assert not [name for name in figures if "pyruvate" in name]
    # The two replicates of methionine differ in sign.
    assert not [name for name in figures if name.startswith("MCF10A methionine")]


def test_a_rate_in_a_growing_culture_has_no_dilution_in_it(
    figures: dict[str, Measurement],
) -> None:
    assert figures["MCF10A glutamine uptake"].values == pytest.approx((0.2,))
    assert figures["MCF10A growth"].values == pytest.approx((RATE,))


def test_hypoxia_is_compared_within_an_experiment(figures: dict[str, Measurement]) -> None:
    fold = figures["fibroblast glutamine exchange, oxygen 0.5 / 21 %"]
    assert fold.values == pytest.approx((0.25, 0.5))
    assert figures["fibroblast growth, oxygen 0.5 / 21 %"].values == pytest.approx((0.5, 0.9))


def test_levels_are_per_dry_mass(figures: dict[str, Measurement]) -> None:
    uptake = figures["fibroblast glutamine uptake, oxygen 21%"]
    assert uptake.values == pytest.approx((40.0 / 500.0, 20.0 / 500.0))
    assert uptake.asked == "size"
    assert figures["fibroblast glucose uptake, oxygen 21%"].asked == ""
    assert figures["fibroblast glutamine exchange, oxygen 0.5 / 21 %"].asked == "fold"


def test_doses_are_compared_on_the_day_that_the_model_ends(
    figures: dict[str, Measurement],
) -> None:
    assert figures["H1299 aspartate, rotenone 60 nM / 0"].values == pytest.approx((0.1,))
    assert figures["H1299 growth, rotenone 15 nM / 0"].values == pytest.approx((0.5,))
    got_null = figures["143B without GOT1/2, growth, aspartate 3 / 20 mM"]
    assert got_null.values == pytest.approx((-0.4 / 1.1,))


def test_every_measurement_has_its_protocol(folder: Path) -> None:
    arms = {(s.id, a) for s in read_studies([PROTOCOLS], vocabulary()) for a in s.arms}
    for m in read_measurements(folder):
        assert (m.protocol, m.arm) in arms
        assert not m.versus or (m.protocol, m.versus) in arms


def test_a_folder_that_is_not_there_is_named_with_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"no folder .*nowhere.*nci60_6lines"):
        read_measurements(tmp_path / "nowhere")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / FILES[3]).unlink()
    with pytest.raises(KnowledgeError, match=FILES[3]) as caught:
        read_measurements(folder)
    assert FILES[0] not in str(caught.value)


def test_a_missing_column_is_named(folder: Path) -> None:
    (folder / GOT_NULL).write_text(_rows("Asp growth", "20 1"), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="no column 'Prlfr'; it has Asp, growth"):
        read_measurements(folder)


def test_a_missing_dose_is_named(folder: Path) -> None:
    (folder / GOT_NULL).write_text(_rows("Asp Prlfr", "20 1", "5 1"), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"no numbers for '3'; it has '20', '5'"):
        read_measurements(folder)


def test_what_is_not_a_number_is_shown_with_its_line(folder: Path) -> None:
    (folder / GOT_NULL).write_text(_rows("Asp Prlfr", "20 1", "5 much"), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"'much'.*line 3"):
        read_measurements(folder)


def test_an_empty_file_is_said_so(folder: Path) -> None:
    (folder / FILES[0]).write_text("", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="holds no rows"):
        read_measurements(folder)


def _measured(*values: float, versus: str = "") -> Measurement:
    return Measurement("figure", "nci60", "culture", GROWTH, values, "1/h", "Key2020", versus)


def test_inside_means_the_median_within_the_range() -> None:
    row = compare(_measured(1.0, 2.0, 3.0), np.array([0.5, 2.5, 9.0]))
    assert row.agrees
    assert row.agreement == "inside, 1.2 x"
    assert row.data == "2 (1 to 3)"
    assert row.model == "2.5 (0.9 to 7.7)"


def test_outside_says_by_how_much() -> None:
    row = compare(_measured(1.0, 2.0), np.array([6.0]))
    assert not row.agrees
    assert row.agreement == "outside, 4 x"


def test_another_sign_has_no_factor() -> None:
    assert compare(_measured(1.0, 2.0), np.array([-1.0])).agreement == "outside, other sign"


def test_one_replicate_has_no_range_to_lie_in() -> None:
    row = compare(_measured(2.0), np.array([2.0]))
    assert row.agrees is None
    assert row.agreement == "1 x"


@pytest.mark.parametrize(
    ("fold", "agrees", "text"),
    [
        (0.5, True, "direction and size"),
        (0.8, True, "direction, size outside"),
        (0.97, False, "direction wrong"),
        (1.5, False, "direction wrong"),
    ],
)
def test_a_fold_needs_direction_first(fold: float, agrees: bool, text: str) -> None:  # noqa: FBT001
    row = compare(_measured(0.4, 0.6, versus="0 nM"), np.array([fold]))
    assert row.agrees is agrees
    assert row.agreement.startswith(text)


@pytest.mark.parametrize(
    ("asked", "model", "met"),
    [
        ("", 1.0, None),
        ("size", 0.26, True),
        ("size", 0.99, True),
        ("size", 1.01, False),
        ("size", -0.5, False),
        ("fold", 0.9, True),
        ("fold", 0.24, False),
        ("fold", 0.97, False),  # within twofold of 0.5, but no change at all
    ],
)
def test_what_is_asked_is_met_or_missed(asked: str, model: float, met: bool | None) -> None:  # noqa: FBT001
    versus = "0 nM" if asked == "fold" else ""
    m = Measurement(
        "figure", "nci60", "culture", GROWTH, (0.5, 0.5), "1", "Key2020", versus, asked=asked
    )
    assert compare(m, np.array([model])).met is met
    failed = compare(m, np.array([np.nan])).met
    assert failed is (False if asked else None)


@given(scale=st.floats(0.01, 100.0), half=st.floats(1.5, 9.5))
def test_the_half_maximum_of_a_line_is_its_middle(scale: float, half: float) -> None:
    doses = np.array([0.0, 1.0, 3.0, 10.0, 20.0])
    values = scale * np.minimum(doses / (2.0 * half), 1.0)
    straight = doses[doses <= 2.0 * half]
    if straight[-1] >= half:  # the half lies between doses on the straight part
        assert half_maximum(doses, values) == pytest.approx(half)


def _curve(*values: float) -> Curve:
    doses = (3.0, 5.0, 10.0, 20.0)
    arms = tuple(f"{d:g} mM" for d in doses)
    return Curve(
        "figure", "143b", GROWTH, "Key2020", doses, arms, tuple((v,) for v in values), "mM"
    )


def test_a_flat_curve_does_not_rise_and_its_half_is_below_all_doses() -> None:
    curve = _curve(-0.4, 0.2, 0.9, 1.0)
    flat = compare_curve(curve, [np.array([1.0, 1.0])] * 4)
    assert [row.met for row in flat] == [False, False]
    assert "above half already" in flat[0].agreement
    own = compare_curve(curve, [np.array([v, v]) for v in (-0.4, 0.2, 0.9, 1.0)])
    assert [row.met for row in own] == [True, True]
    lost = compare_curve(curve, [np.array([np.nan])] * 4)
    assert [row.met for row in lost] == [False]


def test_rank_correlation_sees_order_alone() -> None:
    a = np.array([1.0, 5.0, 2.0, 9.0])
    assert spearman(a, np.exp(a)) == pytest.approx(1.0)
    assert spearman(a, -a) == pytest.approx(-1.0)


def _panel(measured: dict[str, list[float]]) -> Panel:
    return Panel((), {q: np.array(v) for q, v in measured.items()})


def test_lines_that_are_predicted_exactly_are_told_and_without_error() -> None:
    rising = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    panel = _panel(dict.fromkeys(OBSERVABLES, rising))
    found = {
        (line, q): np.array([v, v])
        for q in OBSERVABLES
        for line, v in (*zip(LINES, rising, strict=True), ("generic", 3.0))
    }
    rows = {row.figure: row for row in panel.rows(found)}
    asked = [row for row in rows.values() if row.met is not None]
    assert len(asked) == len(OBSERVABLES) + 2
    assert all(row.met for row in asked)
    generic = found | {(line, q): found["generic", q] * [1.0, 0.99] for line, q in found}
    missed = [row for row in panel.rows(generic) if "error" in row.figure and row.met is not None]
    assert [row.met for row in missed] == [False]


def test_runs_that_failed_are_counted_and_not_averaged() -> None:
    row = compare(_measured(1.0, 3.0), np.array([2.0, np.nan, 2.0]))
    assert row.agreement == "inside, 1 x; 2 of 3 members ran"
    assert compare(_measured(1.0, 3.0), np.array([np.nan])).agreement == "no run finished"


@given(
    data=st.lists(st.floats(0.01, 100.0), min_size=2, max_size=8),
    scale=st.floats(0.01, 100.0),
)
def test_agreement_does_not_depend_on_the_unit(data: list[float], scale: float) -> None:
    members = np.array([1.0, 2.0, 4.0])
    plain = compare(_measured(*data), members)
    scaled = compare(_measured(*(scale * v for v in data)), scale * members)
    inside = min(data) <= 2.0 <= max(data)
    assert plain.agrees is inside
    if not any(math.isclose(v, 2.0) for v in data):
        assert scaled.agrees is inside


def test_the_model_is_read_through_the_protocols(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The runs themselves are replaced; two members, of which the second failed in one arm.
    def values(plans: object, readings: object, member: int) -> dict[tuple[str, str, str], float]:
        assert isinstance(plans, dict)
        assert isinstance(readings, dict)
        bad = member == 1
        return {
            (*place, name): np.nan if bad and place[0] == "h1299" else 2.0
            for place in plans
            for name in readings
        }

    monkeypatch.setattr(validate, "_values", values)
    seen: list[tuple[int, int]] = []
    rows = validate.validate_against(
        folder, members=2, workers=1, progress=lambda _, done, total: seen.append((done, total))
    )
    by_name = {row.figure: row for row in rows}
    assert seen == [(1, 2), (2, 2)]
    assert rows[0].figure.startswith("fibroblast")
    assert by_name["NCI-60 lactate release"].model.startswith("-2 ")
    assert by_name["fibroblast growth, oxygen 0.5 / 21 %"].model == "1 (1 to 1)"
    assert "1 of 2 members ran" in by_name["H1299 growth, rotenone 30 nM / 0"].agreement
    assert {row.unit for row in rows} == {"1/h", "mmol/gDW/h", "1", "mM"}


def test_a_run_is_read_as_means_over_the_run() -> None:
    model = shared_model()
    plans = validate._plans(model, read_studies([PROTOCOLS], vocabulary()))
    culture = {("nci60", "culture"): plans["nci60", "culture"]}
    names = (GROWTH, "tumour.exchange.glutamine", "tumour.pool.aspartate")
    readings = validate._readings([*names, "tumour.exchange.x"], model)
    assert set(readings) == set(names)
    found = validate._values(culture, readings, 0)
    growth, uptake, pool = (found["nci60", "culture", name] for name in names)
    assert 0.0 < growth < 0.1
    assert 0.0 < uptake < 1.0
    assert 0.0 < pool < 50.0


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the shared data sets are not there ({REAL})")
def test_the_real_files_are_read() -> None:
    figures = {m.figure: m for m in read_measurements(REAL)}
    assert len(figures["NCI-60 glutamine uptake"].values) == 6
    assert np.median(figures["H1299 aspartate, rotenone 15 nM / 0"].values) == pytest.approx(
        0.05, rel=0.05
    )
    fold = figures["fibroblast growth, oxygen 0.5 / 21 %"].values
    assert len(fold) == 8
    assert max(fold) < 1.0
