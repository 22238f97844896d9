"""Equations, formulas, gene rules and species as tables write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import KnowledgeError, Location
from glutarium.knowledge.balance import imbalance
from glutarium.knowledge.equations import (
    parse_equation,
    parse_formula,
    parse_genes,
    split_species,
)
from glutarium.knowledge.records import Metabolite


def metabolite(name: str, formula: str, charge: float) -> Metabolite:
    return Metabolite(
        location=Location("test"),
        id=name,
        name=name,
        formula=formula,
        charge=charge,
        chebi="",
        kegg="",
        bigg="",
        kind="metabolite",
        synonyms=(),
        source=(),
        note="",
    )


METABOLITES = {
    row.id: row
    for row in (
        metabolite("gln", "C5H10N2O3", 0),
        metabolite("glu", "C5H8NO4", -1),
        metabolite("nh4", "H4N", 1),
        metabolite("h2o", "H2O", 0),
        metabolite("half", "C0.5H1.25", 0.25),
        metabolite("whole", "CH2.5", 0.5),
        metabolite("psi", "", 0),
    )
}


def test_an_equation_has_signs_and_a_direction() -> None:
    equation = parse_equation("gln_m + h2o_m -> glu_m + nh4_m")
    assert equation.stoichiometry == {"gln_m": -1, "h2o_m": -1, "glu_m": 1, "nh4_m": 1}
    assert list(equation.stoichiometry) == ["gln_m", "h2o_m", "glu_m", "nh4_m"]
    assert not equation.reversible
    assert parse_equation("a_c <-> a_m").reversible


def test_coefficients_may_be_real_and_names_begin_with_digits() -> None:
    equation = parse_equation("2.66666667 h_c + 1e-3 2pg_c -> 0.5 13dpg_c")
    assert equation.stoichiometry == {"h_c": -2.66666667, "2pg_c": -0.001, "13dpg_c": 0.5}
    assert equation.substrates == {"h_c": 2.66666667, "2pg_c": 0.001}
    assert equation.products == {"13dpg_c": 0.5}


def test_what_stands_on_both_sides_counts_once() -> None:
    assert parse_equation("3 a_c + b_c -> a_c").stoichiometry == {"a_c": -2, "b_c": -1}


def test_one_side_may_be_empty() -> None:
    assert parse_equation("a_e ->").stoichiometry == {"a_e": -1}
    assert parse_equation("-> a_e").stoichiometry == {"a_e": 1}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a_c + b_c", "one arrow"),
        ("a_c -> b_c -> c_c", "one arrow"),
        ("a_c => b_c", "one arrow"),
        ("a_c + -> b_c", "cannot read term ''"),
        ("-2 a_c -> b_c", "cannot read term '-2 a_c'"),
        ("0 a_c -> b_c", "cannot read term '0 a_c'"),
        ("a c -> b_c", "cannot read term 'a c'"),
        ("a_c + b_c -> a_c", "'a_c' cancels out"),
        ("->", "nothing happens"),
    ],
)
def test_bad_equations_say_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        parse_equation(text, location=Location("reactions.tsv", 4))
    assert complaint in caught.value.message
    assert str(caught.value).endswith("(reactions.tsv, line 4)")


def test_formulas_count_elements() -> None:
    assert parse_formula("C5H10N2O3") == {"C": 5, "H": 10, "N": 2, "O": 3}
    assert parse_formula("C34H30FeN4O4")["Fe"] == 1
    assert parse_formula("C4.87734H7.5") == {"C": 4.87734, "H": 7.5}
    assert parse_formula("CH3CH3") == {"C": 2, "H": 6}
    assert parse_formula("") == {}


@pytest.mark.parametrize("text", ["c6", "C6 H12", "C5(OH)", "C-5", "5C", "C5H10*"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(KnowledgeError, match="Formula"):
        parse_formula(text)


@given(
    st.dictionaries(
        st.sampled_from(["C", "H", "N", "O", "P", "S", "Fe", "Na", "Cl"]),
        st.floats(min_value=0.001, max_value=500).map(lambda x: float(f"{x:.4f}")),
    )
)
def test_a_written_formula_is_read_back(counts: dict[str, float]) -> None:
    assert parse_formula("".join(f"{e}{n:.4f}" for e, n in counts.items())) == counts


def test_gene_rules_have_isozymes_and_subunits() -> None:
    assert parse_genes("") == ()
    (only,) = parse_genes("GLS")
    assert (only.share, only.genes) == (1.0, ("GLS",))
    first, second = parse_genes("SLC7A5&SLC3A2:0.6|SLC43A2:0.4")
    assert (first.share, first.genes) == (0.6, ("SLC7A5", "SLC3A2"))
    assert (second.share, second.genes) == (0.4, ("SLC43A2",))
    assert [i.share for i in parse_genes("A|B")] == [0.5, 0.5]


@pytest.mark.parametrize(
    "text", ["A:0.5|B:0.4", "A:0.5|B", "A:x|B:0.5", "A:0|B:1", "A&|B", "A;B", "A:-1|B:2", "|"]
)
def test_bad_gene_rules_are_refused(text: str) -> None:
    with pytest.raises(KnowledgeError, match="Genes"):
        parse_genes(text)


def test_species_part_into_metabolite_and_compartment() -> None:
    assert split_species("gln_m") == ("gln", "m")
    assert split_species("a_b_c") == ("a_b", "c")
    for text in ("gln", "gln_z", "_c", ""):
        with pytest.raises(KnowledgeError, match="must end in a compartment"):
            split_species(text)


def test_a_balanced_reaction_has_no_imbalance() -> None:
    assert imbalance(parse_equation("gln_m + h2o_m -> glu_m + nh4_m"), METABOLITES) == {}
    assert imbalance(parse_equation("half_c -> 0.5 whole_c"), METABOLITES) == {}
    assert imbalance(parse_equation("psi_x + gln_c -> gln_m"), METABOLITES) == {}


def test_what_is_missing_is_named_with_its_amount() -> None:
    assert imbalance(parse_equation("gln_m -> glu_m + nh4_m"), METABOLITES) == {"H": 2, "O": 1}
    assert imbalance(parse_equation("glu_m ->"), METABOLITES)["charge"] == 1
    off = imbalance(parse_equation("half_c -> 0.5000001 whole_c"), METABOLITES)
    assert off["C"] == pytest.approx(1e-7)
