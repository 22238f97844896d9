"""Closed loops: reactions that could turn round and round without anything coming in or going out.

Around a loop in which every compound is made as often as it is used (water, protons and charge
included) the equilibrium constants must multiply to one; otherwise the loop runs by itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import null_space

from glutarium.model.structure.linear import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.model.network import Network, Reaction

__all__ = ["Loop", "loops"]

# Turns smaller than this are the solver's rounding; the loop's own reaction turns once.
_TURN = 1e-6
_DIGITS = 6


@dataclass(frozen=True)
class Loop:
    """One closed loop.

    Attributes
    ----------
    turns
        Reaction → turnovers per turn of the loop, negative where it runs backward.
    one_way
        Those that cannot run the other way.
    log_keq
        Lowest, recorded and highest sum of ``turns * ln Keq``, by the recorded ranges; None where
        a constant is missing or the loop has a one-way reaction.
    """

    turns: Mapping[str, float]
    one_way: tuple[str, ...]
    log_keq: tuple[float, float, float] | None

    @property
    def closes(self) -> bool:
        """Whether equilibrium constants within their ranges multiply to one."""
        if self.log_keq is None:
            return not self.one_way
        low, _, high = self.log_keq
        return low - _TURN <= 0.0 <= high + _TURN

    def __str__(self) -> str:
        return " ".join(_turn(r, n) for r, n in self.turns.items())


def _turn(reaction: str, n: float) -> str:
    size = "" if math.isclose(abs(n), 1.0) else f"{abs(n):g} "
    return f"{'-' if n < 0 else '+'}{size}{reaction}"


def loops(network: Network) -> list[Loop]:
    """Find closed loops: for every reaction that is in one, the shortest that it is in.

    Shortest is meant by the sum of turnovers, so that each one found cannot be split.
    """
    found: dict[frozenset[str], Loop] = {}
    candidates = _candidates(network)
    for reaction in candidates:
        for direction in (1.0, -1.0) if reaction.reversible else (1.0,):
            turns = _shortest(candidates, reaction, direction)
            if turns and frozenset(turns) not in found:
                found[frozenset(turns)] = _loop(network, turns)
    return list(found.values())


def _candidates(network: Network) -> list[Reaction]:
    """Reactions that take part in some combination without any net turnover."""
    reactions = list(network.reactions.values())
    row = {s: i for i, s in enumerate(network.substances)}
    matrix = np.zeros((len(row), len(reactions)))
    for j, reaction in enumerate(reactions):
        for species, n in reaction.stoichiometry.items():
            matrix[row[species], j] = n
    combinations = null_space(matrix, rcond=_TURN * _TURN)
    taking_part = np.abs(combinations).max(axis=1, initial=0.0) > _TURN
    return [r for r, inside in zip(reactions, taking_part, strict=True) if inside]


def _shortest(candidates: list[Reaction], asked: Reaction, direction: float) -> dict[str, float]:
    """Turnovers of the shortest loop through a reaction in one direction; empty without one."""
    program = Program()
    rows: dict[str, dict[tuple[str, float], float]] = {}
    for reaction in candidates:
        for sign in (1.0, -1.0) if reaction.reversible else (1.0,):
            if reaction is asked and sign != direction:
                continue
            name = (reaction.id, sign)
            once = 1.0 if reaction is asked else 0.0
            program.variable(name, once, once or inf, -1.0)
            for species, n in reaction.stoichiometry.items():
                rows.setdefault(species, {})[name] = sign * n
    for species, terms in rows.items():
        program.row(species, terms)
    values = program.maximise().values
    net = {r.id: values.get((r.id, 1.0), 0.0) - values.get((r.id, -1.0), 0.0) for r in candidates}
    return {r: round(n, _DIGITS) for r, n in net.items() if abs(n) > _TURN}


def _loop(network: Network, turns: Mapping[str, float]) -> Loop:
    reactions = [network.reactions[r] for r in turns]
    one_way = tuple(r.id for r in reactions if not r.reversible)
    if one_way or any("keq" not in r.constants for r in reactions):
        return Loop(turns, one_way, None)
    low = value = high = 0.0
    for r in reactions:
        keq, n = r.constants["keq"], turns[r.id]
        ends = (n * math.log(keq.low), n * math.log(keq.high))
        low, high = low + min(ends), high + max(ends)
        value += n * math.log(keq.value)
    return Loop(turns, one_way, (low, value, high))
