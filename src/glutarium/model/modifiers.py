"""What effectors do to a rate: activation and inhibition by pools, ratios of pools and proteins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.knowledge.effectors import parse_effector
from glutarium.model.expr import Exp, Expr, Number, Symbol, total
from glutarium.model.genes import availability

if TYPE_CHECKING:
    from glutarium.knowledge.effectors import Effector
    from glutarium.model.network import Effect

__all__ = ["VANISHED", "effector_of", "modifier"]

VANISHED = 1e-40
"""Far below one molecule in a dish, mM. Stands beside a pool that something is divided by and that may
decay without an end, so that quotients and their slopes stay numbers; no real concentration changes by it."""


def modifier(reaction: str, effect: Effect) -> Expr:
    """Factor by which an effector changes a rate; between zero and one except ``exponential``.

    An effect of kind ``affinity`` changes no rate constant but the Michaelis constants on the side of
    the medium, one of kind ``against:<substrate>`` the constant of that substrate; see
    :mod:`glutarium.model.laws`.
    """
    x = effector_of(effect.effector)
    k = Symbol(f"mod.{reaction}.{effect.effector}")
    if effect.kind == "exponential":
        return _with_floor(effect.floor, Exp(Number(effect.n) * (x - k)))
    if effect.kind == "logistic":
        return 1.0 / (1.0 + Exp(Number(effect.n) * (x - k)))
    if effect.kind in {"inhibit", "activate"}:
        return _with_floor(effect.floor, _saturation_by(effect, k))
    message = (
        f"Modifier {effect.effector} of {reaction}: kind {effect.kind!r} is none of inhibit, "
        "activate, exponential, logistic, affinity, against:<substrate>"
    )
    raise ModelError(message)


def _saturation_by(effect: Effect, k: Expr) -> Expr:
    """Hill term of an effector.

    That of a ratio is written without its quotient, whose slope overflows where the lower pool is used up.
    """
    top, bottom = _parts(effect.effector)
    if bottom is None:
        ratio = _power(top / k, effect.n)
        return 1.0 / (1.0 + ratio) if effect.kind == "inhibit" else ratio / (1.0 + ratio)
    above, below = _power(top, effect.n), _power(k * bottom, effect.n)
    return (below if effect.kind == "inhibit" else above) / (above + below)


def _power(base: Expr, order: float) -> Expr:
    return base if order == 1.0 else base**order


def _with_floor(floor: float, term: Expr) -> Expr:
    return term if floor == 0.0 else floor + (1.0 - floor) * term


def effector_of(name: str) -> Expr:
    """Amount, or ratio of amounts, that an effector stands for."""
    top, bottom = _parts(name)
    return top if bottom is None else top / (bottom + VANISHED)


def _parts(name: str) -> tuple[Expr, Expr | None]:
    """What stands above and below the line of an effector."""
    effector = parse_effector(name)
    top = total(_term(t, effector) for t in effector.top)
    below = [_term(t, effector) for t in effector.bottom]
    return top, total(below) if below else None


def _term(name: str, effector: Effector) -> Symbol:
    return availability(name) if name in effector.proteins else Symbol(name)
