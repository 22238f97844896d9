"""The frozen description of a model that everything downstream starts from.

A :class:`ModelSpec` holds states, parameters, named intermediate expressions, fluxes with their
stoichiometry and observables. Its meaning is::

    dy_i/dt = scale_i * sum_j S_ij * extent_j(y, p)   +   direct_i(y, p)   -   dilution_i(y, p) * y_i

``extent_j`` is the rate of reaction *j* of the whole dish: specific flux (mmol/gDW/h) times relative
dry mass. States of cell pools are amounts expressed as mM at the cell volume of time zero, so that all
conservation laws are linear; the concentration is the assignment that divides by relative dry mass.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from glutarium.model.expr import Expr, Number, symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Flux", "ModelSpec", "Observable", "Parameter", "State"]


@dataclass(frozen=True, slots=True)
class State:
    """One state variable.

    Attributes
    ----------
    id
        Species id such as ``gln_c``. In expressions ``state:gln_c`` is the raw state and ``gln_c`` the
        concentration (an assignment of the spec).
    name
        Human-readable name ("glutamine, cytosol").
    unit
        Unit of the concentration ("mM", "1").
    initial
        Value of the raw state at time zero.
    atol
        Absolute tolerance of the raw state.
    scale
        Factor from reaction extent (mmol/gDW/h) to the state's unit per hour; parameters only.
    direct
        Extra rate term (1/h × unit), e.g. drug binding or membrane potential.
    dilution
        Specific rate of loss by dilution, 1/h; zero unless the system is seen per mass.
    formula
        Element → count; empty where the state is not matter.
    charge
        Elementary charges.
    compartment
        ``e`` medium, ``c`` cytosol, ``m`` matrix, ``b`` macromolecules, ``g`` gas ledger, ``x`` not matter.
    amount_per_unit
        mmol per litre of dish for one unit of the raw state; parameters only. Zero for non-matter.
    positive
        Whether a value below ``-10 * atol`` fails the run.
    """

    id: str
    name: str
    unit: str
    initial: float
    atol: float
    scale: Expr = field(default_factory=lambda: Number(1.0))
    direct: Expr = field(default_factory=lambda: Number(0.0))
    dilution: Expr = field(default_factory=lambda: Number(0.0))
    formula: Mapping[str, float] = field(default_factory=dict)
    charge: float = 0.0
    compartment: str = "x"
    amount_per_unit: Expr = field(default_factory=lambda: Number(0.0))
    positive: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that may differ between arms and members.

    Attributes
    ----------
    id
        Dotted id: ``km.GLS.gln_m``, ``vmax.GLS``, ``level.GLS``, ``drug.CB-839``, ``gas.o2``.
    value
        Nominal value.
    unit
        Unit string.
    """

    id: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Flux:
    """A reaction: specific rate and stoichiometry.

    Attributes
    ----------
    id
        Reaction id.
    rate
        Specific flux, mmol/gDW/h.
    extent
        Rate of the whole dish; ``rate`` times relative dry mass for reactions in cells.
    stoichiometry
        State id → coefficient (negative: consumed). Buffered species are not listed.
    """

    id: str
    rate: Expr
    extent: Expr
    stoichiometry: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Observable:
    """A read-out computed by the kernel.

    Attributes
    ----------
    id
        Id within the cell, e.g. ``pool.glutamine``, ``flux.GLS``, ``growth_rate``.
    expr
        Expression over states, parameters and assignments.
    unit
        Unit string.
    """

    id: str
    expr: Expr
    unit: str


@dataclass(frozen=True)
class ModelSpec:
    """A complete, frozen model; see the module's docstring for its meaning.

    Attributes
    ----------
    states, parameters, fluxes, observables
        In the order that arrays follow.
    assignments
        Named intermediates in evaluation order; each may use states (``state:<id>``), parameters,
        ``time`` and earlier assignments. Contains one assignment per state id (the concentration).
    """

    name: str
    states: tuple[State, ...]
    parameters: tuple[Parameter, ...]
    assignments: tuple[tuple[str, Expr], ...]
    fluxes: tuple[Flux, ...]
    observables: tuple[Observable, ...]

    @property
    def state_ids(self) -> tuple[str, ...]:
        """Ids of the states in array order."""
        return tuple(s.id for s in self.states)

    @property
    def parameter_ids(self) -> tuple[str, ...]:
        """Ids of the parameters in array order."""
        return tuple(p.id for p in self.parameters)

    def with_numbers(self, initial: Iterable[float], values: Iterable[float]) -> ModelSpec:
        """The same model with other initial states and parameters, in order; a known hash goes with it."""
        states = (replace(s, initial=v) for s, v in zip(self.states, initial, strict=True))
        parameters = (replace(p, value=v) for p, v in zip(self.parameters, values, strict=True))
        other = replace(self, states=tuple(states), parameters=tuple(parameters))
        if "_structure" in self.__dict__:
            other.__dict__["_structure"] = self._structure
        return other

    def structure_hash(self) -> str:
        """Hash of everything that shapes generated code; parameter and initial values do not count."""
        return self._structure

    @cached_property
    def _structure(self) -> str:
        digest = hashlib.sha256()
        for s in self.states:
            digest.update(f"state {s.id} {s.scale} {s.direct} {s.dilution}\n".encode())
        for p in self.parameters:
            digest.update(f"parameter {p.id}\n".encode())
        for name, expr in self.assignments:
            digest.update(f"assign {name} {expr}\n".encode())
        for f in self.fluxes:
            terms = " ".join(f"{k}:{v!r}" for k, v in sorted(f.stoichiometry.items()))
            digest.update(f"flux {f.id} {f.rate} {f.extent} {terms}\n".encode())
        for o in self.observables:
            digest.update(f"observable {o.id} {o.expr}\n".encode())
        return digest.hexdigest()

    def undefined(self) -> frozenset[str]:
        """Symbols that are used but defined nowhere; empty in a sound spec."""
        known = {"time", *self.parameter_ids, *(f"state:{s}" for s in self.state_ids)}
        missing: set[str] = set()
        for name, expr in self.assignments:
            missing |= symbols(expr) - known
            known.add(name)
        rest = [s.scale for s in self.states] + [s.direct for s in self.states]
        rest += [s.dilution for s in self.states]
        rest += [f.rate for f in self.fluxes] + [f.extent for f in self.fluxes]
        rest += [o.expr for o in self.observables]
        for expr in rest:
            missing |= symbols(expr) - known
        return frozenset(missing)
