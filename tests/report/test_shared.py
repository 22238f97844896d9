"""Who took it: flows that add up, drawn the same way twice, with a table of the balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.report.flows import draw_flows, read_diagram
from glutarium.report.page import page_shades
from glutarium.report.palette import ROLES, arm_styles, cell_colour
from glutarium.report.readings import read_dataset
from glutarium.report.rivals import rivals, rivals_csv
from glutarium.report.takers import read_takers, takers_csv, takers_table
from glutarium.report.write import write_report
from glutarium.simulate.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import xarray as xr

CELLS = ["tumour", "cd8_effector", "adipocyte"]
NUTRIENTS = ["glutamine", "oxygen"]
ENTRIES = ["supply", "held", "medium"]


@pytest.fixture(scope="module")
def shared(make_dataset: Callable[..., xr.Dataset]) -> xr.Dataset:
    """A tissue of three cells; the third one gives glutamine."""
    plain = make_dataset(members=3, times=5)
    sizes = plain.sizes["arm"], plain.sizes["member"], plain.sizes["time"]
    rise = np.linspace(0.0, 1.0, sizes[2])[:, None, None]
    ends = np.array([[70.0, 400.0], [30.0, 90.0], [-10.0, 10.0]])
    course = np.broadcast_to(rise * ends, (*sizes, 3, 2)).copy()
    place = np.zeros((*sizes, 3, 2))
    place[:, :, :, 0] = rise[:, 0] * np.array([[89.0, 499.0]])
    place[:, :, :, 1] = 2.0 - rise[:, 0]
    shares = plain["fate"].values[:, :, None].repeat(3, axis=2)
    return (
        plain.drop_vars("fate")
        .assign_coords(cell=CELLS, nutrient=NUTRIENTS, entry=ENTRIES)
        .assign(
            fate=(("arm", "member", "cell", "element", "sink"), shares),
            account=(("arm", "member", "cell", "nutrient"), course[:, :, -1]),
            account_course=(("arm", "member", "time", "cell", "nutrient"), course),
            account_place=(("arm", "member", "time", "entry", "nutrient"), place),
        )
        .assign_attrs(system="tissue")
    )


def test_flows_add_up(shared: xr.Dataset) -> None:
    takers = read_takers(shared, read_dataset(shared))
    assert takers is not None
    np.testing.assert_allclose(takers.residual[0, 0], 0.0, atol=1e-12)
    diagram = read_diagram(takers, 0)
    assert diagram is not None
    assert diagram.takers == ("tumour", "cd8_effector")
    assert diagram.sources == ("blood", "medium", "from adipocyte")
    np.testing.assert_allclose(diagram.into.sum(axis=0), [0.7, 0.3])
    np.testing.assert_allclose(diagram.onto.sum(axis=1), [0.7, 0.3])
    np.testing.assert_allclose(diagram.into.sum(axis=1), [0.89, 0.01, 0.1])
    assert diagram.whole == pytest.approx(100.0)
    assert "secreted glutamine" not in diagram.sinks


def test_the_same_accounts_give_the_same_drawing(shared: xr.Dataset) -> None:
    readings = read_dataset(shared)
    takers = read_takers(shared, readings)
    assert takers is not None
    arms = arm_styles(readings.arms)
    first, second = (draw_flows(takers, arms, page_shades(arms), alt="a") for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.svg, first.png) == (second.svg, second.png)
    assert "cd8 effector" in first.svg


def test_where_nobody_takes_any_there_is_nothing_to_draw(shared: xr.Dataset) -> None:
    none = shared.assign(account=shared["account"] * 0.0)
    readings = read_dataset(none)
    takers = read_takers(none, readings)
    assert takers is not None
    arms = arm_styles(readings.arms)
    assert draw_flows(takers, arms, page_shades(arms), alt="a") is None


def test_a_failed_run_takes_no_part(shared: xr.Dataset) -> None:
    readings = read_dataset(shared)
    takers = read_takers(shared, readings)
    assert takers is not None
    assert np.isnan(takers.taken[-1, -1]).all()
    assert np.isfinite(takers.taken[-1, 0]).all()


def test_numbers_stand_in_table_and_file(shared: xr.Dataset) -> None:
    readings = read_dataset(shared)
    takers = read_takers(shared, readings)
    assert takers is not None
    table = takers_table(takers, readings, "c")
    assert table.rows[0][1].text == "70 %"
    assert [row[0].text for row in table.rows[:7]] == [
        *CELLS,
        "supplied",
        "drawn from the medium",
        "used by the medium",
        "residual",
    ]
    lines = takers_csv(takers, readings).decode().splitlines()
    assert lines[1].startswith("vehicle,glutamine,tumour,70,70,70,0.7,")


def test_the_page_has_a_section_and_a_balance_for_every_cell(
    shared: xr.Dataset, tmp_path: Path
) -> None:
    names = {path.name for path in write_report(Result(shared), [], tmp_path, citations={})}
    page = (tmp_path / "report.html").read_text("utf-8")
    assert 'id="shared"' in page
    assert {"who_took_it.png", "who_took_it.csv", "shared.csv"} <= names
    assert {"glutamine_balance_tumour.csv", "glutamine_balance_cd8-effector.csv"} <= names


@pytest.fixture(scope="module")
def parted(shared: xr.Dataset) -> xr.Dataset:
    """The same with two clones of the tumour in the second arm."""
    parts = shared["account_course"].sel(cell="tumour").values[..., None, :]
    course = np.concatenate([0.75 * parts, 0.25 * parts], axis=-2)
    course[0] = np.nan
    fate = shared["fate"].sel(cell=["tumour", "tumour"]).values
    return shared.assign_coords(clone=["tumour[MYC]", "tumour[none]"]).assign(
        clone_account_course=(("arm", "member", "time", "clone", "nutrient"), course),
        clone_account=(("arm", "member", "clone", "nutrient"), course[:, :, -1]),
        clone_mass=(("arm", "member", "time", "clone"), course[..., 0]),
        clone_fate=(("arm", "member", "clone", "element", "sink"), fate),
    )


def test_clones_stand_for_their_cell_where_there_are_any(parted: xr.Dataset) -> None:
    takers = read_takers(parted, read_dataset(parted))
    assert takers is not None
    assert takers.cells == ("tumour", "tumour[MYC]", "tumour[none]", "cd8_effector", "adipocyte")
    np.testing.assert_allclose(takers.residual[1, 0], 0.0, atol=1e-12)
    first, second = read_diagram(takers, 0), read_diagram(takers, 1)
    assert first is not None
    assert second is not None
    assert first.takers == ("tumour", "cd8_effector")
    assert second.takers == ("tumour[MYC]", "tumour[none]", "cd8_effector")
    np.testing.assert_allclose(second.onto.sum(axis=1), [0.525, 0.175, 0.3])


def test_many_small_takers_are_drawn_as_one(shared: xr.Dataset) -> None:
    cells = [*CELLS, "tam", "treg", "mdsc"]
    one = shared["account_course"].sel(cell="tumour").values[..., None, :]
    small = np.concatenate([one, 0.01 * one, 0.012 * one], axis=-2)
    course = np.concatenate([shared["account_course"].values, small], axis=-2)
    fate = shared["fate"].values[:, :, [0, 1, 2, 0, 0, 0]]
    many = shared.drop_vars(["account", "account_course", "fate", "cell"]).assign_coords(cell=cells)
    many = many.assign(
        account=(("arm", "member", "cell", "nutrient"), course[:, :, -1]),
        account_course=(("arm", "member", "time", "cell", "nutrient"), course),
        fate=(("arm", "member", "cell", "element", "sink"), fate),
    )
    readings = read_dataset(many)
    takers = read_takers(many, readings)
    assert takers is not None
    diagram = read_diagram(takers, 0)
    assert diagram is not None
    assert diagram.takers == ("tumour", "cd8_effector", "tam", "2 other cells")
    np.testing.assert_allclose(diagram.onto.sum(), 1.0)
    np.testing.assert_allclose(diagram.into.sum(), 1.0)
    low, high = diagram.ranges["tumour"]
    assert low == pytest.approx(high)
    found = rivals(takers, readings, "glutamine")
    assert found.arms[-1] == "2 other cells"
    assert len(takers_table(takers, readings, "c").rows) == len(NUTRIENTS) * (len(cells) + 4)


def test_rates_of_uptake_are_drawn_over_time(parted: xr.Dataset, tmp_path: Path) -> None:
    readings = read_dataset(parted)
    takers = read_takers(parted, readings)
    assert takers is not None
    found = rivals(takers, readings, "glutamine")
    assert found.arms == takers.cells
    assert list(found.units) == list(readings.arms)
    place = found.arms.index("cd8_effector")
    hours = readings.time[-1] - readings.time[0]
    np.testing.assert_allclose(found.course("vehicle", place)[1], 30.0 / hours)
    assert not found.finished[:, -1].any()  # one of its arms failed
    names = {path.name for path in write_report(Result(parted), [], tmp_path, citations={})}
    assert {"rivals.png", "rivals.csv"} <= names
    head = rivals_csv(found).decode().splitlines()[0]
    assert head.startswith("taker,arm,unit,time_h")


def test_cells_alone_have_no_such_section(dataset: xr.Dataset, tmp_path: Path) -> None:
    assert read_takers(dataset, read_dataset(dataset)) is None
    write_report(Result(dataset), [], tmp_path, citations={})
    assert 'id="shared"' not in (tmp_path / "report.html").read_text("utf-8")


def test_cells_have_colours_of_their_own() -> None:
    taken = {shade.light for shade in ROLES.values()}
    taken |= {arm.shade.light for arm in arm_styles([str(i) for i in range(12)])}
    assert not taken & {cell_colour(i) for i in range(10)}
    assert len({cell_colour(i) for i in range(10)}) == 10
