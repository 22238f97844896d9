"""A specification as SBML Level 3 Version 2, for other simulators.

=========================  ==============================================================
in the specification       in the file
=========================  ==============================================================
state that is matter       species, an amount; compartments have size 1
any other state            parameter with a rate rule
parameter                  constant parameter, with its unit where SBML can say it
assignment                 parameter with an assignment rule
flux                       reaction; kinetic law: the extent
direct rate of a species   reaction ``direct_<species>``
=========================  ==============================================================

Ids are the project's own with every other character replaced by ``_``; the original stands in the
name. The assignment that carries a state's id is its concentration and becomes ``conc_<state>``.

The stoichiometry is the coefficient times the state's scale, worked out with the parameters of the
specification: who changes a volume or the density in the file must export anew.

What SBML has no word for (tolerances, formulas of scales, observables, the exact form of an
expression) stands in an annotation of our own, so that :mod:`glutarium.model.sbml_read` gives back
the same specification. With a context the file also holds identifiers, genes and, for flux balance
(package fbc), exchanges, growth and bounds; simulators see these reactions stand still.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from glutarium._version import __version__
from glutarium.errors import ModelError, OutputError
from glutarium.model.expr import Expr, Number, evaluate
from glutarium.model.expr_text import write_expr
from glutarium.model.sbml_context import SbmlContext
from glutarium.model.sbml_element import Exact, Filler, libsbml
from glutarium.model.sbml_flux import FluxWriter
from glutarium.model.sbml_own import own, text_of
from glutarium.model.sbml_parts import Ids, MathTrees, canonical
from glutarium.model.sbml_terms import SBO, of_parameter, of_state
from glutarium.model.sbml_units import Units

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from glutarium.model.spec import Flux, ModelSpec, State

__all__ = ["to_sbml", "write_sbml"]

_ABOUT = f"""\
Written by Glutarium {__version__}. For research use only: not for diagnosis, treatment or any other
decision about a patient.

Time is in hours. Species are amounts: pools of the cell as mM at its volume at time zero,
macromolecules as mmol/gDW at time zero, the medium as mM; conc_ stands before the concentrations.
Stoichiometries contain the volumes and the density of the exported parameters: export anew after
changing those."""


def to_sbml(spec: ModelSpec, context: SbmlContext | None = None) -> str:
    """Write a specification as SBML Level 3 Version 2.

    Parameters
    ----------
    spec
        The specification, with the parameter and initial values to write.
    context
        Identifiers, genes and stoichiometric model; see
        :func:`glutarium.model.sbml_context.sbml_context`.

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
    return _Writer(libsbml(), spec, context or SbmlContext()).text()


def write_sbml(spec: ModelSpec, path: Path | str, context: SbmlContext | None = None) -> None:
    """Write a specification to a file, replacing it; see :func:`to_sbml`.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    text = to_sbml(spec, context)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"The SBML file {str(path)!r} cannot be written: {error.strerror}; choose another"
        raise OutputError(message) from error


def _is_matter(state: State) -> bool:
    return state.compartment != "x"


class _Writer:
    """Fills one SBML document."""

    def __init__(self, lib: ModuleType, spec: ModelSpec, context: SbmlContext) -> None:
        self._lib = lib
        self._spec = spec
        self._context = context
        self._ids = Ids(spec)
        self._exact = Exact()
        self._math = MathTrees(lib, self._ids.symbols, self._exact.number)
        self._values = {p.id: p.value for p in spec.parameters}
        self._matter = {s.id for s in spec.states if _is_matter(s)}
        self._scales = {s.id: self._scale(s) for s in spec.states}
        filler = Filler(lib)
        self._fill, self._note, self._annotate = filler.fill, filler.note, filler.annotate
        self._identify = filler.identify
        if context.needs_fbc:
            self._document = lib.SBMLDocument(lib.SBMLNamespaces(3, 2, "fbc", 2))
            needed = False  # kinetics can be read without it
            self._document.setPackageRequired("fbc", needed)
        else:
            self._document = lib.SBMLDocument(3, 2)
        self._model = self._document.createModel()
        self._units = Units(lib, self._model).unit
        self._flux = FluxWriter(
            lib, self._model, self._ids, self._scales, context=context, number=self._exact.number
        )

    def text(self) -> str:
        """Write everything and return it."""
        sid = self._ids.give(self._spec.name)
        self._fill(self._model, id=sid, name=self._spec.name, timeUnits=self._units("h"))
        self._note(self._model, *_ABOUT.split("\n\n"))
        observables = [
            own("observable", {"id": o.id, "unit": o.unit, "expr": self._plain(o.expr)})
            for o in self._spec.observables
        ]
        self._annotate(self._model, own("spec", {"version": __version__}, observables))
        self._compartments()
        for order, state in enumerate(self._spec.states):
            element = self._species(state) if _is_matter(state) else self._quantity(state)
            self._note(element, f"{state.name}; {state.unit}")
            self._identify(element, self._context.states.get(state.id, ()))
            self._annotate(element, own("state", self._state(state, order)))
        self._parameters()
        self._flux.start()
        self._reactions()
        self._flux.finish()
        return self._exact.text(str(self._lib.writeSBMLToString(self._document)))

    def _compartments(self) -> None:
        for place in dict.fromkeys(s.compartment for s in self._spec.states if _is_matter(s)):
            element = self._model.createCompartment()
            self._fill(element, id=place, size=1.0, spatialDimensions=3, constant=True)
            self._fill(element, sBOTerm=SBO["compartment"])
            self._identify(element, self._context.compartments.get(place, ()))

    def _state(self, state: State, order: int) -> dict[str, object]:
        """What a species cannot say."""
        return {
            "order": order,
            "name": state.name,
            "unit": state.unit,
            "atol": state.atol,
            "positive": state.positive,
            "formula": text_of(state.formula),
            "charge": float(state.charge),
            "compartment": state.compartment,
            "scale": self._plain(state.scale),
            "direct": self._plain(state.direct),
            "dilution": self._plain(state.dilution),
            "amount": self._plain(state.amount_per_unit),
        }

    def _species(self, state: State) -> Any:  # noqa: ANN401
        species = self._model.createSpecies()
        self._fill(
            species,
            id=self._ids.states[state.id],
            name=state.id,
            compartment=state.compartment,
            initialAmount=self._exact.number(state.initial),
            hasOnlySubstanceUnits=True,
            boundaryCondition=False,
            constant=False,
            sBOTerm=of_state(state),
        )
        self._flux.formula(species, state)
        return species

    def _quantity(self, state: State) -> Any:  # noqa: ANN401
        """Write a state that is not matter: its whole rate is a rate rule."""
        scale = self._scales[state.id]
        changes = [
            (f.extent, scale * f.stoichiometry[state.id])
            for f in self._spec.fluxes
            if state.id in f.stoichiometry
        ]
        rate = state.direct
        for extent, coefficient in changes:
            rate = rate + coefficient * extent
        sid = self._ids.states[state.id]
        value = self._exact.number(state.initial)
        element = self._parameter(sid, state.id, constant=False, value=value)
        self._fill(element, sBOTerm=of_state(state))
        self._rule(self._model.createRateRule(), sid, rate)
        return element

    def _parameters(self) -> None:
        for p in self._spec.parameters:
            sid = self._ids.symbols[p.id]
            value = self._exact.number(p.value)
            element = self._parameter(sid, p.id, constant=True, value=value)
            self._fill(element, sBOTerm=of_parameter(p.id))
            unit = self._units(p.unit)
            if unit is not None:
                self._fill(element, units=unit)
            self._annotate(element, own("parameter", {"unit": p.unit}))
        for name, expr in self._spec.assignments:
            sid = self._ids.symbols[name]
            element = self._parameter(sid, name, constant=False)
            term = "concentration" if name in self._ids.states else "parameter"
            self._fill(element, sBOTerm=SBO[term])
            self._annotate(element, own("assignment", self._exactly(expr)))
            self._rule(self._model.createAssignmentRule(), sid, expr)

    def _parameter(self, sid: str, name: str, **attributes: object) -> Any:  # noqa: ANN401
        element = self._model.createParameter()
        self._fill(element, id=sid, name=name, **attributes)
        return element

    def _reactions(self) -> None:
        for flux in self._spec.fluxes:
            sides = {s: n for s, n in flux.stoichiometry.items() if s in self._matter}
            reaction = self._reaction(flux.id, flux.id, flux.extent, sides)
            self._annotate(reaction, own("flux", self._of_flux(flux)))
        for state in self._spec.states:
            if _is_matter(state) and state.direct != Number(0.0):
                scale = self._scales[state.id]
                self._reaction(
                    f"direct_{state.id}", state.id, state.direct, {state.id: 1.0 / scale}
                )

    def _of_flux(self, flux: Flux) -> dict[str, object]:
        return {
            "rate": self._plain(flux.rate),
            "stoichiometry": text_of(flux.stoichiometry),
            **self._flux.own_of(flux.id),
            **self._exactly(flux.extent),
        }

    def _reaction(self, sid: str, name: str, extent: Expr, sides: Mapping[str, float]) -> Any:  # noqa: ANN401
        """Write one reaction; ``reversible`` tells readers that the rate may be negative."""
        law = self._math.tree(extent)
        return self._flux.reaction(self._ids.give(sid), name, law, sides)

    def _rule(self, rule: Any, variable: str, expr: Expr) -> None:  # noqa: ANN401
        self._fill(rule, variable=variable, math=self._math.tree(expr))

    def _plain(self, expr: Expr) -> str:
        return write_expr(expr, self._ids.symbols)

    def _exactly(self, expr: Expr) -> dict[str, object]:
        """The form of an expression where the file's own would give back another."""
        return {} if canonical(expr) == expr else {"math": self._plain(expr)}

    def _scale(self, state: State) -> float:
        try:
            return evaluate(state.scale, self._values)
        except KeyError as error:
            message = f"The scale of state {state.id} uses {error}; it may use parameters only"
            raise ModelError(message) from error
