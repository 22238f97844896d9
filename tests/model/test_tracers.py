"""Names of tracers, and atoms that molecules lack."""

from __future__ import annotations

import pytest

from glutarium.errors import ModelError
from glutarium.knowledge.base import load
from glutarium.model.atommaps import AtomMaps, load_atom_maps
from glutarium.model.network import load_network
from glutarium.model.tracers import read_tracers


@pytest.fixture(scope="module")
def maps() -> AtomMaps:
    return load_atom_maps(load(), load_network(load()))


@pytest.mark.parametrize(
    ("text", "metabolite", "atoms"),
    [
        ("U-13C-glutamine", "gln", (0, 1, 2, 3, 4)),
        ("1-13C-glutamine", "gln", (0,)),
        ("1,2-13C-glucose", "glc", (0, 1)),
        ("amide-15N-glutamine", "gln", (6,)),
        ("alpha-15N-glutamine", "gln", (5,)),
        ("15N-glutamine", "gln", (5, 6)),
        ("U-13C15N-glutamine", "gln", (0, 1, 2, 3, 4, 5, 6)),
        ("U-13C-lactate", "lac", (0, 1, 2)),
    ],
)
def test_a_name_says_which_atoms(
    maps: AtomMaps, text: str, metabolite: str, atoms: tuple[int, ...]
) -> None:
    (found,) = read_tracers(text, load(), maps)
    assert (found.metabolite, found.atoms, found.share) == (metabolite, atoms, 1.0)


def test_several_tracers_at_once(maps: AtomMaps) -> None:
    found = read_tracers("0.5 U-13C-glucose + 0.25 1-13C-glucose + 15N-glutamine", load(), maps)
    assert [(t.metabolite, t.share) for t in found] == [("glc", 0.5), ("glc", 0.25), ("gln", 1.0)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("6-13C-glutamine", "labels carbon 6, but glutamine has 5 atoms of carbon"),
        ("15N-glucose", "glucose has 0 atoms of nitrogen"),
        ("amide-15N-alanine", "alanine has no amide nitrogen"),
        ("U-13C-unobtainium", "follows no atoms of 'unobtainium'"),
        ("glutamine", "write like U-13C-glutamine"),
        ("U-13C-glucose + 1-13C-glucose", "add up to 2"),
    ],
)
def test_what_cannot_be_is_named(maps: AtomMaps, text: str, word: str) -> None:
    with pytest.raises(ModelError, match=word):
        read_tracers(text, load(), maps)
