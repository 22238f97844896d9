"""What is told about a name: ids, numbers with sources, where it takes part, its claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.errors import UnknownNameError
from glutarium.knowledge.describe import describe

if TYPE_CHECKING:
    from tests.knowledge.conftest import Spoil


def test_a_metabolite_has_ids_numbers_and_reactions(spoil: Spoil) -> None:
    found = describe("Gln", spoil())
    assert (found.name, found.kind) == ("glutamine", "metabolite")
    assert ("formula", "C5H10N2O3") in found.ids
    assert ("ChEBI", "CHEBI:58359") in found.ids
    labels = [fact.label for fact in found.facts]
    assert labels == ["pool gln_c", "in RPMI-1640", "GLS km:gln_m"]
    pool = found.facts[0]
    assert (pool.value, pool.low, pool.high, pool.unit, pool.basis) == (4, 1, 20, "mM", "measured")
    relations = [(relation.kind, relation.name) for relation in found.relations]
    assert relations == [("reaction", "GLS"), ("reaction", "GLNM"), ("modifier of", "GLS")]
    assert [source.key for source in found.sources] == ["Own2026", "Muir2017"]


def test_a_gene_has_its_reactions_drugs_and_genotypes(spoil: Spoil) -> None:
    found = describe("KGA", spoil())
    assert (found.name, found.kind, found.also) == ("GLS", "gene", ("reaction",))
    kinds = [relation.kind for relation in found.relations]
    assert kinds == ["reaction", "modifier of", "drug", "genotype", *2 * ["regulated by"]]
    assert "flux of GLS" in [fact.label for fact in found.facts]


def test_claims_name_the_word_and_not_its_beginning(spoil: Spoil) -> None:
    found = describe("GLS", spoil(), kind="gene")
    assert [claim.id for claim in found.claims] == ["S0-003", "S0-002"]
    assert found.n_claims == 2
    assert describe("GLS", spoil(), limit=1).claims[0].id == "S0-003"


@pytest.mark.parametrize(
    ("name", "kind", "facts", "relations"),
    [
        ("GLS", "reaction", 3, ["modifier of", "drug", "process"]),
        ("telaglenastat", "drug", 1, ["reaction"]),
        ("RPMI", "medium", 1, []),
        ("MYC", "genotype", 1, []),
        ("glutaminolysis", "process", 0, ["reaction"]),
        ("tumor", "cell", 0, []),
    ],
)
def test_other_kinds_tell_what_their_tables_hold(
    spoil: Spoil, name: str, kind: str, facts: int, relations: list[str]
) -> None:
    found = describe(name, spoil(), kind=kind)
    assert found.kind == kind
    assert len(found.facts) == facts
    assert [relation.kind for relation in found.relations] == relations


def test_the_text_shows_every_section_with_sources(spoil: Spoil) -> None:
    text = str(describe("GLS", spoil(), kind="reaction"))
    assert text.startswith("GLS (reaction)\n  gln_m + h2o_m -> glu_m + nh4_m\n")
    for line in (
        "Identifiers",
        "  EC: 3.5.1.2",
        "Numbers",
        "  km:gln_m: 2.5 (1.5 to 4) mM [borrowed, Own2026; Muir2017, B]",
        "Takes part in",
        "  modifier of GLS: inhibit by glu_m/gln_m",
        "  drug CB-839: reversible on GLS",
        "Claims (1 of 1)",
        "  S0-003 Glutaminase makes glutamate.",
        "Sources",
    ):
        assert line in text.splitlines()


def test_a_name_without_a_table_shows_no_empty_section(spoil: Spoil) -> None:
    text = str(describe("tumour", spoil()))
    assert text == "tumour (cell)\n  transformed cell\n  also called tumor"


def test_an_unknown_name_is_answered_with_the_closest(spoil: Spoil) -> None:
    with pytest.raises(UnknownNameError) as caught:
        describe("glutamin", spoil())
    assert caught.value.matches[0] == "glutamine"
