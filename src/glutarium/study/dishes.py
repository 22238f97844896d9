"""Dishes from starved to rich: whether runs end, pools stay above zero and matter is kept.

Raw states are looked at, in which every conserved sum is linear: matter of the whole dish (medium, pools,
macromolecules, ledgers of the surroundings), the sums that no reaction changes, and the total of every
conserved moiety, which accretion ties to dry mass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from glutarium.compile.analyse import moieties
from glutarium.kernel import ResultCode
from glutarium.model.expr import evaluate
from glutarium.simulate.cell import RestCache, run_states
from glutarium.simulate.plan import Phase
from glutarium.study.screen import HOURS, reference_plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glutarium.kernel import Array, Trajectory
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

__all__ = ["Dish", "DishRun", "Total", "conserved_totals", "grid", "run_dishes"]

GLUTAMINE_MM = (0.0, 0.1, 0.5, 2.0, 10.0)
GLUCOSE_MM = (0.0, 1.0, 5.0, 25.0)
OXYGEN = (0.001, 0.01, 0.05, 0.21)
SAMPLES = 145
ELEMENTS = {"C": "carbon", "N": "nitrogen"}


@dataclass(frozen=True, slots=True)
class Dish:
    """A medium: glutamine and glucose in mM, oxygen as a fraction of 1 atm."""

    glutamine: float
    glucose: float
    oxygen: float

    def __str__(self) -> str:
        return (
            f"glutamine {self.glutamine:g} mM, glucose {self.glucose:g} mM, "
            f"oxygen {100.0 * self.oxygen:g} %"
        )


@dataclass(frozen=True)
class Total:
    """A conserved sum of raw states.

    Attributes
    ----------
    name
        What it is.
    kind
        ``carbon``, ``nitrogen`` or ``total``.
    weights
        Its weights, shape ``(n_states,)``.
    size
        Weights of what a drift is compared with, shape ``(n_states,)``, not negative.
    """

    name: str
    kind: str
    weights: Array
    size: Array

    def drift(self, states: Array) -> float:
        """Largest relative change along a run, for states of shape ``(n_times, n_states)``."""
        moved = np.abs((states - states[0]) @ self.weights).max()
        return float(moved / (self.size @ np.abs(states[0])))


@dataclass(frozen=True)
class DishRun:
    """What one dish did.

    Attributes
    ----------
    dish
        Its medium.
    finished
        Whether it reached the end.
    detail
        Why it did not.
    lowest
        Most negative pool, in absolute tolerances of that pool; zero or above where none was negative.
    lowest_pool
        Its name.
    drifts
        Kind of total → largest relative drift, and of which total.
    """

    dish: Dish
    finished: bool
    detail: str
    lowest: float
    lowest_pool: str
    drifts: dict[str, tuple[float, str]]


def grid(*, corners: bool = False) -> list[Dish]:
    """All dishes, or only those at the corners of the grid."""
    axes = (GLUTAMINE_MM, GLUCOSE_MM, OXYGEN)
    chosen = [(axis[0], axis[-1]) if corners else axis for axis in axes]
    return [Dish(*values) for values in product(*chosen)]


def run_dishes(model: CellModel, member: int, dishes: Iterable[Dish]) -> list[DishRun]:
    """Run one member in dishes, each for 72 h from its reference state.

    Parameters
    ----------
    model
        The model.
    member
        Row of its ensemble.
    dishes
        The media.
    """
    totals = conserved_totals(model, member)
    dishes = list(dishes)
    runs = run_states(model, [(_plan(model, dish), member) for dish in dishes], RestCache())
    return [_read(model, dish, run, totals) for dish, run in zip(dishes, runs, strict=True)]


def _plan(model: CellModel, dish: Dish) -> ArmPlan:
    plain = reference_plan(model, str(dish))
    oxygen = dish.oxygen * model.network.constants["gas.oxygen_solubility"].value
    changed = {"gln_e": dish.glutamine, "glc_e": dish.glucose, "o2_e": oxygen}
    phase = Phase(0.0, {"gas.o2": oxygen}, {**plain.phases[0].medium, **changed})
    times = tuple(np.linspace(0.0, HOURS, SAMPLES).tolist())
    return replace(plain, phases=(phase,), times=times)


def _read(model: CellModel, dish: Dish, run: Trajectory, totals: list[Total]) -> DishRun:
    finished = run.code is ResultCode.SUCCESS
    detail = "" if finished else f"{run.code.name}: {run.detail}"
    if not len(run.t):
        return DishRun(dish, finished, detail, -np.inf, "", {})
    drifts: dict[str, tuple[float, str]] = {}
    for total in totals:
        drifts[total.kind] = max(
            drifts.get(total.kind, (0.0, "")), (total.drift(run.y), total.name)
        )
    low = np.where(model.positive, run.y / model.atol, np.inf).min(axis=0)
    worst = int(np.argmin(low))
    return DishRun(dish, finished, detail, float(low[worst]), model.spec.state_ids[worst], drifts)


def conserved_totals(model: CellModel, member: int) -> list[Total]:
    """Everything that a closed dish keeps.

    Parameters
    ----------
    model
        The model.
    member
        Row of its ensemble: weights hold its volumes, density and contents of moieties.
    """
    p = model.ensemble.parameters[member]
    amounts = _amounts(model, p)
    elements = [_element(model, amounts, symbol) for symbol in ELEMENTS]
    sums = [
        Total(_sum_name(model, row), "total", row, np.abs(row)) for row in moieties(model.spec, p)
    ]
    return [*elements, *sums, *_moieties(model, p, amounts)]


def _amounts(model: CellModel, p: Array) -> Array:
    """Mmol per litre of dish for one unit of every raw state."""
    values = dict(zip(model.spec.parameter_ids, p.tolist(), strict=True))
    return np.array([evaluate(s.amount_per_unit, values) for s in model.spec.states])


def _element(model: CellModel, amounts: Array, symbol: str) -> Total:
    atoms = amounts * np.array([s.formula.get(symbol, 0.0) for s in model.spec.states])
    return Total(f"{ELEMENTS[symbol]} of the dish", ELEMENTS[symbol], atoms, np.abs(atoms))


def _sum_name(model: CellModel, row: Array) -> str:
    names = [model.spec.state_ids[i] for i in np.flatnonzero(row)]
    return f"sum over {names[0]} and {len(names) - 1} more"


def _moieties(model: CellModel, p: Array, amounts: Array) -> list[Total]:
    """Content of every moiety less its recorded share of dry mass."""
    density = p[model.parameter_index["dish.density"]]
    mass = model.mass_weights(p)
    found: list[Total] = []
    for reaction in model.network.reactions.values():
        copies = [c.partition(":")[2] for c in reaction.constants if c.startswith("moiety:")]
        if not copies:
            continue
        content = np.zeros(len(amounts))
        for species in copies:
            content[model.state_index[species]] = amounts[model.state_index[species]] / density
        share = p[model.parameter_index[f"content.{reaction.id}"]]
        found.append(Total(f"{' + '.join(copies)}", "total", content - share * mass, content))
    return found
