"""The matcher: what counts as the same name, what is refused, and what is offered instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import Location, UnknownNameError
from glutarium.names import Name, Target, Vocabulary

VOCABULARY = Vocabulary(
    (
        Name("glutamine", "metabolite", ("gln", "Gln", "L-glutamine", "CHEBI:58359")),
        Name("glutamate", "metabolite", ("glu", "Glu")),
        Name("alpha-ketoglutarate", "metabolite", ("akg", "2-oxoglutarate")),
        Name("hydrogen peroxide", "metabolite", ("H2O2",)),
        Name("SLC1A5", "gene", ("ASCT2",), "solute carrier"),
        Name("GLS", "gene", ("GAC", "glutaminase C")),
        Name("GLS2", "gene", ("LGA", "GAC")),
        Name("MYC", "gene", ("c-MYC",)),
        Name("CB-839", "drug", ("telaglenastat",), "inhibits glutaminase"),
        Name("glutamine", "drug", ("oral glutamine",)),
        Name("tumour", "cell", ("tumor",)),
        Name("gut", "organ"),
        Name("MYC", "genotype"),
        Name("ETC", "handle", ("respiratory chain",)),
        Name("ASCT2", "reaction", ("exchange of glutamine",)),
        Name("GLS", "reaction"),
    )
)


@pytest.mark.parametrize(
    ("text", "kinds", "name"),
    [
        ("glutamine", "metabolite", "glutamine"),
        ("Gln", "metabolite", "glutamine"),
        ("GLN", "metabolite", "glutamine"),
        ("l-GLUTAMINE", "metabolite", "glutamine"),
        ("CHEBI:58359", "metabolite", "glutamine"),
        ("α-ketoglutarate", "metabolite", "alpha-ketoglutarate"),
        ("alpha_ketoglutarate", "metabolite", "alpha-ketoglutarate"),
        ("hydrogen_peroxide", "metabolite", "hydrogen peroxide"),
        ("ASCT2", "gene", "SLC1A5"),
        ("asct2", None, "SLC1A5"),
        ("cb839", "drug", "CB-839"),
        ("CB 839", ("gene", "drug"), "CB-839"),
        (" tumor ", ("cell", "organ"), "tumour"),
    ],
)
def test_spellings_lead_to_the_canonical_name(
    text: str, kinds: str | tuple[str, ...] | None, name: str
) -> None:
    assert VOCABULARY.resolve(text, kinds) == name


def test_the_order_of_kinds_decides_between_equal_texts() -> None:
    assert VOCABULARY.entry("glutamine", ("drug", "metabolite")).kind == "drug"
    assert VOCABULARY.entry("glutamine", ("metabolite", "drug")).kind == "metabolite"
    assert VOCABULARY.entry("MYC").kind == "gene"


def test_a_gene_is_meant_before_a_reaction_of_that_name() -> None:
    assert VOCABULARY.entry("ASCT2").name == "SLC1A5"
    assert VOCABULARY.entry("ASCT2", ("gene", "reaction")).name == "SLC1A5"
    assert VOCABULARY.entry("ASCT2", "reaction").name == "ASCT2"


def test_a_name_wins_over_a_synonym_of_the_same_kind() -> None:
    vocabulary = Vocabulary((Name("A", "gene", ("B",)), Name("B", "gene")))
    assert vocabulary.resolve("B", "gene") == "B"


def test_an_exact_spelling_wins_over_another_case() -> None:
    vocabulary = Vocabulary((Name("x", "gene", ("AbC",)), Name("y", "gene", ("abc",))))
    assert vocabulary.resolve("abc", "gene") == "y"
    assert vocabulary.resolve("AbC", "gene") == "x"


def test_a_spelling_of_two_things_is_refused_and_both_are_named() -> None:
    with pytest.raises(UnknownNameError) as caught:
        VOCABULARY.resolve("GAC", "gene")
    assert caught.value.matches == ("GLS", "GLS2")


def test_an_unknown_name_offers_the_closest_and_says_where_it_stands() -> None:
    with pytest.raises(UnknownNameError) as caught:
        VOCABULARY.resolve("gluatmine", "metabolite", location=Location("study.yaml", 7))
    assert caught.value.matches[0] == "glutamine"
    assert len(caught.value.matches) <= 5
    assert "metabolite 'gluatmine'" in str(caught.value)
    assert str(caught.value).endswith("(study.yaml, line 7)")


def test_a_name_of_another_kind_says_which() -> None:
    with pytest.raises(UnknownNameError) as caught:
        VOCABULARY.resolve("CB-839", ("gene", "handle"))
    assert caught.value.matches == ("CB-839 (drug)",)
    assert "gene or handle" in str(caught.value)


def test_where_there_are_few_all_are_offered() -> None:
    with pytest.raises(UnknownNameError) as caught:
        VOCABULARY.resolve("zzz", "organ")
    assert caught.value.matches == ("gut",)


def test_a_label_replaces_the_kinds_in_the_message() -> None:
    with pytest.raises(UnknownNameError, match="Unknown medium component 'zzz'"):
        VOCABULARY.entry("zzz", "metabolite", label="medium component")


def test_find_is_strict_where_asked() -> None:
    assert VOCABULARY.find("gln", "metabolite", lax=False) is not None
    assert VOCABULARY.find("GLN", "metabolite", lax=False) is None
    assert VOCABULARY.find("nothing") is None


def test_search_ranks_names_before_parts_and_notes() -> None:
    hits = [(hit.name, hit.kind) for hit in VOCABULARY.search("gls")]
    assert hits[:3] == [("GLS", "gene"), ("GLS", "reaction"), ("GLS2", "gene")]
    by_note = VOCABULARY.search("glutaminase")
    assert [hit.name for hit in by_note][:2] == ["GLS", "CB-839"]
    assert by_note[1].spelling == "inhibits glutaminase"


def test_search_is_limited_by_number_and_kind() -> None:
    assert len(VOCABULARY.search("glu", 2)) == 2
    assert {hit.kind for hit in VOCABULARY.search("glu", kinds="drug")} == {"drug"}
    assert VOCABULARY.search("zzzz") == ()


def test_search_finds_misspelt_and_dotted_names() -> None:
    assert VOCABULARY.search("gultamine")[0].name == "glutamine"
    assert VOCABULARY.search("tumour.SLC1A5")[0].name == "SLC1A5"


def test_kinds_and_their_names_are_listed_in_order() -> None:
    assert VOCABULARY.kinds[:3] == ("metabolite", "gene", "drug")
    assert [entry.name for entry in VOCABULARY.of_kind("drug")] == ["CB-839", "glutamine"]


def test_a_target_has_a_cell_only_where_one_is_named() -> None:
    assert Target.parse("ASCT2", VOCABULARY) == Target("SLC1A5", "gene")
    there = Target.parse("tumor.etc", VOCABULARY)
    assert (there.name, there.kind, there.cell) == ("tumour.ETC", "handle", "tumour")


@pytest.mark.parametrize(
    ("text", "unknown"), [("liver.GLS", "liver"), ("gut.GLX", "GLX"), ("gut.", ""), (".GLS", "")]
)
def test_a_target_with_an_unknown_part_names_that_part(text: str, unknown: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        Target.parse(text, VOCABULARY)
    assert caught.value.name == unknown


@given(st.text(max_size=30))
def test_any_text_is_resolved_to_a_known_name_or_refused(text: str) -> None:
    try:
        name = VOCABULARY.resolve(text)
    except UnknownNameError as error:
        assert error.name == text  # noqa: PT017  (either way is right)
    else:
        assert name in {entry.name for entry in VOCABULARY.entries}


@given(st.sampled_from(VOCABULARY.entries), st.data())
def test_every_spelling_in_any_case_finds_its_entry(entry: Name, data: st.DataObject) -> None:
    spelling = data.draw(st.sampled_from([s for s in entry.spellings if s != "GAC"]))
    for written in (spelling, spelling.upper(), spelling.lower(), f" {spelling} "):
        assert VOCABULARY.resolve(written, entry.kind) == entry.name
