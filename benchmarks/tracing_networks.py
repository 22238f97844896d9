"""Published networks on which solvers of labels are compared, as equations that any of them can be given.

``E(abc) + C(de) -> D(bcd) + F(a)``: letters follow carbons. Fluxes are gross, pools are amounts; a reaction
without products leaves the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glutarium.model.atom_steps import Donor, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NETWORKS", "TracingNetwork", "sides", "steps"]

_TERM = re.compile(r"(\w+)\((\w+)\)")

Side = list[tuple[str, str]]
"""Pools with the letters of their atoms."""


@dataclass(frozen=True)
class TracingNetwork:
    """A network with all its numbers.

    Attributes
    ----------
    source
        Where it was published.
    reactions
        Reaction → equation.
    flux
        Reaction → gross flux.
    feed
        Pool of the medium → pattern of its carbons (``011``) → share.
    measured
        Pools whose distributions are compared.
    pools
        Pool → amount, for distributions in time.
    hours
        Times at which they are compared; none for a network at steady state.
    """

    source: str
    reactions: Mapping[str, str]
    flux: Mapping[str, float]
    feed: Mapping[str, Mapping[str, float]]
    measured: tuple[str, ...]
    pools: Mapping[str, float] = field(default_factory=dict)
    hours: tuple[float, ...] = ()


def sides(equation: str) -> tuple[Side, Side]:
    """Substrates and products of an equation."""
    left, _, right = equation.partition("->")
    return _TERM.findall(left), _TERM.findall(right)


def steps(network: TracingNetwork) -> tuple[Step, ...]:
    """The way of every carbon."""
    found, forward = [], True
    for name, equation in network.reactions.items():
        left, right = sides(equation)
        origin = {
            letter: Donor(pool, place, molecule)
            for molecule, (pool, letters) in enumerate(left)
            for place, letter in enumerate(letters)
        }
        found += [
            Step(name, forward, pool, 1.0, tuple(origin[letter] for letter in letters))
            for pool, letters in right
        ]
    return tuple(found)


_SMALL = TracingNetwork(
    source="Antoniewicz2007, the example network of the EMU paper",
    reactions={
        "v1": "A(abc) -> B(abc)",
        "v2": "B(abc) -> D(abc)",
        "v3": "D(abc) -> B(abc)",
        "v4": "B(abc) -> C(bc) + E(a)",
        "v5": "B(abc) + C(de) -> D(bcd) + E(a) + E(e)",
        "v6": "D(abc) -> F(abc)",
        "e_out": "E(a) ->",
        "f_out": "F(abc) ->",
    },
    flux={
        "v1": 100.0,
        "v2": 110.0,
        "v3": 50.0,
        "v4": 20.0,
        "v5": 20.0,
        "v6": 80.0,
        "e_out": 60.0,
        "f_out": 80.0,
    },
    feed={"A": {"010": 1.0}},
    measured=("B", "C", "D", "F"),
)

# Succinate turns; half of what becomes fumarate goes either way.
_CYCLE = TracingNetwork(
    source="Antoniewicz2007, tricarboxylic acid cycle with symmetric succinate",
    reactions={
        "pdh": "fed(ab) -> accoa(ab)",
        "cs": "oaa(abcd) + accoa(ef) -> cit(dcbfea)",
        "idh": "cit(abcdef) -> akg(abcde) + co2(f)",
        "gdh": "akg(abcde) -> glu(abcde)",
        "kgd": "akg(abcde) -> suc(bcde) + co2(a)",
        "sdh": "suc(abcd) -> fum(abcd)",
        "sdh_turned": "suc(abcd) -> fum(dcba)",
        "fh": "fum(abcd) -> oaa(abcd)",
        "fh_back": "oaa(abcd) -> fum(abcd)",
        "got": "asp(abcd) -> oaa(abcd)",
        "co2_out": "co2(a) ->",
        "glu_out": "glu(abcde) ->",
    },
    flux={
        "pdh": 100.0,
        "cs": 100.0,
        "idh": 100.0,
        "gdh": 50.0,
        "kgd": 50.0,
        "sdh": 25.0,
        "sdh_turned": 25.0,
        "fh": 125.0,
        "fh_back": 75.0,
        "got": 50.0,
        "co2_out": 150.0,
        "glu_out": 50.0,
    },
    feed={"fed": {"00": 0.5, "01": 0.25, "11": 0.25}, "asp": {"0000": 1.0}},
    measured=("cit", "akg", "suc", "fum", "oaa", "glu"),
)

_SPIRAL = TracingNetwork(
    source="the spiral network among the examples of FluxML, with its fluxes and pools",
    reactions={
        "v1": "A(ab) -> B(ab)",
        "v2": "B(ab) -> E(ab)",
        "v2_back": "E(ab) -> B(ab)",
        "v3": "B(ab) + E(cd) -> C(abcd)",
        "v5": "C(abcd) -> D(bcd) + F(a)",
        "v6": "D(abc) -> E(ab) + G(c)",
        "v4": "E(ab) -> H(ab)",
        "h_out": "H(ab) ->",
        "g_out": "G(a) ->",
        "f_out": "F(a) ->",
    },
    flux={
        "v1": 1.0,
        "v2": 1.1,
        "v2_back": 0.4,
        "v3": 0.3,
        "v5": 0.3,
        "v6": 0.3,
        "v4": 0.7,
        "h_out": 0.7,
        "g_out": 0.3,
        "f_out": 0.3,
    },
    feed={"A": {"10": 0.1, "11": 0.9}},
    measured=("B", "C", "E"),
    pools={"B": 1.0, "C": 0.1, "D": 20.0, "E": 0.1, "F": 1.0, "G": 1.0, "H": 1.0},
    hours=(1.5, 4.0, 6.5, 10.0, 20.0),
)

NETWORKS = {"small": _SMALL, "cycle": _CYCLE, "spiral": _SPIRAL}
"""Networks by name."""
