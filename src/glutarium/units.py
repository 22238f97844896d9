"""Quantities: text with a unit in, a number in the project's canonical unit out.

Everything inside Glutarium is computed in one unit per dimension (hours, mM, mmol/gDW/h, …); this
is the only module that knows how others convert to them. It wraps the library `pint`, which is
imported on first use because it is slow to load.

Besides SI and the chemists' usual units it knows ``gDW`` (gram of dry cell mass), ``gProt`` (gram
of protein), ``cell``, ``RT/F`` (thermal voltage at 37 C), ``fold`` and ``pH``. A trailing digit is
an exponent (``um2/s``, ``cells/mm3``), and ``/kg`` is per kilogram of body mass (``mg/kg``), never
a ratio of masses.

    >>> parse_time("3 d")
    72.0
    >>> parse_quantity("150 uM", "concentration")
    0.15
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from glutarium.errors import UnitError
from glutarium.prefixes import plain_factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pint import Unit, UnitRegistry

    from glutarium.errors import Location

__all__ = [
    "DIMENSIONS",
    "Dimension",
    "Sign",
    "canonical_unit",
    "convert",
    "factor",
    "has_dimension",
    "is_unit",
    "parse_quantity",
    "parse_time",
]

Sign: TypeAlias = Literal["any", "non-negative", "positive"]

_DEFINITIONS = (
    "gram_dry_weight = [dry_mass] = gDW",
    "gram_protein = [protein_mass] = gProt",
    "cell = [cell_number]",
    "kilogram_body = [body_mass] = kg_body",
    # At body temperature; the unit in which membrane potentials are states.
    "thermal_voltage = 310.15 kelvin * molar_gas_constant / faraday_constant = RT_F",
    "fold = []",
    "pH = []",
)
# Pint takes any prefix before any unit ("hh" is a hundred hours), so typing errors would pass:
# only the combinations below do.
_STEMS = {
    "M": ("", "m", "u", "n", "p", "f"),
    "mol": ("", "m", "u", "n", "p", "f"),
    "g": ("k", "", "m", "u", "n", "p"),
    "gDW": ("", "m", "u", "n", "p"),
    "gProt": ("", "m", "u"),
    "L": ("", "d", "m", "u", "n", "p", "f"),
    "m": ("", "c", "m", "u", "n"),
    "V": ("", "m"),
    "J": ("", "k"),
    "Pa": ("", "k"),
    "Gy": ("", "c", "m"),
    "U": ("k", "", "m"),
    "Da": ("", "k"),
}
_WORDS = (
    "s sec second seconds min minute minutes h hr hour hours d day days week weeks "
    "cell cells fold pH mmHg K atm RT_F %"
)
_TOKENS = frozenset(_WORDS.split()) | {p + stem for stem, ps in _STEMS.items() for p in ps}
_NUMBER = r"[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|inf)"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*(.*?)\s*")
_TERM = r"(?:1|%|[A-Za-z_]+(?:(?:\^|\*\*)?-?\d)?)"
_UNIT = re.compile(rf"{_TERM}(?:(?:\s*[*/]\s*|\s+){_TERM})*")
_EXPONENT = re.compile(r"(?<=[A-Za-z])(?:\^|\*\*)?(-?\d)")
_PER_BODY_MASS = re.compile(r"/\s*kg\b")
_THERMAL_VOLTAGE = re.compile(r"\bRT\s*/\s*F\b")


@dataclass(frozen=True, slots=True)
class Dimension:
    """A kind of quantity that Glutarium reads.

    Attributes
    ----------
    unit
        Canonical unit, in which values are kept.
    examples
        Units that users are offered in messages.
    bare
        Whether a number without a unit is taken to be in the canonical unit.
    """

    unit: str
    examples: str
    bare: bool = True


DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        "time": Dimension("h", "s, min, h, d, week", bare=False),
        "rate": Dimension("1/h", "1/s, 1/min, 1/h, 1/d"),
        "concentration": Dimension("mM", "M, mM, uM, nM"),
        "concentration rate": Dimension("mM/h", "mM/h, uM/s"),
        "drug": Dimension("uM", "mM, uM, nM, pM"),
        "flux": Dimension("mmol/gDW/h", "mmol/gDW/h, umol/gDW/min"),
        "cell flux": Dimension("fmol/cell/h", "fmol/cell/h, pmol/cell/d"),
        "content": Dimension("mmol/gDW", "mmol/gDW, umol/gDW"),
        "specific volume": Dimension("mL/gDW", "mL/gDW, uL/gDW"),
        "density": Dimension("gDW/L", "gDW/L, mgDW/mL"),
        "cell density": Dimension("cell/mm3", "cell/mm3, cells/mL"),
        "dose": Dimension("mg", "g, mg, ug", bare=False),
        "dose per body mass": Dimension("mg/kg", "mg/kg, ug/kg", bare=False),
        "mass": Dimension("kg", "kg, g, mg"),
        "radiation": Dimension("Gy", "Gy, mGy"),
        "volume": Dimension("L", "L, mL, uL, fL, mm3"),
        "clearance": Dimension("L/h", "L/h, mL/min"),
        "length": Dimension("um", "um, mm, cm"),
        "diffusion": Dimension("um2/s", "um2/s, cm2/s"),
        "potential": Dimension("mV", "mV, V, RT/F"),
        "energy": Dimension("kJ/mol", "kJ/mol"),
        "pressure": Dimension("mmHg", "mmHg, kPa"),
        "fraction": Dimension("1", "a plain number, %"),
        "fold": Dimension("1", "a plain number, fold"),
    }
)


def parse_time(
    text: str | float, *, sign: Sign = "non-negative", location: Location | None = None
) -> float:
    """Read a duration or a point in time.

    Parameters
    ----------
    text
        ``"72 h"``, ``"14 d"``, ``"30 min"``. Only zero may stand without a unit.
    sign
        Which signs are accepted.
    location
        Where the text stands; it ends the message of an error.

    Returns
    -------
    float
        Hours.

    Raises
    ------
    UnitError
        No number, no unit, a unit that is not a time, a forbidden sign, or not finite.
    """
    return parse_quantity(text, "time", sign=sign, location=location)


def parse_quantity(
    text: str | float,
    dimension: str,
    *,
    sign: Sign = "any",
    location: Location | None = None,
) -> float:
    """Read a quantity of one dimension.

    Parameters
    ----------
    text
        A number with a unit; without one where the dimension allows it.
    dimension
        A key of :data:`DIMENSIONS`, such as ``"concentration"``.
    sign
        ``"any"``, ``"non-negative"`` or ``"positive"``.
    location
        Where the text stands; it ends the message of an error.

    Returns
    -------
    float
        The value in the canonical unit of the dimension; always finite.

    Raises
    ------
    UnitError
        Names the value, the unit and what is allowed.
    """
    wanted = _dimension(dimension)
    number, unit = _split(text, dimension, location)
    if not unit and not wanted.bare and number != 0:
        message = f"{text!r} has no unit: write {dimension} with one of {wanted.examples}"
        raise UnitError(message, location=location)
    if unit and not has_dimension(unit, dimension):
        problem = f"is not a unit of {dimension}" if is_unit(unit) else "is unknown"
        message = f"{text!r}: unit {unit!r} {problem}; for {dimension} use {wanted.examples}"
        raise UnitError(message, location=location)
    value = number * (factor(unit, wanted.unit) if unit else 1.0)
    _require_sign(value, text, sign, location)
    return value


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """Convert a number between two units of the same dimension.

    Parameters
    ----------
    value
        Number in `from_unit`.
    from_unit, to_unit
        Unit texts such as ``"uM"`` and ``"mM"``.

    Returns
    -------
    float
        Number in `to_unit`.

    Raises
    ------
    UnitError
        A unit is unknown, or the two measure different things.
    """
    return value * factor(from_unit, to_unit)


@cache
def factor(from_unit: str, to_unit: str) -> float:
    """Return the number by which values in `from_unit` are multiplied to be in `to_unit`.

    Raises
    ------
    UnitError
        A unit is unknown, or the two measure different things.
    """
    plain = plain_factor(from_unit, to_unit)
    if plain is not None:
        return plain
    source, target = _unit(from_unit), _unit(to_unit)
    if source.dimensionality != target.dimensionality:
        message = (
            f"{from_unit!r} cannot be converted to {to_unit!r}: "
            f"{source.dimensionality} is not {target.dimensionality}"
        )
        raise UnitError(message)
    scale = float(_registry().convert(1.0, source, target))
    # Fifteen digits of the side above one: pint leaves noise in the last bit of 1000 or 1/60.
    return float(f"{scale:.15g}") if scale >= 1 else 1.0 / float(f"{1.0 / scale:.15g}")


def canonical_unit(dimension: str) -> str:
    """Return the unit in which quantities of `dimension` are kept.

    Raises
    ------
    UnitError
        The dimension is not a key of :data:`DIMENSIONS`.
    """
    return _dimension(dimension).unit


def is_unit(unit: str) -> bool:
    """Tell whether `unit` can be read (``"1"`` stands for no unit; empty text does not)."""
    try:
        _unit(unit)
    except UnitError:
        return False
    return True


def has_dimension(unit: str, dimension: str) -> bool:
    """Tell whether `unit` is known and measures `dimension`.

    Raises
    ------
    UnitError
        The dimension is not a key of :data:`DIMENSIONS`.
    """
    plain = _dimension(dimension).unit
    if _is_plain(unit) and plain_factor(unit, plain) is not None:
        return True
    wanted = _unit(plain)
    return is_unit(unit) and bool(_unit(unit).dimensionality == wanted.dimensionality)


def _is_plain(unit: str) -> bool:
    """Tell whether all words of a unit are known; those of most studies need no units library."""
    return all(word in _TOKENS for word in re.findall(r"[A-Za-z_]+|%", unit))


def _dimension(name: str) -> Dimension:
    try:
        return DIMENSIONS[name]
    except KeyError:
        message = f"Unknown dimension {name!r}; known are {', '.join(DIMENSIONS)}"
        raise UnitError(message) from None


def _split(text: str | float, dimension: str, location: Location | None) -> tuple[float, str]:
    """Part a quantity into its number (finite) and the text of its unit."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        found = None
    else:
        found = _QUANTITY.fullmatch(f"{text:.17g}" if isinstance(text, float) else str(text))
    if found is None:
        examples = DIMENSIONS[dimension].examples
        message = f"{text!r} is not a quantity: write a number and a unit ({dimension}: {examples})"
        raise UnitError(message, location=location)
    number = float(found[1])
    if not math.isfinite(number):
        message = f"{text!r} is not a finite {dimension}: write a number"
        raise UnitError(message, location=location)
    return number, found[2]


def _require_sign(value: float, text: str | float, sign: Sign, location: Location | None) -> None:
    wrong = (sign == "non-negative" and value < 0) or (sign == "positive" and value <= 0)
    if wrong:
        allowed = "zero or more" if sign == "non-negative" else "more than zero"
        message = f"{text!r} is not allowed here: must be {allowed}"
        raise UnitError(message, location=location)


@cache
def _unit(text: str) -> Unit:
    """Return pint's unit for a text."""
    plain = text.strip().replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u")
    plain = _THERMAL_VOLTAGE.sub("RT_F", plain)
    tokens = re.findall(r"[A-Za-z_]+|%", plain)
    unknown = [token for token in tokens if token not in _TOKENS]
    if unknown or not _UNIT.fullmatch(plain):
        what = f" ({unknown[0]!r})" if unknown else ""
        message = f"Unknown unit {text!r}{what}; known are for example mM, uM, h, mmol/gDW/h, 1"
        raise UnitError(message)
    powers = _EXPONENT.sub(r"**(\1)", _PER_BODY_MASS.sub("/kg_body", plain))
    return _registry().parse_units(re.sub(r"\s+", "*", re.sub(r"\s*([*/])\s*", r"\1", powers)))


@cache
def _registry() -> UnitRegistry[float]:
    import pint  # noqa: PLC0415  (slow to import; most commands never need it)

    registry: UnitRegistry[float]
    try:  # parsing pint's own definitions takes a second; it keeps them in the user's cache folder
        registry = pint.UnitRegistry(on_redefinition="ignore", cache_folder=":auto:")
    except OSError:  # a home that cannot be written must not stop anything
        registry = pint.UnitRegistry(on_redefinition="ignore")
    for line in _DEFINITIONS:
        registry.define(line)
    return registry
