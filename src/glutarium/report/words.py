"""Numbers and names as a reader wants to see them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from glutarium.report.readings import Spread

__all__ = ["brief", "fold_text", "greek", "number", "slug", "spread_text"]

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SMALL, _LARGE = 1e-3, 1e5


def number(value: float, digits: int = 3) -> str:
    """Write a number with ``digits`` significant digits: ``0.0123``, ``1,230``, ``4.1×10⁻⁵``, ``–``."""
    if not np.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    if not _SMALL <= abs(value) < _LARGE:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPT)}".replace("-", "−")
    places = max(0, digits - 1 - int(np.floor(np.log10(abs(value)))))
    return f"{value:,.{places}f}".replace("-", "−")


def brief(value: float, digits: int = 3) -> str:
    """Write a number without zeros at its end, for ticks and doses: ``0.5``, ``10``, ``72``."""
    text = number(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text and "×" not in text else text


def spread_text(values: Spread, digits: int = 3) -> str:
    """Median and range: ``0.031 (0.029–0.033)``; one member has no range."""
    if values.count <= 1:
        return number(values.median, digits)
    low, high = number(values.low, digits), number(values.high, digits)
    return f"{number(values.median, digits)} ({low} – {high})"


def fold_text(fold: float) -> str:
    """Write a fold: ``×2.3``, ``×0.42``; ``–`` where there is none."""
    return f"×{number(fold, 2)}" if np.isfinite(fold) else "–"


def greek(name: str) -> str:
    """A metabolite's name with its Greek letters: ``alpha-ketoglutarate`` → ``α-ketoglutarate``."""
    for word, letter in (("alpha-", "α-"), ("beta-", "β-"), ("gamma-", "γ-")):
        name = name.replace(word, letter)
    return name


def slug(text: str) -> str:
    """A piece of a file name: lower-case letters, digits and hyphens; may be empty."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
