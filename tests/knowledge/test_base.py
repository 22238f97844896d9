"""The knowledge base: tables are read on first use, kept and never changed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING

import pytest

from glutarium.errors import KnowledgeError, UnknownNameError
from glutarium.knowledge.base import load
from glutarium.knowledge.vocabulary import build_vocabulary, vocabulary

if TYPE_CHECKING:
    from tests.knowledge.conftest import Spoil


def test_a_table_is_iterated_in_order_and_looked_up_by_key(spoil: Spoil) -> None:
    base = spoil()
    assert [row.id for row in base.metabolites] == ["gln", "glu", "nh4", "h2o", "psi"]
    assert len(base.metabolites) == 5
    assert base.metabolites["gln"].name == "glutamine"
    assert base.kinetics["GLS", "km:gln_m"].value == 2.5
    assert base.kinetics.get("GLS", "keq") is None
    assert "gln" in base.metabolites
    assert ("GLNM", "keq") in base.kinetics
    assert "foo" not in base.metabolites


def test_rows_are_grouped_by_column(spoil: Spoil) -> None:
    base = spoil()
    assert [row.parameter for row in base.kinetics.where("reaction", "GLS")] == ["km:gln_m"]
    assert base.kinetics.where("reaction", "foo") == ()


def test_a_missing_row_names_the_table(spoil: Spoil) -> None:
    with pytest.raises(KnowledgeError, match=r"'genes' has no row 'FOO'"):
        spoil().genes["FOO"]


def test_a_repeated_key_is_an_error_at_the_second_row(spoil: Spoil) -> None:
    base = spoil("media_names", "RPMI-1640|RPMI 1640", "M|x||\nM|y||\nRPMI-1640|RPMI 1640")
    assert len(base.media_names) == 3
    with pytest.raises(KnowledgeError, match=r"'M' stands twice.*line 2.*line 3\)"):
        base.media_names.get("M")


def test_records_cannot_be_changed(spoil: Spoil) -> None:
    with pytest.raises(FrozenInstanceError):
        spoil().pools["gln_c"].value = 5.0  # type: ignore[misc]


def test_only_the_table_that_is_asked_for_is_read(spoil: Spoil) -> None:
    base = spoil("pools", "4|1|20", "x|1|20")
    assert base.genes["GLS"].hgnc == "HGNC:4331"
    with pytest.raises(KnowledgeError):
        assert base.pools


def test_tables_and_the_packaged_base_are_kept(spoil: Spoil) -> None:
    base = spoil()
    assert base.metabolites is base.metabolites
    assert load() is load()
    assert vocabulary() is vocabulary()


def test_the_vocabulary_knows_names_ids_and_synonyms_of_all_tables(spoil: Spoil) -> None:
    names = build_vocabulary(spoil())
    for text, kind, name in (
        ("gln", "metabolite", "glutamine"),
        ("C00064", "metabolite", "glutamine"),
        ("HGNC:10943", "gene", "SLC1A5"),
        ("telaglenastat", "drug", "CB-839"),
        ("RPMI", "medium", "RPMI-1640"),
        ("tumor", "cell", "tumour"),
        ("3.5.1.2", "reaction", "GLS"),
        ("growth_rate", "observable", "growth_rate"),
    ):
        assert names.resolve(text, kind) == name


def test_a_bigg_id_that_is_our_id_of_something_else_is_left_out(spoil: Spoil) -> None:
    names = build_vocabulary(spoil("metabolites", "C00025||metabolite", "C00025|gln|metabolite"))
    assert names.resolve("gln", "metabolite") == "glutamine"
    with pytest.raises(UnknownNameError):
        names.resolve("glx", "metabolite")
