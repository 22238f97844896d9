"""A specification from an SBML file that this project wrote; the other way of :mod:`glutarium.model.sbml`.

Values, formulas and stoichiometries are read from SBML itself, so what another program has changed in
them counts. Our annotation adds what SBML has no word for, and the exact form of what it agrees with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glutarium.errors import ModelError
from glutarium.knowledge.equations import parse_genes
from glutarium.model.expr import Expr, evaluate
from glutarium.model.expr_text import read_expr
from glutarium.model.sbml_context import SbmlContext
from glutarium.model.sbml_element import Filler, libsbml
from glutarium.model.sbml_own import numbers_of, read_own
from glutarium.model.sbml_parts import MathTrees, canonical
from glutarium.model.spec import Flux, ModelSpec, Observable, Parameter, State
from glutarium.model.structure.flux_model import CHARGE, FluxModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

__all__ = ["SbmlModel", "from_sbml", "read_sbml"]

# Stoichiometries that agree to this are the same; the annotated one has not been through a scale.
_AGREE = 1e-9
Own = dict[str, str]


@dataclass(frozen=True)
class SbmlModel:
    """What a file holds.

    Attributes
    ----------
    spec
        The specification.
    context
        Identifiers, genes and stoichiometric model.
    """

    spec: ModelSpec
    context: SbmlContext


def read_sbml(path: Path | str) -> SbmlModel:
    """Read a file; see :func:`from_sbml`.

    Raises
    ------
    ModelError
        The file cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"The SBML file {str(path)!r} cannot be read: {error}; name another"
        raise ModelError(message) from error
    try:
        return from_sbml(text)
    except ModelError as error:
        message = f"{path}: {error.message}"
        raise ModelError(message) from error


def from_sbml(text: str) -> SbmlModel:
    """Read a document that :func:`glutarium.model.sbml.to_sbml` wrote.

    Parameters
    ----------
    text
        The document; values may have been changed since.

    Raises
    ------
    MissingExtraError
        python-libsbml is not installed.
    ModelError
        It is not SBML, was not written by this project, or holds a formula that it has no word for.
    """
    lib = libsbml()
    document = lib.readSBMLFromString(text)
    model = document.getModel()
    if model is None or document.getNumErrors(lib.LIBSBML_SEV_FATAL):
        detail = document.getError(0).getMessage() if document.getNumErrors() else ""
        message = f"This is not SBML: {' '.join(detail.split())}"
        raise ModelError(message)
    if not read_own(model):
        message = (
            "This SBML was not written by Glutarium, and only its own files say all that a model needs; "
            "write one with: glutarium export sbml FILE.xml"
        )
        raise ModelError(message)
    reader = _Reader(lib, model)
    return SbmlModel(reader.spec(), reader.context())


def _items(model: Any, kind: str) -> Iterator[Any]:  # noqa: ANN401 - libSBML has no types
    plural = kind if kind == "Species" else f"{kind}s"
    return (getattr(model, f"get{kind}")(i) for i in range(getattr(model, f"getNum{plural}")()))


class _Reader:
    """Reads one model."""

    def __init__(self, lib: ModuleType, model: Any) -> None:  # noqa: ANN401
        self._model = model
        self._math = MathTrees(lib, {})
        self._identities = Filler(lib).identities
        self._rules = {r.getVariable(): r.getMath() for r in _items(model, "Rule")}
        elements = [*_items(model, "Species"), *_items(model, "Parameter")]
        self._elements = [(e, *own) for e in elements for own in read_own(e)[:1]]
        # SBML id → symbol of our expressions, and → state.
        self._states = {e.getId(): e.getName() for e, kind, _ in self._elements if kind == "state"}
        self._symbols = {
            e.getId(): f"state:{e.getName()}" if kind == "state" else e.getName()
            for e, kind, _ in self._elements
        }

    def spec(self) -> ModelSpec:
        """The specification."""
        return ModelSpec(
            name=self._model.getName(),
            states=tuple(s for _, s in sorted(self._ordered, key=lambda pair: pair[0])),
            parameters=self._parameters,
            assignments=tuple(
                (e.getName(), self._exactly(self._rules[e.getId()], own.get("math")))
                for e, kind, own in self._elements
                if kind == "assignment"
            ),
            fluxes=self._fluxes,
            observables=tuple(
                Observable(own["id"], self._text(own["expr"]), own.get("unit", ""))
                for kind, own in read_own(self._model)
                if kind == "observable"
            ),
        )

    @cached_property
    def _parameters(self) -> tuple[Parameter, ...]:
        return tuple(
            Parameter(e.getName(), e.getValue(), own.get("unit", ""))
            for e, kind, own in self._elements
            if kind == "parameter"
        )

    @cached_property
    def _ordered(self) -> list[tuple[int, State]]:
        rows = (row for row in self._elements if row[1] == "state")
        return [(int(own["order"]), self._state(e, own)) for e, _, own in rows]

    def _state(self, element: Any, own: Own) -> State:  # noqa: ANN401
        matter = element.getElementName() == "species"
        return State(
            id=element.getName(),
            name=own.get("name", ""),
            unit=own.get("unit", ""),
            initial=element.getInitialAmount() if matter else element.getValue(),
            atol=float(own["atol"]),
            scale=self._text(own["scale"]),
            direct=self._text(own["direct"]),
            dilution=self._text(own["dilution"]),
            formula=numbers_of(own.get("formula", "")),
            charge=float(own["charge"]),
            compartment=own["compartment"],
            amount_per_unit=self._text(own["amount"]),
            positive=own["positive"] == "true",
        )

    @cached_property
    def _reactions(self) -> list[tuple[Any, str, Own]]:
        return [(r, *own) for r in _items(self._model, "Reaction") for own in read_own(r)[:1]]

    @cached_property
    def _fluxes(self) -> tuple[Flux, ...]:
        return tuple(
            Flux(
                id=reaction.getName(),
                rate=self._text(own["rate"]),
                extent=self._exactly(reaction.getKineticLaw().getMath(), own.get("math")),
                stoichiometry=self._column(reaction, own),
            )
            for reaction, kind, own in self._reactions
            if kind == "flux"
        )

    @cached_property
    def _scales(self) -> Mapping[str, float]:
        values = {p.id: p.value for p in self._parameters}
        return {s.id: evaluate(s.scale, values) for _, s in self._ordered}

    def _column(self, reaction: Any, own: Own) -> dict[str, float]:  # noqa: ANN401
        """Coefficients: the annotated where the file agrees with them, the file's otherwise."""
        said = numbers_of(own.get("stoichiometry", ""))
        there = self._in_file(reaction)
        matter = {self._states[sid] for sid in self._states if self._model.getSpecies(sid)}
        gone = {s for s in said if s in matter and s not in there}
        found = {s: n for s, n in said.items() if s not in gone}
        for state, n in there.items():
            if not math.isclose(found.get(state, 0.0), n, rel_tol=_AGREE):
                found[state] = n
        return found

    def _in_file(self, reaction: Any) -> dict[str, float]:  # noqa: ANN401
        found: dict[str, float] = {}
        for kind, sign in (("Reactant", -1.0), ("Product", 1.0)):
            for side in _items(reaction, kind):
                state = self._states.get(side.getSpecies())
                if state is not None:
                    n = sign * side.getStoichiometry() / self._scales[state]
                    found[state] = found.get(state, 0.0) + n
        return found

    def _text(self, text: str) -> Expr:
        return read_expr(text, self._symbols)

    def _exactly(self, tree: Any, said: str | None) -> Expr:  # noqa: ANN401
        """Expression of a formula: the annotated form where it is the same, the file's otherwise."""
        found = self._math.expr(tree, self._symbols)
        exactly = found if said is None else self._text(said)
        return exactly if canonical(exactly) == canonical(found) else found

    def context(self) -> SbmlContext:
        """Identifiers, genes and stoichiometric model."""
        fbc = self._model.getPlugin("fbc")
        products = _items(fbc, "GeneProduct") if fbc is not None else ()
        states = ((e.getName(), e) for e, kind, _ in self._elements if kind == "state")
        reactions = [(r.getName(), r) for r, _, _ in self._reactions]
        places = ((c.getId(), c) for c in _items(self._model, "Compartment"))
        rules = {r.getName(): own["genes"] for r, _, own in self._reactions if "genes" in own}
        for rule in rules.values():
            parse_genes(rule)
        return SbmlContext(
            states=self._named(states),
            reactions=self._named(reactions),
            genes=self._named((g.getName(), g) for g in products),
            compartments=self._named(places),
            rules=rules,
            flux=self._flux(),
        )

    def _named(self, elements: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401
        found = {name: self._identities(element) for name, element in elements}
        return {name: uris for name, uris in found.items() if uris}

    def _flux(self) -> FluxModel | None:
        if not any(kind == "column" for _, kind, _ in self._reactions):
            return None
        columns: dict[str, dict[str, float]] = {}
        bounds: dict[str, tuple[float, float]] = {}
        for reaction, kind, own in self._reactions:
            column = self._column(reaction, own)
            if kind == "flux":
                column = {s: n for s, n in column.items() if s in self._states.values()}
                column |= {CHARGE: float(own["charge"])} if "charge" in own else {}
            columns[reaction.getName()] = column
            plugin = reaction.getPlugin("fbc")
            low, high = plugin.getLowerFluxBound(), plugin.getUpperFluxBound()
            value = {sid: self._model.getParameter(sid).getValue() for sid in (low, high)}
            bounds[reaction.getName()] = value[low], value[high]
        return FluxModel(columns, bounds)
