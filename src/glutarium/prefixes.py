"""Factors between units that differ only by prefixes or by words for time, without the units library.

Most conversions are of this kind (``uM`` to ``mM``, ``1/s`` to ``1/h``), and loading the library costs
a run more than the run. What this module does not understand it leaves to :mod:`glutarium.units`.
"""

from __future__ import annotations

import re
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["plain_factor"]

_PREFIXES: Mapping[str, int] = MappingProxyType(
    {"k": 3, "": 0, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15}
)
_STEMS = ("mol", "M", "L", "gDW", "g")
_SECONDS: Mapping[str, int] = MappingProxyType({"s": 1, "min": 60, "h": 3600})
_TERMS = re.compile(r"(?:1|[A-Za-z]+)(?:/[A-Za-z]+)*")


def plain_factor(from_unit: str, to_unit: str) -> float | None:
    """Return the number by which values in one unit are multiplied to be in the other.

    Parameters
    ----------
    from_unit, to_unit
        Unit texts such as ``"uM"`` and ``"mM"``.

    Returns
    -------
    float or None
        The factor; None where a unit holds anything but prefixed moles, molar, litres, grams and
        words for time, or where the two do not measure the same.
    """
    source, target = _parts(from_unit), _parts(to_unit)
    if source is None or target is None or source[0] != target[0]:
        return None
    power = source[1] - target[1]
    above, below = source[2] * target[3], target[2] * source[3]
    # One rounding at most: both sides are whole numbers.
    ten = int(10 ** abs(power))
    return above * ten / below if power >= 0 else above / (below * ten)


def _parts(unit: str) -> tuple[Counter[str], int, int, int] | None:
    """Exponents of the stems, power of ten, and seconds above and below the stroke."""
    if not _TERMS.fullmatch(unit):
        return None
    stems: Counter[str] = Counter()
    power, seconds = 0, [1, 1]
    for place, term in enumerate(unit.split("/")):
        sign, below = (1, 0) if place == 0 else (-1, 1)
        if term == "1":
            continue
        if term in _SECONDS:
            seconds[below] *= _SECONDS[term]
            stems["s"] += sign
            continue
        stem = next((s for s in _STEMS if term.endswith(s)), "")
        if not stem or term.removesuffix(stem) not in _PREFIXES:
            return None
        power += sign * _PREFIXES[term.removesuffix(stem)]
        stems[stem] += sign
    return Counter({s: n for s, n in stems.items() if n}), power, seconds[0], seconds[1]
