"""Atom maps: every carbon and nitrogen is accounted for, as the coarse transfers say."""

from __future__ import annotations

import shutil
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from glutarium.errors import KnowledgeError, Location
from glutarium.knowledge.base import KnowledgeBase, load
from glutarium.model.atom_text import parse_map
from glutarium.model.atommaps import AtomMaps, check_atom_maps, load_atom_maps
from glutarium.model.atoms import ELEMENTS, read_parts
from glutarium.model.network import Network, load_network
from glutarium.model.transfers import load_transfers

if TYPE_CHECKING:
    from pathlib import Path

HERE = Location(load().path("atoms"))


@pytest.fixture(scope="module")
def packaged() -> tuple[KnowledgeBase, Network, AtomMaps]:
    base = load()
    network = load_network(base)
    return base, network, load_atom_maps(base, network)


Packaged = tuple[KnowledgeBase, Network, AtomMaps]


def test_the_packaged_maps_are_complete(packaged: Packaged) -> None:
    base, network, _ = packaged
    assert check_atom_maps(base, network) == []


def test_atoms_of_pools_are_those_of_the_formulas(packaged: Packaged) -> None:
    base, network, maps = packaged
    parts, _ = read_parts(base, network)
    for pool, elements in maps.elements.items():
        if "/" not in pool:
            for element in ELEMENTS:
                skeleton = parts.skeletons[element]
                kept = sum(
                    parts.atoms[element][v] for v in parts.of(pool, element) if v not in skeleton
                )
                whole = network.substances[pool].formula.get(element, 0.0)
                assert elements.count(element) in {round(kept), round(whole)}, pool


def test_single_atoms_add_up_to_the_coarse_transfers(packaged: Packaged) -> None:
    base, network, maps = packaged
    transfers = load_transfers(base, network)
    parts, _ = read_parts(base, network)
    for element in ELEMENTS:
        skeleton = parts.skeletons[element]
        ordinary = {v.part for v in parts.atoms[element] if v not in skeleton}
        aside = {v for v in skeleton if v.part not in ordinary}
        fine: defaultdict[tuple[str, str, str], float] = defaultdict(float)
        for step in maps.steps:
            if step.forward:
                for atom, donor in enumerate(step.donors):
                    if maps.elements[step.product][atom] == element:
                        ends = donor.pool.partition("/")[0], step.product.partition("/")[0]
                        fine[step.reaction, *ends] += step.number
        coarse: defaultdict[tuple[str, str, str], float] = defaultdict(float)
        for p in transfers.passages[element]:
            if p.donor not in aside and p.acceptor not in aside:
                coarse[p.reaction, p.donor.species, p.acceptor.species] += p.atoms
        for key in fine.keys() | coarse.keys():
            assert fine[key] == pytest.approx(coarse[key], rel=2e-3, abs=2e-3), (element, key)


def test_succinate_is_made_in_both_orders(packaged: Packaged) -> None:
    maps = packaged[2]
    made = [s for s in maps.steps if s.reaction == "SCS" and s.product == "suc_m"]
    assert [[d.atom for d in s.donors] for s in made] == [[0, 1, 2, 3], [3, 2, 1, 0]]
    assert [s.number for s in made] == [0.5, 0.5]


def test_palmitate_holds_seven_molecules_of_malonyl_coenzyme(packaged: Packaged) -> None:
    made = next(s for s in packaged[2].steps if s.product == "fa_c" and s.reaction == "FAS")
    assert len({d.molecule for d in made.donors if d.pool == "malcoa_c"}) == 7
    assert len({d.molecule for d in made.donors if d.pool == "accoa_c"}) == 1


@pytest.mark.parametrize(
    ("reaction", "text", "word"),
    [
        ("OGDH", "akg_m(abcde) -> co2_e(a) + succoa_m(bcdd)", "atom 'd'"),
        ("OGDH", "akg_m(abcd) -> co2_e(a) + succoa_m(bcd)", "must have 5 small letters"),
        ("OGDH", "akg_m(abcde) -> succoa_m(bcde)", "atom 'a' does not leave"),
        ("PK", "pep_c = lac_c", "more lac_c than the equation has"),
        ("GLS", "gln_m(abcdeAB) -> glu_m(abcdeA)", "atom 'B'"),
        ("GLS", "gln_m(abcdeAB) => glu_m(abcdeA)", "must have one '->'|cannot read|Cannot read"),
        ("NOSUCH", "pep_c = pyr_c", "no such reaction"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, reaction: str, text: str, word: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(load().folder, folder)
    for path in folder.glob("pathways/*/atoms.tsv"):
        kept = [x for x in path.read_text("utf-8").splitlines() if x.split("\t")[0] != reaction]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    table = folder / "pathways" / "tca-cycle" / "atoms.tsv"
    with table.open("a", encoding="utf-8") as stream:
        stream.write(f"{reaction}\t{text}\tKEGG2000\t\n")
    base = KnowledgeBase(folder)
    found = [f.message for f in check_atom_maps(base, load_network(base))]
    assert any(part in message for message in found for part in word.split("|")), found
    assert all(reaction in message for message in found)


def test_a_missing_row_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(load().folder, folder)
    table = folder / "pathways" / "tca-cycle" / "atoms.tsv"
    kept = [x for x in table.read_text("utf-8").splitlines() if x.split("\t")[0] != "OGDH"]
    table.write_text("\n".join(kept) + "\n", encoding="utf-8")
    base = KnowledgeBase(folder)
    found = [f.message for f in check_atom_maps(base, load_network(base))]
    assert len(found) == 1
    assert "'OGDH'" in found[0]
    assert "akg_m" in found[0]
    assert "atoms.tsv" in found[0]


def test_a_map_without_letters_needs_one_pool_on_each_side() -> None:
    with pytest.raises(KnowledgeError, match="write letters behind every pool"):
        parse_map("pep_c + adp_c = pyr_c", HERE)
