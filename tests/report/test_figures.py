from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib._pylab_helpers import Gcf

from glutarium.report import tables
from glutarium.report.axes import legend_places, ticks
from glutarium.report.balance import draw_balance, read_balances
from glutarium.report.chosen import headline, key_pools, places, title
from glutarium.report.curves import draw_courses
from glutarium.report.dose import Series, find_series, half_effect
from glutarium.report.page import page_shades
from glutarium.report.palette import arm_styles
from glutarium.report.readings import Readings, read_dataset
from glutarium.report.sheet import Line, Sheet
from glutarium.report.verdicts import as_records, tally, verdict_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

VERDICT = {
    "study": "s",
    "claims": ["S0-1", "S0-2"],
    "system": "cell",
    "observable": "tumour.growth_rate",
    "arm": ["a", "b"],
    "versus": "vehicle",
    "is": "down",
    "hard": True,
    "fold": 0.4123,
    "agreement": 0.75,
    "verdict": "fails",
    "reason": "too few",
}


@pytest.fixture(scope="module")
def readings(dataset: xr.Dataset) -> Readings:
    return read_dataset(dataset)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


# ------------------------------------------------------------------------------------- the curves


def test_a_figure_is_themed_labelled_and_leaves_no_trace(readings: Readings) -> None:
    before = dict(mpl.rcParams)
    arms = arm_styles(readings.arms)
    names = key_pools(readings, "tumour")[:2]
    drawn = draw_courses(
        readings, names, arms, page_shades(arms), name="pools", alt='two "pools" & more'
    )
    root = ET.fromstring(drawn.svg)
    assert root.attrib["aria-label"] == 'two "pools" & more'
    assert "var(--arm0)" in drawn.svg
    assert "var(--ink)" in drawn.svg
    assert arms[0].shade.light not in drawn.svg
    assert drawn.png.startswith(b"\x89PNG")
    assert dict(mpl.rcParams) == before
    assert not Gcf.figs


def test_a_broken_line_is_as_long_as_its_parts() -> None:
    whole = Line(((0.0, 10.0), (30.0, 10.0), (30.0, 60.0)), "#000000", 2.0, "--")
    sheet = Sheet(1.0, 1.0, [whole])
    plain = Sheet(1.0, 1.0, [replace(whole, dash="-")])
    shares = [np.mean(dark(s.picture("x", "x", {}).png)) for s in (sheet, plain)]
    assert 0.55 < shares[0] / shares[1] < 0.85  # 3.7 of 5.3 are drawn


def dark(png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(png)).convert("L")) < 128


def test_an_arm_in_which_nothing_finished_does_not_break_the_figure(dataset: xr.Dataset) -> None:
    failed = dataset.copy(deep=True)
    failed["code"][:] = "NOT_FINITE"
    readings = read_dataset(failed)
    arms = arm_styles(readings.arms)
    names = ["tumour.growth_rate"]
    drawn = draw_courses(readings, names, arms, page_shades(arms), name="x", alt="a")
    assert "no run finished" in drawn.svg


def test_a_legend_reads_by_rows() -> None:
    places = [at for at, _ in legend_places(["a", "bbb", "c", "d", "e"], 3)]
    assert len({y for _, y in places[:3]}) == 1
    assert places[3][1] > places[0][1]
    assert [x for x, _ in places[3:]] == [x for x, _ in places[:2]]


def test_ticks_are_round_and_within() -> None:
    assert ticks(0.0, 13.4) == [0.0, 5.0, 10.0]
    assert ticks(0.0, 0.45) == [0.0, 0.2, 0.4]
    assert ticks(7.2, 7.5) == [7.2, 7.3, 7.4, 7.5]
    assert ticks(-42.0, 100.0, most=5) == [0.0, 50.0, 100.0]


def test_titles_are_words() -> None:
    assert title("tumour.pool.alpha-ketoglutarate") == "α-ketoglutarate"
    assert title("tumour.ratio.NADPH_NADP") == "NADPH / NADP⁺"
    assert title("medium.ammonia") == "ammonia"
    assert title("cd8_effector.secretion.lactate") == "lactate secretion"


def test_what_is_shown_is_what_the_result_has(readings: Readings) -> None:
    assert headline(readings, "tumour")[:2] == ["tumour.growth_rate", "tumour.uptake.glutamine"]
    assert "tumour.pool.IMP" not in key_pools(readings, "tumour")
    assert places(readings)[0] == "medium.glutamine"
    assert key_pools(readings, "nobody") == []


# -------------------------------------------------------------------------------------- the doses


def hill(doses: list[float], half: float) -> Readings:
    """Growth that falls to a half of its largest effect at ``half`` µM in three members."""
    effect = np.array([0.0, *(d / (d + half) for d in doses)])
    values = np.repeat(1 - 0.8 * effect[:, None], 3, axis=1)[:, :, None, None]
    arms = tuple(f"d{i}" for i in range(len(doses) + 1))
    return Readings(
        arms=arms,
        members=(0, 1, 2),
        time=np.array([0.0]),
        units={"tumour.growth_rate": "1/h"},
        values=values,
        finished=np.ones(values.shape[:2], dtype=bool),
        codes=(("SUCCESS",) * 3,) * len(arms),
        details=(("",) * 3,) * len(arms),
    )


def test_the_half_effect_lies_where_the_drug_puts_it() -> None:
    doses = [float(d) for d in np.logspace(-3, 3, 25)]
    readings = hill(doses, 0.2)
    mapping = {a: ("X", d) for a, d in zip(readings.arms, [0.0, *doses], strict=True)}
    (series,) = find_series(readings, mapping)
    half = half_effect(readings, "tumour.growth_rate", series)
    assert half.count == 3
    assert half.median == pytest.approx(0.2, rel=0.02)


def test_no_half_effect_below_the_lowest_dose_or_without_effect() -> None:
    doses = [1.0, 10.0]
    series = Series("X", (1.0, 10.0), (1, 2), 0)
    assert not half_effect(hill(doses, 0.01), "tumour.growth_rate", series)
    assert not half_effect(hill(doses, 1e6), "tumour.growth_rate", series)


def test_a_series_needs_two_doses_and_finds_its_zero(readings: Readings) -> None:
    assert find_series(readings, None) == ()
    assert find_series(readings, {"high": ("X", 1.0)}) == ()
    doses = {"high": ("X", 10.0), "low & slow": ("X", 0.1), "not there": ("X", 1.0)}
    (series,) = find_series(readings, doses)
    assert (series.doses, series.arms, series.zero) == ((0.1, 10.0), (1, 2), 0)


def test_doses_of_two_drugs_are_two_series(make_dataset: Callable[..., xr.Dataset]) -> None:
    readings = read_dataset(make_dataset(arms=("a", "b", "c", "d", "e")))
    doses = {"b": ("X", 1.0), "c": ("Y", 1.0), "d": ("X", 2.0), "e": ("Y", 3.0)}
    assert [s.drug for s in find_series(readings, doses)] == ["X", "Y"]


# ------------------------------------------------------------------------------------ the balance


def test_mean_shares_still_add_up_to_one(dataset: xr.Dataset, readings: Readings) -> None:
    balance = read_balances(dataset, readings).get("")
    assert balance is not None
    for arm in range(3):
        for element in range(2):
            assert balance.mean(arm, element).sum() == pytest.approx(1.0)


def test_a_failed_run_takes_no_part_in_the_balance(dataset: xr.Dataset) -> None:
    odd = dataset.copy(deep=True)
    odd["fate"][-1, -1] = 100.0
    balance = read_balances(odd, read_dataset(odd)).get("")
    assert balance is not None
    assert balance.mean(2, 0).max() < 1
    assert balance.spread(2, 0, 0).count == 3


def test_sinks_that_receive_nothing_are_left_out(dataset: xr.Dataset, readings: Readings) -> None:
    bare = dataset.copy(deep=True)
    bare["fate"].loc[{"sink": "lipid"}] = 0.0
    balance = read_balances(bare, readings).get("")
    assert balance is not None
    assert "lipid" not in balance.sinks
    assert "protein" in balance.sinks


def test_sinks_stand_in_a_fixed_order_whatever_the_result(
    dataset: xr.Dataset, readings: Readings
) -> None:
    turned = dataset.isel(sink=slice(None, None, -1))
    forward, backward = (
        read_balances(dataset, readings).get(""),
        read_balances(turned, readings).get(""),
    )
    assert forward is not None
    assert backward is not None
    assert forward.sinks == backward.sinks
    assert (forward.sinks[0], forward.sinks[-1]) == ("protein", "other")
    np.testing.assert_array_equal(forward.shares, backward.shares)


def test_drained_pools_and_arms_without_uptake_can_be_drawn(dataset: xr.Dataset) -> None:
    odd = dataset.copy(deep=True)
    odd["fate"].loc[{"sink": "other"}] = -0.4
    odd["fate"].loc[{"arm": "vehicle"}] = np.nan
    readings = read_dataset(odd)
    balance = read_balances(odd, readings).get("")
    assert balance is not None
    arms = arm_styles(readings.arms)
    drawn = draw_balance(balance, readings, arms, page_shades(arms), uptake=None, alt="a")
    assert drawn.svg.count("no balance") == 2
    assert "−40" in drawn.svg


def test_a_result_without_fate_has_no_balance(dataset: xr.Dataset, readings: Readings) -> None:
    assert read_balances(dataset.drop_vars("fate"), readings) == {}


def test_the_balance_can_be_drawn_without_uptake(dataset: xr.Dataset, readings: Readings) -> None:
    balance = read_balances(dataset, readings).get("")
    assert balance is not None
    arms = arm_styles(readings.arms)
    drawn = draw_balance(balance, readings, arms, page_shades(arms), uptake=None, alt="a")
    assert "fmol" not in drawn.svg
    assert "secreted glutamate" in drawn.svg


# ------------------------------------------------------------------------------------- the tables


def test_courses_hold_every_arm_and_time(readings: Readings) -> None:
    rows = rows_of(tables.courses_csv(readings, ["medium.glutamine"]))
    assert len(rows) == len(readings.arms) * readings.time.size
    assert {r["members"] for r in rows if r["arm"] == "high"} == {"3"}
    assert float(rows[0]["p10"]) <= float(rows[0]["median"]) <= float(rows[0]["p90"])


def test_ends_hold_folds_and_votes(readings: Readings) -> None:
    rows = rows_of(tables.ends_csv(readings, ["tumour.flux.GLS"]))
    assert [r["direction"] for r in rows] == ["same", "down", "down"]
    assert float(rows[0]["fold_median"]) == 1.0
    assert [r["agree"] for r in rows] == ["4", "4", "3"]


def test_missing_numbers_are_empty_cells() -> None:
    content = tables.rows_csv(("a", "b"), [(float("nan"), ["x", "y"])])
    assert content == b"a,b\n,x;y\n"


def test_failures_carry_their_advice(readings: Readings) -> None:
    (failure,) = tables.failures(readings)
    assert (failure["arm"], failure["member"]) == ("high", "3")
    assert "rtol" in failure["advice"]
    assert failure["detail"].startswith("asn_c")


def test_the_change_table_colours_the_other_arms_only(readings: Readings) -> None:
    table = tables.change_table(readings, ["tumour.flux.GLS"], "caption")
    name, first, *others = table.rows[0]
    assert name.text == "GLS flux"
    assert first.step is None
    assert [c.step for c in others] == [-3, -3]
    assert others[1].note == "↓ 3/3"


# ----------------------------------------------------------------------------------- the verdicts


def test_verdicts_may_be_mappings_or_dataclasses() -> None:
    @dataclass
    class Record:
        observable: str
        verdict: str
        is_: str

    mapping, record = as_records([VERDICT, Record("x", "holds", "up")])
    assert mapping["claims"] == ["S0-1", "S0-2"]
    assert (record["verdict"], record["is"], record["fold"]) == ("holds", "up", "")


def test_a_verdict_in_words() -> None:
    (row,) = verdict_rows(as_records([VERDICT]))
    assert (row["arm"], row["claims"]) == ("a / b", "S0-1, S0-2")
    assert (row["fold"], row["agreement"], row["hard"]) == ("0.41", "75 %", "hard")


def test_something_else_is_no_verdict() -> None:
    with pytest.raises(TypeError, match="must be a mapping or a dataclass, not int"):
        as_records([3])


def test_verdicts_are_counted_with_the_hard_ones_apart() -> None:
    easy = {**VERDICT, "hard": False}
    records = as_records([VERDICT, easy, {**easy, "verdict": "holds"}])
    assert tally(records) == [("holds", 1, 0), ("fails", 2, 1)]
