"""The SBML export is valid and means the same in another simulator."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libsbml
import numpy as np
import pytest
import roadrunner
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium._version import __version__
from glutarium.compile.pipeline import compile_spec
from glutarium.errors import MissingExtraError, ModelError, OutputError
from glutarium.kernel import ResultCode
from glutarium.model.expr import Exp, Expr, Log, Number, Symbol, evaluate, total
from glutarium.model.member import nominal_values
from glutarium.model.sbml import to_sbml, write_sbml
from glutarium.model.sbml_context import SbmlContext, sbml_context, state_uris
from glutarium.model.sbml_parts import base_units
from glutarium.model.sbml_read import from_sbml
from glutarium.model.spec import Flux, ModelSpec, Parameter, State
from glutarium.solve import Options, integrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network

TIMES = np.array([0.0, 0.5, 2.0, 8.0, 24.0, 48.0, 72.0])

# ------------------------------------------------------------------------------- the other simulator


@pytest.fixture(scope="module", autouse=True)
def fast_loading() -> Iterator[None]:
    """Optimising machine code for one short run takes libRoadRunner longer than the run."""
    config = roadrunner.Config
    wanted = {
        config.LLVM_BACKEND: config.LLJIT,
        config.LLJIT_OPTIMIZATION_LEVEL: config.NONE,
    }
    before = {key: config.getValue(key) for key in wanted}
    for key, value in wanted.items():
        config.setValue(key, value)
    yield
    for key, value in before.items():
        config.setValue(key, value)


class Elsewhere:
    """A document in libRoadRunner; everything is asked for by its own id of ours."""

    def __init__(self, text: str) -> None:
        document = libsbml.readSBMLFromString(text)  # owns the model
        model = document.getModel()
        self.ids: dict[str, str] = {}
        for i in range(model.getNumParameters()):
            parameter = model.getParameter(i)
            self.ids[parameter.getName()] = parameter.getId()
        states = [model.getSpecies(i) for i in range(model.getNumSpecies())]
        states += [
            model.getParameter(model.getRule(i).getVariable())
            for i in range(model.getNumRules())
            if model.getRule(i).isRate()
        ]
        self.states = {s.getName(): s.getId() for s in states}
        self._runner = roadrunner.RoadRunner(text)
        self._runner.integrator.relative_tolerance = 1e-10
        self._runner.integrator.absolute_tolerance = 1e-13
        self._runner.integrator.maximum_num_steps = 200_000

    def run(self, names: tuple[str, ...], times: Array, **parameters: float) -> Array:
        """States at some times, shape ``(n_times, n_states)``."""
        self.start_again()
        for name, value in parameters.items():
            self._runner[self.ids[name]] = value
        selections = ["time", *(self.states[n] for n in names)]
        found = self._runner.simulate(times=times.tolist(), selections=selections)
        return np.asarray(found)[:, 1:]

    def start_again(self) -> None:
        """Go back to the document's values."""
        self._runner.resetToOrigin()

    def value(self, name: str) -> float:
        """Present value of a parameter or an assignment."""
        return float(self._runner[self.ids[name]])


def here(spec: ModelSpec, times: Array, **parameters: float) -> Array:
    values = [parameters.get(p.id, p.value) for p in spec.parameters]
    run = integrate(
        compile_spec(spec),
        np.array([s.initial for s in spec.states]),
        np.array(values),
        times,
        options=Options(rtol=1e-10),
        atol=1e-4 * np.array([s.atol for s in spec.states]),
        positive=np.array([s.positive for s in spec.states]),
    )
    assert run.code is ResultCode.SUCCESS, run.detail
    return run.y


def assert_agree(spec: ModelSpec, ours: Array, theirs: Array) -> None:
    """To 1e-4 of each pool, or of a thousandth of its reference where there is less."""
    reference = np.array([s.initial for s in spec.states])
    scale = np.maximum(np.abs(ours), 1e-3 * np.maximum(reference, np.abs(ours).max(axis=0)))
    apart = np.abs(ours - theirs) / np.maximum(scale, 1e-15)
    worst = np.unravel_index(np.argmax(apart), apart.shape)
    assert apart.max() < 1e-4, f"{spec.state_ids[worst[1]]}: {apart.max():.2g}"


def problems(text: str) -> list[str]:
    """What libSBML's consistency check calls an error, and whatever it says about terms of SBO."""
    document = libsbml.readSBMLFromString(text)
    # Of units it only warns in this level of SBML, and for that it takes longer than for all else.
    check_units = False
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, check_units)
    document.checkConsistency()
    found = [document.getError(i) for i in range(document.getNumErrors())]
    return [
        e.getMessage()
        for e in found
        if e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR or "sboTerm" in e.getShortMessage()
    ]


# ------------------------------------------------------------------------------- the packaged model


@pytest.fixture(scope="module")
def context(
    cell: ModelSpec, network: Network, base: KnowledgeBase, medium: dict[str, float]
) -> SbmlContext:
    return sbml_context(cell, network, base, medium)


@pytest.fixture(scope="module")
def text(cell: ModelSpec, context: SbmlContext) -> str:
    return to_sbml(cell, context)


@pytest.fixture(scope="module")
def document(text: str) -> libsbml.SBMLDocument:
    return libsbml.readSBMLFromString(text)


@pytest.fixture(scope="module")
def elsewhere(text: str) -> Elsewhere:
    return Elsewhere(text)


def test_the_document_is_valid(document: libsbml.SBMLDocument, text: str) -> None:
    assert (document.getLevel(), document.getVersion()) == (3, 2)
    assert problems(text) == []


def test_the_reference_runs_alike_in_another_simulator(
    cell: ModelSpec, elsewhere: Elsewhere
) -> None:
    assert_agree(cell, here(cell, TIMES), elsewhere.run(cell.state_ids, TIMES))


def test_a_drug_acts_alike_in_another_simulator(cell: ModelSpec, elsewhere: Elsewhere) -> None:
    slow = next(s.id for s in cell.states if s.id.startswith("occupancy."))
    drug = next(p.id for p in cell.parameters if p.id.startswith("drug.") and p.id[5:] in slow)
    dose = {drug: 5.0}
    ours = here(cell, TIMES, **dose)
    assert ours[-1, cell.state_ids.index(slow)] > 0.01
    assert_agree(cell, ours, elsewhere.run(cell.state_ids, TIMES, **dose))


def test_assignments_have_the_same_values(cell: ModelSpec, elsewhere: Elsewhere) -> None:
    elsewhere.start_again()
    expected = nominal_values(cell, {}, {})
    for name, _ in cell.assignments:
        assert elsewhere.value(name) == pytest.approx(expected[name], rel=1e-6, abs=1e-9), name


def test_every_part_of_the_specification_is_in_the_document(cell: ModelSpec) -> None:
    document = libsbml.readSBMLFromString(to_sbml(cell))
    model = document.getModel()
    matter = [s for s in cell.states if s.compartment != "x"]
    assert model.getNumSpecies() == len(matter)
    assert model.getNumReactions() == len(cell.fluxes)
    others = len(cell.states) - len(matter)
    assert model.getNumParameters() == len(cell.parameters) + len(cell.assignments) + others
    assert all(model.getSpecies(i).getHasOnlySubstanceUnits() for i in range(len(matter)))


def test_ids_can_be_read_and_names_are_ours(document: libsbml.SBMLDocument) -> None:
    model = document.getModel()
    assert model.getSpecies("gln_c").getName() == "gln_c"
    assert model.getParameter("conc_gln_c").getName() == "gln_c"
    assert model.getParameter("km_GLS_gln_m").getName() == "km.GLS.gln_m"
    assert model.getReaction("GLS").getName() == "GLS"


def test_the_notes_name_the_version_and_the_use(document: libsbml.SBMLDocument) -> None:
    notes = document.getModel().getNotesString()
    assert __version__ in notes
    assert "research use only" in notes


def test_species_point_to_their_metabolite(
    base: KnowledgeBase, document: libsbml.SBMLDocument
) -> None:
    species = document.getModel().getSpecies("gln_c")
    term = species.getCVTerm(0)
    found = {term.getResourceURI(i) for i in range(term.getNumResources())}
    record = base.metabolites["gln"]
    assert found == {
        f"https://identifiers.org/{record.chebi}",
        f"https://identifiers.org/kegg.compound:{record.kegg}",
    }


def test_identifiers_are_optional_and_for_matter_only(cell: ModelSpec, base: KnowledgeBase) -> None:
    assert "identifiers.org" not in to_sbml(cell)
    matter = {s.id for s in cell.states if s.compartment != "x"}
    assert set(state_uris(cell, base)) <= matter


def test_the_same_specification_gives_the_same_text(
    cell: ModelSpec, context: SbmlContext, text: str
) -> None:
    assert to_sbml(cell, context) == text


# ------------------------------------------------------------------------------------ awkward models

S, P, Z = Symbol("s"), Symbol("p"), Symbol("state:z")
AWKWARD = ModelSpec(
    name="2nd model: a<b & c",
    states=(
        State("s", "substrate <&>", "mM", 2.0, 1e-6, scale=Symbol("k-1") / 4.0, compartment="c"),
        State("p", "product", "mM", 0.0, 1e-6, direct=Number(-0.1) * Symbol("p"), compartment="c"),
        State("z", "signal", "1", 0.5, 1e-6, scale=Number(3.0), direct=Number(0.2) - Z),
    ),
    parameters=(
        Parameter("k-1", 2.0, "1/h"),
        Parameter("k.1", 0.3, "furlong"),
        Parameter("1st", 0.5, "mmol/gDW/h"),
        Parameter("c", 1.5, "1"),
    ),
    assignments=(
        ("s", Symbol("state:s")),
        ("p", Symbol("state:p")),
        ("wave", Exp(-Symbol("time")) + Log(1.0 + S) - P - (S - P) ** 1.5 / 9.0),
        ("many", total(Number(1e-3) * Symbol(n) for n in ["k-1", "k.1", "1st", "c"] * 40)),
    ),
    fluxes=(
        Flux("R", S, Symbol("k.1") * S + 0.01 * Symbol("many"), {"s": -1.0, "p": 2.0}),
        Flux("s", S, Symbol("1st") * S / (1.0 + S) * Symbol("c"), {"s": -0.5, "z": 0.25}),
    ),
    observables=(),
)


def test_an_awkward_model_is_valid_and_runs_alike() -> None:
    """Ids that collide, direct rates of matter, fluxes into a signal, time, long sums."""
    text = to_sbml(AWKWARD)
    assert problems(text) == []
    times = np.linspace(0.0, 3.0, 5)
    assert_agree(AWKWARD, here(AWKWARD, times), Elsewhere(text).run(AWKWARD.state_ids, times))


def test_an_awkward_model_comes_back_whole() -> None:
    text = to_sbml(AWKWARD)
    back = from_sbml(text)
    assert back.spec == AWKWARD
    assert to_sbml(back.spec, back.context) == text


def test_colliding_ids_are_kept_apart() -> None:
    ids = Elsewhere(to_sbml(AWKWARD)).ids
    assert ids["k-1"] == "k_1"
    assert ids["k.1"] == "k_1_2"
    assert ids["1st"] == "_1st"
    assert ids["c"] == "c_2"  # the compartment is called so


LEAVES = st.one_of(
    st.sampled_from([Symbol("a"), Symbol("b")]),
    st.integers(-3, 5).map(lambda v: Number(v / 2)),
)


def operations(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda t: t[0] + t[1]),
        pairs.map(lambda t: t[0] - t[1]),
        pairs.map(lambda t: t[0] * t[1]),
        pairs.map(lambda t: t[0] / (2.0 + t[1] * t[1])),
        pairs.map(lambda t: (1.0 + t[0] * t[0]) ** 1.5 + t[1] ** 2),
        inner.map(lambda e: -e),
        inner.map(lambda e: Exp(1.0 / (1.0 + e * e)) * Log(2.0 + e * e)),
    )


@given(
    exprs=st.lists(st.recursive(LEAVES, operations, max_leaves=8), min_size=5, max_size=15),
    a=st.integers(-20, 20).map(lambda v: v / 10),
    b=st.integers(1, 30).map(lambda v: v / 10),
)
@settings(max_examples=8)
def test_expressions_keep_their_meaning(exprs: list[Expr], a: float, b: float) -> None:
    values = {"a": a, "b": b}
    rows = tuple((f"e{i}", e) for i, e in enumerate(exprs))
    parameters = tuple(Parameter(k, v, "1") for k, v in values.items())
    spec = ModelSpec("m", (), parameters, rows, (), ())
    text = to_sbml(spec)
    assert from_sbml(text).spec == spec
    model = Elsewhere(text)
    for name, expr in rows:
        expected = evaluate(expr, values)
        assert model.value(name) == pytest.approx(expected, rel=1e-9, abs=1e-9), str(expr)


@pytest.mark.parametrize(
    ("unit", "parts"),
    [
        ("1", [("dimensionless", 1, 0)]),
        ("RT/F", [("dimensionless", 1, 0)]),
        ("uM", [("mole", 1, -6), ("litre", -1, 0)]),
        ("mL/gDW", [("litre", 1, -3), ("gram", -1, 0)]),
        ("1/h", [("second", -1, 0)]),
        ("pg/cell", [("gram", 1, -12), ("item", -1, 0)]),
        ("mmol/gDW/h", [("mole", 1, -3), ("gram", -1, 0), ("second", -1, 0)]),
    ],
)
def test_units_are_told_in_words_of_sbml(unit: str, parts: list[tuple[Any, ...]]) -> None:
    found = base_units(unit)
    assert found is not None
    assert [part[:3] for part in found] == parts


@pytest.mark.parametrize("unit", ["furlong", "mmol/gDW/fortnight", "mM/1", ""])
def test_a_unit_that_sbml_cannot_say_is_left_out(unit: str) -> None:
    assert base_units(unit) is None


def test_an_hour_is_3600_seconds(document: libsbml.SBMLDocument) -> None:
    model = document.getModel()
    hour = model.getUnitDefinition(model.getTimeUnits()).getUnit(0)
    assert (hour.getKind(), hour.getMultiplier()) == (libsbml.UNIT_KIND_SECOND, 3600.0)


# ----------------------------------------------------------------------------------------- refusals


def test_without_libsbml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(MissingExtraError, match=r"python -m pip install 'glutarium\[sbml\]'"):
        to_sbml(AWKWARD)


def test_an_undefined_symbol_is_refused() -> None:
    broken = replace(AWKWARD, assignments=(("s", Symbol("ghost")), *AWKWARD.assignments[1:]))
    with pytest.raises(ModelError, match="'ghost'"):
        to_sbml(broken)


def test_a_scale_that_changes_in_time_is_refused() -> None:
    states = (replace(AWKWARD.states[0], scale=Symbol("state:s")), *AWKWARD.states[1:])
    with pytest.raises(ModelError, match="scale of state s uses 'state:s'"):
        to_sbml(replace(AWKWARD, states=states))


def test_the_file_holds_the_document(tmp_path: Path) -> None:
    write_sbml(AWKWARD, tmp_path / "model.xml")
    assert (tmp_path / "model.xml").read_text(encoding="utf-8") == to_sbml(AWKWARD)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"absent.+cannot be written"):
        write_sbml(AWKWARD, tmp_path / "absent" / "model.xml")
