"""The stoichiometric model in an SBML file: bounds, genes, exchanges and growth (package fbc).

Exchanges and growth are reactions with a kinetic law of zero, so that a simulator leaves them alone.
The charge that reactions move into the matrix has a species of its own, whose balance couples
respiration to ATP synthesis; a simulator sees it count the charge moved.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from glutarium.knowledge.equations import parse_genes
from glutarium.model.sbml_element import Filler
from glutarium.model.sbml_own import own, text_of
from glutarium.model.sbml_terms import SBO
from glutarium.model.structure.flux_model import CHARGE, EXCHANGE, GROWTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from glutarium.model.sbml_context import SbmlContext
    from glutarium.model.sbml_parts import Ids
    from glutarium.model.spec import State

__all__ = ["FluxWriter"]

# What the stoichiometric model does not know does not run in it.
_CLOSED = (0.0, 0.0)


class FluxWriter:
    """Writes reactions with what flux balance needs.

    Parameters
    ----------
    lib, model, ids
        The library, the model to fill and its ids.
    scales
        State → factor from flux to its rate of change.
    context
        Genes and stoichiometric model.
    number
        What to give to the library for a number.
    """

    def __init__(
        self,
        lib: ModuleType,
        model: Any,  # noqa: ANN401 - libSBML has no types
        ids: Ids,
        scales: Mapping[str, float],
        *,
        context: SbmlContext,
        number: Callable[[float], float],
    ) -> None:
        self._lib = lib
        self._model = model
        self._ids = ids
        self._scales = scales
        self._context = context
        self._columns = context.flux.columns if context.flux else {}
        self._bounds = context.flux.bounds if context.flux else {}
        self._filler = Filler(lib)
        self._known: dict[float, str] = {}
        self._products: dict[str, str] = {}
        self._number = number

    def start(self) -> None:
        """Genes, and the species of charge; to be called before any reaction is written."""
        if not self._context.needs_fbc:
            return
        plugin = self._model.getPlugin("fbc")
        self._filler.fill(plugin, strict=self._context.flux is not None)
        for gene in self._genes():
            product = plugin.createGeneProduct()
            sid = self._ids.give(f"G_{gene}")
            self._products[gene] = sid
            self._filler.fill(product, id=sid, label=sid, name=gene, sBOTerm=SBO["gene"])
            self._filler.identify(product, self._context.genes.get(gene, ()))
        if any(CHARGE in column for column in self._columns.values()):
            self._charge()

    def _genes(self) -> dict[str, None]:
        rules = (parse_genes(rule) for rule in self._context.rules.values())
        return dict.fromkeys(g for rule in rules for isozyme in rule for g in isozyme.genes)

    def _charge(self) -> None:
        species = self._model.createSpecies()
        self._charge_id = self._ids.give(CHARGE)
        self._filler.fill(
            species,
            id=self._charge_id,
            name="charge moved into the matrix, for flux balance",
            compartment="m",
            initialAmount=0.0,
            hasOnlySubstanceUnits=True,
            boundaryCondition=False,
            constant=False,
            sBOTerm=SBO["charge"],
        )

    def formula(self, species: Any, state: State) -> None:  # noqa: ANN401
        """Formula and charge of a species, as far as fbc can say them: whole numbers."""
        plugin = species.getPlugin("fbc")
        counts = [*state.formula.values(), state.charge]
        if plugin is None or not state.formula or any(n != int(n) for n in counts):
            return
        text = "".join(f"{e}{int(n) if n != 1 else ''}" for e, n in sorted(state.formula.items()))
        self._filler.fill(plugin, charge=int(state.charge), chemicalFormula=text)

    def own_of(self, reaction: str) -> dict[str, object]:
        """What our annotation of a reaction says of genes and charge."""
        charge = self._columns.get(reaction, {}).get(CHARGE)
        rule = self._context.rules.get(reaction)
        return ({} if charge is None else {"charge": float(charge)}) | (
            {} if rule is None else {"genes": rule}
        )

    def reaction(self, sid: str, name: str, law: Any, sides: Mapping[str, float]) -> Any:  # noqa: ANN401
        """Write one reaction.

        Parameters
        ----------
        sid, name
            Its id in the file and ours.
        law
            Tree of its rate.
        sides
            State → coefficient, before scaling; :data:`CHARGE` is added by itself.
        """
        reaction = self._model.createReaction()
        low, high = self._bounds.get(name, _CLOSED)
        backward = low < 0.0 or name not in self._bounds
        self._filler.fill(reaction, id=sid, name=name, reversible=backward)
        column = dict(sides)
        if CHARGE in self._columns.get(name, {}):
            column[CHARGE] = self._columns[name][CHARGE]
        for state, n in column.items():
            self._side(reaction, state, n)
        self._filler.fill(reaction.createKineticLaw(), math=law, sBOTerm=SBO["rate law"])
        self._filler.fill(reaction, sBOTerm=self._term(name, sides))
        self._filler.identify(reaction, self._context.reactions.get(name, ()))
        plugin = reaction.getPlugin("fbc")
        if self._context.flux is not None:
            self._filler.fill(
                plugin, lowerFluxBound=self._bound(low), upperFluxBound=self._bound(high)
            )
        if name in self._context.rules:
            self._association(plugin, self._context.rules[name])
        return reaction

    def _side(self, reaction: Any, state: str, n: float) -> None:  # noqa: ANN401
        amount = n if state == CHARGE else n * self._scales[state]
        sid = self._charge_id if state == CHARGE else self._ids.states[state]
        side = reaction.createReactant() if amount < 0 else reaction.createProduct()
        size = self._number(abs(amount))
        self._filler.fill(side, species=sid, stoichiometry=size, constant=True)

    def _term(self, name: str, sides: Mapping[str, float]) -> int:
        if name == GROWTH:
            return SBO["biomass"]
        if name.startswith(EXCHANGE):
            return SBO["exchange"]
        places = {s.rpartition("_")[2] for s in sides}
        moved = {s.rpartition("_")[0] for s, n in sides.items() if n < 0} & {
            s.rpartition("_")[0] for s, n in sides.items() if n > 0
        }
        return SBO["transport" if len(places) > 1 and moved else "biochemical"]

    def _bound(self, value: float) -> str:
        """Id of the parameter that holds a bound."""
        if value not in self._known:
            names = {-inf: "no_lower", inf: "no_upper", 0.0: "zero"}
            sid = self._ids.give(f"bound_{names.get(value, str(len(self._known)))}")
            parameter = self._model.createParameter()
            self._filler.fill(parameter, id=sid, constant=True, sBOTerm=SBO["bound"])
            self._filler.fill(parameter, value=self._number(value))
            self._known[value] = sid
        return self._known[value]

    def _association(self, plugin: Any, rule: str) -> None:  # noqa: ANN401
        """Isozymes by or, subunits by and; the shares stand in our annotation."""
        place = plugin.createGeneProductAssociation()
        isozymes = parse_genes(rule)
        if len(isozymes) > 1:
            place = place.createOr()
        for isozyme in isozymes:
            inner = place.createAnd() if len(isozyme.genes) > 1 else place
            for gene in isozyme.genes:
                self._filler.fill(inner.createGeneProductRef(), geneProduct=self._products[gene])

    def finish(self) -> None:
        """Exchanges, growth and the objective; to be called after all reactions are written."""
        written = {
            self._model.getReaction(i).getName() for i in range(self._model.getNumReactions())
        }
        for name, column in self._columns.items():
            if name in written:
                continue
            zero = self._lib.ASTNode(self._lib.AST_REAL)
            zero.setValue(0.0)
            element = self.reaction(self._ids.give(name), name, zero, column)
            xml = own("column", {"stoichiometry": text_of(column)})
            self._filler.annotate(element, xml)
            if name == GROWTH:
                self._objective(element.getId())

    def _objective(self, growth: str) -> None:
        plugin = self._model.getPlugin("fbc")
        objective = plugin.createObjective()
        self._filler.fill(objective, id="growth", type="maximize")
        self._filler.fill(plugin, activeObjectiveId="growth")
        self._filler.fill(objective.createFluxObjective(), reaction=growth, coefficient=1.0)
