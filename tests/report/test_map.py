from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.knowledge.base import load
from glutarium.report.map_geometry import between, head, rounded, shortened, width_of
from glutarium.report.map_layout import (
    COMPARTMENTS,
    HEIGHT,
    PLAIN,
    WIDTH,
    Node,
    Route,
    nodes,
    routes,
)
from glutarium.report.map_svg import inline_svg, standalone_svg
from glutarium.report.network_map import NetworkMap, draw_map, largest_flux
from glutarium.report.readings import Readings, read_dataset

if TYPE_CHECKING:
    import xarray as xr

REAL = [r for r in routes() if r.reaction != PLAIN]


@pytest.fixture(scope="module")
def readings(dataset: xr.Dataset) -> Readings:
    return read_dataset(dataset)


@pytest.fixture(scope="module")
def drawing(readings: Readings) -> NetworkMap:
    return draw_map(readings, "tumour", 1, largest_flux(readings, "tumour"))


# ------------------------------------------------------------------------------------ the tables


def test_every_route_joins_two_nodes_of_the_map() -> None:
    joined = {r.start for r in routes()} | {r.end for r in routes()}
    assert joined <= set(nodes())
    assert all(nodes()[species].remark for species in set(nodes()) - joined)


@pytest.mark.parametrize("route", REAL, ids=lambda r: f"{r.reaction}-{r.start}-{r.end}")
def test_routes_follow_the_equations_of_the_model(route: Route) -> None:
    reaction = load().reactions.get(route.reaction)
    assert reaction is not None
    left, right = re.split(r"<->|->", reaction.equation)
    assert "@" in route.start or route.start in left.split()
    assert "@" in route.end or route.end in right.split()


@pytest.mark.parametrize(
    "node", [n for n in nodes().values() if not n.remark], ids=lambda n: n.species
)
def test_nodes_carry_the_names_of_the_model(node: Node) -> None:
    assert load().metabolites[node.species.rpartition("_")[0]].name == node.name


def test_nodes_stand_in_their_compartment() -> None:
    for node in nodes().values():
        inner = [box.name for box in COMPARTMENTS if box.holds((node.x, node.y))][-1]
        place = {"e": "medium", "c": "cytosol", "m": "matrix", "b": "cytosol"}[node.compartment]
        if not node.remark:
            assert inner == place, node.species


def test_nodes_do_not_touch_each_other_or_the_border() -> None:
    placed = list(nodes().values())
    for i, a in enumerate(placed):
        assert a.size[0] / 2 < a.x < WIDTH - a.size[0] / 2, a.species
        assert a.size[1] / 2 < a.y < HEIGHT - a.size[1] / 2, a.species
        for b in placed[i + 1 :]:
            apart_x = abs(a.x - b.x) - (a.size[0] + b.size[0]) / 2
            apart_y = abs(a.y - b.y) - (a.size[1] + b.size[1]) / 2
            assert max(apart_x, apart_y) > 2, (a.species, b.species)


def test_the_core_of_glutamine_metabolism_is_drawn() -> None:
    core = {
        "GLS",
        "GLUD1",
        "GOT1",
        "GOT2",
        "GPT2",
        "GLUL",
        "ASNS",
        "ASCT2",
        "SNATQ",
        "XCT",
        "PC",
        "IDH1",
        "IDH2",
        "OGDH",
        "ATC",
        "PPAT",
        "GCLC",
        "PROTSYN",
        "RNASYN",
        "DNASYN",
        "LIPSYN",
    }
    assert core <= {r.reaction for r in REAL}


# ---------------------------------------------------------------------------------- the geometry


@given(st.floats(-500, 500), st.floats(-500, 500))
def test_a_line_starts_and_ends_at_the_frames(x: float, y: float) -> None:
    start, end = Node("a_c", 0, 0, "alpha", "alpha"), Node("b_c", x, y, "beta", "beta")
    if start.covers((x, y), 60):
        return
    line = between(start, end, ())
    for node, point in ((start, line[0]), (end, line[-1])):
        assert node.covers(point, 3.1)
        assert not node.covers(point, 2.9)


def test_corners_are_rounded_and_ends_kept() -> None:
    line = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]
    smooth = rounded(line)
    assert (smooth[0], smooth[-1]) == (line[0], line[-1])
    assert (100.0, 0.0) not in smooth


def test_the_head_sits_at_the_tip() -> None:
    line = [(0.0, 0.0), (100.0, 0.0)]
    left, tip, right = head(line, 10, 8)
    assert tip == (100.0, 0.0)
    assert math.dist(left, right) == pytest.approx(8)
    assert shortened(line, 10)[-1] == pytest.approx((90.0, 0.0))


def test_shortening_by_more_than_the_line_leaves_its_start() -> None:
    assert shortened([(0.0, 0.0), (3.0, 0.0)], 10)[0] == (0.0, 0.0)


@given(st.floats(0, 10), st.floats(0, 10))
def test_more_flux_is_a_wider_arrow(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert width_of(low, 10) <= width_of(high, 10) <= 12
    assert width_of(-high, 10) == width_of(high, 10)


# ----------------------------------------------------------------------------------- the drawing


def test_a_reaction_that_the_result_lacks_is_grey(drawing: NetworkMap) -> None:
    steps = {a.reaction: a.step for a in drawing.arrows}
    assert steps["XCT"] is None
    assert all(step is not None for name, step in steps.items() if name != "XCT")
    pills = {p.node.species: p.step for p in drawing.pills}
    assert pills["asn_c"] is None
    assert pills["gln_c"] is not None


def test_hovering_tells_name_number_unit_and_change(drawing: NetworkMap) -> None:
    gls = next(a for a in drawing.arrows if a.reaction == "GLS")
    lines = gls.hover.splitlines()
    assert lines[:2] == ["GLS, glutaminase", "glutamine → glutamate (matrix)"]
    assert lines[2].endswith("mmol/gDW/h")
    assert re.fullmatch(r"×\S+ against vehicle", lines[3])
    xct = next(a for a in drawing.arrows if a.reaction == "XCT")
    assert xct.hover.endswith("not in this result")


def test_a_net_flux_backwards_turns_the_arrow(dataset: xr.Dataset) -> None:
    turned = dataset.copy(deep=True)
    turned["value"].loc[{"observable": "tumour.reaction.FH", "arm": "high"}] *= -1
    readings = read_dataset(turned)
    there, back = (
        next(a for a in draw_map(readings, "tumour", arm, 1.0).arrows if a.reaction == "FH")
        for arm in (0, 2)
    )
    malate, fumarate = nodes()["mal_m"], nodes()["fum_m"]
    assert malate.covers(there.head[1], 4)
    assert fumarate.covers(back.head[1], 4)
    assert back.step == -3


def test_colours_follow_the_change(dataset: xr.Dataset) -> None:
    changed = dataset.copy(deep=True)
    observable = {"observable": "tumour.reaction.PC"}
    first = changed["value"].loc[{**observable, "arm": "vehicle"}].values
    for arm, factor in (("low & slow", 0.5), ("high", 4.0)):
        changed["value"].loc[{**observable, "arm": arm}] = first * factor
    readings = read_dataset(changed)
    steps = [
        next(a.step for a in draw_map(readings, "tumour", arm, 1.0).arrows if a.reaction == "PC")
        for arm in range(3)
    ]
    assert steps == [0, -2, 3]


def test_an_arm_without_a_finished_run_is_all_grey(dataset: xr.Dataset) -> None:
    failed = dataset.copy(deep=True)
    failed["code"].loc[{"arm": "high"}] = "NOT_FINITE"
    readings = read_dataset(failed)
    assert {a.step for a in draw_map(readings, "tumour", 2, 1.0).arrows} == {None}


def test_widths_of_all_arms_share_one_scale(readings: Readings) -> None:
    largest = largest_flux(readings, "tumour")
    widest = [
        max(a.width for a in draw_map(readings, "tumour", i, largest).arrows) for i in range(3)
    ]
    assert max(widest) == pytest.approx(12.0)
    assert np.isfinite(widest).all()


def test_the_svg_is_well_formed_and_escaped(readings: Readings, drawing: NetworkMap) -> None:
    text = standalone_svg(drawing, "alt & more")
    root = ET.fromstring(text)
    assert root.attrib["aria-label"] == "alt & more"
    titles = [t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == len(REAL) + sum(not n.remark for n in nodes().values())
    words = "".join(root.itertext())
    assert "low & slow" in words
    assert "mitochondrial matrix" in words


def test_the_inline_svg_has_no_colours_of_its_own(drawing: NetworkMap) -> None:
    text = inline_svg(drawing, "alt")
    assert not re.search(r"#[0-9a-f]{6}", text)
    assert "<style" not in text
