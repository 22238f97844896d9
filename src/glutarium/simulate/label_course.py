"""Gross fluxes and pools of a run, for labels: what the kernel observed, and reverse legs from the laws.

Net rates say nothing of atoms that go to and fro. The reverse leg of every reversible reaction is evaluated
here, from the concentrations and proteins that were observed, only when labels are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

import numpy as np

from glutarium.errors import ModelError
from glutarium.model import drugs, laws
from glutarium.model.assemble import dish_level
from glutarium.model.expr import Add, Div, Exp, Expr, Log, Mul, Number, Pow, Symbol, product
from glutarium.simulate.label_pools import LabelCourse
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.model.atommaps import AtomMaps
    from glutarium.model.network import Network, Reaction
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

__all__ = ["FluxReader", "LabelCourse"]

Value = Union["Array", float]
"""The same at all times, or one value per time."""

# Whole powers up to this are products: far faster than a general power.
SMALL_POWER = 4.0


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

    def read(self, lanes: Sequence[Lane]) -> list[LabelCourse]:
        """Amounts and gross fluxes of some runs."""
        if not lanes:
            return []
        counts = [len(lane.times) for lane in lanes]
        observed = _turned([lane.observed for lane in lanes])
        p, place = _phases(lanes)
        values = Values(self._model, self._assigned, observed, p, place)
        amounts, flux = self._amounts(values), self._fluxes(values)
        courses, end = [], 0
        for lane, count in zip(lanes, counts, strict=True):
            own = slice(end, end + count)
            end += count
            pools = {pool: level[own] for pool, level in amounts.items()}
            courses.append(LabelCourse(lane.times, pools, np.ascontiguousarray(flux[:, own].T)))
        return courses

    def _amounts(self, values: Values) -> dict[str, Array]:
        mass, density = values["mass"], values["dish.density"]
        species: dict[str, Array] = {}
        for pool in self._maps.number:
            name = pool.partition("/")[0]
            if name not in species:
                species[name] = np.asarray(self._amount(name, values, mass, density))
        return {p: number * species[p.partition("/")[0]] for p, number in self._maps.number.items()}

    def _fluxes(self, values: Values) -> Array:
        """Shape ``(2 n_reactions, n)``."""
        reactions = self._model.network.reactions
        mass = values["mass"]
        flux = np.zeros((2 * len(reactions), values.count))
        for i, name in enumerate(reactions):
            net = values[f"rate.{name}"]
            leg = self._backward.get(name)
            back = 0.0 if leg is None else np.maximum(values.of(leg), 0.0)
            per_dish = 1.0 if name in self._dish else mass
            # Just below zero, where nothing runs back, is rounding of the solver: legs have one direction.
            flux[2 * i] = np.maximum(net + back, 0.0) * per_dish
            flux[2 * i + 1] = back * per_dish
        return flux

    def _amount(self, species: str, values: Values, mass: Value, density: Value) -> Value:
        compartment = species[-1]
        if f"conc.{species}" not in self._model.observable_index:
            return np.ones(values.count) * mass  # buffered, or a ledger: its label stays what it is
        # A pool that is used up lies within the tolerance of the solver on either side of zero; how many
        # atoms carry a label cannot. The run itself is left as it is.
        level = np.maximum(values[species], 0.0)
        if compartment == "e":
            return level / density
        if compartment in {"c", "m"}:
            litres = values[f"volume.{compartment}"] * convert(1.0, "mL", "L")
            return level * litres * mass
        return level * mass if compartment == "b" else np.ones(values.count)


def _turned(tables: Sequence[Array]) -> Array:
    """Tables ``(n, m)`` below each other, shape ``(m, sum of n)``; one by one, which is ten times faster."""
    ends = np.cumsum([len(table) for table in tables])
    whole = np.empty((tables[0].shape[1], int(ends[-1])))
    for table, end in zip(tables, ends.tolist(), strict=True):
        whole[:, end - len(table) : end] = table.T
    return whole


def _phases(lanes: Sequence[Lane]) -> tuple[Array, Array]:
    """Parameters of all phases of all lanes, and which of them held at every time of every lane."""
    sets: list[Array] = []
    places = []
    for lane in lanes:
        starts = np.array([start for start, _ in lane.phases])
        phase = np.maximum(np.searchsorted(starts, lane.times, side="left") - 1, 0)
        places.append(phase + len(sets))
        sets += [p for _, p in lane.phases]
    return np.array(sets), np.concatenate(places)


def _reverse_leg(
    reaction: Reaction, network: Network, targets: tuple[drugs.Target, ...]
) -> Expr | None:
    """Gross rate against the written direction, mmol/gDW/h."""
    if reaction.law == "gas":
        return _from_gas(reaction)
    return laws.backward_rate(reaction, network, drugs.competitors(reaction, targets))


def _from_gas(reaction: Reaction) -> Expr:
    """What comes back over the border of the gas phase."""
    source = reaction.products[0]
    level = f"gas.{source.rpartition('_')[0]}" if source.endswith("_g") else source
    rate = [Symbol(f"transfer.{reaction.id}"), Symbol(level)]
    return product(rate) / Symbol("dish.density")


class Values:
    """Values of symbols at some times of some runs; what was not observed is computed from what was.

    Parameters
    ----------
    model
        The model.
    assigned
        Assignments of its spec by name.
    observed
        Observables at ``n`` times, shape ``(n_observables, n)``.
    p, place
        Sets of parameters, shape ``(n_sets, n_parameters)``, and the one that held at every time.
    """

    def __init__(
        self,
        model: CellModel,
        assigned: Mapping[str, Expr],
        observed: Array,
        p: Array,
        place: Array,
    ) -> None:
        self._model, self._assigned, self._observed = model, assigned, observed
        self._p, self._place = p, place.astype(np.intp)
        self._alike = (p == p[0]).all(axis=0)
        self._known: dict[str, Value] = {}

    @property
    def count(self) -> int:
        """How many times there are."""
        return int(self._observed.shape[1])

    def __getitem__(self, name: str) -> Value:
        if name not in self._known:
            self._known[name] = self._find(name.removeprefix("state:"))
        return self._known[name]

    def _find(self, name: str) -> Value:
        index = self._model.observable_index
        for observable in (f"conc.{name}", name):
            if observable in index:
                return np.asarray(self._observed[index[observable]])
        protein = name.removeprefix("present.")
        if protein != name:
            # What is present follows from states that are no observables; what is available of it, and the
            # share that no drug blocks, are. Where all is blocked nothing works, whatever is present.
            there, free = self[f"available.{protein}"], self[f"unblocked.{protein}"]
            nothing = np.zeros(self.count)
            return np.divide(there, free, out=nothing, where=np.asarray(free) > 0.0)
        place = self._model.parameter_index.get(name)
        if place is not None:
            own = self._p[:, place]
            return float(own[0]) if self._alike[place] else own[self._place]
        if name not in self._assigned:
            message = (
                f"Labels need {name!r} for a reverse rate, but the kernel does not observe it; add it "
                "to the observables of the assembled model"
            )
            raise ModelError(message)
        return self.of(self._assigned[name])

    def of(self, expr: Expr) -> Value:
        """Evaluate an expression at all times."""
        # By isinstance, the most frequent first: matching patterns took most of the time of a single run.
        if isinstance(expr, Symbol):
            return self[expr.name]
        if isinstance(expr, Mul):
            return self.of(expr.left) * self.of(expr.right)
        if isinstance(expr, Number):
            return expr.value
        if isinstance(expr, Add):
            return self.of(expr.left) + self.of(expr.right)
        if isinstance(expr, Div):
            return self.of(expr.left) / self.of(expr.right)
        return self._rare(expr)

    def _rare(self, expr: Expr) -> Value:
        if isinstance(expr, Pow):
            return self._power(self.of(expr.base), self.of(expr.exponent))
        if isinstance(expr, Exp):
            return np.asarray(np.exp(self.of(expr.argument)))
        if isinstance(expr, Log):
            return np.asarray(np.log(self.of(expr.argument)))
        message = f"Not an expression: {expr!r}"
        raise TypeError(message)

    @staticmethod
    def _power(base: Value, exponent: Value) -> Value:
        # Rounding of the solver may leave an empty pool below zero.
        above = np.maximum(base, 0.0)
        if isinstance(exponent, float) and exponent.is_integer() and 0.0 < exponent <= SMALL_POWER:
            found = above
            for _ in range(int(exponent) - 1):
                found = found * above
            return found
        return np.asarray(above**exponent)
