"""What is written on a map, and how wide it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from glutarium.report.words import greek

if TYPE_CHECKING:
    from glutarium.knowledge.records import Metabolite

__all__ = ["label_of", "short_label", "text_width"]

_LONGEST, _SHORT = 13, 7  # letters of a name in a frame, and of an abbreviation
_WIDTHS = {
    width: letters
    for letters, width in (
        ("ijlIJ'", 0.3),
        (",./:;\\| ", 0.35),
        ("ft()-[]", 0.4),
        ("r!₀₁₂₃₄₅₆₇₈₉", 0.45),
        ('"*_`⁺⁻–', 0.53),
        ("csz?", 0.55),
        ("kvxyFLγδ", 0.62),
        ("abdeghnopquEPSTY0123456789${}αβ", 0.66),
        ("ABCKRVXZ", 0.7),
        ("NU", 0.75),
        ("DGHOQ&", 0.8),
        ("w#+<=>^~→−×", 0.85),
        ("M", 0.9),
    )
}
_LETTERS = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_ANY = 1.0  # of a letter that is not listed
_FORMULA = re.compile(r"[HCNOS][HCNOS0-9]*\d?[+-]?")
_LOW = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉⁺⁻")
_SPELT = {"alpha-ketoglutarate": "α-KG", "proton": "H⁺", "phosphate": "Pi"}


def text_width(text: str, size: float) -> float:
    """Width of a line of text at a font size; no common sans-serif font is wider."""
    return size * sum(_LETTERS.get(letter, _ANY) for letter in text)


def label_of(record: Metabolite) -> str:
    """What a species is called in its frame: the name, or a shorter synonym of a long one."""
    if record.name in _SPELT:
        return _SPELT[record.name]
    if len(record.name) <= _LONGEST:
        return _raised(greek(record.name))
    return short_label(record)


def short_label(record: Metabolite) -> str:
    """What a species is called beside a reaction: the shortest spelling, an abbreviation if any."""
    if record.name in _SPELT:
        return _SPELT[record.name]
    names = [n for n in record.synonyms if ":" not in n and "_" not in n]
    short = [n for n in (record.name, *names) if len(n) <= _SHORT and re.search("[A-Z]", n)]
    if short:
        return _raised(min(short, key=len))
    plain = [record.name] if len(record.name) <= _LONGEST else [record.name, *names]
    return _raised(greek(min(plain, key=len)))


def _raised(text: str) -> str:
    """Write the numbers of a small formula low and its charge high."""
    return text.translate(_LOW) if _FORMULA.fullmatch(text) else text
