"""One member of the ensemble: a complete set of numbers for the base specification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.model.calibrate.concentrations import Concentrations, reference_concentrations
from glutarium.model.calibrate.fluxes import Fluxes, moiety_contents, reference_fluxes
from glutarium.model.expr import evaluate
from glutarium.model.laws import rate_symbol
from glutarium.model.regulation.numbers import steering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.model.calibrate.draw import Draw
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec

__all__ = ["Calibration", "Member", "calibrate", "nominal_values", "with_member"]


@dataclass(frozen=True, slots=True)
class Member:
    """Parameter and initial values of one member.

    Attributes
    ----------
    parameters
        Parameter id → value; all parameters that the draw or the calibration sets.
    initial
        State id → raw state at time zero (dry mass 1).
    """

    parameters: Mapping[str, float]
    initial: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A member with the steps that led to it; ``member`` is None where a step was infeasible."""

    member: Member | None
    concentrations: Concentrations
    fluxes: Fluxes | None
    reason: str = ""


def calibrate(
    spec: ModelSpec, network: Network, medium: Mapping[str, float], draw: Draw
) -> Calibration:
    """Draw constants, solve concentrations and fluxes, and set every capacity.

    Parameters
    ----------
    spec
        The base specification.
    network
        Its network with recorded ranges.
    medium
        Reference medium, species → mM.
    draw
        Source of numbers; ``Draw(None)`` gives the recorded values.
    """
    constants = _drawn_constants(network, draw)
    keq = {r: constants[f"keq.{r}"] for r in network.reactions if f"keq.{r}" in constants}
    pools = reference_concentrations(network, medium, keq, draw)
    if not pools.feasible:
        reason = f"no concentrations meet all bands of rho ({pools.status})"
        return Calibration(None, pools, None, reason)
    growth = draw.number("growth.reference", network.constants["growth.reference"])
    fluxes = reference_fluxes(network, pools.values, growth, draw)
    if not fluxes.feasible:
        reason = f"no fluxes balance all pools within their bounds ({fluxes.status})"
        return Calibration(None, pools, fluxes, reason)
    contents = moiety_contents(network, pools.values)
    parameters = constants | {f"content.{r}": amount for r, amount in contents.items()}
    initial = {s.id: pools.values.get(s.id, s.initial) for s in spec.states}
    capacities, wrong = _capacities(spec, parameters, initial, fluxes)
    if wrong:
        reason = f"flux and driving force disagree in sign: {', '.join(wrong)}"
        return Calibration(None, pools, fluxes, reason)
    steered = steering(network, initial, draw)
    return Calibration(Member(parameters | capacities | steered, initial), pools, fluxes)


def _drawn_constants(network: Network, draw: Draw) -> dict[str, float]:
    drawn: dict[str, float] = {}
    for reaction in network.reactions.values():
        for name, recorded in reaction.constants.items():
            kind, _, species = name.partition(":")
            if kind == "km":
                key = f"km.{reaction.id}.{species}"
                drawn[key] = draw.number(key, recorded)
            elif kind == "keq":
                key = f"keq.{reaction.id}"
                drawn[key] = draw.number(key, recorded)
        for effect in reaction.effects:
            key = f"mod.{reaction.id}.{effect.effector}"
            drawn[key] = draw.number(key, effect.k)
    return drawn


def nominal_values(
    spec: ModelSpec, parameters: Mapping[str, float], initial: Mapping[str, float]
) -> dict[str, float]:
    """Values of all symbols of a spec at time zero: parameters, states and assignments."""
    values = {p.id: p.value for p in spec.parameters} | dict(parameters) | {"time": 0.0}
    values |= {f"state:{s.id}": initial.get(s.id, s.initial) for s in spec.states}
    for name, expr in spec.assignments:
        values[name] = evaluate(expr, values)
    return values


def _capacities(
    spec: ModelSpec,
    parameters: Mapping[str, float],
    initial: Mapping[str, float],
    fluxes: Fluxes,
) -> tuple[dict[str, float], list[str]]:
    """Vmax by one evaluation with all Vmax at one; exact for any constants and regulation."""
    values = nominal_values(spec, parameters, initial)
    capacities: dict[str, float] = {}
    wrong: list[str] = []
    for reaction, flux in fluxes.values.items():
        if f"vmax.{reaction}" not in values:
            continue
        per_capacity = values[rate_symbol(reaction).name]
        if per_capacity * flux <= 0.0:
            wrong.append(reaction)
        else:
            capacities[f"vmax.{reaction}"] = flux / per_capacity
    return capacities, wrong


def with_member(spec: ModelSpec, member: Member) -> ModelSpec:
    """The spec with a member's numbers: a transform that changes no structure."""
    values = [member.parameters.get(p.id, p.value) for p in spec.parameters]
    return spec.with_numbers([member.initial.get(s.id, s.initial) for s in spec.states], values)
