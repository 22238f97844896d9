"""What is written as SBML is read again without loss, and other programs find what they need in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import libsbml
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import ModelError
from glutarium.model.expr import Add, Div, Exp, Expr, Log, Mul, Number, Pow, Symbol, evaluate
from glutarium.model.expr_text import read_expr, write_expr
from glutarium.model.sbml import to_sbml, write_sbml
from glutarium.model.sbml_context import SbmlContext, sbml_context
from glutarium.model.sbml_element import Exact
from glutarium.model.sbml_own import numbers_of, text_of
from glutarium.model.sbml_read import SbmlModel, from_sbml, read_sbml
from glutarium.model.structure.flux_model import CHARGE, GROWTH
from glutarium.model.structure.growth import growth_bound

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec

# ----------------------------------------------------------------------------------- exact text

NAMES = ("gln_c", "km.GLS.gln_m", "drug.compound 968", "amp_c/atp_c", "state:x", "expo", "e1")
WORDS = {name: f"w{i}" for i, name in enumerate(NAMES)}
FINITE = st.floats(allow_nan=False, allow_infinity=False)
EXPRESSIONS: st.SearchStrategy[Expr] = st.recursive(
    st.one_of(st.sampled_from(NAMES).map(Symbol), FINITE.map(Number)),
    lambda inner: st.one_of(
        *(st.builds(kind, inner, inner) for kind in (Add, Mul, Div, Pow)),
        *(st.builds(kind, inner) for kind in (Exp, Log)),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_an_expression_comes_back_from_its_text(expr: Expr) -> None:
    words = {word: name for name, word in WORDS.items()}
    assert read_expr(write_expr(expr, WORDS), words) == expr


@pytest.mark.parametrize("text", ["", "(a + b", "(a b)", "a)", "(a ? b)", "exp a", "1 2", "+"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="is no expression"):
        read_expr(text, {})


@given(st.dictionaries(st.from_regex(r"[a-z:_]{1,8}", fullmatch=True), FINITE))
def test_numbers_by_name_come_back(numbers: dict[str, float]) -> None:
    assert numbers_of(text_of(numbers)) == numbers


@given(st.lists(st.floats(min_value=1e-300, max_value=1e300), min_size=1, max_size=20))
def test_numbers_are_written_in_full(values: list[float]) -> None:
    exact = Exact()
    short = " ".join(f"{exact.number(v):.15g}" for v in values)
    assert [float(word) for word in exact.text(short).split()] == values


# -------------------------------------------------------------------------------- the whole model


@pytest.fixture(scope="module")
def context(
    cell: ModelSpec, network: Network, base: KnowledgeBase, medium: dict[str, float]
) -> SbmlContext:
    return sbml_context(cell, network, base, medium)


@pytest.fixture(scope="module")
def text(cell: ModelSpec, context: SbmlContext) -> str:
    return to_sbml(cell, context)


@pytest.fixture(scope="module")
def back(text: str) -> SbmlModel:
    return from_sbml(text)


def test_the_specification_comes_back_whole(cell: ModelSpec, back: SbmlModel) -> None:
    for part in ("name", "states", "parameters", "assignments", "fluxes", "observables"):
        assert getattr(back.spec, part) == getattr(cell, part), part
    assert back.spec.structure_hash() == cell.structure_hash()


def test_what_stands_beside_it_comes_back_whole(context: SbmlContext, back: SbmlModel) -> None:
    assert back.context == context


def test_writing_what_was_read_gives_the_same_text(back: SbmlModel, text: str) -> None:
    assert to_sbml(back.spec, back.context) == text


def test_a_file_of_kinetics_alone_comes_back_too(
    cell: ModelSpec, context: SbmlContext, tmp_path: Path
) -> None:
    write_sbml(cell, tmp_path / "cell.xml", context.kinetics())
    assert "fbc" not in (tmp_path / "cell.xml").read_text(encoding="utf-8")
    assert read_sbml(tmp_path / "cell.xml") == SbmlModel(cell, context.kinetics())


def edited(text: str, change: Any) -> SbmlModel:  # noqa: ANN401
    document = libsbml.readSBMLFromString(text)
    change(document.getModel())
    return from_sbml(libsbml.writeSBMLToString(document))


def test_what_another_program_changed_counts(text: str) -> None:
    def change(model: Any) -> None:  # noqa: ANN401
        model.getSpecies("gln_c").setInitialAmount(7.0)
        model.getParameter("km_GLS_gln_m").setValue(9.0)
        law = model.getReaction("GLS").getKineticLaw()
        law.setMath(libsbml.parseL3Formula("2 * rate_GLS"))
        side = model.getReaction("ASPX").getReactant(0)
        side.setStoichiometry(2 * side.getStoichiometry())

    spec = edited(text, change).spec
    assert next(s.initial for s in spec.states if s.id == "gln_c") == 7.0
    assert next(p.value for p in spec.parameters if p.id == "km.GLS.gln_m") == 9.0
    flux = {f.id: f for f in spec.fluxes}
    assert evaluate(flux["GLS"].extent, {"rate.GLS": 1.5}) == 3.0
    assert flux["ASPX"].stoichiometry["asp_c"] == pytest.approx(-2.0)


def test_a_formula_without_a_word_here_is_named(text: str) -> None:
    def change(model: Any) -> None:  # noqa: ANN401
        law = model.getReaction("GLS").getKineticLaw()
        law.setMath(libsbml.parseL3Formula("sin(rate_GLS)"))

    with pytest.raises(ModelError, match=r"sin\(rate_GLS\)"):
        edited(text, change)


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.xml"
    document = libsbml.SBMLDocument(3, 2)
    document.createModel().setId("other")
    foreign.write_text(libsbml.writeSBMLToString(document), encoding="utf-8")
    with pytest.raises(ModelError, match=r"foreign\.xml: This SBML was not written by Glutarium"):
        read_sbml(foreign)
    foreign.write_text("no xml", encoding="utf-8")
    with pytest.raises(ModelError, match="not SBML"):
        read_sbml(foreign)
    with pytest.raises(ModelError, match="cannot be read"):
        read_sbml(tmp_path / "absent.xml")


# ------------------------------------------------------------------------ what other programs find


@pytest.fixture(scope="module")
def model(text: str) -> Any:  # noqa: ANN401 - libSBML has no types
    document = libsbml.readSBMLFromString(text)
    yield document.getModel()
    del document


def test_growth_is_the_objective_and_every_reaction_bounded(model: Any) -> None:  # noqa: ANN401
    plugin = model.getPlugin("fbc")
    (flux,) = [o for o in plugin.getActiveObjective().getListOfFluxObjectives()]
    assert model.getReaction(flux.getReaction()).getName() == GROWTH
    assert plugin.isSetStrict()
    assert plugin.getStrict()
    for reaction in model.getListOfReactions():
        bounds = reaction.getPlugin("fbc")
        low, high = bounds.getLowerFluxBound(), bounds.getUpperFluxBound()
        assert model.getParameter(low).getValue() <= model.getParameter(high).getValue()


def test_genes_are_joined_as_in_their_rule(model: Any) -> None:  # noqa: ANN401
    def rule(reaction: str) -> str:
        place = model.getReaction(reaction).getPlugin("fbc").getGeneProductAssociation()
        return str(place.getAssociation().toInfix())

    assert rule("GLS") == "G_GLS"
    assert " or " in rule("LDH")
    assert " and " in rule("SDH")


def test_every_part_has_its_term_and_the_known_ones_their_identifier(model: Any) -> None:  # noqa: ANN401
    parts = [
        *model.getListOfSpecies(), *model.getListOfReactions(), *model.getListOfParameters(),
        *model.getListOfCompartments(),
    ]  # fmt: skip
    assert [p.getId() for p in parts if not p.isSetSBOTerm()] == []
    assert "GO:0005829" in model.getCompartment("c").getAnnotationString()
    assert "ec-code:3.5.1.2" in model.getReaction("GLS").getAnnotationString()
    gene = model.getPlugin("fbc").getGeneProduct("G_GLS")
    assert "hgnc:4331" in gene.getAnnotationString()
    assert model.getReaction("SNATQ").getSBOTermID() == "SBO:0000655"


def test_the_balance_of_charge_is_a_species(context: SbmlContext, model: Any) -> None:  # noqa: ANN401
    assert context.flux is not None
    charged = {r for r, column in context.flux.columns.items() if CHARGE in column}
    assert {"ATPS", "CI", "LEAK"} <= charged
    found = {
        r.getName()
        for r in model.getListOfReactions()
        if r.getReactant("charge_m") or r.getProduct("charge_m")
    }
    assert found == charged


def test_exchanges_and_growth_stand_still_in_a_simulator(model: Any) -> None:  # noqa: ANN401
    others = [r for r in model.getListOfReactions() if r.getName().startswith(("EX_", GROWTH))]
    assert len(others) > 10
    assert {libsbml.formulaToL3String(r.getKineticLaw().getMath()) for r in others} == {"0"}


# ---------------------------------------------------------------------------------------- peers


def test_cobrapy_finds_the_same_optimum(
    cell: ModelSpec, network: Network, medium: dict[str, float], text: str, tmp_path: Path
) -> None:
    cobra = pytest.importorskip("cobra")
    path = tmp_path / "cell.xml"
    path.write_text(text, encoding="utf-8")
    theirs = cobra.io.read_sbml_model(str(path))
    solution = theirs.optimize()
    bound = growth_bound(network, {p.id: p.value for p in cell.parameters}, medium)
    assert solution.status == "optimal"
    assert math.isclose(solution.objective_value, bound.growth, rel_tol=1e-6)


def test_copasi_runs_the_file(text: str, tmp_path: Path) -> None:
    basico = pytest.importorskip("basico")
    path = tmp_path / "cell.xml"
    path.write_text(text, encoding="utf-8")
    model = basico.load_model(str(path))
    course = basico.run_time_course(duration=6.0, intervals=2, model=model)
    assert course["lac_e"].iloc[-1] > course["lac_e"].iloc[0]


def test_amici_reads_the_kinetics(cell: ModelSpec, context: SbmlContext) -> None:
    importer = pytest.importorskip("amici.importers.sbml")
    text = to_sbml(cell, context.kinetics())
    assert importer.SbmlImporter(text, from_file=False) is not None
