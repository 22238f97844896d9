"""Maps: what is drawn, where it stands, and that it is the same every time."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.errors import UnknownNameError
from glutarium.report.maps import atlas as door
from glutarium.report.maps.atlas import atlas
from glutarium.report.maps.drawing import draw
from glutarium.report.maps.escher import escher_json
from glutarium.report.maps.graph import Graph, Item, build_graph, home_of
from glutarium.report.maps.place import place
from glutarium.report.maps.png import png_map
from glutarium.report.maps.regions import make_grid
from glutarium.report.maps.roles import carriers, metabolite_of
from glutarium.report.maps.select import choose, pathways_of
from glutarium.report.maps.svg import standalone_svg
from glutarium.report.maps.text import text_width

if TYPE_CHECKING:
    from glutarium.report.maps.layout import Detail, Layout

GOLDEN = Path(__file__).parent / "golden"
ATLAS = atlas()
PATHWAYS = sorted(pathways_of(ATLAS.network))


@pytest.fixture(scope="module", params=["full", "overview"])
def detail(request: pytest.FixtureRequest) -> Detail:
    chosen: Detail = "full" if request.param == "full" else "overview"
    return chosen


@pytest.fixture(scope="module")
def whole(detail: Detail) -> Layout:
    return ATLAS.layout(detail=detail)


# ------------------------------------------------------------------------------------- the roles


def test_carriers_are_found_and_the_subjects_of_the_model_are_none() -> None:
    found = carriers(ATLAS.network)
    assert {"atp", "adp", "nad", "nadh", "nadp", "nadph", "coa", "pi", "h", "h2o", "co2"} <= found
    assert not {"gln", "glu", "akg", "asp", "cit", "pyr", "accoa", "gsh", "imp", "utp"} & found


@pytest.mark.parametrize("reaction", list(ATLAS.network.reactions))
def test_every_participant_has_one_role_on_its_own_side(reaction: str) -> None:
    roles, row = ATLAS.roles[reaction], ATLAS.network.reactions[reaction]
    assert Counter(roles.all) == Counter(list(row.stoichiometry))
    assert {*roles.sources, *roles.consumed} == set(row.substrates)
    assert {*roles.targets, *roles.produced} == set(row.products)
    assert roles.sources or roles.targets


@pytest.mark.parametrize(
    ("reaction", "source", "target"),
    [
        ("GLS", "gln_m", "glu_m"),
        ("GOT2", "oaa_m", "asp_m"),  # not the pair that hands on the amino group
        ("GPT2", "pyr_m", "ala_m"),
        ("ASNS", "asp_c", "asn_c"),
        ("CTPS", "utp_c", "ctp_c"),
        ("PDH", "pyr_m", "accoa_m"),  # not coenzyme A, which has most of the carbon
        ("ASCT2", "gln_e", "gln_c"),
        ("ATPS", "adp_m", "atp_m"),
        ("LEAK", "h_c", "h_m"),
    ],
)
def test_main_lines_follow_the_carbon(reaction: str, source: str, target: str) -> None:
    roles = ATLAS.roles[reaction]
    assert (roles.sources[0], roles.targets[0]) == (source, target)


def test_both_halves_of_citrate_are_joined() -> None:
    assert ATLAS.roles["CS"].sources == ("oaa_m", "accoa_m")


def test_a_product_of_many_substrates_has_no_main_one() -> None:
    roles = ATLAS.roles["PROTSYN"]
    assert roles.sources == ()
    assert roles.targets == ("prot_b",)


# --------------------------------------------------------------------------------- the selection


def test_a_pathway_is_its_folder() -> None:
    chosen = choose(ATLAS.network, ATLAS.roles, ["tca-cycle"])
    folder = ATLAS.base.folder / "pathways" / "tca-cycle" / "reactions.tsv"
    rows = folder.read_text(encoding="utf-8").splitlines()[1:]
    assert list(chosen) == [row.split("\t")[0] for row in rows]
    assert choose(ATLAS.network, ATLAS.roles, ["TCA cycle"]) == chosen


def test_a_radius_grows_around_a_metabolite() -> None:
    near, more, all_of_it = (
        set(choose(ATLAS.network, ATLAS.roles, ["glutamine"], r)) for r in (1, 2, 99)
    )
    assert near == {r.id for r in ATLAS.network.reactions.values() if _takes(r.id, "gln")}
    assert near < more < all_of_it
    assert set(choose(ATLAS.network, ATLAS.roles, ["Gln"])) == near
    assert "GLS" in choose(ATLAS.network, ATLAS.roles, ["gln_m"])
    assert choose(ATLAS.network, ATLAS.roles, ["GLS"]) == ("GLS",)


def _takes(reaction: str, metabolite: str) -> bool:
    return metabolite in {metabolite_of(s) for s in ATLAS.network.reactions[reaction].stoichiometry}


@pytest.mark.parametrize(("name", "close"), [("tca-cycl", "tca-cycle"), ("glutamin", "glutamine")])
def test_an_unknown_name_brings_the_closest(name: str, close: str) -> None:
    with pytest.raises(UnknownNameError, match=close):
        ATLAS.layout([name])


# ------------------------------------------------------------------------------------ the layout


def _check(layout: Layout, chosen: tuple[str, ...], detail: Detail) -> None:
    assert [s.reaction for s in layout.stations] == list(chosen)
    ends = Counter((line.reaction, line.species) for line in layout.lines)
    for station in layout.stations:
        roles = ATLAS.roles[station.reaction]
        joined = [*roles.sources, *roles.targets]
        assert all(ends[station.reaction, s] == 1 for s in joined)
        words = [w.species for w in station.words]
        assert words == ([*roles.consumed, *roles.produced] if detail == "full" else [])
    assert len({s.species for s in layout.spots}) == len(layout.spots)
    labels = layout.labels
    for i, box in enumerate(labels):
        assert not any(box.meets(other) for other in labels[i + 1 :])
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= layout.width
        assert box.bottom <= layout.height


def _check_homes(layout: Layout) -> None:
    rooms = {room.home: room.box for room in layout.rooms}
    for spot in layout.spots:
        home = home_of(spot.species)
        for other, box in rooms.items():
            if other == home:
                assert box.contains(spot.box), spot.species
            elif not (other == "e" or (other == "c" and home != "e")):
                assert not box.meets(spot.box), (spot.species, other)


def test_the_whole_network_is_drawn_without_overlaps(whole: Layout, detail: Detail) -> None:
    _check(whole, tuple(ATLAS.network.reactions), detail)


def test_species_stand_in_their_compartments(whole: Layout) -> None:
    _check_homes(whole)


def test_transporters_stand_on_the_border_that_they_cross(whole: Layout) -> None:
    rooms = {room.home: room.box for room in whole.rooms}
    at = {s.reaction: s.at for s in whole.stations}
    for reaction, home in (("ASCT2", "c"), ("GLUT1", "c"), ("CIC", "m"), ("GLNM", "m")):
        box, (x, y) = rooms[home], at[reaction]
        assert x in (box.left, box.right) or y in (box.top, box.bottom)


@pytest.mark.parametrize("name", PATHWAYS)
def test_every_pathway_can_be_drawn(name: str, detail: Detail) -> None:
    layout = ATLAS.layout([name], detail=detail)
    _check(layout, pathways_of(ATLAS.network)[name], detail)
    _check_homes(layout)


@settings(max_examples=15, deadline=None)
@given(st.sets(st.sampled_from(list(ATLAS.network.reactions)), min_size=1, max_size=25))
def test_any_selection_can_be_drawn(reactions: set[str]) -> None:
    layout = ATLAS.layout(sorted(reactions))
    _check(layout, choose(ATLAS.network, ATLAS.roles, sorted(reactions)), "full")
    _check_homes(layout)


def test_lines_end_at_their_frames(whole: Layout) -> None:
    spots = {s.species: s for s in whole.spots}
    at = {s.reaction: s.at for s in whole.stations}
    for line in whole.lines:
        outer, inner = (line.points[0], line.points[-1])[:: 1 if line.enters else -1]
        assert np.allclose(inner, at[line.reaction], atol=0.1)
        assert spots[line.species].box.holds(outer, 3.1)


# ---------------------------------------------------------------------------- the same every time


def test_a_placement_does_not_depend_on_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layouts = []
    for value in ("off", str(tmp_path), str(tmp_path)):  # none, an empty one, a filled one
        monkeypatch.setenv("GLUTARIUM_CACHE", value)
        layouts.append(ATLAS.layout(["glutathione-and-redox"]))
    assert layouts[0] == layouts[1] == layouts[2]
    for name in ("map", "place"):
        (kept,) = tmp_path.glob(f"*.{name}")
        kept.write_bytes(kept.read_bytes()[:-9])  # as if the disk had been full
    assert ATLAS.layout(["glutathione-and-redox"]) == layouts[0]


def test_no_two_items_share_a_cell_and_all_are_in_their_region() -> None:
    graph = build_graph(ATLAS.network, ATLAS.roles, pathways_of(ATLAS.network)["amino-acids"])
    grid = make_grid(graph)
    cells = place(graph, grid)
    assert len(set(cells.tolist())) == len(graph.items)
    for item, cell in zip(graph.items, cells, strict=True):
        assert cell in grid.regions[item.homes]
    assert (place(graph, grid) == cells).all()


def test_any_compartment_inside_the_cytosol_gets_a_frame() -> None:
    places = [("e",), ("e", "c"), ("c",), ("c", "m"), ("m",), ("c", "l"), ("l",)]
    items = tuple(Item(f"r{i}", homes) for i, homes in enumerate(places * 4))
    graph = Graph(items, tuple((i, i + 1) for i in range(27)), (0,) * 28)
    grid = make_grid(graph)
    assert [frame.home for frame in grid.frames] == ["c", "l", "m"]
    outer, lysosome, matrix = grid.frames
    assert outer.left < lysosome.left < lysosome.right < matrix.left < matrix.right < outer.right
    cells = place(graph, grid)
    assert all(c in grid.regions[i.homes] for i, c in zip(items, cells, strict=True))


def test_the_same_bytes_twice() -> None:
    for _ in range(2):
        layouts = [ATLAS.layout(["tca-cycle"]) for _ in range(2)]
        drawings = [draw(ATLAS, layout) for layout in layouts]
        first, second = (
            (png_map(d), standalone_svg(d, "x"), escher_json(ATLAS, d.layout, "x"))
            for d in drawings
        )
        assert first == second


def test_a_small_pathway_is_drawn_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it shall change: ``GLUTARIUM_CACHE=off`` and ``glutarium map HK PFK ALD G6PD -o golden/map.svg``."""
    monkeypatch.setenv("GLUTARIUM_CACHE", "off")
    layout = ATLAS.layout(["HK", "PFK", "ALD", "G6PD"])
    drawn = standalone_svg(draw(ATLAS, layout), "Map of HK, PFK, ALD, G6PD")
    assert drawn == (GOLDEN / "map.svg").read_text(encoding="utf-8")


def test_a_changed_rule_finds_no_stale_placement() -> None:
    assert len(door._source()) == 64


# ------------------------------------------------------------------------------------ other forms


def test_the_escher_map_is_complete() -> None:
    layout = ATLAS.layout(["tca-cycle"])
    head, body = json.loads(escher_json(ATLAS, layout, "TCA cycle"))
    assert set(head) == {"map_name", "map_id", "map_description", "homepage", "schema"}
    assert set(body) == {"reactions", "nodes", "text_labels", "canvas"}
    nodes = body["nodes"]
    for reaction in body["reactions"].values():
        row = ATLAS.network.reactions[reaction["bigg_id"]]
        assert {m["bigg_id"]: m["coefficient"] for m in reaction["metabolites"]} == dict(
            row.stoichiometry
        )
        ends = [
            nodes[segment[end]]
            for segment in reaction["segments"].values()
            for end in ("from_node_id", "to_node_id")
        ]
        drawn = Counter(n["bigg_id"] for n in ends if n["node_type"] == "metabolite")
        assert drawn == Counter(list(row.stoichiometry))
    assert {n["bigg_id"] for n in nodes.values() if n.get("node_is_primary")} == {
        s.species for s in layout.spots
    }


def test_widths_are_those_of_a_wide_font() -> None:
    pytest.importorskip("PIL")
    from glutarium.report.fonts import font

    for text in ("glutamine", "γ-Glu-Cys", "10-fTHF", "H₂O", "CIII", "UDP-GlcNAc", "HCO₃⁻"):
        assert text_width(text, 14.0) >= font(14.0).getlength(text) - 0.5
