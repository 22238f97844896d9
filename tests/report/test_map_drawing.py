"""Maps with the numbers of an arm: colours, widths, directions, words under the pointer."""

from __future__ import annotations

import io
import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.report.maps.atlas import atlas
from glutarium.report.maps.drawing import Arm, Drawing, draw, largest_flux
from glutarium.report.maps.geometry import head, shortened, thinned, width_of
from glutarium.report.maps.png import png_map
from glutarium.report.maps.svg import inline_svg, standalone_svg
from glutarium.report.palette import ROLES
from glutarium.report.readings import Readings, read_dataset

if TYPE_CHECKING:
    import xarray as xr

    from glutarium.report.maps.drawing import Arrow

ATLAS = atlas()
LAYOUT = ATLAS.layout(detail="overview")


@pytest.fixture(scope="module")
def readings(dataset: xr.Dataset) -> Readings:
    return read_dataset(dataset)


@pytest.fixture(scope="module")
def drawing(readings: Readings) -> Drawing:
    return of(readings, 1)


def of(readings: Readings, arm: int) -> Drawing:
    largest = largest_flux(readings, "tumour", LAYOUT)
    return draw(ATLAS, LAYOUT, Arm(readings, "tumour", arm, largest))


def arrow(drawing: Drawing, reaction: str) -> Arrow:
    return next(a for a in drawing.arrows if a.station.reaction == reaction)


def test_the_head_sits_at_the_tip() -> None:
    line = [(0.0, 0.0), (100.0, 0.0)]
    left, tip, right = head(line, 10, 8)
    assert tip == (100.0, 0.0)
    assert math.dist(left, right) == pytest.approx(8)
    assert shortened(line, 10)[-1] == pytest.approx((90.0, 0.0))


def test_a_line_is_thinned_only_where_nobody_sees_it() -> None:
    turn = [(10 * math.cos(k / 20), 10 * math.sin(k / 20)) for k in range(32)]
    line = [(10.0, -20.0), (10.0, -13.0), (10.0, -5.0), *turn]
    kept = thinned(line, 0.25)
    assert kept[0] == line[0]
    assert kept[-1] == line[-1]
    assert len(kept) < len(line) / 3
    for point in line:
        assert min(_away(point, a, b) for a, b in pairwise(kept)) < 0.25


def _away(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of a point from a segment: the nearest point of it lies between its ends."""
    along = np.subtract(b, a)
    share = np.clip(np.dot(np.subtract(p, a), along) / max(np.dot(along, along), 1e-12), 0, 1)
    return math.dist(p, np.add(a, share * along))


@given(st.floats(0, 10), st.floats(0, 10))
def test_more_flux_is_a_wider_arrow(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert width_of(low, 10) <= width_of(high, 10) <= 12
    assert width_of(-high, 10) == width_of(high, 10)


def test_every_reaction_of_the_network_is_drawn_once(drawing: Drawing) -> None:
    assert [a.station.reaction for a in drawing.arrows] == list(ATLAS.network.reactions)


def test_what_the_result_lacks_is_grey(drawing: Drawing) -> None:
    steps = {a.station.reaction: a.step for a in drawing.arrows}
    assert steps.pop("XCT") is None
    assert None not in steps.values()
    pills = {p.spot.species: p.step for p in drawing.pills}
    assert pills["asn_c"] is None
    assert pills["gln_c"] is not None


def test_hovering_tells_name_equation_genes_number_and_change(drawing: Drawing) -> None:
    lines = arrow(drawing, "GLS").hover.splitlines()
    assert lines[:3] == [
        "GLS, glutaminase, matrix",
        "glutamine + water → glutamate + ammonia (mitochondria)",
        "genes: GLS",
    ]
    assert lines[3].endswith("mmol/gDW/h")
    assert re.fullmatch(r"×\S+ against vehicle", lines[4])
    assert "SDHA with SDHB" in arrow(drawing, "SDH").hover
    xct = arrow(drawing, "XCT").hover
    assert "cystine (e)" in xct
    assert xct.endswith("not in this result")


def test_a_net_flux_backwards_turns_the_arrows(dataset: xr.Dataset) -> None:
    turned = dataset.copy(deep=True)
    turned["value"].loc[{"observable": "tumour.reaction.FH", "arm": "high"}] *= -1
    readings = read_dataset(turned)
    there, back = (arrow(of(readings, arm), "FH") for arm in (0, 2))
    spots = {s.species: s.box for s in LAYOUT.spots}
    ((to,), (fro,)) = ([s.head[1] for s in a.strokes if s.head] for a in (there, back))
    assert spots["mal_m"].holds(to, 4)
    assert spots["fum_m"].holds(fro, 4)
    assert back.step == -3


def test_colours_follow_the_change(dataset: xr.Dataset) -> None:
    changed = dataset.copy(deep=True)
    observable = {"observable": "tumour.reaction.PC"}
    first = changed["value"].loc[{**observable, "arm": "vehicle"}].values
    for arm, factor in (("low & slow", 0.5), ("high", 4.0)):
        changed["value"].loc[{**observable, "arm": arm}] = first * factor
    readings = read_dataset(changed)
    assert [arrow(of(readings, arm), "PC").step for arm in range(3)] == [0, -2, 3]


def test_an_arm_without_a_finished_run_is_all_grey(dataset: xr.Dataset) -> None:
    failed = dataset.copy(deep=True)
    failed["code"].loc[{"arm": "high"}] = "NOT_FINITE"
    assert {a.step for a in of(read_dataset(failed), 2).arrows} == {None}


def test_widths_of_all_arms_share_one_scale(readings: Readings) -> None:
    widest = [max(a.width for a in of(readings, arm).arrows) for arm in range(3)]
    assert max(widest) == pytest.approx(12.0)
    assert np.isfinite(widest).all()


def test_the_legend_lies_under_the_map(drawing: Drawing) -> None:
    tops = [getattr(shape, "top", getattr(shape, "y", 0.0)) for shape in drawing.legend]
    assert min(tops) > LAYOUT.height
    assert max(tops) < drawing.height


def test_the_svg_is_well_formed_and_escaped(drawing: Drawing) -> None:
    root = ET.fromstring(standalone_svg(drawing, "alt & more"))
    assert root.attrib["aria-label"] == "alt & more"
    titles = list(root.iter("{http://www.w3.org/2000/svg}title"))
    assert len(titles) == len(LAYOUT.stations) + len(LAYOUT.spots)
    words = "".join(root.itertext())
    assert "low & slow" in words
    assert "mitochondria" in words


def test_the_inline_svg_has_no_colours_of_its_own(drawing: Drawing) -> None:
    text = inline_svg(drawing, "alt")
    assert not re.search(r"#[0-9a-f]{6}", text)
    assert "<style" not in text


def test_the_png_is_as_large_as_the_drawing(drawing: Drawing) -> None:
    from PIL import Image

    image = Image.open(io.BytesIO(png_map(drawing)))
    assert image.size == (round(drawing.width), round(drawing.height))
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or ()}
    grounds = (ROLES[role].light for role in ("paper", "medium", "cytosol", "matrix"))
    assert {tuple(bytes.fromhex(ground[1:])) for ground in grounds} <= colours
    assert len(colours) > 50
