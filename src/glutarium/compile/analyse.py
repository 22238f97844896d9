"""Stage 1: check a specification, number its names and find what it conserves.

Nothing numerical happens here apart from the conserved moieties, which need the scale factors of the
states and therefore one parameter vector.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import CompileError
from glutarium.model.expr import Number, evaluate, symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

__all__ = ["Analysis", "analyse", "moieties", "required_moieties"]

_PIVOT = 1e-9
"""Entries below this share of the largest one count as zero in the elimination."""

_SHOWN = 5
"""Names that a message lists."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A checked specification with positions for names.

    Attributes
    ----------
    spec
        The specification.
    state_index, parameter_index, flux_index
        Id → position.
    rows
        For every state its ``(flux position, coefficient)`` pairs; zeros are left out.
    """

    spec: ModelSpec
    state_index: Mapping[str, int]
    parameter_index: Mapping[str, int]
    flux_index: Mapping[str, int]
    rows: tuple[tuple[tuple[int, float], ...], ...]


def analyse(spec: ModelSpec) -> Analysis:
    """Check names and references of a specification and number them.

    Parameters
    ----------
    spec
        The specification to compile.

    Raises
    ------
    CompileError
        A symbol is undefined or defined twice, a flux changes a state that does not exist, or the
        scale of a state depends on more than parameters.
    """
    _refuse_duplicates(spec)
    _refuse_undefined(spec)
    _refuse_unknown_states(spec)
    _refuse_varying_scales(spec)
    states = {s: i for i, s in enumerate(spec.state_ids)}
    rows: list[list[tuple[int, float]]] = [[] for _ in states]
    for j, flux in enumerate(spec.fluxes):
        for state, coefficient in flux.stoichiometry.items():
            if coefficient != 0.0:
                rows[states[state]].append((j, float(coefficient)))
    return Analysis(
        spec,
        states,
        {p: i for i, p in enumerate(spec.parameter_ids)},
        {f.id: i for i, f in enumerate(spec.fluxes)},
        tuple(tuple(r) for r in rows),
    )


def _refuse_duplicates(spec: ModelSpec) -> None:
    values = ("time", *spec.parameter_ids, *(name for name, _ in spec.assignments))
    for kind, names in (
        ("symbol", values),
        ("state", spec.state_ids),
        ("flux", [f.id for f in spec.fluxes]),
        ("observable", [o.id for o in spec.observables]),
    ):
        twice = sorted(name for name, n in Counter(names).items() if n > 1)
        if twice:
            message = (
                f"Model {spec.name!r} defines {_listed(twice)} more than once as a {kind}; "
                "every name may be defined once. Rename or remove one definition."
            )
            raise CompileError(message)


def _refuse_undefined(spec: ModelSpec) -> None:
    missing = sorted(spec.undefined())
    if missing:
        message = (
            f"Model {spec.name!r} uses {_listed(missing)}, which no state, parameter or earlier "
            "assignment defines. Add a definition, or place the assignment before its first use."
        )
        raise CompileError(message)


def _refuse_unknown_states(spec: ModelSpec) -> None:
    known = set(spec.state_ids)
    for flux in spec.fluxes:
        missing = sorted(set(flux.stoichiometry) - known)
        if missing:
            message = (
                f"Flux {flux.id!r} of model {spec.name!r} changes {_listed(missing)}, which is not "
                "a state. Leave buffered species out of the stoichiometry, or add the state."
            )
            raise CompileError(message)


def _refuse_varying_scales(spec: ModelSpec) -> None:
    fixed = set(_fixed_values(spec, {p: 1.0 for p in spec.parameter_ids}, evaluated=False))
    for state in spec.states:
        varying = sorted(symbols(state.scale) - fixed)
        if varying:
            message = (
                f"The scale of state {state.id!r} of model {spec.name!r} depends on "
                f"{_listed(varying)}; only parameters are allowed there. Move the varying part "
                "into the extents of the fluxes."
            )
            raise CompileError(message)


def _listed(names: Iterable[str]) -> str:
    shown = list(names)
    rest = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(repr(n) for n in shown[:_SHOWN]) + rest


def _fixed_values(
    spec: ModelSpec, parameters: Mapping[str, float], *, evaluated: bool = True
) -> dict[str, float]:
    """Values of parameters and of the assignments that use nothing else."""
    values = dict(parameters)
    for name, expr in spec.assignments:
        if symbols(expr) <= values.keys():
            values[name] = evaluate(expr, values) if evaluated else 1.0
    return values


def moieties(spec: ModelSpec, parameters: Array | None = None) -> Array:
    """Find the linear sums of raw states that no flux can change.

    Parameters
    ----------
    spec
        The specification.
    parameters
        Parameter vector, shape ``(n_parameters,)``; nominal values by default. Only the scales of
        the states depend on it.

    Returns
    -------
    Array
        One conserved sum per row, shape ``(n_moieties, n_states)``; the smallest weight of a row is
        one in size. States with a direct rate term take part in none.
    """
    values = [p.value for p in spec.parameters] if parameters is None else parameters.tolist()
    known = _fixed_values(spec, dict(zip(spec.parameter_ids, values, strict=True)))
    scale = np.array([evaluate(s.scale, known) for s in spec.states])
    free = np.array([s.direct == Number(0.0) for s in spec.states])
    matrix = np.zeros((len(spec.states), len(spec.fluxes)))
    position = {s: i for i, s in enumerate(spec.state_ids)}
    for j, flux in enumerate(spec.fluxes):
        for state, coefficient in flux.stoichiometry.items():
            matrix[position[state], j] += coefficient
    basis = np.zeros((0, len(spec.states)))
    if free.any():
        null = _left_null_space(matrix[free])
        basis = np.zeros((len(null), len(spec.states)))
        basis[:, free] = null
    return _tidy(basis / scale)


def required_moieties(spec: ModelSpec) -> Array:
    """Conserved sums that a system needs to be what it is: amounts that are there at the nominal start.

    A sum with weights of both signs is a difference and may be anything; one that starts at zero may be
    absent.

    Returns
    -------
    Array
        Rows of :func:`moieties`, shape ``(n_required, n_states)``.
    """
    rows = moieties(spec)
    start = np.array([s.initial for s in spec.states])
    return np.asarray(rows[(rows >= 0.0).all(axis=1) & (rows @ start > 0.0)])


def _left_null_space(matrix: Array) -> Array:
    """Rows ``l`` with ``l @ matrix = 0``, found by elimination so that they stay sparse."""
    n_rows, n_columns = matrix.shape
    work = np.hstack([matrix, np.eye(n_rows)])
    done = 0
    for column in range(n_columns):
        below = np.abs(work[done:, column])
        if done == n_rows or below.max() <= _PIVOT * max(1.0, np.abs(matrix[:, column]).max()):
            continue
        pivot = done + int(below.argmax())
        work[[done, pivot]] = work[[pivot, done]]
        factors = work[done + 1 :, column] / work[done, column]
        work[done + 1 :] -= np.outer(factors, work[done])
        done += 1
    return _reduced(work[done:, n_columns:])


def _reduced(basis: Array) -> Array:
    """Reduced row echelon form: each moiety gets a species of its own."""
    work = basis.copy()
    done = 0
    for column in range(work.shape[1]):
        if done == len(work):
            break
        pivot = done + int(np.abs(work[done:, column]).argmax())
        if abs(work[pivot, column]) <= _PIVOT:
            continue
        work[[done, pivot]] = work[[pivot, done]]
        work[done] /= work[done, column]
        others = np.arange(len(work)) != done
        work[others] -= np.outer(work[others, column], work[done])
        done += 1
    return work


def _tidy(basis: Array) -> Array:
    """Remove round-off and scale every row so that its smallest weight is one in size."""
    for i in range(len(basis)):
        row = basis[i]
        row[np.abs(row) <= _PIVOT * np.abs(row).max()] = 0.0
        row /= np.abs(row[row != 0.0]).min()
        near = np.round(row)
        row[:] = np.where(np.abs(row - near) <= _PIVOT * np.abs(near), near, row)
    return basis
