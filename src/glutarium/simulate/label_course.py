"""Gross fluxes and pools of a run, for labels: what the kernel observed, and reverse legs from the laws.

Net rates say nothing of atoms that go to and fro. The reverse leg of every reversible reaction is evaluated
here, from the concentrations and proteins that were observed, only when labels are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import ModelError
from glutarium.model import drugs, laws
from glutarium.model.assemble import dish_level
from glutarium.model.expr import Add, Div, Exp, Expr, Log, Mul, Number, Pow, Symbol, product
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.kernel import Array
    from glutarium.model.atommaps import AtomMaps
    from glutarium.model.network import Network, Reaction
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

__all__ = ["FluxReader", "LabelCourse"]


@dataclass(frozen=True, eq=False)
class LabelCourse:
    """What labels need of a run, at ``n`` times.

    Attributes
    ----------
    times
        Hours, shape ``(n,)``.
    amounts
        Pool → mmol per gDW of time zero, shape ``(n,)``.
    flux
        Gross fluxes, mmol/h per gDW of time zero, shape ``(n, 2 n_reactions)``: forward and backward
        of every reaction of the network.
    """

    times: Array
    amounts: Mapping[str, Array]
    flux: Array


class FluxReader:
    """Reads courses from runs of one model.

    Parameters
    ----------
    model
        The model.
    maps
        Its atom maps: reactions that move no atoms are left out.
    """

    def __init__(self, model: CellModel, maps: AtomMaps) -> None:
        self._model, self._maps = model, maps
        network = model.network
        targets = drugs.load_targets(model.base, network)
        mapped = {step.reaction for step in maps.steps}
        self._backward = {
            r.id: _reverse_leg(r, network, targets)
            for r in network.reactions.values()
            if r.id in mapped and r.reversible
        }
        self._assigned = dict(model.spec.assignments)
        self._dish = {r.id for r in network.reactions.values() if dish_level(r)}

    def read(self, lane: Lane) -> LabelCourse:
        """Amounts and gross fluxes of a run."""
        starts = np.array([start for start, _ in lane.phases])
        place = np.maximum(np.searchsorted(starts, lane.times, side="left") - 1, 0)
        parts = []
        for k, (_, p) in enumerate(lane.phases):
            chosen = place == k
            if chosen.any():
                parts.append(self._part(lane.observed[chosen], p))
        amounts = {
            pool: np.concatenate([part[0][pool] for part in parts]) for pool in self._maps.elements
        }
        return LabelCourse(lane.times, amounts, np.concatenate([part[1] for part in parts]))

    def _part(self, observed: Array, p: Array) -> tuple[dict[str, Array], Array]:
        values = Values(self._model, self._assigned, observed, p)
        mass, density = values["mass"], values["dish.density"]
        amounts = {
            pool: number * self._amount(pool.partition("/")[0], values, mass, density)
            for pool, number in self._maps.number.items()
        }
        reactions = self._model.network.reactions
        flux = np.zeros((len(observed), 2 * len(reactions)))
        for i, name in enumerate(reactions):
            net = values[f"rate.{name}"]
            leg = self._backward.get(name)
            back = np.zeros_like(net) if leg is None else np.maximum(values.of(leg), 0.0)
            per_dish = 1.0 if name in self._dish else mass
            # Just below zero, where nothing runs back, is rounding of the solver: legs have one direction.
            flux[:, 2 * i] = np.maximum(net + back, 0.0) * per_dish
            flux[:, 2 * i + 1] = back * per_dish
        return amounts, flux

    def _amount(self, species: str, values: Values, mass: Array, density: Array) -> Array:
        compartment = species[-1]
        if f"conc.{species}" not in self._model.observable_index:
            return np.ones(len(mass))  # buffered, or a ledger: its label stays what it is
        # A pool that is used up lies within the tolerance of the solver on either side of zero; how many
        # atoms carry a label cannot. The run itself is left as it is.
        level = np.maximum(values[species], 0.0)
        if compartment == "e":
            return level / density
        if compartment in {"c", "m"}:
            litres = values[f"volume.{compartment}"] * convert(1.0, "mL", "L")
            return np.asarray(level * litres * mass)
        return level * mass if compartment == "b" else np.ones(len(mass))


def _reverse_leg(
    reaction: Reaction, network: Network, targets: tuple[drugs.Target, ...]
) -> Expr | None:
    """Gross rate against the written direction, mmol/gDW/h."""
    if reaction.law == "gas":
        return _from_gas(reaction)
    return laws.backward_rate(reaction, network, drugs.competition(reaction.genes, targets))


def _from_gas(reaction: Reaction) -> Expr:
    """What comes back over the border of the gas phase."""
    source = reaction.products[0]
    level = f"gas.{source.rpartition('_')[0]}" if source.endswith("_g") else source
    rate = [Symbol(f"transfer.{reaction.id}"), Symbol(level)]
    return product(rate) / Symbol("dish.density")


class Values:
    """Values of symbols at some times of a run; what was not observed is computed from what was.

    Parameters
    ----------
    model
        The model.
    assigned
        Assignments of its spec by name.
    observed
        Observables at ``n`` times.
    p
        Parameters that held then.
    """

    def __init__(
        self, model: CellModel, assigned: Mapping[str, Expr], observed: Array, p: Array
    ) -> None:
        self._model, self._assigned, self._observed, self._p = model, assigned, observed, p
        self._known: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._known:
            self._known[name] = self._find(name.removeprefix("state:"))
        return self._known[name]

    def _find(self, name: str) -> Array:
        index = self._model.observable_index
        for observable in (f"conc.{name}", name):
            if observable in index:
                return self._observed[:, index[observable]]
        protein = name.removeprefix("present.")
        if protein != name:
            # What is present follows from states that are no observables; what is available of it, and the
            # share that no drug blocks, are. Where all is blocked nothing works, whatever is present.
            there, free = self[f"available.{protein}"], self[f"unblocked.{protein}"]
            return np.divide(there, free, out=np.zeros_like(there), where=free > 0.0)
        place = self._model.parameter_index.get(name)
        if place is not None:
            return np.full(len(self._observed), self._p[place])
        if name not in self._assigned:
            message = (
                f"Labels need {name!r} for a reverse rate, but the kernel does not observe it; add it "
                "to the observables of the assembled model"
            )
            raise ModelError(message)
        return self.of(self._assigned[name])

    def of(self, expr: Expr) -> Array:
        """Evaluate an expression at all times."""
        match expr:
            case Number(value):
                return np.full(len(self._observed), value)
            case Symbol(name):
                return self[name]
            case Add(a, b):
                return self.of(a) + self.of(b)
            case Mul(a, b):
                return self.of(a) * self.of(b)
            case Div(a, b):
                return self.of(a) / self.of(b)
            case Pow(a, b):
                # Rounding of the solver may leave an empty pool below zero.
                return np.asarray(np.maximum(self.of(a), 0.0) ** self.of(b))
            case Exp(a):
                return np.exp(self.of(a))
            case Log(a):
                return np.log(self.of(a))
        message = f"Not an expression: {expr!r}"
        raise TypeError(message)
