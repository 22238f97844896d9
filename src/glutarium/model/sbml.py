"""A specification as SBML Level 3 Version 2, for other simulators.

=========================  ==============================================================
in the specification       in the file
=========================  ==============================================================
state that is matter       species, an amount in the one compartment ``dish`` of size 1
any other state            parameter with a rate rule
parameter                  constant parameter, with its unit where SBML can say it
assignment                 parameter with an assignment rule
flux                       reaction; kinetic law: the extent
direct rate of a species   reaction ``direct_<species>``
=========================  ==============================================================

Ids are the project's own with every other character replaced by ``_``; the original stands in the
name. The assignment that carries a state's id is its concentration and becomes ``conc_<state>``.

The stoichiometry is the coefficient times the state's scale, worked out with the parameters of the
specification: who changes a volume or the density in the file must export anew. Observables are
left out; the assignments behind them are in.
"""

from __future__ import annotations

import importlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glutarium._version import __version__
from glutarium.errors import MissingExtraError, ModelError, OutputError
from glutarium.model.expr import Expr, Number, evaluate
from glutarium.model.sbml_parts import DISH, Ids, MathTrees, base_units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.sbml_parts import BaseUnit
    from glutarium.model.spec import ModelSpec, State

__all__ = ["identifiers", "to_sbml", "write_sbml"]

_LEVEL, _VERSION = 3, 2
_ABOUT = f"""\
Written by Glutarium {__version__}. For research use only: not for diagnosis, treatment or any other
decision about a patient.

Time is in hours. Species are amounts: pools of the cell as mM at its volume at time zero,
macromolecules as mmol/gDW at time zero, the medium as mM; conc_ stands before the concentrations.
Stoichiometries contain the volumes and the density of the exported parameters: export anew after
changing those."""


def to_sbml(spec: ModelSpec, annotations: Mapping[str, Sequence[str]] | None = None) -> str:
    """Write a specification as SBML Level 3 Version 2.

    Parameters
    ----------
    spec
        The specification, with the parameter and initial values to write.
    annotations
        State id → URIs of what it is; see :func:`identifiers`.

    Returns
    -------
    str
        The document. The same specification gives the same text.

    Raises
    ------
    MissingExtraError
        python-libsbml is not installed.
    ModelError
        A symbol is undefined, a scale depends on more than parameters, or libSBML refuses a value.
    """
    missing = sorted(spec.undefined())
    if missing:
        message = (
            f"Model {spec.name!r} uses {', '.join(map(repr, missing))}, which no state, parameter or "
            "earlier assignment defines; define them before exporting"
        )
        raise ModelError(message)
    return _Writer(_libsbml(), spec).text(annotations or {})


def write_sbml(
    spec: ModelSpec, path: Path | str, annotations: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Write a specification to a file, replacing it; see :func:`to_sbml`.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    text = to_sbml(spec, annotations)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"The SBML file {str(path)!r} cannot be written: {error.strerror}; choose another"
        raise OutputError(message) from error


def identifiers(spec: ModelSpec, base: KnowledgeBase) -> dict[str, tuple[str, ...]]:
    """State id → identifiers.org URIs of its metabolite in ChEBI and KEGG, where recorded."""
    found: dict[str, tuple[str, ...]] = {}
    for state in spec.states:
        record = base.metabolites.get(state.id.rpartition("_")[0])
        if record is None or not _is_matter(state):
            continue
        chebi = (f"https://identifiers.org/{record.chebi}",) if record.chebi else ()
        kegg = (f"https://identifiers.org/kegg.compound:{record.kegg}",) if record.kegg else ()
        if chebi or kegg:
            found[state.id] = chebi + kegg
    return found


def _libsbml() -> ModuleType:
    try:
        return importlib.import_module("libsbml")
    except ImportError as error:
        package, extra = "python-libsbml", "sbml"
        raise MissingExtraError(package, extra) from error


def _is_matter(state: State) -> bool:
    return state.compartment != "x"


class _Writer:
    """Fills one SBML document."""

    def __init__(self, lib: ModuleType, spec: ModelSpec) -> None:
        self._lib = lib
        self._spec = spec
        self._ids = Ids(spec)
        self._math = MathTrees(lib, self._ids.symbols)
        self._values = {p.id: p.value for p in spec.parameters}
        self._units: dict[str, str | None] = {"1": "dimensionless"}
        self._document = lib.SBMLDocument(_LEVEL, _VERSION)
        self._model = self._document.createModel()

    def text(self, annotations: Mapping[str, Sequence[str]]) -> str:
        """Write everything and return it."""
        sid = self._ids.give(self._spec.name)
        self._fill(self._model, id=sid, name=self._spec.name, timeUnits=self._unit("h"))
        self._note(self._model, *_ABOUT.split("\n\n"))
        dish = self._model.createCompartment()
        self._fill(dish, id=DISH, size=1.0, spatialDimensions=3, constant=True)
        for state in self._spec.states:
            element = self._species(state) if _is_matter(state) else self._quantity(state)
            self._note(element, f"{state.name}; {state.unit}")
            self._identify(element, annotations.get(state.id, ()))
        self._parameters()
        self._reactions()
        return str(self._lib.writeSBMLToString(self._document))

    def _species(self, state: State) -> Any:  # noqa: ANN401
        species = self._model.createSpecies()
        self._fill(
            species,
            id=self._ids.states[state.id],
            name=state.id,
            compartment=DISH,
            initialAmount=state.initial,
            hasOnlySubstanceUnits=True,
            boundaryCondition=False,
            constant=False,
        )
        return species

    def _quantity(self, state: State) -> Any:  # noqa: ANN401
        """Write a state that is not matter: its whole rate is a rate rule."""
        scale = self._scale(state)
        changes = [
            (f.extent, scale * f.stoichiometry[state.id])
            for f in self._spec.fluxes
            if state.id in f.stoichiometry
        ]
        rate = state.direct
        for extent, coefficient in changes:
            rate = rate + coefficient * extent
        sid = self._ids.states[state.id]
        element = self._parameter(sid, state.id, constant=False, value=state.initial)
        self._rule(self._model.createRateRule(), sid, rate)
        return element

    def _parameters(self) -> None:
        for p in self._spec.parameters:
            sid = self._ids.symbols[p.id]
            element = self._parameter(sid, p.id, constant=True, value=p.value)
            unit = self._unit(p.unit)
            if unit is not None:
                self._fill(element, units=unit)
        for name, expr in self._spec.assignments:
            sid = self._ids.symbols[name]
            self._parameter(sid, name, constant=False)
            self._rule(self._model.createAssignmentRule(), sid, expr)

    def _parameter(self, sid: str, name: str, **attributes: object) -> Any:  # noqa: ANN401
        element = self._model.createParameter()
        self._fill(element, id=sid, name=name, **attributes)
        return element

    def _reactions(self) -> None:
        scales = {s.id: self._scale(s) for s in self._spec.states if _is_matter(s)}
        for flux in self._spec.fluxes:
            sides = {s: n * scales[s] for s, n in flux.stoichiometry.items() if s in scales}
            self._reaction(flux.id, flux.id, flux.extent, sides)
        for state in self._spec.states:
            if _is_matter(state) and state.direct != Number(0.0):
                self._reaction(f"direct_{state.id}", state.id, state.direct, {state.id: 1.0})

    def _reaction(self, sid: str, name: str, extent: Expr, sides: Mapping[str, float]) -> None:
        """Write one reaction; ``reversible`` only tells readers that the rate may be negative."""
        reaction = self._model.createReaction()
        self._fill(reaction, id=self._ids.give(sid), name=name, reversible=True)
        for state, n in sides.items():
            side = reaction.createReactant() if n < 0 else reaction.createProduct()
            self._fill(side, species=self._ids.states[state], stoichiometry=abs(n), constant=True)
        self._fill(reaction.createKineticLaw(), math=self._math.tree(extent))

    def _rule(self, rule: Any, variable: str, expr: Expr) -> None:  # noqa: ANN401
        self._fill(rule, variable=variable, math=self._math.tree(expr))

    def _scale(self, state: State) -> float:
        try:
            return evaluate(state.scale, self._values)
        except KeyError as error:
            message = f"The scale of state {state.id} uses {error}; it may use parameters only"
            raise ModelError(message) from error

    def _unit(self, text: str) -> str | None:
        """Return the id of a unit, defined at its first use; None for what SBML cannot say."""
        if text not in self._units:
            parts = base_units(text)
            self._units[text] = None if parts is None else self._define_unit(text, parts)
        return self._units[text]

    def _define_unit(self, text: str, parts: Sequence[BaseUnit]) -> str:
        """Define a unit; such ids have a namespace of their own."""
        words = "_per_".join(text.split("/")).removeprefix("1_")
        sid = f"unit_{words}"
        definition = self._model.createUnitDefinition()
        self._fill(definition, id=sid, name=text)
        for part in parts:
            unit = definition.createUnit()
            kind = self._lib.UnitKind_forName(part.kind)
            self._fill(unit, **{**part._asdict(), "kind": kind})
        return sid

    def _note(self, element: Any, *paragraphs: str) -> None:  # noqa: ANN401
        body = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
        self._fill(element, notes=f'<body xmlns="http://www.w3.org/1999/xhtml">{body}</body>')

    def _identify(self, element: Any, uris: Sequence[str]) -> None:  # noqa: ANN401
        if not uris:
            return
        term = self._lib.CVTerm(self._lib.BIOLOGICAL_QUALIFIER)
        self._fill(term, biologicalQualifierType=self._lib.BQB_IS)
        for uri in uris:
            term.addResource(uri)
        self._fill(element, metaId=f"meta_{element.getId()}")
        element.addCVTerm(term)

    def _fill(self, element: Any, **attributes: object) -> None:  # noqa: ANN401
        """Set attributes; libSBML answers a bad value with a code, which is easily missed."""
        for name, value in attributes.items():
            code = getattr(element, f"set{name[0].upper()}{name[1:]}")(value)
            if code != self._lib.LIBSBML_OPERATION_SUCCESS:
                reason = self._lib.OperationReturnValue_toString(code)
                message = f"{element.getElementName()}: libSBML refuses {name} {value!r}: {reason}"
                raise ModelError(message)
