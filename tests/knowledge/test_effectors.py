"""Effectors of modifiers: species, proteins, sums and ratios."""

from __future__ import annotations

import pytest

from glutarium.knowledge.effectors import parse_effector


@pytest.mark.parametrize(
    ("text", "top", "bottom", "proteins"),
    [
        ("adp_m", ("adp_m",), (), ()),
        ("nadh_m/nad_m", ("nadh_m",), ("nad_m",), ()),
        ("lip_b+plip_b", ("lip_b", "plip_b"), (), ()),
        ("fa_c+mufa_c/pufa_c", ("fa_c", "mufa_c"), ("pufa_c",), ()),
        ("PDK1/PDP1", ("PDK1",), ("PDP1",), ("PDK1", "PDP1")),
        ("SLC1A5_var", ("SLC1A5_var",), (), ("SLC1A5_var",)),
    ],
)
def test_reads_terms(
    text: str, top: tuple[str, ...], bottom: tuple[str, ...], proteins: tuple[str, ...]
) -> None:
    found = parse_effector(text)
    assert (found.top, found.bottom, found.proteins) == (top, bottom, proteins)


def test_every_term_is_either_species_or_protein() -> None:
    found = parse_effector("amp_c+PDK1/atp_c")
    assert sorted((*found.species, *found.proteins)) == ["PDK1", "amp_c", "atp_c"]
